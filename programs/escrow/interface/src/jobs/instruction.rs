//! Instructions on one job.

use {
    crate::{
        collateral::instruction::{BondAccounts, SettlementAccounts},
        money::instruction::{CreditAccounts, PaymentAccounts},
    },
    joule_interface::{Address, instruction},
    joule_math::{Amount, Bps, Seconds},
};

instruction! {
    /// Posts a job, and holds what it can cost at most in the client's credits or deposit: the price of each second, or the fixed
    /// price. Refused while the network is paused.
    ///
    /// `job` is one of three accounts:
    /// - a job of the same funding account that is over: the new job replaces it. This costs least.
    /// - an account of [`Job`](crate::state::Job)'s size that the System program made for this program earlier in the same
    ///   transaction, at any address. If it was made in an earlier transaction, anyone could have taken it.
    /// - the derived address of a new job, by `nonce`. This costs most.
    ///
    /// If providers wait in the queue, the first of them gets the job, and has the terms' `start_window` to start it.
    ///
    /// The delegate of a [`Mandate`](crate::state::Mandate) may sign in place of the client. Of jobs that are over, it replaces only those of
    /// its mandate.
    pub PostJob(PostJobArgs) = 0 {
        accounts {
            /// Pays the rent of a new job, and gets it back. Pays what is missing of the tips' advance too: if the job takes the account of
            /// one that is over, this goes back to whoever paid that account's rent.
            payer: [signer, writable],
            /// Owner of the credits or of the deposit, or the delegate of its mandate.
            client: [signer],
            /// The market.
            market: [],
            /// The job to create or to replace.
            job: [writable],
            /// The network.
            network: [],
            /// What pays for the job: the client's credits, or its deposit.
            funding_account: [writable],
            /// The market's queue, if `matching` is `QUEUE`.
            queue: [writable, optional],
            ..credits: CreditAccounts,
            /// System program, if a job is created.
            system_program: [optional],
        }
        remaining {
            /// Another job to post on the same terms, at the next nonce. Credits are locked once for all jobs. Behind the last job: the
            /// mandate, if its delegate signs in place of the client.
            jobs: [writable],
        }
        args {
            /// Seed of the job's address, if it is created: a number at which this funding account has no other job.
            nonce: u64,
            /// [`Market::terms_version`](crate::state::Market::terms_version) that the client saw.
            terms_version: u64,
            /// Price: in a queue the market's; else any up to the market's. In an auction it is the highest bid allowed.
            price: Amount,
            /// The provider, if `matching` is `DIRECT`; else zero.
            provider: Address,
            /// Content hash of the work.
            definition: [u8; 32],
            /// Length.
            duration: Seconds,
            /// How the job finds its provider: one of [`matching`](crate::state::matching).
            matching: u8,
        }
        tail {
            /// Content hash of the work of each remaining job.
            definitions: [[u8; 32]],
        }
    }
}

instruction! {
    /// Posts a job that is over once more, in its account: the same work, length, provider (of a direct job), matching and price, on the
    /// market's present terms. So whoever renews a job needs to know nothing of it. The client signs, or the delegate of its mandate. As
    /// [`PostJob`] otherwise. The price is what it was at the end, in a queue the market's: of a job that was auctioned, the winning bid is the highest
    /// allowed now. Of a metered job, the length has its extensions. Once its bond and its mandate are settled, anyone may close a job:
    /// whoever renews jobs keeps what they say. A job that is paid by the unit is not renewed: its vouchers name another session.
    pub RenewJob(RenewJobArgs) = 89 {
        accounts {
            /// Adds what is missing of the market's advance for tips.
            payer: [signer, writable],
            /// Owner of the credits or of the deposit, or the delegate of its mandate.
            client: [signer],
            /// The market.
            market: [],
            /// The job that is over.
            job: [writable],
            /// The network.
            network: [],
            /// What pays for the job: the client's credits, or its deposit.
            funding_account: [writable],
            /// The market's queue, if the job finds its provider there.
            queue: [writable, optional],
            ..credits: CreditAccounts,
            /// System program, if something is missing of the advance.
            system_program: [optional],
        }
        remaining {
            /// The mandate, if its delegate signs in place of the client.
            mandate: [writable],
        }
        args {
            /// [`Market::terms_version`](crate::state::Market::terms_version) that the client saw.
            terms_version: u64,
            /// [`Job::posting_id`](crate::state::Job::posting_id) of the job that is over: another one is not renewed.
            posting_id: u64,
        }
    }
}

instruction! {
    /// Starts a job: one that names this provider, one that was assigned to it, or the first job in the queue. From now on the job
    /// is metered, or its time to deliver runs. If the terms ask for a bond that no bid has locked, use [`StartJobWithBond`].
    /// Refused while the network is paused, unless the job was assigned before. A reserved job starts from
    /// [`Job::starts_at`](crate::state::Job::starts_at) on.
    ///
    /// If the job waits in a queue, it must be one of the first [`STARTABLE_JOBS`](crate::state::STARTABLE_JOBS) there, or have waited
    /// for [`STARTABLE_AFTER`](crate::state::STARTABLE_AFTER), so that jobs that nobody can serve hold up nobody else.
    ///
    /// Pass more jobs behind the accounts, from the front of the queue on, to start up to `max_jobs` of them. One that cannot be started
    /// (another provider was faster, it was cancelled or posted anew) is passed over, with the event
    /// [`JobPassedOver`](crate::event::JobPassedOver). The instruction fails only if it starts none, with the first job's error.
    pub StartJob(StartJobArgs) = 1 {
        accounts {
            /// The provider.
            provider_authority: [signer],
            /// The job.
            job: [writable],
            /// The network.
            network: [],
            /// The pool, if the market has one.
            pool: [optional],
            /// The provider in the pool.
            provider: [optional],
            /// The market's queue, if the job waits there.
            queue: [writable, optional],
            /// The node that the job runs on, if the terms ask for a class.
            node: [optional],
            /// This program's spender in the network, if the job is paid in credits.
            spender: [optional],
            /// The halt clock: needed if somebody is late, or heartbeats were missed.
            halt_clock: [optional],
        }
        remaining {
            /// Another job to start.
            jobs: [writable],
        }
        args {
            /// [`Job::posting_id`](crate::state::Job::posting_id) that the provider saw. The client can post another job in the
            /// same account on other terms; its id differs.
            posting_id: u64,
            /// The provider's index among those that the market allows; 0 if it allows all.
            allowed_index: u32,
            /// Number of hashes behind the arguments.
            proof_length: u8,
            /// Most jobs to start, if more are passed; one if it is zero.
            max_jobs: u8,
        }
        tail {
            /// First the hashes of the Merkle proof, if the market allows some providers only, from the leaf up. Then the posting id
            /// of each remaining job, 8 bytes.
            proof_and_posting_ids: [u8],
        }
    }
}

instruction! {
    /// Starts a job whose terms ask for a bond: as [`StartJob`], and locks the bond, unless the provider's bid locked it.
    ///
    /// Pass more jobs behind the accounts, so that the transaction does not fail when another provider was faster: the first that can be
    /// started is. Then pass a bond opened with `stake`'s `OpenBond`: a derived bond address depends on which job is started.
    pub StartJobWithBond(StartJobWithBondArgs) = 21 {
        accounts {
            /// The provider.
            provider_authority: [signer],
            /// The job.
            job: [writable],
            ..bonding: BondAccounts,
            /// The market's queue, if the job waits there.
            queue: [writable, optional],
            /// The node that the job runs on, if the terms ask for a class.
            node: [optional],
            /// This program's spender in the network, if the job is paid in credits.
            spender: [optional],
            /// The halt clock: needed if somebody is late, or heartbeats were missed.
            halt_clock: [optional],
        }
        remaining {
            /// Another job, to start if those before it cannot be started.
            jobs: [writable],
        }
        args {
            /// [`Job::posting_id`](crate::state::Job::posting_id) that the provider saw. The client can post another job in the
            /// same account on other terms; its id differs.
            posting_id: u64,
            /// The provider's index among those that the market allows; 0 if it allows all.
            allowed_index: u32,
            /// Number of hashes behind the arguments.
            proof_length: u8,
        }
        tail {
            /// First the hashes of the Merkle proof, if the market allows some providers only, from the leaf up. Then the posting id
            /// of each remaining job, 8 bytes.
            proof_and_posting_ids: [u8],
        }
    }
}

instruction! {
    /// Reports that a running job is alive. The provider signs. A heartbeat that comes late is counted, and its delay is not paid.
    /// No event: the job holds the time of its last heartbeat. A job on a beacon has no heartbeats of its own.
    ///
    /// Of more jobs, those for which the instruction alone would fail are passed over, with the event
    /// [`JobPassedOver`](crate::event::JobPassedOver): they got no heartbeat. It fails if none got one.
    pub Heartbeat(HeartbeatArgs) = 2 {
        accounts {
            /// The provider.
            provider_authority: [signer],
            /// The job.
            job: [writable],
        }
        remaining {
            /// Another job of the provider.
            jobs: [writable],
        }
        args {}
    }
}

instruction! {
    /// Ends a running job: pays what is owed up to this second, deducts penalties, and refunds the rest.
    ///
    /// - The provider ends it with a result, or quits without one. A result is refused before the terms' `min_duration` has passed, and
    ///   before the end of a service: a provider that ends it then quits. It ends a service earlier by [`GiveNotice`], or asks its client
    ///   to stop it.
    /// - The client stops it. For a job at a fixed price it pays the part of the agreed time that has passed. It pays for
    ///   [`MIN_PAID_DURATION`](crate::state::MIN_PAID_DURATION) at least.
    /// - Anyone ends it once its time is over (at a fixed price: once it can no longer be delivered, and then nothing is paid), or
    ///   once the network revoked this program's right to spend its credits.
    /// - If results are proved and the verifier is not what it was, anyone ends it at any time: nothing is paid, and nobody is at fault.
    ///
    /// More jobs of the same funding account and provider are paid in one transfer; `max_amount` is then for all together, and what is
    /// beyond it stays owed. A job for which the instruction alone would fail is passed over, with the
    /// event [`JobPassedOver`](crate::event::JobPassedOver), and so is one that is paid by the unit. It fails if it ends none. A keeper's
    /// tip is for one job: with more, none is due.
    pub FinishJob(FinishJobArgs) = 3 {
        accounts {
            /// Provider, client, the delegate of the job's mandate, or anyone once the time is over.
            caller: [signer],
            /// The job.
            job: [writable],
            ..payment: PaymentAccounts,
            /// The halt clock: needed if somebody is late, or heartbeats were missed.
            halt_clock: [optional],
        }
        remaining {
            /// First more jobs. What follows may be read-only. If results are proved: verification, verifier, and the verifier's ProgramData account
            /// (or this program's id). If the verifier's code was changed, anyone ends the job at any time, without anyone's fault. Last:
            /// the mandate, if its delegate stops the jobs in place of the client.
            jobs_and_proof_accounts: [writable],
        }
        args {
            /// Content hash of the result; zero unless the provider calls.
            result: [u8; 32],
            /// Most to pay to the provider, and most to pay as the fee, now. The rest stays owed. Usually `u64::MAX`; less if the
            /// network limits how many credits can be consumed at once. 0: all is booked as owed, and `payee` can be any account.
            max_amount: Amount,
        }
        tail {
            /// Content hash of the result of each of the other jobs, likewise; as many as there are.
            results: [[u8; 32]],
        }
    }
}

instruction! {
    /// Delivers a job's result, if the client may reject it. The job stops. It is paid once the client accepts, or once the time
    /// to reject is over. The provider signs.
    ///
    /// It may deliver more of its jobs at once. One for which the instruction alone would fail is passed over, with the event
    /// [`JobPassedOver`](crate::event::JobPassedOver); it fails if it delivers none.
    pub DeliverJob(DeliverJobArgs) = 4 {
        accounts {
            /// The provider.
            provider_authority: [signer],
            /// The job.
            job: [writable],
            /// The halt clock: needed if somebody is late, or heartbeats were missed.
            halt_clock: [optional],
        }
        remaining {
            /// Another job of the provider.
            jobs: [writable],
        }
        args {
            /// Content hash of the result.
            result: [u8; 32],
        }
        tail {
            /// Content hash of the result of each remaining job.
            results: [[u8; 32]],
        }
    }
}

instruction! {
    /// Pays a delivered job. The client may call at once, anyone else once the time to reject is over.
    ///
    /// More jobs are paid in one transfer, as by [`FinishJob`].
    pub AcceptJob(AcceptJobArgs) = 5 {
        accounts {
            /// The client, the delegate of the job's mandate, or anyone once the time to reject is over.
            caller: [signer],
            /// The job.
            job: [writable],
            ..payment: PaymentAccounts,
            /// The halt clock: needed if somebody is late, or heartbeats were missed.
            halt_clock: [optional],
        }
        remaining {
            /// First the mandate, if its delegate calls in place of the client; it may be read-only. Then more jobs of the same funding account
            /// and provider. If there are some, and no mandate, pass this program's id in its place.
            mandate_and_jobs: [writable],
        }
        args {
            /// Most to pay to the provider, and most to pay as the fee, now. The rest stays owed. Usually `u64::MAX`; less if the
            /// network limits how many credits can be consumed at once. 0: all is booked as owed, and `payee` can be any account.
            max_amount: Amount,
        }
    }
}

instruction! {
    /// Rejects a delivered result: the market's arbiter decides. The client signs, and stakes the terms'
    /// [`rejection_stake`](crate::state::Terms::rejection_stake), which the job holds until the verdict.
    pub RejectJob(RejectJobArgs) = 6 {
        accounts {
            /// The client, or the delegate of the job's mandate.
            client: [signer],
            /// The job.
            job: [writable],
            /// The network.
            network: [],
            /// What pays for the job: the client's credits, or its deposit.
            funding_account: [writable],
            ..credits: CreditAccounts,
            /// The halt clock: needed if somebody is late, or heartbeats were missed.
            halt_clock: [optional],
        }
        remaining {
            /// The mandate, if its delegate signs in place of the client.
            mandate: [writable],
        }
        args {
            /// Hash of the reasons, for the arbiter. It appears in the event.
            reasons_hash: [u8; 32],
        }
    }
}

instruction! {
    /// Decides a rejected job: which part of the amount due the provider gets, and which part of its bond is seized. The arbiter
    /// calls in its time. After it anyone may call, and the terms' default verdict counts.
    pub ResolveJob(ResolveJobArgs) = 7 {
        accounts {
            /// The arbiter, or anyone after its time.
            caller: [signer],
            /// The job.
            job: [writable],
            ..payment: PaymentAccounts,
            /// The halt clock: needed if somebody is late, or heartbeats were missed.
            halt_clock: [optional],
        }
        args {
            /// Part of the amount due for the provider, basis points: zero to the whole. Ignored if the default verdict counts.
            pay_share: Bps,
            /// Part of the bond to seize, likewise. Ignored if the default verdict counts.
            bond_penalty: Bps,
            /// Most to pay to the provider, and most to pay as the fee, now. The rest stays owed. Usually `u64::MAX`; less if the
            /// network limits how many credits can be consumed at once. 0: all is booked as owed, and `payee` can be any account.
            max_amount: Amount,
        }
    }
}

instruction! {
    /// Cancels a job that has not started. The client may call at any time, anyone else once the deadline has passed, or once the job
    /// was removed from its queue.
    ///
    /// - A client that cancels a job in its provider's time to start owes the provider for the time since the assignment: at least
    ///   [`MIN_PAID_DURATION`](crate::state::MIN_PAID_DURATION), at most [`REACTION_WINDOW`](crate::state::REACTION_WINDOW). The job is
    ///   then `OWING`, and `SettleJob` pays.
    /// - A provider that was assigned the job and did not start it in time has failed: it loses the terms' `no_start_penalty` of its
    ///   bond. It has not failed while the network is paused, or if the network revoked the right to the job's credits, or announced that in
    ///   such a way that the job may not start any more. A pause extends the time to start that it covers.
    /// - A reserved job costs both sides a part that rises towards its start ([`TakeReservation`](crate::instruction::TakeReservation)): the client,
    ///   and its provider, which may cancel before the start. A pause changes nothing for it: it can be started in one. Nor does a revocation
    ///   that was announced, before it is in force or the time to start is over: it can be taken back.
    pub CancelJob(CancelJobArgs) = 8 {
        accounts {
            /// The client, the delegate of the job's mandate, the provider of a reserved job before its start, or anyone once the deadline
            /// has passed.
            caller: [signer],
            /// The job.
            job: [writable],
            /// The network.
            network: [],
            /// What pays for the job: the client's credits, or its deposit.
            funding_account: [writable],
            ..credits: CreditAccounts,
            /// The market's queue, if the job waits there.
            queue: [writable, optional],
            /// The halt clock: needed if somebody is late, or heartbeats were missed.
            halt_clock: [optional],
        }
        remaining {
            /// The mandate, if its delegate calls in place of the client.
            mandate: [],
        }
        args {}
    }
}

instruction! {
    /// Extends a running job. If the job is metered, the price of the added time is held as well. A fixed price stays the price of the
    /// time that was agreed at the start: the provider has longer to deliver. Refused while the network is
    /// paused.
    pub ExtendJob(ExtendJobArgs) = 9 {
        accounts {
            /// The client, or the delegate of the job's mandate.
            client: [signer],
            /// The job.
            job: [writable],
            /// The network.
            network: [],
            /// What pays for the job: the client's credits, or its deposit.
            funding_account: [writable],
            ..credits: CreditAccounts,
        }
        remaining {
            /// The mandate, if its delegate signs in place of the client.
            mandate: [writable],
        }
        args {
            /// Time to add.
            additional_duration: Seconds,
        }
    }
}

instruction! {
    /// Gives notice: a service ends after the terms' `notice_period`, counted from the start at the earliest, and not before
    /// `min_duration` has passed. It then ends as at the end of its time: nothing is lost but the pay of the time that is left. The
    /// provider signs. The client cannot extend the job any more.
    pub GiveNotice(GiveNoticeArgs) = 22 {
        accounts {
            /// The provider.
            provider_authority: [signer],
            /// The job.
            job: [writable],
        }
        args {}
    }
}

instruction! {
    /// Hands a job of the queue back, within [`HAND_BACK_WINDOW`](crate::state::HAND_BACK_WINDOW) after its start: its input was
    /// never there, or nobody could do it. The provider signs. It needs stake that has stood, as much as the bond. Offered if the terms
    /// ask for a bond and for a fee, and if the pool is not of wrapped SOL, which cannot be burned.
    ///
    /// Both sides lose the same part of what they have in the job, and neither gets it: the client the price of
    /// [`Terms::min_paid_duration`](crate::state::Terms::min_paid_duration), which goes where the fee goes, the provider that part of its
    /// bond, which is burned. So neither a job that nobody can do pays, nor to refuse a good one.
    ///
    /// The job waits again, at the front of its queue, under a new posting id. It ends if it was handed back by
    /// [`MAX_HAND_BACKS`](crate::state::MAX_HAND_BACKS) different providers, its wait is over, the queue is gone, or providers wait: it is
    /// then `OWING`, and `SettleJob` pays what its hand-backs cost.
    pub HandBackJob(HandBackJobArgs) = 23 {
        accounts {
            /// The provider.
            provider_authority: [signer],
            /// The job.
            job: [writable],
            /// The market's queue.
            queue: [writable],
            /// What pays for the job: the client's credits, or its deposit.
            funding_account: [writable],
            /// This program's spender in the network, if the job is paid in credits.
            spender: [optional],
            /// `bme`, if the job is paid in credits.
            bme_program: [optional],
            ..settlement: SettlementAccounts,
        }
        remaining {
            /// Its beacon, if it is on one: it leaves that.
            beacon: [writable],
        }
        args {}
    }
}

instruction! {
    /// Closes a job that is over. Anyone may call; the rent goes back to whoever paid it. Refused in the second of the posting, so
    /// that the next job at this address gets another posting id, and until its mandate got back what it did not need
    /// ([`SettleMandate`](crate::instruction::SettleMandate)).
    ///
    /// Of more jobs with the same payer, those for which the instruction alone would fail are passed over, with the event
    /// [`JobPassedOver`](crate::event::JobPassedOver); it fails if it closes none. A keeper's tip is for one job: with more, none is due.
    pub CloseJob(CloseJobArgs) = 17 {
        accounts {
            /// The job.
            job: [writable],
            /// Whoever paid the job's rent, and gets it back.
            rent_receiver: [writable],
        }
        remaining {
            /// Another job with the same payer.
            jobs: [writable],
        }
        args {}
    }
}

//! Instructions. Discriminators: jobs, queues and deposits 0 to 31, set-up from 32, games from 48, panels from 64.
//!
//! **What pays.** Jobs are paid in credits or in tokens. In instructions that pay, the accounts from `network` to
//! `payment_program` are of `bme` in the first case and of the token program in the second.

use {
    crate::{pda, state::Terms},
    joule_interface::{Address, instruction},
    joule_math::{Amount, Bps, Seconds, Tokens},
};

instruction! {
    /// Posts a job and holds what it may cost at most, of the client's credits or deposit: `price * duration`, or a fixed price.
    /// Refused while the network is paused.
    ///
    /// `job` is one of three: a job of the same purse that has ended, which it replaces, and which costs least; an account of
    /// [`Job`](crate::state::Job)'s size that the System program made for this program in the same transaction, wherever it lies
    /// (whoever is first takes one that is left lying); or the address of a new one, at its number, which costs most. Where
    /// providers wait in the queue, the first is given the job, and has the terms' window to start.
    pub PostJob(PostJobArgs) = 0 {
        accounts {
            /// Pays the job's rent, or paid it, and gets it back.
            payer: [signer, writable],
            /// Owner of the credits or of the deposit.
            client: [signer],
            /// The market.
            market: [],
            /// The job to create, or to post anew.
            job: [writable],
            /// The network.
            network: [],
            /// What pays for the job: the client's credits, or its deposit.
            funding_account: [writable],
            /// The market's queue, where it finds the provider.
            queue: [writable, optional],
            /// This program's spender, where it is paid in credits.
            spender: [optional],
            /// This program's authority in the network, where it is paid in credits.
            escrow_authority: [optional],
            /// `bme`, where it is paid in credits.
            bme_program: [optional],
            /// System program, where a job is created.
            system_program: [optional],
        }
        remaining {
            /// A job like the first, at the next number. Credits are locked once for all of them.
            jobs: [writable],
        }
        args {
            /// A number that the client has no other job at, for this purse: says where the job lies, where it is created.
            nonce: u64,
            /// [`Market::version`](crate::state::Market::version) that the client saw.
            terms_version: u64,
            /// Price: the market's, or, unless it is queued, less; in an auction the highest bid.
            price: Amount,
            /// Who is to work, where the client names it; else zero.
            provider: Address,
            /// Content hash of what is to be done.
            definition: [u8; 32],
            /// Length.
            duration: Seconds,
            /// How its provider is found, one of [`matching`](crate::state::matching).
            matching: u8,
        }
        tail {
            /// What each remaining job is to do.
            definitions: [[u8; 32]],
        }
    }
}

instruction! {
    /// Starts a job: one that names the provider, the first in the queue, or one that was assigned to it. From now on it is
    /// metered, or its time to deliver runs. Where the terms ask for a bond that no bid has locked, [`StartJobWithBond`] does.
    /// Refused while the network is paused, unless the job was assigned before.
    ///
    /// A job of the queue is taken and started in one: it must be the first of those that wait. So as not to fail because another
    /// provider was faster, name more of the queue behind the accounts: whichever of them all is the first is started.
    pub StartJob(StartJobArgs) = 1 {
        accounts {
            /// The provider.
            provider_authority: [signer],
            /// The job.
            job: [writable],
            /// The network.
            network: [],
            /// The pool, where the market has one.
            pool: [optional],
            /// The provider in the pool.
            provider: [optional],
            /// The market's queue, where the job waits there.
            queue: [writable, optional],
            /// The node that it runs on, where the terms ask for a class.
            node: [optional],
        }
        remaining {
            /// Another job of the queue, to be started in place of the first where that is gone.
            jobs: [writable],
        }
        args {
            /// [`Job::posting`](crate::state::Job::posting) of the job that the provider saw: its client can post another in
            /// its place, with other terms.
            posting_id: u64,
            /// The provider's place among those that the market allows; 0 where it allows all.
            allowed_index: u32,
            /// How many hashes lie behind the arguments.
            proof_length: u8,
        }
        tail {
            /// Where the market allows some providers only, the hashes beside this one's path, from below; then, for each
            /// remaining job, its posting, 8 bytes.
            proof_and_posting_ids: [u8],
        }
    }
}

instruction! {
    /// Starts a job whose terms ask for a bond: as [`StartJob`], and locks it, unless the provider's bid did. Where more of the
    /// queue is named, the bond is one of a place, not a new one at an address that the job has part in.
    pub StartJobWithBond(StartJobWithBondArgs) = 21 {
        accounts {
            /// The provider; pays the bond's rent, where it is no place.
            provider_authority: [signer, writable],
            /// The job.
            job: [writable],
            /// The network.
            network: [],
            /// The pool.
            pool: [],
            /// The provider in the pool.
            provider: [writable],
            /// The bond to fill or to create.
            bond: [writable],
            /// This program's slasher in the pool.
            slasher: [],
            /// This program's authority in the network.
            escrow_authority: [],
            /// `stake`.
            stake_program: [],
            /// System program, where a bond is created.
            system_program: [optional],
            /// The market's queue, where the job waits there.
            queue: [writable, optional],
            /// The node that it runs on, where the terms ask for a class.
            node: [optional],
        }
        remaining {
            /// Another job of the queue, to be started in place of the first where that is gone.
            jobs: [writable],
        }
        args {
            /// [`Job::posting`](crate::state::Job::posting) of the job that the provider saw: its client can post another in
            /// its place, with other terms.
            posting_id: u64,
            /// The provider's place among those that the market allows; 0 where it allows all.
            allowed_index: u32,
            /// How many hashes lie behind the arguments.
            proof_length: u8,
        }
        tail {
            /// Where the market allows some providers only, the hashes beside this one's path, from below; then, for each
            /// remaining job, its posting, 8 bytes.
            proof_and_posting_ids: [u8],
        }
    }
}

instruction! {
    /// Says that the job is alive. The provider signs. What came late is counted, and not paid. In no event: the job says when.
    pub Heartbeat(HeartbeatArgs) = 2 {
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
    /// Ends a running job: pays what is owed to this second, counts its penalties, and gives the rest back.
    ///
    /// The provider ends it with a result, or quits without one; the client stops it, and pays for one at a fixed price the part
    /// of its time that has passed; anyone ends it once its time is up (at a fixed price: once it cannot be delivered any more,
    /// and then nothing is paid), or once the network took away the right to its credits.
    pub FinishJob(FinishJobArgs) = 3 {
        accounts {
            /// Provider, client, or anyone once the time is up.
            caller: [signer],
            /// The job.
            job: [writable],
            /// The network, where it is paid in credits.
            network: [optional],
            /// What pays for the job: the client's credits, or its deposit.
            funding_account: [writable],
            /// What the provider is paid into: its work in `bme`, or a token account of its own.
            payee: [writable],
            /// Any work shard of the network, or the deposit's vault.
            work_shard_or_vault: [writable],
            /// This program's spender, or the mint.
            spender_or_mint: [],
            /// This program's authority in the network, where it is paid in credits.
            escrow_authority: [optional],
            /// `bme`, or the mint's token program.
            payment_program: [],
            /// Where the fee goes, where the terms ask for one.
            fee_payee: [writable, optional],
        }
        args {
            /// Content hash of the result; zero unless the provider calls.
            result: [u8; 32],
            /// Most to pay to each of provider and fee now; the rest stays owed. Usually all (`u64::MAX`): less where the
            /// network limits what may be consumed at once.
            max_amount: Amount,
        }
    }
}

instruction! {
    /// Gives a job's result, where the client may reject it: the job stops, and is paid once the client accepts, or after its
    /// time to reject. The provider signs.
    pub DeliverJob(DeliverJobArgs) = 4 {
        accounts {
            /// The provider.
            provider_authority: [signer],
            /// The job.
            job: [writable],
        }
        args {
            /// Content hash of the result.
            result: [u8; 32],
        }
    }
}

instruction! {
    /// Pays a delivered job. The client may at once, anyone after its time to reject has passed.
    pub AcceptJob(AcceptJobArgs) = 5 {
        accounts {
            /// Client, or anyone once its time has passed.
            caller: [signer],
            /// The job.
            job: [writable],
            /// The network, where it is paid in credits.
            network: [optional],
            /// What pays for the job: the client's credits, or its deposit.
            funding_account: [writable],
            /// What the provider is paid into: its work in `bme`, or a token account of its own.
            payee: [writable],
            /// Any work shard of the network, or the deposit's vault.
            work_shard_or_vault: [writable],
            /// This program's spender, or the mint.
            spender_or_mint: [],
            /// This program's authority in the network, where it is paid in credits.
            escrow_authority: [optional],
            /// `bme`, or the mint's token program.
            payment_program: [],
            /// Where the fee goes, where the terms ask for one.
            fee_payee: [writable, optional],
        }
        args {
            /// Most to pay to each of provider and fee now; the rest stays owed. Usually all (`u64::MAX`): less where the
            /// network limits what may be consumed at once.
            max_amount: Amount,
        }
    }
}

instruction! {
    /// Rejects what was delivered: the market's arbiter decides. The client signs.
    pub RejectJob(RejectJobArgs) = 6 {
        accounts {
            /// The client.
            client: [signer],
            /// The job.
            job: [writable],
        }
        args {
            /// Hash of the reasons, for the arbiter: appears in the event.
            reasons_hash: [u8; 32],
        }
    }
}

instruction! {
    /// Decides a rejected job: which part of what is due the provider is paid, and which part of its bond the client. The arbiter
    /// in its time; after it anyone, and the default verdict of the terms counts.
    pub ResolveJob(ResolveJobArgs) = 7 {
        accounts {
            /// The arbiter, or anyone after its time.
            caller: [signer],
            /// The job.
            job: [writable],
            /// The network, where it is paid in credits.
            network: [optional],
            /// What pays for the job: the client's credits, or its deposit.
            funding_account: [writable],
            /// What the provider is paid into: its work in `bme`, or a token account of its own.
            payee: [writable],
            /// Any work shard of the network, or the deposit's vault.
            work_shard_or_vault: [writable],
            /// This program's spender, or the mint.
            spender_or_mint: [],
            /// This program's authority in the network, where it is paid in credits.
            escrow_authority: [optional],
            /// `bme`, or the mint's token program.
            payment_program: [],
            /// Where the fee goes, where the terms ask for one.
            fee_payee: [writable, optional],
        }
        args {
            /// Part of what is due for the provider; disregarded where the default counts.
            pay_share: Bps,
            /// Part of the bond for the client; likewise.
            bond_penalty: Bps,
            /// Most to pay to each of provider and fee now; the rest stays owed. Usually all (`u64::MAX`): less where the
            /// network limits what may be consumed at once.
            max_amount: Amount,
        }
    }
}

instruction! {
    /// Takes back a job that has not started. The client at any time; anyone once its deadline has passed. A provider that it was
    /// assigned to and that did not start in time has failed: it loses what the terms say of its bond.
    pub CancelJob(CancelJobArgs) = 8 {
        accounts {
            /// Client, or anyone once the deadline has passed.
            caller: [signer],
            /// The job.
            job: [writable],
            /// The network.
            network: [],
            /// What pays for the job: the client's credits, or its deposit.
            funding_account: [writable],
            /// This program's spender, where it is paid in credits.
            spender: [optional],
            /// This program's authority in the network, where it is paid in credits.
            escrow_authority: [optional],
            /// `bme`, where it is paid in credits.
            bme_program: [optional],
            /// The market's queue, where the job waits there.
            queue: [writable, optional],
        }
        args {}
    }
}

instruction! {
    /// Adds time to a running job, and, where it is metered, what that costs. Refused while the network is paused.
    pub ExtendJob(ExtendJobArgs) = 9 {
        accounts {
            /// The client.
            client: [signer],
            /// The job.
            job: [writable],
            /// The network.
            network: [],
            /// What pays for the job: the client's credits, or its deposit.
            funding_account: [writable],
            /// This program's spender, where it is paid in credits.
            spender: [optional],
            /// This program's authority in the network, where it is paid in credits.
            escrow_authority: [optional],
            /// `bme`, where it is paid in credits.
            bme_program: [optional],
        }
        args {
            /// How much.
            additional_duration: Seconds,
        }
    }
}

instruction! {
    /// Bids for a job: below the best bid by the terms' step, or at most the job's price where there is none. Close to the end it
    /// moves the end. Refused while the network is paused. In no event: the job says who bids best, and what.
    ///
    /// Where the terms ask for a bond, one who beats its own bid has it there; others bid with [`BidJobWithBond`].
    pub BidJob(BidJobArgs) = 10 {
        accounts {
            /// The bidder.
            provider_authority: [signer],
            /// The job.
            job: [writable],
            /// The network.
            network: [],
            /// The pool, where the market has one.
            pool: [optional],
            /// The provider in the pool.
            provider: [optional],
        }
        args {
            /// [`Job::posting`](crate::state::Job::posting) of the job that the bidder saw.
            posting_id: u64,
            /// The bid.
            price: Amount,
            /// The bidder's place among those that the market allows; 0 where it allows all.
            allowed_index: u32,
        }
        tail {
            /// Where the market allows some providers only: the hashes beside this one's path, from below.
            proof: [[u8; 32]],
        }
    }
}

instruction! {
    /// Bids for a job whose terms ask for a bond: as [`BidJob`], and locks it, and releases the one of the bid that it beats.
    pub BidJobWithBond(BidJobWithBondArgs) = 15 {
        accounts {
            /// The bidder; pays the bond's rent, where it is no place.
            provider_authority: [signer, writable],
            /// The job.
            job: [writable],
            /// The network.
            network: [],
            /// The pool.
            pool: [],
            /// The provider in the pool.
            provider: [writable],
            /// The bond to fill or to create.
            bond: [writable],
            /// This program's slasher in the pool.
            slasher: [],
            /// This program's authority in the network.
            escrow_authority: [],
            /// `stake`.
            stake_program: [],
            /// System program, where a bond is created.
            system_program: [optional],
            /// The best bidder so far in the pool, where there is one.
            outbid_provider: [writable, optional],
            /// Its bond.
            outbid_bond: [writable, optional],
            /// Who paid that bond's rent.
            outbid_payer: [writable, optional],
        }
        args {
            /// [`Job::posting`](crate::state::Job::posting) of the job that the bidder saw.
            posting_id: u64,
            /// The bid.
            price: Amount,
            /// The bidder's place among those that the market allows; 0 where it allows all.
            allowed_index: u32,
        }
        tail {
            /// Where the market allows some providers only: the hashes beside this one's path, from below.
            proof: [[u8; 32]],
        }
    }
}

instruction! {
    /// Waits in the queue for a job on the market's present terms: once they change, its place is void. The first time at a seat
    /// makes its account. Refused while jobs wait (start one), and while the network is paused.
    pub JoinQueue(JoinQueueArgs) = 11 {
        accounts {
            /// The provider; pays the seat's rent, where it is new.
            provider_authority: [signer, writable],
            /// The market.
            market: [],
            /// The market's queue.
            queue: [writable],
            /// The seat.
            waiting_provider: [writable] = pda::waiting_provider(provider: provider_authority, index: index),
            /// The network.
            network: [],
            /// The pool, where the market has one.
            pool: [optional],
            /// The provider in the pool.
            provider: [optional],
            /// System program, where the seat is new.
            system_program: [optional],
        }
        args {
            /// Which of its seats: below the terms' number.
            index: u8,
            /// The provider's place among those that the market allows; 0 where it allows all.
            allowed_index: u32,
        }
        tail {
            /// Where the market allows some providers only: the hashes beside this one's path, from below.
            proof: [[u8; 32]],
        }
    }
}

instruction! {
    /// Stops waiting. The provider signs.
    pub LeaveQueue(LeaveQueueArgs) = 12 {
        accounts {
            /// The provider.
            provider_authority: [signer],
            /// The queue.
            queue: [writable],
            /// The seat.
            waiting_provider: [],
        }
        args {}
    }
}

instruction! {
    /// Puts tokens into a deposit. They are counted by what the vault holds more than the books say, so that what was sent to it
    /// directly counts as well; with an amount of zero nothing else does. Anyone may, for any client.
    pub DepositTokens(DepositTokensArgs) = 13 {
        accounts {
            /// Who pays.
            authority: [signer],
            /// The deposit.
            deposit: [writable],
            /// Token account that pays.
            source: [writable],
            /// The deposit's vault.
            vault: [writable],
            /// The mint.
            mint: [],
            /// The mint's token program.
            token_program: [],
        }
        args {
            /// Tokens to put in.
            amount: Amount,
        }
    }
}

instruction! {
    /// Takes tokens that no job holds out of a deposit.
    pub WithdrawTokens(WithdrawTokensArgs) = 14 {
        accounts {
            /// The client.
            client: [signer],
            /// The deposit.
            deposit: [writable],
            /// Token account that receives.
            destination: [writable],
            /// The deposit's vault.
            vault: [writable],
            /// The mint.
            mint: [],
            /// The mint's token program.
            token_program: [],
        }
        args {
            /// Tokens to take out.
            amount: Amount,
        }
    }
}

instruction! {
    /// Pays the provider what it has earned up to now, or what an ended job still owes. Anyone may call, at any time. When nothing
    /// is due it does nothing, and does not fail: others may have settled first, and a batch must not fail for that.
    pub SettleJob(SettleJobArgs) = 16 {
        accounts {
            /// The job.
            job: [writable],
            /// The network, where it is paid in credits.
            network: [optional],
            /// What pays for the job: the client's credits, or its deposit.
            funding_account: [writable],
            /// What the provider is paid into: its work in `bme`, or a token account of its own.
            payee: [writable],
            /// Any work shard of the network, or the deposit's vault.
            work_shard_or_vault: [writable],
            /// This program's spender, or the mint.
            spender_or_mint: [],
            /// This program's authority in the network, where it is paid in credits.
            escrow_authority: [optional],
            /// `bme`, or the mint's token program.
            payment_program: [],
            /// Where the fee goes, where the terms ask for one.
            fee_payee: [writable, optional],
        }
        remaining {
            /// Another job of the same purse and provider: they are paid together, in one transfer.
            jobs: [writable],
        }
        args {
            /// Most to pay to each of provider and fee now; the rest stays owed. Usually all (`u64::MAX`): less where the
            /// network limits what may be consumed at once.
            max_amount: Amount,
        }
    }
}

instruction! {
    /// Closes a job that ended. Anyone may call; the rent goes to whoever paid it. Refused in the second in which it was posted,
    /// so that another job at this address has another number.
    pub CloseJob(CloseJobArgs) = 17 {
        accounts {
            /// The job.
            job: [writable],
            /// Who paid its rent, and gets it back.
            rent_receiver: [writable],
        }
        args {}
    }
}

instruction! {
    /// Ends an auction after its time: the best bidder has the job, and the window to start it; what its price saves goes back.
    /// Without a bid, all does, and the job is cancelled. Anyone may call.
    pub AwardJob(AwardJobArgs) = 18 {
        accounts {
            /// The job.
            job: [writable],
            /// What pays for the job: the client's credits, or its deposit.
            funding_account: [writable],
            /// This program's spender, where it is paid in credits.
            spender: [optional],
            /// This program's authority in the network, where it is paid in credits.
            escrow_authority: [optional],
            /// `bme`, where it is paid in credits.
            bme_program: [optional],
        }
        args {}
    }
}

instruction! {
    /// Settles with `stake` what a job that ended left there: takes from the bond what the client is owed, gives the provider the
    /// rest, and reports how the job went. Anyone may call. Paying a job never waits for this. What it did, `stake`'s events say.
    ///
    /// If the network took this program's rights in the pool away, nothing is taken or reported; if the provider took its bond back
    /// meanwhile, as it then may, none is given.
    pub SettleBond(SettleBondArgs) = 19 {
        accounts {
            /// The job.
            job: [writable],
            /// The provider in the pool.
            provider: [writable],
            /// This program's slasher in the pool.
            slasher: [],
            /// This program's authority in the network.
            escrow_authority: [],
            /// `stake`.
            stake_program: [],
            /// The bond, where there is one.
            bond: [writable, optional],
            /// Who paid the bond's rent, where there is one.
            bond_payer: [writable, optional],
            /// The pool, where part of the bond is the client's.
            pool: [optional],
            /// Its vault, likewise.
            vault: [writable, optional],
            /// A token account of the client for what is taken, likewise.
            receiver: [writable, optional],
            /// The pool's mint, likewise.
            mint: [optional],
            /// Its token program, likewise.
            token_program: [optional],
        }
        args {}
    }
}

instruction! {
    /// Takes those out of the front of a queue that left it, whose time has passed, who waited on other terms, or who may not work any
    /// more. Anyone may call.
    pub SweepQueue(SweepQueueArgs) = 20 {
        accounts {
            /// The market.
            market: [],
            /// Its queue.
            queue: [writable],
            /// The pool, where providers are shown.
            pool: [optional],
        }
        remaining {
            /// A provider of `stake`, to show that one who comes first may not work: its stake fell below what is asked, or it is
            /// jailed.
            providers: [],
        }
        args {
            /// Most to take out.
            max_entries: u16,
        }
    }
}

instruction! {
    /// Creates a market, by the network's authority. One that is paid in credits needs this program's spender to be there; its jobs'
    /// bonds and reports will need this program's slasher in the pool.
    pub CreateMarket(CreateMarketArgs) = 32 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The market to create.
            market: [writable],
            /// The network's stake pool for this market, where it has one.
            pool: [optional],
            /// What jobs are paid in; left out for credits.
            mint: [optional],
            /// The mint's token program, likewise.
            token_program: [optional],
            /// This program's spender in the network, where jobs are paid in credits.
            spender: [optional],
            /// System program.
            system_program: [],
            /// Where the fee goes, where there is one.
            fee_payee: [optional],
        }
        args {
            /// Its number.
            id: u64,
            /// Terms of jobs, in the ranges that their documentation gives; what the longest job costs fits.
            terms: Terms,
        }
    }
}

instruction! {
    /// Changes a market's terms for jobs that are posted from now on, or closes it to new ones, by the network's authority.
    pub SetMarket(SetMarketArgs) = 33 {
        accounts {
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The market.
            market: [writable],
            /// Where the fee goes, where there is one.
            fee_payee: [optional],
        }
        args {
            /// The new terms.
            terms: Terms,
            /// 1: takes on no jobs.
            closed: u8,
        }
    }
}

instruction! {
    /// Closes a market's account, by the network's authority. Its jobs go on: they know their terms. Its queue, if it has one, is
    /// closed before, or its address is left without an account.
    pub CloseMarket(CloseMarketArgs) = 34 {
        accounts {
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The market.
            market: [writable],
            /// The address of its queue, which must not be there.
            queue: [],
            /// Who paid the rent, and gets it back.
            rent_receiver: [writable],
        }
        args {}
    }
}

instruction! {
    /// Creates a market's queue. Anyone may pay for it.
    pub CreateQueue(CreateQueueArgs) = 35 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// The market.
            market: [],
            /// The queue to create.
            queue: [writable],
            /// System program.
            system_program: [],
        }
        args {}
    }
}

instruction! {
    /// Adds slots to a queue, at most [`MAX_GROWTH`](crate::state::MAX_GROWTH) at a time. Anyone may pay for it.
    pub GrowQueue(GrowQueueArgs) = 36 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// The queue.
            queue: [writable],
            /// System program.
            system_program: [],
        }
        args {
            /// How many.
            slots: u16,
        }
    }
}

instruction! {
    /// Closes a queue in which nobody waits, by the network's authority.
    pub CloseQueue(CloseQueueArgs) = 37 {
        accounts {
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The market.
            market: [],
            /// The queue.
            queue: [writable],
            /// Who paid the rent, and gets it back.
            rent_receiver: [writable],
        }
        args {}
    }
}

instruction! {
    /// Closes a seat that does not wait. The provider signs.
    pub CloseWaitingProvider(CloseWaitingProviderArgs) = 38 {
        accounts {
            /// The provider.
            provider_authority: [signer],
            /// The seat.
            waiting_provider: [writable],
            /// The market's queue, or its address if it is gone.
            queue: [],
            /// Who paid the rent, and gets it back.
            rent_receiver: [writable],
        }
        args {}
    }
}

instruction! {
    /// Opens a client's deposit in a mint and its vault. Anyone may pay for it. The mint is of Token or Token-2022, without a freeze
    /// authority, and with no extension but those that describe.
    pub OpenDeposit(OpenDepositArgs) = 39 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// The client.
            client: [],
            /// The deposit to create.
            deposit: [writable],
            /// Its vault to create.
            vault: [writable],
            /// The mint.
            mint: [],
            /// The mint's token program.
            token_program: [],
            /// System program.
            system_program: [],
        }
        args {}
    }
}
instruction! {
    /// Closes a deposit that holds nothing, and its vault. The client signs. Not in the second in which it was opened.
    pub CloseDeposit(CloseDepositArgs) = 40 {
        accounts {
            /// The client.
            client: [signer],
            /// The deposit.
            deposit: [writable],
            /// Its vault.
            vault: [writable],
            /// The mint's token program.
            token_program: [],
            /// Who paid the rent of both, and gets it back.
            rent_receiver: [writable],
        }
        args {}
    }
}

instruction! {
    /// Creates a way to verify results, by the network's authority. It never changes and is never closed.
    pub CreateVerification(CreateVerificationArgs) = 48 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The verification to create.
            verification: [writable],
            /// What wagers are put in: a mint that a deposit can be of.
            dispute_bond_mint: [],
            /// The mint's token program.
            token_program: [],
            /// The program that decides on steps; left out where arbiters do.
            verifier: [optional],
            /// System program.
            system_program: [],
        }
        args {
            /// Its number.
            id: u64,
            /// [`Verification::wager`](crate::state::Verification::wager), and so on.
            dispute_bond: Amount,
            /// See there.
            slash_amount: Tokens,
            /// See there.
            move_window: Seconds,
            /// See there.
            decision_window: Seconds,
            /// See there.
            reveal_window: Seconds,
            /// See there.
            burned_share: Bps,
            /// See there.
            bond_penalty: Bps,
            /// See there.
            minority_penalty: Bps,
            /// See there.
            no_reveal_penalty: Bps,
            /// See there.
            min_replicas: u8,
            /// See there.
            max_replicas: u8,
            /// See there.
            min_quorum: u8,
            /// See there.
            games_per_slash: u8,
        }
    }
}
instruction! {
    /// Has the results of a market's jobs verified from now on, or no longer, by the network's authority. The market's jobs have a
    /// fixed price and a time in which results can be rejected.
    pub SetMarketVerification(SetMarketVerificationArgs) = 49 {
        accounts {
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The market.
            market: [writable],
            /// How; left out: not at all.
            verification: [optional],
        }
        args {}
    }
}
instruction! {
    /// Gives the result of a job that is verified, with its trace: as [`DeliverJob`], which is refused there. Holds the wager of
    /// the provider's deposit until the trace is closed.
    pub DeliverTrace(DeliverTraceArgs) = 50 {
        accounts {
            /// The provider; pays the trace's rent.
            provider_authority: [signer, writable],
            /// The job.
            job: [writable],
            /// The job's verification.
            verification: [],
            /// The provider's deposit in the mint of wagers.
            deposit: [writable],
            /// The trace to create.
            trace: [writable],
            /// System program.
            system_program: [],
        }
        args {
            /// The last state: the content hash of the result.
            result: [u8; 32],
            /// Root over the states ([`trace`](crate::trace)), the first of which is the job's definition.
            root: [u8; 32],
            /// Steps: one less than there are states. 1 to [`MAX_STEPS`](crate::trace::MAX_STEPS).
            steps: u32,
        }
    }
}
instruction! {
    /// Challenges a delivered result while it can be rejected. Anyone but its provider may, and holds a wager. The first game is
    /// played at once, others wait until those before them are lost.
    pub ChallengeResult(ChallengeResultArgs) = 51 {
        accounts {
            /// Who challenges; pays the game's rent.
            challenger: [signer, writable],
            /// The job.
            job: [writable],
            /// Its trace.
            trace: [writable],
            /// The job's verification.
            verification: [],
            /// The challenger's deposit in the mint of wagers.
            deposit: [writable],
            /// The game to create.
            game: [writable],
            /// System program.
            system_program: [],
        }
        args {
            /// One of [`statement`](crate::verifier::statement): what is wrong.
            statement_kind: u8,
        }
    }
}
instruction! {
    /// Starts a game whose turn has come. Anyone may call.
    pub StartGame(StartGameArgs) = 52 {
        accounts {
            /// The game.
            game: [writable],
            /// The trace.
            trace: [],
        }
        args {}
    }
}
instruction! {
    /// The provider's move: the nodes that lie [`Game::levels`](crate::state::Game::levels) below the one that both disagree on,
    /// from the left.
    pub OpenSubtree(OpenSubtreeArgs) = 53 {
        accounts {
            /// The provider.
            provider_authority: [signer],
            /// The game.
            game: [writable],
        }
        args {}
        tail {
            /// The nodes.
            nodes: [[u8; 32]],
        }
    }
}
instruction! {
    /// The challenger's move: the first of the nodes that it disagrees with. With the first state or the last the game may be over:
    /// the job says what they are.
    pub ChooseSubtree(ChooseSubtreeArgs) = 54 {
        accounts {
            /// The challenger.
            challenger: [signer],
            /// The game.
            game: [writable],
        }
        args {
            /// Which, from 0 on.
            choice: u8,
        }
    }
}
instruction! {
    /// The provider's move: the states before and after the step that is left. That the former is in the trace is proved by the
    /// nodes on the left of its path, from below, up to [`Game::left`](crate::state::Game::left).
    pub ShowStates(ShowStatesArgs) = 55 {
        accounts {
            /// The provider.
            provider_authority: [signer],
            /// The game.
            game: [writable],
        }
        args {
            /// Hash of the state before.
            before: [u8; 32],
            /// Hash of the state after.
            after: [u8; 32],
        }
        tail {
            /// The nodes on the left of the path of the state before, from below.
            proof: [[u8; 32]],
        }
    }
}
instruction! {
    /// The provider's last move, which anyone may make: the verifier program says that the claim is valid. What else it says counts
    /// for nothing: a provider that cannot prove its step loses by time.
    pub ProveStep(ProveStepArgs) = 56 {
        accounts {
            /// The game.
            game: [writable],
            /// The verifier.
            verifier: [],
        }
        remaining {
            /// An account that the verifier asks for. It is handed to it read-only and unsigned.
            verifier_accounts: [],
        }
        args {}
        tail {
            /// What the verifier asks for.
            witness: [u8],
        }
    }
}
instruction! {
    /// The arbiter decides on the step, where there is no verifier.
    pub DecideStep(DecideStepArgs) = 57 {
        accounts {
            /// The arbiter.
            arbiter: [signer],
            /// The game.
            game: [writable],
        }
        args {
            /// 1: it is as the provider claims; 0: it is not.
            valid: u8,
        }
    }
}
instruction! {
    /// Ends a game in which a move was not made in time: who had to make it loses. Anyone may call.
    pub TimeOutGame(TimeOutGameArgs) = 58 {
        accounts {
            /// The game.
            game: [writable],
        }
        args {}
    }
}
instruction! {
    /// Pays the wagers of a game that ended, and has its verdict follow: a job whose provider won can be accepted or challenged
    /// again; one whose provider lost waits to be [resolved](ResolveJob) with no pay; where the arbiter did not decide, the default
    /// verdict of its terms does. A game that waits when another has decided is over, and has its wager back. Anyone may call.
    pub SettleGame(SettleGameArgs) = 59 {
        accounts {
            /// The game.
            game: [writable],
            /// The trace.
            trace: [writable],
            /// The job.
            job: [writable],
            /// The provider's deposit.
            provider_deposit: [writable],
            /// The challenger's.
            challenger_deposit: [writable],
            /// The vault of the former.
            provider_vault: [writable],
            /// The vault of the latter.
            challenger_vault: [writable],
            /// Their mint.
            mint: [writable],
            /// Its token program.
            token_program: [],
        }
        args {}
    }
}
instruction! {
    /// Closes a game that is settled. One that the provider lost only who paid for it does, until it has been there for
    /// [`EVIDENCE`](crate::state::EVIDENCE) or was cited for a slash.
    pub CloseGame(CloseGameArgs) = 60 {
        accounts {
            /// Anyone.
            caller: [signer],
            /// The game.
            game: [writable],
            /// Who paid the rent, and gets it back.
            rent_receiver: [writable],
        }
        args {}
    }
}
instruction! {
    /// Closes the trace of a job that is decided, and gives the provider's wager back. Anyone may call.
    pub CloseTrace(CloseTraceArgs) = 61 {
        accounts {
            /// The trace.
            trace: [writable],
            /// The job, or its address if it is gone.
            job: [],
            /// The provider's deposit.
            deposit: [writable],
            /// Who paid the rent, and gets it back.
            rent_receiver: [writable],
        }
        args {}
    }
}
instruction! {
    /// Proposes to `stake` to slash a provider that lost as many games as the verification says, by this program's slasher. The
    /// evidence is the hash over the addresses of the games, each of which counts once. Anyone may call.
    pub ProposeGameSlash(ProposeGameSlashArgs) = 62 {
        accounts {
            /// Pays the proposal's rent.
            payer: [signer, writable],
            /// The verification.
            verification: [],
            /// The pool of the games' jobs.
            pool: [],
            /// The provider in the pool.
            provider: [writable],
            /// This program's slasher in the pool.
            slasher: [writable],
            /// This program's authority in the network.
            escrow_authority: [],
            /// The proposal to create.
            slash: [writable],
            /// `stake`.
            stake_program: [],
            /// System program.
            system_program: [],
        }
        remaining {
            /// A game that the provider lost.
            games: [writable],
        }
        args {}
    }
}

instruction! {
    /// Posts a job for several providers, and holds what they cost. Refused while the network is paused.
    pub PostPanel(PostPanelArgs) = 64 {
        accounts {
            /// Pays the panel's rent.
            payer: [signer, writable],
            /// Owner of the credits or of the deposit.
            client: [signer],
            /// The market.
            market: [],
            /// The market's verification.
            verification: [],
            /// The panel to create.
            panel: [writable],
            /// The network.
            network: [],
            /// What pays: the client's credits, or its deposit.
            funding_account: [writable],
            /// This program's spender, where it is paid in credits.
            spender: [optional],
            /// This program's authority in the network, where it is paid in credits.
            escrow_authority: [optional],
            /// `bme`, where it is paid in credits.
            bme_program: [optional],
            /// System program.
            system_program: [],
        }
        args {
            /// A number that the client has no other panel at, for this purse.
            nonce: u64,
            /// [`Market::version`](crate::state::Market::version) that the client saw.
            terms_version: u64,
            /// For each replica: the market's price, or less.
            price: Amount,
            /// Content hash of what is to be done.
            definition: [u8; 32],
            /// How long they have.
            duration: Seconds,
            /// How many replicas, as the verification allows.
            replicas: u8,
            /// How many equal results are believed: as many as the verification asks for, or more.
            quorum: u8,
        }
    }
}
instruction! {
    /// Joins a panel, and locks the bond that the terms ask for. With the last place the work begins. Refused to who is there
    /// already, as the same operator, with the same node or a node of the same owner, to the client, and while the network is
    /// paused.
    pub JoinPanel(JoinPanelArgs) = 65 {
        accounts {
            /// The provider; pays the bond's rent, where one is created.
            provider_authority: [signer, writable],
            /// The panel.
            panel: [writable],
            /// The network.
            network: [],
            /// The pool, where the market has one.
            pool: [optional],
            /// The provider in the pool.
            provider: [writable, optional],
            /// The node that it runs on, where the terms ask for a class.
            node: [optional],
            /// The bond to fill or to create, where the terms ask for one.
            bond: [writable, optional],
            /// This program's slasher in the pool, likewise.
            slasher: [optional],
            /// This program's authority in the network, likewise.
            escrow_authority: [optional],
            /// `stake`, likewise.
            stake_program: [optional],
            /// System program, likewise.
            system_program: [optional],
        }
        args {
            /// [`Panel::posting`](crate::state::Panel::posting) that the provider saw.
            posting_id: u64,
            /// The provider's place among those that the market allows; 0 where it allows all.
            allowed_index: u32,
        }
        tail {
            /// Where the market allows some providers only: the hashes beside this one's path, from below.
            proof: [[u8; 32]],
        }
    }
}
instruction! {
    /// Commits to a result. Once all did, they reveal.
    pub CommitResult(CommitResultArgs) = 66 {
        accounts {
            /// The provider.
            provider_authority: [signer],
            /// The panel.
            panel: [writable],
        }
        args {
            /// [`panel::commitment`](crate::panel::commitment).
            commitment: [u8; 32],
            /// Which replica it is.
            replica: u8,
        }
    }
}
instruction! {
    /// Reveals the result that was committed to: once all committed, or the time to do so has passed.
    pub RevealResult(RevealResultArgs) = 67 {
        accounts {
            /// The provider.
            provider_authority: [signer],
            /// The panel.
            panel: [writable],
        }
        args {
            /// Content hash of the result; not zero.
            result: [u8; 32],
            /// What it was hidden with.
            salt: [u8; 32],
            /// Which replica it is.
            replica: u8,
        }
    }
}
instruction! {
    /// Decides a panel, once all that committed revealed, or their time has passed. The result is that of the largest group of
    /// equal ones, if it is as large as the quorum and no other is as large. What is not to be paid goes back. Anyone may call.
    pub TallyPanel(TallyPanelArgs) = 68 {
        accounts {
            /// The panel.
            panel: [writable],
            /// What pays: the client's credits, or its deposit.
            funding_account: [writable],
            /// This program's spender, where it is paid in credits.
            spender: [optional],
            /// This program's authority in the network, where it is paid in credits.
            escrow_authority: [optional],
            /// `bme`, where it is paid in credits.
            bme_program: [optional],
        }
        args {}
    }
}
instruction! {
    /// Pays a replica that is right. Anyone may call.
    pub PayReplica(PayReplicaArgs) = 69 {
        accounts {
            /// The panel.
            panel: [writable],
            /// The network, where it is paid in credits.
            network: [optional],
            /// What pays: the client's credits, or its deposit.
            funding_account: [writable],
            /// What the provider is paid into: its work in `bme`, or a token account of its own.
            payee: [writable],
            /// Any work shard of the network, or the deposit's vault.
            work_shard_or_vault: [writable],
            /// This program's spender, or the mint.
            spender_or_mint: [],
            /// This program's authority in the network, where it is paid in credits.
            escrow_authority: [optional],
            /// `bme`, or the mint's token program.
            payment_program: [],
            /// Where the fee goes, where the terms ask for one.
            fee_payee: [writable, optional],
        }
        args {
            /// Which replica.
            replica: u8,
        }
    }
}
instruction! {
    /// Settles with `stake` what a replica left there: takes from its bond what the client is owed, gives it the rest, and reports.
    /// Anyone may call.
    pub SettleReplica(SettleReplicaArgs) = 70 {
        accounts {
            /// The panel.
            panel: [writable],
            /// The provider in the pool.
            provider: [writable],
            /// This program's slasher in the pool.
            slasher: [],
            /// This program's authority in the network.
            escrow_authority: [],
            /// `stake`.
            stake_program: [],
            /// The bond, where there is one.
            bond: [writable, optional],
            /// Who paid the bond's rent, where there is one.
            bond_payer: [writable, optional],
            /// The pool, where part of the bond is the client's.
            pool: [optional],
            /// Its vault, likewise.
            vault: [writable, optional],
            /// A token account of the client for what is taken, likewise.
            receiver: [writable, optional],
            /// The pool's mint, likewise.
            mint: [optional],
            /// Its token program, likewise.
            token_program: [optional],
        }
        args {
            /// Which replica.
            replica: u8,
        }
    }
}
instruction! {
    /// Takes a panel back that has places left: the client at any time, anyone once its time has passed.
    pub CancelPanel(CancelPanelArgs) = 71 {
        accounts {
            /// Client, or anyone once the time has passed.
            caller: [signer],
            /// The panel.
            panel: [writable],
            /// What pays: the client's credits, or its deposit.
            funding_account: [writable],
            /// This program's spender, where it is paid in credits.
            spender: [optional],
            /// This program's authority in the network, where it is paid in credits.
            escrow_authority: [optional],
            /// `bme`, where it is paid in credits.
            bme_program: [optional],
        }
        args {}
    }
}
instruction! {
    /// Closes a panel that is decided, and all of whose replicas are paid and settled. Anyone may call.
    pub ClosePanel(ClosePanelArgs) = 72 {
        accounts {
            /// The panel.
            panel: [writable],
            /// Who paid its rent, and gets it back.
            rent_receiver: [writable],
        }
        args {}
    }
}

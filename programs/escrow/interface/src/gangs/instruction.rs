//! Gangs: one job on several machines, all or none.

use {
    crate::{
        collateral::instruction::{BondAccounts, SettlementAccounts},
        money::instruction::{CreditAccounts, PaymentAccounts},
    },
    joule_interface::{Address, instruction},
    joule_math::{Amount, Seconds},
};

instruction! {
    /// Posts a gang of 2 to 64 places, on a market whose terms offer [`GANG`](crate::state::matching::GANG). It holds no money:
    /// [`PostPlaces`] adds its places, and once all are there, providers have until the terms' `wait_window` after this to join.
    /// Refused while the network is paused.
    pub PostGang(PostGangArgs) = 120 {
        accounts {
            /// Pays the gang's rent, and gets it back.
            payer: [signer, writable],
            /// The client.
            client: [signer],
            /// The market.
            market: [],
            /// The gang to create.
            gang: [writable],
            /// The network.
            network: [],
            /// System program.
            system_program: [],
        }
        args {
            /// Seed of the gang's address: one at which this client has no other gang.
            number: u64,
            /// [`Market::terms_version`](crate::state::Market::terms_version) that the client saw.
            terms_version: u64,
            /// Price of a second of each member: up to the market's.
            price: Amount,
            /// Seconds that all work.
            duration: Seconds,
            /// Places: 2 to 64.
            size: u8,
            /// Owner that all members' nodes must have; zero: any. Only where the terms ask for a class.
            owner: Address,
            /// Site at which all members' nodes must stand, as their owners state it and at least one attestor vouches; zero: any. Only
            /// where the terms ask for a class.
            site: [u8; 32],
        }
    }
}

instruction! {
    /// Adds places to a gang, each a job with its money, as [`PostJob`](crate::instruction::PostJob) holds it: until the gang has as many as it
    /// asks for; and after a failure in place of a member that was settled, for the time that is left. The client signs, and pays each place
    /// out of its credits or of a deposit. Refused after the gang's deadline, once the market's terms changed, and while the network is paused.
    pub PostPlaces(PostPlacesArgs) = 121 {
        accounts {
            /// Pays the rent of jobs or paid it, and gets it back.
            payer: [signer, writable],
            /// The gang's client.
            client: [signer],
            /// The gang's market.
            market: [],
            /// The gang.
            gang: [writable],
            /// The job to create or to replace.
            job: [writable],
            /// The network.
            network: [],
            /// What pays for the places: the client's credits, or its deposit.
            funding_account: [writable],
            ..credits: CreditAccounts,
            /// System program, if a job is created.
            system_program: [optional],
        }
        remaining {
            /// Another place's job, at the next nonce.
            jobs: [writable],
        }
        args {
            /// Seed of the job's address, if it is created: a number at which this funding account has no other job.
            nonce: u64,
            /// Content hash of the work.
            definition: [u8; 32],
        }
        tail {
            /// Content hash of the work of each remaining job.
            definitions: [[u8; 32]],
        }
    }
}

instruction! {
    /// Takes a place, and locks the bond that the terms ask for. With the last place the clock of all begins, or goes on after a failure.
    /// Refused before all places are posted, after the deadline, for a node that is in the gang already (a provider, where the terms ask for no
    /// class), in a pool of wrapped SOL, which nobody can burn, and while the network is paused.
    ///
    /// With a beacon, which the terms must offer and whose interval is theirs, that measures the member in place of its own heartbeats; this
    /// is a beat of it. Then whatever stops, pays or ends the member needs that beacon.
    pub JoinGang(JoinGangArgs) = 122 {
        accounts {
            /// The provider.
            provider_authority: [signer],
            /// The gang.
            gang: [writable],
            /// The place's job.
            job: [writable],
            ..bonding: BondAccounts,
            /// The node that works, if the terms ask for a class.
            node: [optional],
            /// This program's spender in the network, if the job is paid in credits.
            spender: [optional],
            /// The beacon of provider and node that measures the member; left out: its own heartbeats do.
            beacon: [writable, optional],
        }
        args {
            /// [`Job::posting_id`](crate::state::Job::posting_id) that the provider saw.
            posting_id: u64,
            /// The provider's index among those that the market allows; 0 if it allows all.
            allowed_index: u32,
        }
        tail {
            /// Hashes of the Merkle proof, if the market allows some providers only, from the leaf up.
            proof: [[u8; 32]],
        }
    }
}

instruction! {
    /// Leaves a gang that was never full, before its deadline: the place is free again. It costs the part of the bond that
    /// [`Terms::min_paid_duration`](crate::state::Terms::min_paid_duration) is of the gang's time, one base unit at least, which is burned. The
    /// provider signs. After the deadline [`StopGang`] dissolves the gang for nothing.
    pub LeaveGang(LeaveGangArgs) = 123 {
        accounts {
            /// The provider.
            provider_authority: [signer],
            /// The gang.
            gang: [writable],
            /// The place's job.
            job: [writable],
            ..settlement: SettlementAccounts,
            /// The member's beacon, if it is on one.
            beacon: [writable, optional],
        }
        args {}
    }
}

instruction! {
    /// Stops the clock of a gang, of all members at once. It writes this account, and that of one member; the others are settled one by one
    /// ([`SettleMember`]).
    ///
    /// Without a job, it ends the gang:
    /// - The client, at any time. Before the gang was full, each member is paid for
    ///   [`Terms::min_paid_duration`](crate::state::Terms::min_paid_duration). Afterwards each is paid its seconds, and at least that much,
    ///   except a substitute for which the clock has not run a second yet.
    /// - Anyone, once the deadline has passed: of a gang that was never full everything goes back; one that lacks a member stops.
    ///
    /// With a member's job, it takes that member out, and a substitute may join until the terms' `wait_window` has passed:
    /// - Anyone, if the member's last heartbeat is longer ago than
    ///   [`MAX_SILENT_INTERVALS`](crate::state::MAX_SILENT_INTERVALS) intervals, by the gang's clock: it failed, and the terms' `failure_penalty` of
    ///   its bond is burned. Of a member on a beacon, the beacon shows it: its last beat is that heartbeat.
    /// - The member quits: likewise. While the clock stands a member leaves for nothing, a substitute whose clock has not run yet at the price
    ///   of [`LeaveGang`].
    /// - The client dismisses the member, without a penalty.
    /// - Anyone, if the network revoked this program's right to spend the job's credits: nobody failed, whoever calls.
    pub StopGang(StopGangArgs) = 124 {
        accounts {
            /// The client, the member, or anyone who shows that a member failed, that its credits were revoked, or that the deadline has passed.
            caller: [signer],
            /// The gang.
            gang: [writable],
            /// The member's job; left out: the gang ends.
            job: [writable, optional],
            /// The halt clock: needed if heartbeats were missed.
            halt_clock: [optional],
            /// This program's spender in the network, if a member's job is given that is paid in credits.
            spender: [optional],
            /// The member's beacon, if it is on one.
            beacon: [optional],
        }
        args {}
    }
}

instruction! {
    /// Reports that a member of a gang is alive: as [`Heartbeat`](crate::instruction::Heartbeat), by the gang's clock. The provider signs. It
    /// is due while the clock stands as well; then it is refused to a member whose last one came more than
    /// [`MAX_SILENT_INTERVALS`](crate::state::MAX_SILENT_INTERVALS) intervals before the clock stopped, halts of the chain counted as well.
    /// Refused to a member on a beacon: its machine sends [`Beat`](crate::instruction::Beat).
    pub HeartbeatMember(HeartbeatMemberArgs) = 125 {
        accounts {
            /// The provider.
            provider_authority: [signer],
            /// The gang.
            gang: [],
            /// The member's job.
            job: [writable],
        }
        args {}
    }
}

instruction! {
    /// Settles a place. Anyone may call.
    /// - While the gang lasts: pays the member what it has earned so far.
    /// - Once the gang ended, its time is over, or the member is out: ends the place's job, pays what is owed, and refunds the rest. A member
    ///   that was silent when the clock stopped has failed, whoever stopped it.
    /// - If the network revoked this program's right to spend the job's credits: takes the member out without anyone's fault.
    ///
    /// [`SettleBond`](crate::instruction::SettleBond) follows, and what is seized is burned: pass the pool's mint as its receiver.
    pub SettleMember(SettleMemberArgs) = 126 {
        accounts {
            /// Provider, or anyone.
            caller: [signer],
            /// The gang.
            gang: [writable],
            /// The place's job.
            job: [writable],
            ..payment: PaymentAccounts,
            /// The halt clock: needed if heartbeats were missed.
            halt_clock: [optional],
            /// The member's beacon, if it is on one and has worked.
            beacon: [optional],
        }
        args {
            /// Most to pay to the provider, and most to pay as the fee, now. The rest stays owed. Usually `u64::MAX`; less if the
            /// network limits how many credits can be consumed at once. 0: all is booked as owed, and `payee` can be any account.
            max_amount: Amount,
        }
    }
}

instruction! {
    /// Closes a gang that ended and whose places are all settled. Anyone may call.
    pub CloseGang(CloseGangArgs) = 127 {
        accounts {
            /// The gang.
            gang: [writable],
            /// Whoever paid the rent, and gets it back.
            rent_receiver: [writable],
        }
        args {}
    }
}

//! Instructions.

use {
    crate::state::Lanes,
    joule_interface::{Address, instruction},
    joule_math::Seconds,
};

instruction! {
    /// Opens a council. The network's policy then names its address as `weigher`.
    pub Open(OpenArgs) = 0 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// The network's authority.
            authority: [signer],
            /// The network.
            network: [],
            /// Pool of the network whose stake votes.
            pool: [],
            /// The council to create.
            council: [writable],
            /// System program.
            system_program: [],
        }
        args {
            /// Number among the network's councils.
            id: u64,
            /// For how long before an epoch's end votes are closed: a minute to half of an epoch. Somebody must call `Weigh` then.
            closing_window: Seconds,
            /// How long a lock must still last to count in SPL Governance: longer than its votes.
            min_lock: Seconds,
            /// Realm of SPL Governance; zero: none.
            realm: Address,
            /// The realm's mint for which the stake votes.
            governing_mint: Address,
        }
    }
}
instruction! {
    /// Votes on the lanes with the stake of a delegation, for the epoch after the open one. Another vote in the same epoch
    /// replaces it.
    pub CastVote(CastVoteArgs) = 1 {
        accounts {
            /// Pays the rent of the first vote.
            payer: [signer, writable],
            /// Owner of the delegation.
            owner: [signer],
            /// The council.
            council: [writable],
            /// The delegation's vote.
            vote: [writable],
            /// The network.
            network: [],
            /// The pool.
            pool: [],
            /// The delegation.
            delegation: [],
            /// Its provider.
            provider: [],
            /// System program.
            system_program: [],
        }
        args {
            /// How the weight is divided among the lanes: parts of their sum.
            parts: Lanes<u16>,
        }
    }
}
instruction! {
    /// Writes the lanes' weights by the votes, once they are closed and before the epoch ends. Anyone may call.
    pub Weigh(WeighArgs) = 2 {
        accounts {
            /// The council.
            council: [],
            /// The network.
            network: [writable],
            /// `bme`.
            bme_program: [],
        }
        args {}
    }
}
instruction! {
    /// Closes a vote of an earlier epoch. Anyone may call.
    pub CloseVote(CloseVoteArgs) = 3 {
        accounts {
            /// The council.
            council: [],
            /// The network.
            network: [],
            /// The vote.
            vote: [writable],
            /// Who paid its rent, and gets it.
            rent_receiver: [writable],
        }
        args {}
    }
}
instruction! {
    /// Creates an owner's record for SPL Governance, with a weight of nothing. Anyone may call.
    pub CreateRecord(CreateRecordArgs) = 4 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// The council.
            council: [],
            /// The owner of stake.
            owner: [],
            /// The record to create.
            record: [writable],
            /// System program.
            system_program: [],
        }
        args {}
    }
}
instruction! {
    /// Writes what an owner weighs in SPL Governance, for this slot: in the transaction that votes. Anyone may call.
    pub UpdateRecord(UpdateRecordArgs) = 5 {
        accounts {
            /// The council.
            council: [],
            /// The owner of stake.
            owner: [],
            /// The owner's record.
            record: [writable],
        }
        remaining {
            /// A delegation of the owner's, followed by its provider; delegations in ascending order.
            stake: [],
        }
        args {}
    }
}

//! Queues and auctions.

use {
    crate::{collateral::instruction::BondAccounts, money::instruction::CreditAccounts, pda},
    joule_interface::instruction,
    joule_math::Amount,
};

instruction! {
    /// Bids for a job: below the best bid by the terms' step, or, as the first bid, at most the job's price. A bid close to the end
    /// of the auction moves the end. Refused while the network is paused. No event: the job holds the best bid and its bidder.
    ///
    /// If the terms ask for a bond, only the best bidder can lower its own bid here, because its bond is locked already. Others bid
    /// with [`BidJobWithBond`].
    pub BidJob(BidJobArgs) = 10 {
        accounts {
            /// The bidder.
            provider_authority: [signer],
            /// The job.
            job: [writable],
            /// The network.
            network: [],
            /// The pool, if the market has one.
            pool: [optional],
            /// The provider in the pool.
            provider: [optional],
            /// The node that the job will run on, if the terms ask for a class.
            node: [optional],
        }
        args {
            /// [`Job::posting_id`](crate::state::Job::posting_id) that the bidder saw.
            posting_id: u64,
            /// The bid.
            price: Amount,
            /// The bidder's index among the providers that the market allows; 0 if it allows all.
            allowed_index: u32,
        }
        tail {
            /// Hashes of the Merkle proof, if the market allows some providers only, from the leaf up.
            proof: [[u8; 32]],
        }
    }
}

instruction! {
    /// Bids for a job whose terms ask for a bond: as [`BidJob`]. Locks the bidder's bond, and releases the bond of the bid that it
    /// beats.
    pub BidJobWithBond(BidJobWithBondArgs) = 15 {
        accounts {
            /// The bidder.
            provider_authority: [signer],
            /// The job.
            job: [writable],
            ..bonding: BondAccounts,
            /// The best bidder so far in the pool, if there is one.
            outbid_provider: [writable, optional],
            /// Its bond.
            outbid_bond: [writable, optional],
            /// Whoever paid that bond's rent.
            outbid_payer: [writable, optional],
            /// The node that the job will run on, if the terms ask for a class.
            node: [optional],
        }
        args {
            /// [`Job::posting_id`](crate::state::Job::posting_id) that the bidder saw.
            posting_id: u64,
            /// The bid.
            price: Amount,
            /// The bidder's index among the providers that the market allows; 0 if it allows all.
            allowed_index: u32,
        }
        tail {
            /// Hashes of the Merkle proof, if the market allows some providers only, from the leaf up.
            proof: [[u8; 32]],
        }
    }
}

instruction! {
    /// Ends an auction after its time: the best bidder gets the job, and the time to start it; the difference to the highest price
    /// is refunded. If nobody bid, everything is refunded and the job is cancelled. Anyone may call.
    pub AwardJob(AwardJobArgs) = 18 {
        accounts {
            /// The job.
            job: [writable],
            /// The network.
            network: [],
            /// What pays for the job: the client's credits, or its deposit.
            funding_account: [writable],
            ..credits: CreditAccounts,
        }
        args {}
    }
}

instruction! {
    /// Waits in the queue for a job on the market's present terms. If the terms change, the wait is void. The first wait at an index
    /// creates its account. Refused while jobs wait (start one instead), and while the network is paused.
    pub JoinQueue(JoinQueueArgs) = 11 {
        accounts {
            /// Pays the rent of a new `waiting_provider`.
            payer: [signer, writable],
            /// The provider.
            provider_authority: [signer],
            /// The market.
            market: [],
            /// The market's queue.
            queue: [writable],
            /// This provider's account for its wait.
            waiting_provider: [writable] = pda::waiting_provider(provider: provider_authority, index: index),
            /// The network.
            network: [],
            /// The pool, if the market has one.
            pool: [optional],
            /// The provider in the pool.
            provider: [optional],
            /// A node that serves the class that the terms ask for, if they do.
            node: [optional],
            /// System program, if `waiting_provider` is new.
            system_program: [optional],
        }
        args {
            /// Which of the provider's waits: below [`Terms::max_queue_entries`](crate::state::Terms::max_queue_entries).
            index: u8,
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
    /// Stops waiting. The provider signs.
    pub LeaveQueue(LeaveQueueArgs) = 12 {
        accounts {
            /// The provider.
            provider_authority: [signer],
            /// The queue.
            queue: [writable],
            /// This provider's account for its wait.
            waiting_provider: [],
        }
        args {}
    }
}

instruction! {
    /// Removes entries from the front of a queue that left it, whose time is over, whose terms are outdated, or whose provider may
    /// not work any more. Anyone may call.
    pub SweepQueue(SweepQueueArgs) = 20 {
        accounts {
            /// The market.
            market: [],
            /// Its queue.
            queue: [writable],
            /// The pool, if providers are passed.
            pool: [optional],
        }
        remaining {
            /// Evidence for the next entry: a provider of `stake` that may not work, because its stake is too small or it is jailed; or
            /// the job that waits, on terms that the market has changed since.
            evidence: [],
        }
        args {
            /// Most entries to remove.
            max_entries: u16,
        }
    }
}

instruction! {
    /// Creates a market's queue. Anyone may pay the rent.
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
    /// Adds slots to a queue, at most [`MAX_GROWTH`](crate::state::MAX_GROWTH) at a time. Anyone may pay the rent.
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
            /// How many: 1 to [`MAX_GROWTH`](crate::state::MAX_GROWTH); the queue has at most [`MAX_SLOTS`](crate::state::MAX_SLOTS).
            slots: u16,
        }
    }
}

instruction! {
    /// Closes a queue in which nobody waits. The network's authority signs.
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
            /// Whoever paid the rent, and gets it back.
            rent_receiver: [writable],
        }
        args {}
    }
}

instruction! {
    /// Closes the account of a wait that is over. The provider signs.
    pub CloseWaitingProvider(CloseWaitingProviderArgs) = 38 {
        accounts {
            /// The provider.
            provider_authority: [signer],
            /// This provider's account for its wait.
            waiting_provider: [writable],
            /// The market's queue, or its address if the queue is closed.
            queue: [],
            /// Whoever paid the rent, and gets it back.
            rent_receiver: [writable],
        }
        args {}
    }
}

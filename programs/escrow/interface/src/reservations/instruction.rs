//! Instructions of reservations.

use {
    crate::collateral::instruction::BondAccounts,
    joule_interface::instruction,
    joule_math::{Bps, Seconds, Timestamp},
};

instruction! {
    /// Offers that a job starts at a later time, at most [`MAX_LEAD`](crate::state::MAX_LEAD) ahead. The client signs. The provider that the
    /// job names takes the offer by [`TakeReservation`]; if the job was posted for an auction, the first eligible provider, at the posting's
    /// price. Until it is taken, the client cancels it for nothing; after its start time, anyone does.
    ///
    /// The job names its provider, or is auctioned and has no bid. Its terms ask for a bond. It is not paid by the unit: nobody could say
    /// whether a machine that its client did not use was there. A posting has one offer. What the job holds pays what cancelling costs, so a
    /// mandate is charged no more.
    pub OfferReservation(OfferReservationArgs) = 140 {
        accounts {
            /// The client, or the delegate of the job's mandate.
            client: [signer],
            /// The job.
            job: [writable],
        }
        remaining {
            /// The mandate, if its delegate signs in place of the client.
            mandate: [],
        }
        args {
            /// When the job starts at the earliest.
            starts_at: Timestamp,
            /// How long before the start the price of cancelling begins to rise, evenly: 1 second to [`MAX_LEAD`](crate::state::MAX_LEAD).
            lead_period: Seconds,
            /// What cancelling costs from the start on, basis points: of what the job can cost for the client, of the bond for the provider.
            /// From 1 to the whole.
            cancellation_fee: Bps,
        }
    }
}

instruction! {
    /// Takes a reservation, and locks the bond that the terms ask for, from now on. The provider signs. The job is then `ASSIGNED`: its
    /// provider starts it from [`Job::starts_at`](crate::state::Job::starts_at) on, within the terms' `start_window`. Who may start is checked
    /// now; only the node again at the start. Refused while the network is paused, and in a pool of wrapped SOL if the terms ask for a class.
    ///
    /// From now on it costs both sides the same part to cancel ([`CancelJob`](crate::instruction::CancelJob)): the client of what the job can cost,
    /// which its provider gets, the provider of its bond, which the client gets. Before the last `lead_period` it is the part that
    /// [`Terms::min_paid_duration`](crate::state::Terms::min_paid_duration) is of all; in it, it rises to `cancellation_fee`. From the start on, a
    /// client that stops the job pays at least as much, and a provider that fails loses at least as much. If the terms ask for a class, what is lost
    /// before the start, by leaving or by not starting, is burned.
    pub TakeReservation(TakeReservationArgs) = 141 {
        accounts {
            /// The provider.
            provider_authority: [signer],
            /// The job.
            job: [writable],
            ..bonding: BondAccounts,
            /// The node that will work, if the terms ask for a class.
            node: [optional],
            /// This program's spender in the network, if the job is paid in credits.
            spender: [optional],
        }
        args {
            /// [`Job::posting_id`](crate::state::Job::posting_id) that the provider saw. A posting has one offer.
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

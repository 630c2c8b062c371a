//! Events of reservations. Their source is the job.

use {
    joule_interface::{Address, event},
    joule_math::{Bps, Seconds, Timestamp},
};

event! {
    /// A client offered that its job starts at a later time, or a provider took that offer.
    pub struct JobReserved = 140 {
        /// The provider; zero if it is offered, and any provider may take it.
        pub provider: Address,
        /// When the job starts at the earliest.
        pub starts_at: Timestamp,
        /// When the state's time is over: to take the offer, or to start.
        pub deadline_at: Timestamp,
        /// How long before the start the price of cancelling rises.
        pub lead_period: Seconds,
        /// What cancelling costs from the start on: part of the price, and of the bond.
        pub cancellation_fee: Bps,
        /// One of [`job_state`](crate::state::job_state): offered, or assigned.
        pub state: u8,
        /// Zero.
        pub reserved: [u8; 1],
    }
}

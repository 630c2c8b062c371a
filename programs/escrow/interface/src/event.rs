//! Events. `header.source` is the job, whose sequence they count.

use {
    joule_interface::{Address, event},
    joule_math::{Credits, Timestamp},
};

event! {
    /// A job was posted.
    pub struct JobPosted = 1 {
        /// In which market.
        pub market: Address,
        /// By whom.
        pub client: Address,
        /// For whom.
        pub provider: Address,
        /// Credits locked.
        pub deposit: Credits,
        /// Until when the provider must start.
        pub start_by: Timestamp,
        /// [`Job::posting`](crate::state::Job::posting): what the provider starts.
        pub posting: u64,
    }
}
event! {
    /// The provider started.
    pub struct JobStarted = 2 {
        /// Node that it runs on; zero where the market asks for none.
        pub node: Address,
        /// When its time is up.
        pub ends: Timestamp,
    }
}
event! {
    /// What was due was paid.
    pub struct JobSettled = 3 {
        /// How much.
        pub paid: Credits,
        /// Up to when.
        pub settled: Timestamp,
    }
}
event! {
    /// The job ended.
    pub struct JobFinished = 4 {
        /// Content hash of the result; zero where there is none.
        pub result: [u8; 32],
        /// Paid in all.
        pub paid: Credits,
        /// Given back.
        pub refunded: Credits,
    }
}
event! {
    /// The job never started.
    pub struct JobCancelled = 5 {
        /// Given back.
        pub refunded: Credits,
    }
}

//! Events of matching.

use {
    joule_interface::{Address, event},
    joule_math::{Amount, Timestamp},
};

event! {
    /// The best bidder got the job.
    pub struct JobAwarded = 8 {
        /// The best bidder.
        pub provider: Address,
        /// Given back to the client: the difference to the highest price.
        pub refunded: Amount,
        /// When its time to start is over.
        pub deadline_at: Timestamp,
    }
}

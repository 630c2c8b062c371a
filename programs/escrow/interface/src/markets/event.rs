//! Events of markets.

use {
    crate::state::Terms,
    joule_interface::{Address, event},
};

event! {
    /// A market was created, or changed. Its source is the market, its sequence is `Market::sequence`.
    pub struct MarketChanged = 13 {
        /// The present terms.
        pub terms: Terms,
        /// How results are verified; zero: not at all.
        pub verification: Address,
        /// 1 while the market takes no new jobs.
        pub closed: u64,
    }
}

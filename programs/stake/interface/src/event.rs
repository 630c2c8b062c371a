//! Events. `header.source` is the provider, whose sequence they count.

use {
    joule_interface::{Address, event},
    joule_math::{Shares, Timestamp, Tokens},
};

event! {
    /// A provider was registered.
    pub struct ProviderRegistered = 1 {
        /// Its pool.
        pub pool: Address,
        /// Who runs it.
        pub authority: Address,
    }
}
event! {
    /// Tokens were put behind the provider.
    pub struct Staked = 2 {
        /// Whose.
        pub owner: Address,
        /// How many.
        pub tokens: Tokens,
        /// Shares of the active pot that they bought.
        pub shares: Shares,
    }
}
event! {
    /// Stake began to leave.
    pub struct Unstaked = 3 {
        /// Whose.
        pub owner: Address,
        /// The ticket.
        pub ticket: Address,
        /// Shares of the active pot that were given up.
        pub left: Shares,
        /// What they were worth.
        pub tokens: Tokens,
        /// Shares of the unbonding pot that these bought.
        pub shares: Shares,
        /// When it may be withdrawn.
        pub ripe: Timestamp,
    }
}
event! {
    /// Stake left.
    pub struct Withdrawn = 4 {
        /// Whose.
        pub owner: Address,
        /// The ticket.
        pub ticket: Address,
        /// What it was worth.
        pub tokens: Tokens,
    }
}
event! {
    /// A job took collateral.
    pub struct BondLocked = 5 {
        /// The job.
        pub job: Address,
        /// How much.
        pub amount: Tokens,
    }
}
event! {
    /// A job gave its collateral back.
    pub struct BondReleased = 6 {
        /// The job.
        pub job: Address,
        /// How much.
        pub amount: Tokens,
    }
}

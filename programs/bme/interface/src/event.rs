//! Events. `header.source` is the account whose sequence an event counts.

use {
    joule_interface::{Address, event},
    joule_math::{Credits, Timestamp, Tokens},
};

event! {
    /// A network was created. Source: the network.
    pub struct NetworkCreated = 1 {
        /// Its token.
        pub mint: Address,
        /// Its authority.
        pub authority: Address,
    }
}
event! {
    /// Tokens were taken for burning and credits issued. Source: the credit account.
    pub struct CreditsBought = 2 {
        /// Burn shard that took the tokens.
        pub burn_shard: Address,
        /// Tokens taken.
        pub tokens: Tokens,
        /// Credits issued.
        pub credits: Credits,
        /// Price that was applied, in the feed's scale.
        pub price: u64,
        /// Its publish time.
        pub published: Timestamp,
    }
}
event! {
    /// Credits were locked for a spender. Source: the credit account.
    pub struct CreditsLocked = 3 {
        /// What for, as the spender says: a job.
        pub reference: Address,
        /// How many.
        pub amount: Credits,
        /// [`Spender::id`](crate::state::Spender::id).
        pub spender: u64,
    }
}
event! {
    /// Locked credits were freed. Source: the credit account.
    pub struct CreditsUnlocked = 4 {
        /// What they were locked for.
        pub reference: Address,
        /// How many.
        pub amount: Credits,
        /// [`Spender::id`](crate::state::Spender::id).
        pub spender: u64,
    }
}
event! {
    /// Locked credits became a provider's work. Source: the credit account.
    pub struct CreditsConsumed = 5 {
        /// What they were locked for.
        pub reference: Address,
        /// The provider.
        pub provider: Address,
        /// How many.
        pub amount: Credits,
        /// The epoch that the work counts in.
        pub epoch: u64,
        /// [`Spender::id`](crate::state::Spender::id).
        pub spender: u64,
    }
}
event! {
    /// A shard's tokens were burned. Source: the burn shard.
    pub struct TokensBurned = 6 {
        /// How many.
        pub tokens: Tokens,
    }
}
event! {
    /// An epoch was settled. Source: the network.
    pub struct EpochSettled = 7 {
        /// Which.
        pub epoch: u64,
        /// Credits worked off in it.
        pub worked: Credits,
        /// Minted for providers.
        pub providers: Tokens,
        /// Minted for stakers.
        pub stakers: Tokens,
        /// Minted for the treasury.
        pub treasury: Tokens,
    }
}
event! {
    /// A provider's work of an epoch became tokens. Source: the provider's work.
    pub struct WorkAccrued = 8 {
        /// Which epoch.
        pub epoch: u64,
        /// Its work.
        pub work: Credits,
        /// Its tokens.
        pub tokens: Tokens,
    }
}
event! {
    /// A provider took its tokens. Source: the provider's work.
    pub struct RewardsClaimed = 9 {
        /// Token account that they went to.
        pub destination: Address,
        /// How many.
        pub tokens: Tokens,
    }
}

//! Events. `header.source` is the provider, or a pool's rewards, whose sequence they count.

use {
    joule_interface::{Address, event},
    joule_math::{Shares, Timestamp, Tokens, Weight},
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
        pub shares_unbonded: Shares,
        /// What they were worth.
        pub tokens: Tokens,
        /// Shares of the unbonding pot that these bought.
        pub shares: Shares,
        /// When it may be withdrawn.
        pub withdrawable_at: Timestamp,
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
    /// A job gave its collateral back, and may have said how it went: then there is no [`JobReported`].
    pub struct BondReleased = 6 {
        /// The job.
        pub job: Address,
        /// How much.
        pub amount: Tokens,
        /// One of [`outcome`](crate::state::outcome).
        pub outcome: u64,
    }
}
event! {
    /// A job took collateral of one provider and gave another's back. Source: the one that it took it of; the other's events do
    /// not count it.
    pub struct BondSwapped = 26 {
        /// The job.
        pub job: Address,
        /// How much it took.
        pub amount: Tokens,
        /// The other provider.
        pub released_provider: Address,
        /// How much it gave back.
        pub released_amount: Tokens,
    }
}
event! {
    /// A job's collateral was taken.
    pub struct BondSeized = 7 {
        /// The job.
        pub job: Address,
        /// How much of it.
        pub amount: Tokens,
        /// Token account that received it, or the mint: burned.
        pub receiver: Address,
    }
}
event! {
    /// Someone proposed to slash the provider.
    pub struct SlashProposed = 8 {
        /// The proposal.
        pub slash: Address,
        /// Whose.
        pub slasher: Address,
        /// Hash of the evidence.
        pub evidence: [u8; 32],
        /// How much.
        pub amount: Tokens,
        /// When it can be executed.
        pub executable_at: Timestamp,
        /// When it can no longer.
        pub expires_at: Timestamp,
        /// One of [`sentence`](crate::state::sentence).
        pub sentence: u64,
    }
}
event! {
    /// The provider was slashed.
    pub struct Slashed = 9 {
        /// The proposal.
        pub slash: Address,
        /// Taken from the active pot.
        pub active: Tokens,
        /// Taken from the unbonding pot.
        pub unbonding: Tokens,
        /// Of both, what was burned; the rest is the treasury's.
        pub burned: Tokens,
        /// Still to be taken, once running jobs free it.
        pub untaken: Tokens,
    }
}
event! {
    /// A proposed slash was struck or has expired.
    pub struct SlashClosed = 10 {
        /// The proposal.
        pub slash: Address,
        /// What it did not take.
        pub amount: Tokens,
        /// 1 if it was vetoed, 0 if it expired.
        pub vetoed: u64,
    }
}
event! {
    /// The provider was jailed, unjailed or tombstoned.
    pub struct StatusChanged = 11 {
        /// One of [`status`](crate::state::status).
        pub status: u64,
        /// When it may be unjailed.
        pub jail_ends_at: Timestamp,
    }
}
event! {
    /// The provider's commission is to change.
    pub struct CommissionChanged = 12 {
        /// In basis points.
        pub commission: u64,
        /// From when.
        pub effective_at: Timestamp,
    }
}
event! {
    /// Stake that was leaving came back.
    pub struct UnstakeCancelled = 13 {
        /// Whose.
        pub owner: Address,
        /// The ticket.
        pub ticket: Address,
        /// What it was worth.
        pub tokens: Tokens,
        /// Shares of the active pot that these bought.
        pub shares: Shares,
    }
}
event! {
    /// Stake began to leave for another provider.
    pub struct Redelegated = 14 {
        /// Whose.
        pub owner: Address,
        /// The ticket.
        pub ticket: Address,
        /// The other provider.
        pub new_provider: Address,
        /// Shares of the active pot that were given up.
        pub shares_unbonded: Shares,
        /// What they were worth.
        pub tokens: Tokens,
        /// What it counts with the other provider meanwhile.
        pub weight: Weight,
    }
}
event! {
    /// Stake of another provider arrived, or was weighed again on its way. The source is the provider that it goes to.
    pub struct RedelegationCompleted = 15 {
        /// Whose.
        pub owner: Address,
        /// The ticket.
        pub ticket: Address,
        /// Tokens that arrived; none: it is still on its way.
        pub tokens: Tokens,
        /// Shares of the active pot that these bought.
        pub shares: Shares,
        /// What it counts now, if it is still on its way.
        pub weight: Weight,
    }
}
event! {
    /// Stake no longer goes to the provider: the ticket leaves the pool.
    pub struct RedelegationStopped = 16 {
        /// Whose.
        pub owner: Address,
        /// The ticket.
        pub ticket: Address,
    }
}
event! {
    /// Stake was locked, or its lock ended.
    pub struct LockChanged = 17 {
        /// Whose.
        pub owner: Address,
        /// When the lock ends; 0: none.
        pub lock_ends_at: Timestamp,
        /// What it multiplies the weight with, in basis points.
        pub multiplier: u64,
    }
}
event! {
    /// Rewards came in. The source is the pool's rewards.
    pub struct RewardsFunded = 18 {
        /// How much.
        pub tokens: Tokens,
        /// What is still to arrive, this included.
        pub undistributed: Tokens,
        /// Over how many seconds.
        pub distribution_period: u64,
    }
}
event! {
    /// A delegation's rewards were claimed.
    pub struct RewardsClaimed = 19 {
        /// Whose.
        pub owner: Address,
        /// How much.
        pub tokens: Tokens,
        /// Shares that they bought, if they were compounded.
        pub shares: Shares,
    }
}
event! {
    /// The provider claimed its commission.
    pub struct CommissionClaimed = 20 {
        /// How much.
        pub tokens: Tokens,
    }
}
event! {
    /// A job without a bond said how it went.
    pub struct JobReported = 21 {
        /// The job.
        pub job: Address,
        /// One of [`outcome`](crate::state::outcome).
        pub outcome: u64,
        /// The provider's reliability now, in basis points.
        pub reliability: u64,
    }
}
event! {
    /// A pool was created. Source: the pool.
    pub struct PoolCreated = 22 {
        /// Its network.
        pub network: Address,
        /// What is staked.
        pub mint: Address,
    }
}
event! {
    /// New rules were queued. Source: the pool.
    pub struct PolicyProposed = 23 {
        /// From when they may become the pool's.
        pub executable_at: Timestamp,
    }
}
event! {
    /// The queued rules became the pool's. Source: the pool.
    pub struct PolicyChanged = 24 {}
}
event! {
    /// The queued rules were withdrawn. Source: the pool.
    pub struct PolicyCancelled = 25 {}
}

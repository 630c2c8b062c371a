//! Events. `header.source` is the provider, or a pool's rewards, whose sequence they count.

use {
    joule_interface::{Address, event},
    joule_math::{Timestamp, Tokens, Weight},
};

event! {
    /// A provider was registered.
    pub struct ProviderRegistered = 1 {
        /// Its pool.
        pub pool: Address,
        /// Runs it.
        pub authority: Address,
    }
}
event! {
    /// A provider was closed. What must not be forgotten of it is kept.
    pub struct ProviderClosed = 29 {
        /// Its pool.
        pub pool: Address,
        /// Ran it.
        pub authority: Address,
    }
}
event! {
    /// Tokens were put behind the provider.
    pub struct Staked = 2 {
        /// Owner.
        pub owner: Address,
        /// How many.
        pub tokens: Tokens,
    }
}
event! {
    /// Stake began to leave.
    pub struct Unstaked = 3 {
        /// Owner.
        pub owner: Address,
        /// The ticket.
        pub ticket: Address,
        /// How many tokens.
        pub tokens: Tokens,
        /// When they can be withdrawn.
        pub withdrawable_at: Timestamp,
    }
}
event! {
    /// Stake left.
    pub struct Withdrawn = 4 {
        /// Owner.
        pub owner: Address,
        /// The ticket.
        pub ticket: Address,
        /// What was paid.
        pub tokens: Tokens,
        /// What proposed slashes may take, and the ticket still holds; 0: it is closed.
        pub withheld: Tokens,
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
        /// How much: what slashes took of it included.
        pub amount: Tokens,
        /// One of [`outcome`](crate::state::outcome).
        pub outcome: u32,
        /// What it counts: 65,536 is a whole job.
        pub weight: u32,
    }
}
event! {
    /// A job took collateral of one provider and gave another's back. The source is the first provider; the sequence of the
    /// other does not count it.
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
        /// Part of that which earlier slashes took; the receiver got the rest.
        pub lien: Tokens,
        /// One of [`seizure`](crate::state::seizure).
        pub destination: u64,
        /// The bond's account, which is the client's ticket now; or the pool's treasury, which is to get it; or the mint: burned.
        pub receiver: Address,
    }
}
event! {
    /// Someone proposed to slash the provider.
    pub struct SlashProposed = 8 {
        /// The proposal.
        pub slash: Address,
        /// The slasher that proposed it.
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
        /// Taken from the provider's own stake, free or held by jobs.
        pub own: Tokens,
        /// Taken from its delegators.
        pub delegated: Tokens,
        /// Taken from what is on its way out.
        pub unbonding: Tokens,
        /// Part of `own` that jobs hold: it is collected when their bonds end.
        pub lien: Tokens,
        /// Taken from what was withheld of those who left.
        pub withheld: Tokens,
    }
}
event! {
    /// Slashed tokens were burned, or paid to the treasury.
    pub struct SlashSettled = 27 {
        /// How much was burned.
        pub burned: Tokens,
        /// How much the treasury received.
        pub paid: Tokens,
        /// How much the treasury is still to receive.
        pub due: Tokens,
    }
}
event! {
    /// The client of a job received what was seized for it.
    pub struct SeizedWithdrawn = 28 {
        /// The bond.
        pub bond: Address,
        /// The client.
        pub client: Address,
        /// How much.
        pub tokens: Tokens,
        /// What proposed slashes may take, and the bond still holds.
        pub withheld: Tokens,
    }
}
event! {
    /// A proposed slash was vetoed or has expired.
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
        /// When it can be unjailed.
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
        /// Owner.
        pub owner: Address,
        /// The ticket.
        pub ticket: Address,
        /// What it was worth.
        pub tokens: Tokens,
    }
}
event! {
    /// Stake began to leave for another provider.
    pub struct Redelegated = 14 {
        /// Owner.
        pub owner: Address,
        /// The ticket.
        pub ticket: Address,
        /// The other provider.
        pub new_provider: Address,
        /// How many tokens.
        pub tokens: Tokens,
        /// What it counts with the other provider meanwhile.
        pub weight: Weight,
    }
}
event! {
    /// Stake of another provider arrived, or was weighed again on its way. The source is the provider that it goes to.
    pub struct RedelegationCompleted = 15 {
        /// Owner.
        pub owner: Address,
        /// The ticket.
        pub ticket: Address,
        /// Tokens that arrived; none: it is still on its way, or nothing was left of it.
        pub tokens: Tokens,
        /// What it counts now, if it is still on its way.
        pub weight: Weight,
    }
}
event! {
    /// Stake no longer goes to the provider, by its owner's will or because the provider cannot take it: the ticket leaves the pool.
    pub struct RedelegationStopped = 16 {
        /// Owner.
        pub owner: Address,
        /// The ticket.
        pub ticket: Address,
    }
}
event! {
    /// A lock began, began again with stake that joined it, or ended.
    pub struct LockChanged = 17 {
        /// Owner.
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
        /// Owner.
        pub owner: Address,
        /// How much.
        pub tokens: Tokens,
        /// 1: staked; 0: paid out.
        pub compounded: u64,
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
        pub outcome: u32,
        /// What it counts: 65,536 is a whole job.
        pub weight: u32,
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
event! {
    /// A slasher was given or lost rights or limits. If it has more of them than before, this announces a change that is worse for
    /// backers. Source: the pool.
    pub struct SlasherChanged = 30 {
        /// The slasher.
        pub slasher: Address,
        /// Sum of [`rights`](crate::state::rights).
        pub rights: u32,
        /// Most of a provider's stake that it can propose to slash in a window, basis points.
        pub slash_share: u32,
        /// Most that it can propose to slash in a window, base units; `u64::MAX` is no limit.
        pub window_limit: Tokens,
        /// When it can propose slashes.
        pub active_at: Timestamp,
    }
}

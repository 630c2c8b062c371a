//! Events. `header.source` is the account whose sequence an event counts.

use {
    crate::state::MAX_LANES,
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
        pub published_at: Timestamp,
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
        /// Tokens that the work carries: what the credits carried, and no more than it is worth where providers are paid by dollars.
        pub tokens: Tokens,
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
        /// How many went back to the reserve instead.
        pub returned: Tokens,
    }
}
event! {
    /// An epoch was settled. Source: the network.
    pub struct EpochSettled = 7 {
        /// Which.
        pub epoch: u64,
        /// Credits worked off in it.
        pub worked: Credits,
        /// Tokens that they carried.
        pub tokens: Tokens,
        /// For providers, carried dust included.
        pub providers: Tokens,
        /// For stakers.
        pub stakers: Tokens,
        /// For the treasury.
        pub treasury: Tokens,
        /// Scheduled for its periods.
        pub scheduled: Tokens,
        /// Given back of what was burned.
        pub reminted: Tokens,
        /// Of the schedule, what was added to the budget of reward roots.
        pub roots: Tokens,
        /// Credits worked off that wait for later epochs, because of the lanes' limits.
        pub waiting: Credits,
        /// Minted beyond what was scheduled and given back, to keep the floor of providers' income.
        pub topped_up: Tokens,
    }
}
event! {
    /// A provider's work of an epoch became tokens. Source: the provider's work.
    pub struct WorkAccrued = 8 {
        /// Which epoch.
        pub epoch: u64,
        /// Its work that the epoch pays for.
        pub work: Credits,
        /// Its tokens.
        pub tokens: Tokens,
        /// Its work that waits for the next epoch, because of the lane's limit.
        pub waiting: Credits,
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
event! {
    /// The authority named its successor. Source: the network.
    pub struct AuthorityProposed = 10 {
        /// Who may accept; zero is nobody.
        pub proposed: Address,
    }
}
event! {
    /// The successor accepted. Source: the network.
    pub struct AuthorityChanged = 11 {
        /// The new authority.
        pub authority: Address,
    }
}
event! {
    /// The network was paused or resumed, or its pause renewed. Source: the network.
    pub struct PauseChanged = 12 {
        /// 1 or 0.
        pub paused: u64,
        /// When anyone may end the pause; zero if there is none.
        pub ends_at: Timestamp,
        /// Who did it.
        pub changed_by: Address,
    }
}
event! {
    /// A change of policy was queued. Source: the network.
    pub struct PolicyProposed = 13 {
        /// Its number.
        pub index: u64,
        /// From when it may be executed.
        pub executable_at: Timestamp,
    }
}
event! {
    /// A queued change became the policy. Source: the network.
    pub struct PolicyChanged = 14 {
        /// Its number.
        pub index: u64,
        /// [`Network::policy_version`](crate::state::Network::policy_version) from now on.
        pub policy_version: u64,
    }
}
event! {
    /// A queued change was withdrawn. Source: the network.
    pub struct PolicyCancelled = 15 {
        /// Its number.
        pub index: u64,
    }
}
event! {
    /// A spender was added, revoked or restored. Source: the spender.
    pub struct SpenderChanged = 16 {
        /// Its authority.
        pub authority: Address,
        /// Its id.
        pub id: u64,
        /// Its number.
        pub number: u64,
        /// The lane that it works in.
        pub lane: u64,
        /// Zero, or when it ends.
        pub closes_at: Timestamp,
    }
}
event! {
    /// What was locked for a revoked spender is its owner's again: the owner took it back, or locked for the spender that has its
    /// place now. Source: the credit account.
    pub struct CreditsReclaimed = 17 {
        /// How many.
        pub amount: Credits,
        /// [`Spender::id`](crate::state::Spender::id).
        pub spender: u64,
    }
}
event! {
    /// The slow average followed the price. Source: the network.
    pub struct AverageUpdated = 18 {
        /// The price.
        pub price: u64,
        /// The average from now on, in the same scale.
        pub average: u64,
        /// The price's publish time.
        pub published_at: Timestamp,
    }
}
event! {
    /// What settled epochs decided was minted, as far as the breaker let it pass. Source: the network.
    pub struct Minted = 19 {
        /// Into the reward vault.
        pub providers: Tokens,
        /// To the stakers.
        pub stakers: Tokens,
        /// To the treasury.
        pub treasury: Tokens,
        /// What still waits.
        pub deferred: Tokens,
    }
}
event! {
    /// An epoch whose work is all accrued was closed. Source: the network.
    pub struct EpochSwept = 20 {
        /// Which.
        pub epoch: u64,
        /// What rounding left: goes to the next epoch's providers.
        pub carried: Tokens,
    }
}
event! {
    /// The lanes were weighed. Source: the network.
    pub struct LanesWeighed = 33 {
        /// The epoch in which it was done: the next is the first to pay by them.
        pub epoch: u64,
        /// Their weights from then on.
        pub weights: [u16; MAX_LANES as usize],
    }
}
event! {
    /// Other oracles were proposed. Source: the oracle set.
    pub struct OraclesProposed = 29 {
        /// From when they may replace the present ones.
        pub executable_at: Timestamp,
        /// How many there are.
        pub oracle_count: u64,
        /// How many must approve.
        pub threshold: u64,
    }
}
event! {
    /// A root ended. Source: the oracle set.
    pub struct RootClosed = 30 {
        /// Its number.
        pub index: u64,
        /// What its claimants left unclaimed: goes back to the budget of the roots.
        pub unclaimed: Tokens,
    }
}
event! {
    /// A spender was closed, and its place is free. Source: the network.
    pub struct SpenderClosed = 31 {
        /// Its authority.
        pub authority: Address,
        /// Its place.
        pub id: u64,
        /// Its number.
        pub number: u64,
    }
}
event! {
    /// The oracles were replaced. Source: the oracle set.
    pub struct OraclesChanged = 21 {
        /// The set's number.
        pub generation: u64,
        /// How many there are.
        pub oracle_count: u64,
        /// How many must approve.
        pub threshold: u64,
    }
}
event! {
    /// A root was published. Source: the oracle set.
    pub struct RootPublished = 22 {
        /// Its number.
        pub index: u64,
        /// The root.
        pub root: [u8; 32],
        /// Sum of its leaves' previous totals.
        pub previous_total: Tokens,
        /// Sum of their totals.
        pub total: Tokens,
    }
}
event! {
    /// An oracle approved a root. Source: the oracle set.
    pub struct RootApproved = 23 {
        /// Its number.
        pub index: u64,
        /// Who.
        pub oracle: Address,
        /// When it may be activated; zero while approvals lack.
        pub activatable_at: Timestamp,
    }
}
event! {
    /// A root is claimed from now on. Source: the oracle set.
    pub struct RootActivated = 24 {
        /// Its number.
        pub index: u64,
        /// What it adds: taken out of the budget.
        pub addition: Tokens,
        /// Over how many seconds that opens.
        pub opening_period: u64,
    }
}
event! {
    /// A pending root was closed, or an active one stopped. Source: the oracle set.
    pub struct RootVetoed = 25 {
        /// Its number.
        pub index: u64,
        /// Who did it.
        pub vetoed_by: Address,
        /// Of an active one: what had not opened, and never will.
        pub unopened: Tokens,
    }
}
event! {
    /// Some of an active root opened for its claimants. Source: the oracle set.
    pub struct RootsFunded = 26 {
        /// The root's number.
        pub index: u64,
        /// How many tokens.
        pub tokens: Tokens,
        /// Of it so far.
        pub opened: Tokens,
        /// Minted for all roots so far.
        pub minted: Tokens,
    }
}
event! {
    /// A claimant was paid. Source: its claim account.
    pub struct RootClaimed = 27 {
        /// Token account that they went to.
        pub destination: Address,
        /// How many.
        pub tokens: Tokens,
        /// By all roots so far.
        pub claimed: Tokens,
    }
}
event! {
    /// An owner burned credits, for no provider. Source: the credit account.
    pub struct CreditsBurned = 28 {
        /// What for, as the owner says: a machine, a map.
        pub reference: Address,
        /// How many.
        pub amount: Credits,
        /// Tokens that they carried.
        pub tokens: Tokens,
    }
}
event! {
    /// An owner gave credits up that nobody takes any more. Source: the credit account.
    pub struct CreditsGivenUp = 32 {
        /// How many.
        pub amount: Credits,
        /// The tokens that they carried, minted for the owner.
        pub tokens: Tokens,
        /// Token account that they went to.
        pub destination: Address,
    }
}
event! {
    /// Dollars were taken and credits issued. Source: the credit account.
    pub struct CreditsBoughtWithDollars = 40 {
        /// Dollars taken, base units.
        pub dollars: Tokens,
        /// Of them, the treasury's part.
        pub cut: Tokens,
        /// Credits issued.
        pub credits: Credits,
        /// Tokens that these carry.
        pub tokens: Tokens,
    }
}
event! {
    /// A shard's dollars went on to the auction. Source: the auction.
    pub struct DollarsFolded = 41 {
        /// Number of the shard.
        pub index: u64,
        /// Dollars that arrived.
        pub dollars: Tokens,
        /// Paid to the treasury.
        pub cut_paid: Tokens,
        /// What is there for sellers now.
        pub unsold: Tokens,
    }
}
event! {
    /// Tokens were bought for dollars, and burned or sent to the reserve. Source: the auction.
    pub struct TokensSold = 42 {
        /// Who sold.
        pub seller: Address,
        /// Tokens.
        pub tokens: Tokens,
        /// 1 if they went to the reserve instead of being burned.
        pub is_returned: u64,
        /// What they were worth at the price, in dollars' base units.
        pub worth: Tokens,
        /// Dollars paid.
        pub dollars: Tokens,
        /// Price that was applied, in the feed's scale.
        pub price: u64,
        /// Its publish time.
        pub published_at: Timestamp,
    }
}
event! {
    /// A way to sell credits for dollars was decided, or proposed. Source: the auction.
    pub struct DollarPolicyChanged = 43 {
        /// Zero if it is in force; otherwise from when anyone may put it into force.
        pub executable_at: Timestamp,
    }
}

//! Account layouts. Little-endian, in place, no implicit padding; `reserved` bytes are zero.

use {
    joule_interface::{Address, Header, account, constants, layout},
    joule_math::{Bps, Overflow, Seconds, Shares, Timestamp, Tokens, U128, Weight, decay_floor},
};

layout! {
    /// A pool's parameters, which its network's authority changes with the network's delay. A change is for what happens
    /// after it: tickets, proposed slashes, sentences and announced commissions keep the times that they were given.
    #[repr(C)]
    pub struct PoolPolicy {
        /// Least stake of its own with which a provider may take jobs.
        pub min_self_stake: Tokens,
        /// How long stake stays at risk after it left: 1 hour to 1 year.
        pub unbonding_period: Seconds,
        /// How long rewards take to arrive, from their funding: 1 hour to 1 year.
        pub reward_period: Seconds,
        /// How long before a new commission counts: at most 1 year.
        pub commission_delay: Seconds,
        /// How long a proposed slash can be vetoed before it can be executed: at most the unbonding time.
        pub slash_delay: Seconds,
        /// How long it can be executed after that: 1 hour to 1 year.
        pub slash_execution_window: Seconds,
        /// Length of the windows in which slashes are limited: 1 hour to 1 year.
        pub slash_window: Seconds,
        /// How long a jailed provider stays at least: at most 1 year.
        pub jail_period: Seconds,
        /// Highest commission that a provider may set: at most the whole.
        pub max_commission: Bps,
        /// Furthest that one change moves a commission: at most the whole.
        pub max_commission_step: Bps,
        /// Most that may be proposed to be slashed a window, of a provider's stake at the window's start: at most the whole.
        pub slash_limit: Bps,
        /// Part of what is slashed that is burned: at most the whole.
        pub slash_burned_share: Bps,
        /// Zero.
        pub reserved: [u8; 4],
    }
}

account! {
    /// Stake of one mint in a network, and its rules. Written only when these change: the hot path reads it.
    pub struct Pool: discriminator 1, size 512 {
        /// Discriminator 1.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// What is staked.
        pub mint: Address,
        /// Holds all of the pool's tokens.
        pub vault: Address,
        /// The mint's token program.
        pub token_program: Address,
        /// Token account that receives what is slashed and not burned; zero: all is burned.
        pub treasury: Address,
        /// The pool's [`Rewards`].
        pub rewards: Address,
        /// Its rules.
        pub policy: PoolPolicy,
        /// Counts this account's events.
        pub sequence: u64,
        /// Decimals of the mint.
        pub decimals: u8,
        /// Zero.
        pub reserved: [u8; 255],
    }
}

account! {
    /// Rules that wait to become a pool's. One at a time.
    pub struct PolicyChange: discriminator 9, size 192 {
        /// Discriminator 9.
        pub header: Header,
        /// Pool.
        pub pool: Address,
        /// Who paid the rent.
        pub payer: Address,
        /// The pool's new treasury; zero: all is burned.
        pub treasury: Address,
        /// From when anyone may execute it, for 14 days.
        pub executable_at: Timestamp,
        /// All of the new rules.
        pub policy: PoolPolicy,
        /// Zero.
        pub reserved: [u8; 32],
    }
}

account! {
    /// The rewards of a pool, on their way to those who stake.
    ///
    /// An account of its own, because staking, leaving and claiming write it, and bonds must not wait for them. `index`
    /// and everything else in 128 bits are tokens (or tokens a weight) with 64 fractional bits; indexes wrap.
    pub struct Rewards: discriminator 7, size 192 {
        /// Discriminator 7.
        pub header: Header,
        /// Pool.
        pub pool: Address,
        /// Tokens that each unit of weight has earned since the beginning.
        pub reward_index: U128,
        /// Sum of all providers' weights.
        pub total_weight: Weight,
        /// Tokens that are still to arrive, evenly over `left_time`.
        pub undistributed: Tokens,
        /// Tokens of the vault that are rewards: still to arrive, or not claimed yet.
        pub unclaimed: Tokens,
        /// How far the index is brought up.
        pub updated_at: Timestamp,
        /// Time in which the rest arrives. It does not pass while nobody stakes.
        pub distribution_period: Seconds,
        /// Zero.
        pub reserved0: [u8; 4],
        /// Counts this account's events.
        pub sequence: u64,
        /// Zero.
        pub reserved: [u8; 88],
    }
}

layout! {
    /// Tokens and the shares that own them.
    #[repr(C)]
    pub struct Pot {
        /// Tokens.
        pub tokens: Tokens,
        /// Shares.
        pub shares: Shares,
    }
}

layout! {
    /// What a provider's jobs said of it. Jobs count less and less: half after [`Reputation::HALF_LIFE`].
    #[repr(C)]
    pub struct Reputation {
        /// Jobs that went well, as counted at `reported`, with 32 fractional bits.
        pub good_jobs: u64,
        /// All jobs, likewise.
        pub all_jobs: u64,
        /// When a job was last reported.
        pub reported_at: Timestamp,
        /// Jobs delivered as agreed, ever.
        pub delivered: u32,
        /// Jobs delivered late, ever.
        pub late: u32,
        /// Jobs not delivered, ever.
        pub failed: u32,
        /// Jobs disputed and lost, ever.
        pub disputed: u32,
    }
}

/// A job with 32 fractional bits.
const JOB: u64 = 1 << 32;

impl Reputation {
    /// Ninety days.
    pub const HALF_LIFE: Seconds = Seconds(90 * 86_400);
    /// Jobs that a provider is imagined to have failed: nobody is reliable before the first, and silence fades to this.
    pub const PRIOR: u64 = 4;

    /// `good / (all + PRIOR)`, each as of `now`; rounded down.
    pub fn reliability(&self, now: Timestamp) -> Bps {
        let [good, all] = self.decayed(now);
        let jobs = all.saturating_add(Self::PRIOR * JOB);
        // Good jobs are some of all, so the quotient is below the whole.
        Bps((good as u128 * Bps::WHOLE.0 as u128 / jobs as u128) as u16)
    }

    /// Counts a job; `None` if `how` is no [`outcome`].
    pub fn count(&mut self, how: u8, now: Timestamp) -> Option<()> {
        let (counter, good) = match how {
            outcome::DELIVERED => (&mut self.delivered, JOB),
            outcome::LATE => (&mut self.late, JOB / 2),
            outcome::FAILED => (&mut self.failed, 0),
            outcome::DISPUTED => (&mut self.disputed, 0),
            _ => return None,
        };
        *counter = counter.saturating_add(1);
        let [good_before, all_before] = self.decayed(now);
        // At the very top both stand still, and the ratio stays one.
        if let (Some(good), Some(all)) = (good_before.checked_add(good), all_before.checked_add(JOB)) {
            (self.good_jobs, self.all_jobs) = (good, all);
            self.reported_at = self.reported_at.max(now);
        }
        Some(())
    }

    fn decayed(&self, now: Timestamp) -> [u64; 2] {
        let age = now.since(self.reported_at);
        [self.good_jobs, self.all_jobs].map(|jobs| decay_floor(jobs, age, Self::HALF_LIFE))
    }
}

account! {
    /// A provider and the pots that back it.
    ///
    /// What others read, at offsets that stay:
    ///
    /// | offset | bytes | field | and from it |
    /// |---:|---:|---|---|
    /// | 8 | 32 | pool | |
    /// | 40 | 32 | authority | |
    /// | 72 | 8 | active tokens | |
    /// | 104 | 8 | bonded tokens | free collateral: active - bonded - pending ([`Provider::available`]) |
    /// | 112 | 1 | status | 1 takes jobs, 2 is jailed, 3 is out for good ([`status`]) |
    /// | 128 | 8 | self shares | own stake: self shares * (active tokens + 1) / (active shares + 1000) |
    /// | 136 | 8 | pending | |
    /// | 152 | 8 | weight | effective weight: its part of the pool's rewards |
    /// | 224 | 8 | jailed until | |
    /// | 264 | 40 | reputation | [`Provider::reliability`] |
    pub struct Provider: discriminator 2, size 512 {
        /// Discriminator 2.
        pub header: Header,
        /// Pool.
        pub pool: Address,
        /// Who runs it, and takes jobs.
        pub authority: Address,
        /// Backs jobs and earns.
        pub active: Pot,
        /// On its way out, still at risk.
        pub unbonding: Pot,
        /// Part of the active tokens that running jobs hold.
        pub bonded: Tokens,
        /// One of [`status`].
        pub status: u8,
        /// Zero.
        pub reserved0: [u8; 5],
        /// The provider's part of its delegators' rewards.
        pub commission: Bps,
        /// Counts this account's events.
        pub sequence: u64,
        /// Part of the active shares that the authority itself owns.
        pub self_shares: Shares,
        /// Proposed to be slashed, and so not free for new bonds.
        pub slash_pending: Tokens,
        /// Sum of its delegations' weights.
        pub delegated_weight: Weight,
        /// Its own weight among the pool's providers: `delegated` at the active pot's price; none while jailed.
        pub weight: Weight,
        /// [`Rewards::index`] up to which it has earned.
        pub pool_reward_index: U128,
        /// Tokens that each unit of `delegated` has earned since the beginning.
        pub reward_index: U128,
        /// Commission that is not claimed yet.
        pub commission_accrued: U128,
        /// When `next_commission` counts; 0: no change is waiting.
        pub next_commission_at: Timestamp,
        /// See `commission_from`.
        pub next_commission: Bps,
        /// Proposed slashes that are neither executed, vetoed nor expired.
        pub pending_slash_count: u16,
        /// How often the unbonding pot was emptied with tickets left; those of earlier eras are worth nothing.
        pub era: u32,
        /// When it may be unjailed.
        pub jail_ends_at: Timestamp,
        /// Slashes ever proposed: the index of the next.
        pub slash_count: u64,
        /// Start of the window in which slashes are counted.
        pub window_started_at: Timestamp,
        /// Its stake then.
        pub window_stake: Tokens,
        /// Proposed since then.
        pub window_proposed: Tokens,
        /// What its jobs said of it.
        pub reputation: Reputation,
        /// Zero.
        pub reserved: [u8; 208],
    }
}

constants! {
    /// Values of [`Provider::status`].
    pub mod status {
        /// Takes jobs and earns.
        pub const ACTIVE: u8 = 1;
        /// Takes no jobs and earns nothing until it is unjailed.
        pub const JAILED: u8 = 2;
        /// Never takes jobs again. Locks on its stake are void.
        pub const TOMBSTONED: u8 = 3;
    }
}

impl Provider {
    /// Active tokens that no job holds.
    pub fn free(&self) -> Result<Tokens, Overflow> {
        self.active.tokens.minus(self.bonded)
    }

    /// Active tokens that a new job may hold: neither another job's nor proposed to be slashed.
    #[inline]
    pub fn available(&self) -> Tokens {
        let held = self.bonded.0.saturating_add(self.slash_pending.0);
        Tokens(self.active.tokens.0.saturating_sub(held))
    }

    /// All that a slash may reach: what is active and what is on its way out.
    pub fn stake(&self) -> Result<Tokens, Overflow> {
        self.active.tokens.plus(self.unbonding.tokens)
    }

    /// Whether it may take a job that asks for `bond` tokens.
    pub fn takes_jobs(&self, pool: &Pool, bond: Tokens) -> bool {
        self.status == status::ACTIVE && self.has_own(pool.policy.min_self_stake) && self.available() >= bond
    }

    /// Its authority's own shares are worth at least `minimum`. Compares products, for a division costs more; to have nothing at
    /// least takes no arithmetic.
    #[inline]
    pub fn has_own(&self, minimum: Tokens) -> bool {
        minimum.is_zero()
            || joule_math::worth_at_least(self.self_shares, minimum, self.active.tokens, self.active.shares)
    }

    /// How reliable its jobs say it is, now: 0 for a provider without jobs, up to 10,000.
    pub fn reliability(&self, now: Timestamp) -> Bps {
        self.reputation.reliability(now)
    }
}

constants! {
    /// How a job went, as the slasher reports it. `escrow` uses the same numbers.
    pub mod outcome {
        /// Nothing is reported.
        pub const NONE: u8 = 0;
        /// Delivered as agreed.
        pub const DELIVERED: u8 = 1;
        /// Delivered later than agreed.
        pub const LATE: u8 = 2;
        /// Not delivered.
        pub const FAILED: u8 = 3;
        /// Delivered and disputed, and the provider was wrong.
        pub const DISPUTED: u8 = 4;
    }
}

account! {
    /// What an owner has put behind a provider.
    pub struct Delegation: discriminator 3, size 256 {
        /// Discriminator 3.
        pub header: Header,
        /// Provider.
        pub provider: Address,
        /// Owner.
        pub owner: Address,
        /// Who paid the rent.
        pub payer: Address,
        /// Shares of the provider's active pot.
        pub shares: Shares,
        /// Unbonding tickets ever made: the index of the next.
        pub ticket_count: u64,
        /// Its part of its provider's rewards: shares times the lock's multiplier, and `incoming`.
        pub weight: Weight,
        /// [`Provider::index`] up to which it has earned.
        pub reward_index: U128,
        /// Rewards that are not claimed yet.
        pub accrued: U128,
        /// When the lock ends; 0: none.
        pub lock_ends_at: Timestamp,
        /// The lock's length.
        pub lock_period: Seconds,
        /// What the lock multiplies the weight with: 10,000 (once) to 40,000.
        pub multiplier: Bps,
        /// Zero.
        pub reserved0: [u8; 2],
        /// Weight of stake that is on its way here from other providers.
        pub incoming_weight: Weight,
        /// Zero.
        pub reserved: [u8; 72],
    }
}

impl Delegation {
    /// The lock has not ended.
    #[inline]
    pub fn is_locked(&self, now: Timestamp) -> bool {
        now < self.lock_ends_at
    }

    /// Rewards that can be claimed, as of its last change.
    #[inline]
    pub fn claimable(&self) -> Tokens {
        Tokens((self.accrued.get() >> 64) as u64)
    }
}

account! {
    /// Stake on its way out, or to another provider.
    pub struct UnbondingTicket: discriminator 4, size 192 {
        /// Discriminator 4.
        pub header: Header,
        /// Provider that it leaves, for whose faults it is liable until it has left.
        pub provider: Address,
        /// Owner.
        pub owner: Address,
        /// Who paid the rent.
        pub payer: Address,
        /// Shares of the provider's unbonding pot.
        pub shares: Shares,
        /// When it may be withdrawn.
        pub withdrawable_at: Timestamp,
        /// What it counts meanwhile in [`Delegation::incoming`] of `target`.
        pub weight: Weight,
        /// The delegation that it goes to; zero: it leaves the pool.
        pub new_delegation: Address,
        /// [`Provider::era`] of its shares.
        pub era: u32,
        /// Zero.
        pub reserved: [u8; 28],
    }
}

account! {
    /// Who may lock, release and slash a pool's stake: usually another program's address.
    pub struct Slasher: discriminator 5, size 128 {
        /// Discriminator 5.
        pub header: Header,
        /// Pool.
        pub pool: Address,
        /// Who must sign.
        pub authority: Address,
        /// Sum of [`rights`].
        pub rights: u8,
        /// Zero.
        pub reserved0: [u8; 7],
        /// Most that it may propose to slash in a window.
        pub window_limit: Tokens,
        /// Start of the window.
        pub window_started_at: Timestamp,
        /// Proposed since then.
        pub window_proposed: Tokens,
        /// Zero.
        pub reserved: [u8; 24],
    }
}

constants! {
    /// Values of [`Slasher::rights`].
    pub mod rights {
        /// Locks and seizes bonds.
        pub const BOND: u8 = 1;
        /// Proposes slashes.
        pub const SLASH: u8 = 2;
        /// Reports jobs.
        pub const REPORT: u8 = 4;
        /// All of them.
        pub const ALL: u8 = 7;
    }
}

account! {
    /// Collateral that one job holds; or a place for it, opened before, which holds one after the other.
    pub struct Bond: discriminator 6, size 256 {
        /// Discriminator 6.
        pub header: Header,
        /// Provider whose stake it is.
        pub provider: Address,
        /// What it is for, as the slasher says: a job.
        pub job: Address,
        /// The slasher that locked it, the only one that releases it.
        pub slasher: Address,
        /// Who paid the rent.
        pub payer: Address,
        /// Tokens; none: the place is free.
        pub amount: Tokens,
        /// Who owns the token accounts to which it may be seized.
        pub client: Address,
        /// Token account to which it may be seized as well; zero: none.
        pub treasury: Address,
        /// 1: opened for one job after the other; 0: made for this job, and closed with it.
        pub reusable: u8,
        /// Zero.
        pub reserved: [u8; 47],
    }
}

constants! {
    /// Where a seized bond goes.
    pub mod seizure {
        /// A token account of the client.
        pub const CLIENT: u8 = 0;
        /// The pool's treasury, as it was when the bond was locked.
        pub const TREASURY: u8 = 1;
        /// Nowhere: it is burned.
        pub const BURN: u8 = 2;
    }
}

account! {
    /// A proposed slash.
    pub struct Slash: discriminator 8, size 256 {
        /// Discriminator 8.
        pub header: Header,
        /// Provider.
        pub provider: Address,
        /// Slasher.
        pub slasher: Address,
        /// Who paid the rent.
        pub payer: Address,
        /// Hash of the evidence.
        pub evidence: [u8; 32],
        /// Tokens still to be taken.
        pub amount: Tokens,
        /// Tokens taken.
        pub taken: Tokens,
        /// From when it can be executed.
        pub executable_at: Timestamp,
        /// From when it cannot be executed any more.
        pub expires_at: Timestamp,
        /// Its number among the provider's.
        pub index: u64,
        /// One of [`sentence`].
        pub sentence: u8,
        /// 1 when the sentence was carried out.
        pub sentence_executed: u8,
        /// Zero.
        pub reserved: [u8; 78],
    }
}

constants! {
    /// Values of [`Slash::sentence`].
    pub mod sentence {
        /// The tokens only.
        pub const FINE: u8 = 0;
        /// And the provider is jailed.
        pub const JAIL: u8 = 1;
        /// And the provider is out for good.
        pub const TOMBSTONE: u8 = 2;
    }
}

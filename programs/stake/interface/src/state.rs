//! Account layouts. Little-endian, in place, no implicit padding; `reserved` bytes are zero.

use {
    joule_interface::{Address, Header, account, constants, layout},
    joule_math::{
        Bps, Overflow, Seconds, Timestamp, Tokens, U128, Weight, decay_floor, mul_div_ceil, mul_div_floor,
        tokens_for_shares, weight_floor,
    },
};

layout! {
    /// A pool's policy. The authority of the network changes it, after a delay. A new policy applies to what happens after it:
    /// tickets, proposed slashes, sentences and announced commissions keep the times that they were given.
    #[repr(C)]
    pub struct PoolPolicy {
        /// Least own stake with which a provider can take jobs, base units: from zero to any amount. One that nobody has keeps
        /// jobs from everybody until the next policy, and takes nothing from anybody.
        pub min_self_stake: Tokens,
        /// Least amount of a proposed slash, base units: so that nobody is troubled for dust. A sentence needs no amount. Less is
        /// accepted if it is all that may still be proposed of the provider in the window, so it may be any amount.
        pub min_slash: Tokens,
        /// How long stake stays at risk after it left, seconds: 1 hour to 1 year.
        pub unbonding_period: Seconds,
        /// How long rewards take to arrive after their funding, seconds: 1 hour to 1 year.
        pub reward_period: Seconds,
        /// How long before a new commission applies, seconds: 1 hour to 1 year. Locked delegators can move meanwhile.
        pub commission_delay: Seconds,
        /// How long a proposed slash can be vetoed before it can be executed, seconds: 1 hour to the unbonding period.
        pub slash_delay: Seconds,
        /// How long a slash can be executed after that, seconds: 1 hour to 1 year.
        pub slash_execution_window: Seconds,
        /// Length of the windows in which slashes are limited, seconds: 1 hour to 1 year.
        pub slash_window: Seconds,
        /// How long a jailed provider stays at least, seconds: 1 hour to 1 year.
        pub jail_period: Seconds,
        /// Highest commission that a provider can set, basis points: at most 10,000.
        pub max_commission: Bps,
        /// Furthest that one change moves a commission, basis points: at most 10,000.
        pub max_commission_step: Bps,
        /// Most of a provider's stake that slashers can propose to slash in a window, basis points: at most 10,000.
        pub slash_limit: Bps,
        /// Part of what is slashed that is burned, basis points: at most 10,000; zero of wrapped SOL. The treasury gets the rest.
        pub slash_burned_share: Bps,
        /// How long own stake must have been there before it counts for [`PoolPolicy::min_self_stake`] and for what markets
        /// ask, seconds: at most 1 year. It never counts in the second in which it came.
        pub standing_period: Seconds,
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
        /// Places that slashers hold in providers' windows: bit 0 for the first.
        pub slasher_slots: u8,
        /// Sum of the slashers' [`Slasher::slash_share`], basis points.
        pub slash_shares: Bps,
        /// Place at which the search for the next slasher's begins, from 0.
        pub next_slot: u8,
        /// Zero.
        pub reserved0: [u8; 3],
        /// Until then the pool is being set up: new slashers can propose slashes at once.
        pub setup_ends_at: Timestamp,
        /// Until then stake can leave that was locked up to `exit_began_at`: a change that is worse for backers was announced.
        pub exit_ends_at: Timestamp,
        /// When such a change was last announced. Who locks stake after that second is held.
        pub exit_began_at: Timestamp,
        /// When the last ticket is withdrawable that was made under a longer unbonding period than the present one.
        pub longer_unbonding_ends_at: Timestamp,
        /// Unbonding period of a proposed policy; 0: none waits.
        pub next_unbonding_period: Seconds,
        /// Its providers that are not closed.
        pub provider_count: u32,
        /// Its slashers that are not closed.
        pub slasher_count: u32,
        /// Who paid the rent.
        pub payer: Address,
        /// Zero.
        pub reserved: [u8; 164],
    }
}

account! {
    /// Rules that wait to become a pool's. One at a time.
    pub struct PolicyChange: discriminator 9, size 192 {
        /// Discriminator 9.
        pub header: Header,
        /// Pool.
        pub pool: Address,
        /// Paid the rent.
        pub payer: Address,
        /// The pool's new treasury; zero: all is burned.
        pub treasury: Address,
        /// From when anyone can execute it, for 14 days.
        pub executable_at: Timestamp,
        /// All of the new rules.
        pub policy: PoolPolicy,
        /// Zero.
        pub reserved: [u8; 24],
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
        /// Tokens that are still to arrive, evenly over `distribution_period`.
        pub undistributed: Tokens,
        /// Tokens of the vault that are rewards: still to arrive, or not claimed yet.
        pub unclaimed: Tokens,
        /// How far the index is brought up.
        pub updated_at: Timestamp,
        /// Time in which the rest arrives, seconds. It does not pass while nobody stakes.
        pub distribution_period: Seconds,
        /// Time over which the latest funding arrives, seconds.
        pub funding_period: Seconds,
        /// Counts this account's events.
        pub sequence: u64,
        /// Part of a token that nobody earned and that waits to be distributed again, with 64 fractional bits.
        pub returned: U128,
        /// Zero.
        pub reserved: [u8; 72],
    }
}

layout! {
    /// What delegators put behind a provider: tokens, and the shares that own them.
    ///
    /// `tokens = shares * price / 2^63`, and what rounding left. Only slashes lower the price. A pot whose price is below
    /// [`Pot::LEAST_PRICE`] takes no stake until its owners have left; then it starts again at the first price.
    #[repr(C)]
    pub struct Pot {
        /// Tokens.
        pub tokens: Tokens,
        /// Price of a share, in tokens: 2^63 is one.
        pub price: u64,
        /// Shares of all delegations.
        pub shares: U128,
    }
}

impl Pot {
    /// Lowest price at which a pot takes stake: 2^-20 of the first one.
    pub const LEAST_PRICE: u64 = joule_math::PRICE_ONE >> 20;
}

layout! {
    /// Stake on its way out, still at risk. Tickets own it.
    #[repr(C)]
    pub struct UnbondingPot {
        /// Tokens.
        pub tokens: Tokens,
        /// What a slash left of each token that came at price 2^63, at this scale.
        pub price: u64,
        /// How often the price was multiplied by 2^32, which it is when slashes made it less than 2^31.
        pub scale: u32,
        /// Tickets that are not paid yet, and seized bonds that are not withdrawn yet.
        pub ticket_count: u32,
    }
}

impl UnbondingPot {
    /// Bits by which the price of one scale differs from the next.
    pub const SCALE_BITS: u32 = 32;
    /// A part that is so many scales older is worth nothing: less than 2^64 * 2^32 / 2^(32 * 4).
    pub const WORTHLESS_AFTER: u32 = 4;

    /// What a part is worth now, rounded down; the last one is worth all that is left.
    #[inline(always)]
    pub fn worth(&self, part: &UnbondingPart) -> Result<Tokens, Overflow> {
        if self.ticket_count == 1 {
            return Ok(self.tokens);
        }
        if self.scale == part.scale {
            if self.price == part.price {
                return Ok(part.tokens);
            }
            return Ok(Tokens(mul_div_floor(part.tokens.0, self.price, part.price)?));
        }
        let scales = self.scale.wrapping_sub(part.scale);
        if scales >= Self::WORTHLESS_AFTER {
            return Ok(Tokens::ZERO);
        }
        let left = part.tokens.0 as u128 * self.price as u128 / part.price.max(1) as u128;
        Ok(Tokens((left >> (Self::SCALE_BITS * scales)) as u64))
    }
}

layout! {
    /// Tokens of an unbonding pot: so many when they came, at this price.
    #[repr(C)]
    pub struct UnbondingPart {
        /// Tokens.
        pub tokens: Tokens,
        /// [`UnbondingPot::price`] when they came.
        pub price: u64,
        /// [`UnbondingPot::scale`] when they came.
        pub scale: u32,
        /// The pot that they are in. 0: [`Provider::unbonding`]; 1: [`Provider::withheld`].
        pub withheld: u8,
        /// Zero.
        pub reserved: [u8; 3],
    }
}

layout! {
    /// What a provider's jobs said of it, each by its weight: what it cost its parties for good. Jobs count less and less, from
    /// one day to the next: half after [`Reputation::HALF_LIFE`].
    ///
    /// From nothing, a reliability of 90 % takes 36 whole jobs, and 99 % takes 396: whoever works for itself pays as much for good.
    #[repr(C)]
    pub struct Reputation {
        /// Weight of the jobs that went well, as counted at `reported_at`: whole jobs with 32 fractional bits.
        pub good_jobs: u64,
        /// All jobs, likewise.
        pub all_jobs: u64,
        /// Start of the day (UTC) in which a job was last reported.
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

/// Start of the day (UTC).
#[inline(always)]
fn day(now: Timestamp) -> Timestamp {
    Timestamp((now.0.max(0) as u64 / 86_400 * 86_400) as i64)
}

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

    /// Counts a job of `weight` ([`WHOLE_JOB`]); `None` if `how` is no [`outcome`]. One that was late is half good.
    pub fn count(&mut self, how: u8, weight: u32, now: Timestamp) -> Option<()> {
        let weight = weight as u64 * (JOB / WHOLE_JOB as u64);
        let (counter, good) = match how {
            outcome::DELIVERED => (&mut self.delivered, weight),
            outcome::LATE => (&mut self.late, weight / 2),
            outcome::FAILED => (&mut self.failed, 0),
            outcome::DISPUTED => (&mut self.disputed, 0),
            _ => return None,
        };
        *counter = counter.saturating_add(1);
        let [good_before, all_before] = self.decayed(now);
        // At the very top both stand still, and the ratio stays one.
        if let (Some(good), Some(all)) = (good_before.checked_add(good), all_before.checked_add(weight)) {
            (self.good_jobs, self.all_jobs) = (good, all);
            self.reported_at = self.reported_at.max(day(now));
        }
        Some(())
    }

    fn decayed(&self, now: Timestamp) -> [u64; 2] {
        // In whole days: decay rounds shorter ages down to nothing, and who is reported every minute would never be forgotten.
        let age = day(now).since(self.reported_at);
        [self.good_jobs, self.all_jobs].map(|jobs| decay_floor(jobs, age, Self::HALF_LIFE))
    }
}

account! {
    /// A provider, and the stake that backs it.
    ///
    /// What others read, at offsets that stay:
    ///
    /// | offset | bytes | field | what it tells |
    /// |---:|---:|---|---|
    /// | 8 | 32 | pool | |
    /// | 40 | 32 | authority | |
    /// | 72 | 8 | own | own stake that no job holds ([`Provider::available`]) |
    /// | 80 | 8 | bonded | own stake that jobs hold |
    /// | 88 | 8 | lien | part of `bonded` that slashes took: own stake is `own + bonded - lien` ([`Provider::own_stake`]) |
    /// | 96 | 8 | slash pending | |
    /// | 104 | 1 | status | 1 takes jobs, 2 is jailed, 3 is out for good ([`status`]) |
    /// | 120 | 8 | delegated tokens | |
    /// | 152 | 8 | unbonding tokens | |
    /// | 344 | 8 | jail ends at | |
    /// | 448 | 40 | reputation | [`Provider::reliability`] |
    pub struct Provider: discriminator 2, size 640 {
        /// Discriminator 2.
        pub header: Header,
        /// Pool.
        pub pool: Address,
        /// Runs it, and takes jobs.
        pub authority: Address,
        /// Own stake that no job holds.
        pub own: Tokens,
        /// Own stake that jobs hold, in bonds.
        pub bonded: Tokens,
        /// Part of the bonded tokens that executed slashes took. It is collected when bonds end.
        pub lien: Tokens,
        /// Tokens that slashers proposed to slash.
        pub slash_pending: Tokens,
        /// One of [`status`].
        pub status: u8,
        /// Zero.
        pub reserved0: u8,
        /// What the lock of its own stake multiplies its weight with: 10,000 (once) to 40,000.
        pub own_multiplier: Bps,
        /// The provider's part of its delegators' rewards.
        pub commission: Bps,
        /// See `next_commission_at`.
        pub next_commission: Bps,
        /// Counts this account's events.
        pub sequence: u64,
        /// What others put behind it.
        pub delegated: Pot,
        /// On its way out, still at risk.
        pub unbonding: UnbondingPot,
        /// Slashed tokens that are neither burned nor the treasury's yet.
        pub slashed: Tokens,
        /// Slashed tokens that the treasury is to get.
        pub treasury_due: Tokens,
        /// Part of its own stake that came not long ago; what came after it is in `newer`.
        pub fresh: Tokens,
        /// When that counts for what the pool and markets ask.
        pub fresh_ends_at: Timestamp,
        /// Sum of its delegations' weights, which are of shares.
        pub delegated_weight: U128,
        /// Its own stake's weight in the pool's rewards.
        pub own_weight: Weight,
        /// Its delegations' weight in the pool's rewards.
        pub pot_weight: Weight,
        /// Weight in the pool's rewards of stake on its way here: all of `incoming`, or none.
        pub incoming_weight: Weight,
        /// Weight of stake on its way here from other providers: of tokens.
        pub incoming: Weight,
        /// [`Rewards::reward_index`] up to which it has earned.
        pub pool_reward_index: U128,
        /// Tokens that each unit of `delegated_weight` has earned since the beginning.
        pub reward_index: U128,
        /// Tokens that each unit of `incoming` has earned since the beginning.
        pub incoming_index: U128,
        /// Rewards of its own stake that its own delegation has not taken over yet.
        pub own_accrued: U128,
        /// Commission that is not claimed yet.
        pub commission_accrued: U128,
        /// When `next_commission` applies; 0: no change is waiting.
        pub next_commission_at: Timestamp,
        /// When it can be unjailed.
        pub jail_ends_at: Timestamp,
        /// Slashes ever proposed: the index of the next.
        pub slash_count: u64,
        /// Start of the window in which slashes are counted.
        pub window_started_at: Timestamp,
        /// Its stake then.
        pub window_stake: Tokens,
        /// Proposed since then, by each slasher of the pool ([`Slasher::slot`]).
        pub window_proposed: [Tokens; MAX_SLASHERS],
        /// First ticket index of a new delegation: above that of every ticket of a delegation that was closed.
        pub ticket_base: u64,
        /// What its jobs said of it.
        pub reputation: Reputation,
        /// What was not paid to those who left while slashes were proposed: the part that these slashes may take of it.
        pub withheld: UnbondingPot,
        /// Part of the withheld tokens that slashes may still take.
        pub withheld_liable: Tokens,
        /// Part of the stake that has not left since slashes were proposed: 2^63 is all, and half of it for each of `staying_scale`.
        pub staying: u64,
        /// Part of `own` that the lock of its own stake holds: no job takes it, and it cannot leave.
        pub locked: Tokens,
        /// Commission that each unit of `incoming` has earned for it since the beginning. Tickets settle it with what is left of them.
        pub incoming_commission_index: U128,
        /// Part of its own stake that came while `fresh` did not count yet.
        pub newer: Tokens,
        /// When that counts.
        pub newer_ends_at: Timestamp,
        /// Paid the rent; gets back what closing it frees.
        pub payer: Address,
        /// Delegations to it, its own included.
        pub delegation_count: u32,
        /// Proposed slashes that are neither executed, vetoed nor expired.
        pub pending_slash_count: u16,
        /// Jails and tombstones proposed in the window, by each slasher of the pool.
        pub window_sentences: [u8; MAX_SLASHERS],
        /// Pending proposals of each slasher of the pool.
        pub pending_slashes: [u8; MAX_SLASHERS],
        /// Zero.
        pub reserved1: [u8; 2],
        /// How often `staying` was doubled to stay exact.
        pub staying_scale: u32,
        /// Zero.
        pub reserved: [u8; 12],
    }
}

layout! {
    /// What a job says of its provider when its bond is released.
    #[repr(C, packed)]
    pub struct BondReport {
        /// One of [`outcome`].
        pub outcome: u8,
        /// What it counts in the provider's reputation: 65,536 is a whole job ([`WHOLE_JOB`]).
        pub weight: u32,
    }
}

account! {
    /// What is left of a provider that was closed: what must not be forgotten. It is at the provider's address, and becomes the
    /// provider again when that is registered again.
    pub struct ProviderStub: discriminator 10, size 160 {
        /// Discriminator 10.
        pub header: Header,
        /// Pool.
        pub pool: Address,
        /// Ran it.
        pub authority: Address,
        /// Counts this account's events.
        pub sequence: u64,
        /// As [`Provider::slash_count`].
        pub slash_count: u64,
        /// As [`Provider::ticket_base`].
        pub ticket_base: u64,
        /// What its jobs said of it, also since.
        pub reputation: Reputation,
        /// As [`Provider::status`]: one that is out for good is not registered again.
        pub status: u8,
        /// Zero.
        pub reserved0: u8,
        /// As [`Provider::commission`]. One that was announced and not in force is forgotten: it is announced again.
        pub commission: Bps,
        /// Zero.
        pub reserved: [u8; 20],
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
    /// What is the provider's own, free or held by jobs; not what slashes took already.
    #[inline(always)]
    pub fn own_stake(&self) -> Result<Tokens, Overflow> {
        self.own.plus(self.bonded)?.minus(self.lien)
    }

    /// All that backs it and has not begun to leave: its own stake and its delegators'.
    #[inline]
    pub fn active_stake(&self) -> Result<Tokens, Overflow> {
        self.own_stake()?.plus(self.delegated.tokens)
    }

    /// All that a slash can reach: what is active and what is on its way out.
    #[inline]
    pub fn stake(&self) -> Result<Tokens, Overflow> {
        self.active_stake()?.plus(self.unbonding.tokens)
    }

    /// What proposed slashes may take of [`Provider::stake`]; the rest of them is withheld of those who left.
    #[inline(always)]
    pub fn pending(&self) -> Tokens {
        Tokens(self.slash_pending.0.saturating_sub(self.withheld_liable.0))
    }

    /// What a part of the unbonding pot, or of what is withheld, is worth.
    #[inline(always)]
    pub fn worth(&self, part: &UnbondingPart) -> Result<Tokens, Overflow> {
        if part.withheld == 0 { self.unbonding.worth(part) } else { self.withheld.worth(part) }
    }

    /// What stays of a part that is worth so much: what proposed slashes may take of it, rounded up; of one that is withheld, what
    /// they leave too little for.
    #[inline]
    pub fn held_back(&self, part: &UnbondingPart, worth: Tokens) -> Result<Tokens, Overflow> {
        if part.withheld != 0 {
            let free = self.withheld.tokens.minus(self.withheld_liable)?;
            return Ok(Tokens(worth.0.saturating_sub(free.0)));
        }
        let (pending, all) = (self.pending(), self.stake()?);
        if pending.is_zero() || all.is_zero() {
            return Ok(Tokens::ZERO);
        }
        Ok(Tokens(mul_div_ceil(worth.0, pending.min(all).0, all.0)?))
    }

    /// Own tokens that a new job can hold: no job and no lock holds them, and no proposed slash would take them. None while
    /// slashes that were executed wait for bonded tokens, or the new job's client would share that loss.
    #[inline]
    pub fn available(&self) -> Result<Tokens, Overflow> {
        if !self.lien.is_zero() {
            return Ok(Tokens::ZERO);
        }
        if self.slash_pending.is_zero() {
            return self.own.minus(self.locked);
        }
        Ok(self.unslashed()?.min(self.own.minus(self.locked)?))
    }

    /// Own tokens that no job holds, less what proposed slashes may take of all own stake.
    #[inline]
    pub fn unslashed(&self) -> Result<Tokens, Overflow> {
        let (own, all) = (self.own_stake()?, self.stake()?);
        let pending = mul_div_ceil(own.0, self.pending().min(all).0, all.0.max(1))?;
        Ok(Tokens(self.own.0.saturating_sub(pending)))
    }

    /// Whether it can take a job that asks for `bond` tokens, now.
    pub fn takes_jobs(&self, pool: &Pool, bond: Tokens, now: Timestamp) -> bool {
        self.status == status::ACTIVE
            && self.has_own(pool.policy.min_self_stake, now)
            && self.available().is_ok_and(|available| available >= bond)
    }

    /// Its own stake, as far as it has been there for the pool's standing period, is at least `minimum`.
    #[inline(always)]
    pub fn has_own(&self, minimum: Tokens, now: Timestamp) -> bool {
        let fresh = if now < self.fresh_ends_at { self.fresh } else { Tokens::ZERO };
        let newer = if now < self.newer_ends_at { self.newer } else { Tokens::ZERO };
        let own = self.own.0 as u128 + self.bonded.0 as u128;
        own >= minimum.0 as u128 + self.lien.0 as u128 + fresh.0 as u128 + newer.0 as u128 || minimum.is_zero()
    }

    /// Forgets of fresh stake what counts by now; what is newer takes its place.
    #[inline(always)]
    pub fn ripen(&mut self, now: Timestamp) {
        if now >= self.fresh_ends_at {
            (self.fresh, self.fresh_ends_at) = (core::mem::take(&mut self.newer), self.newer_ends_at);
            if now >= self.fresh_ends_at {
                self.fresh = Tokens::ZERO;
            }
        }
    }

    /// What its own stake weighs now: only what is locked weighs more than once. Bonds that were seized since the last settlement
    /// made it less than `own_weight`.
    #[inline(always)]
    pub fn present_own_weight(&self) -> Result<Weight, Overflow> {
        let free = weight_floor(self.own_stake()?.minus(self.locked)?, Bps::WHOLE)?;
        free.plus(weight_floor(self.locked, self.own_multiplier)?)
    }

    /// Its part of the pool's rewards: the sum of its three weights.
    #[inline(always)]
    pub fn weight(&self) -> Result<Weight, Overflow> {
        self.own_weight.plus(self.pot_weight)?.plus(self.incoming_weight)
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
    /// What an owner has put behind a provider. The stake of the provider's own authority is in [`Provider`]: then `shares` and
    /// `weight` are zero.
    pub struct Delegation: discriminator 3, size 256 {
        /// Discriminator 3.
        pub header: Header,
        /// Provider.
        pub provider: Address,
        /// Owner.
        pub owner: Address,
        /// Paid the rent.
        pub payer: Address,
        /// Shares of the provider's delegated pot.
        pub shares: U128,
        /// Its part of its provider's rewards: shares times the lock's multiplier, over the highest, four.
        pub weight: U128,
        /// [`Provider::reward_index`] up to which it has earned.
        pub reward_index: U128,
        /// Rewards that are not claimed yet.
        pub accrued: U128,
        /// Index of the next unbonding ticket.
        pub ticket_count: u64,
        /// When the lock ends; 0: none.
        pub lock_ends_at: Timestamp,
        /// The lock's length, seconds.
        pub lock_period: Seconds,
        /// What the lock multiplies the weight with: 10,000 (once) to 40,000.
        pub multiplier: Bps,
        /// Zero.
        pub reserved0: [u8; 2],
        /// Tickets on their way here from other providers.
        pub incoming_count: u32,
        /// Zero.
        pub reserved: [u8; 60],
    }
}

impl Delegation {
    /// The lock has not ended.
    #[inline]
    pub fn is_locked(&self, now: Timestamp) -> bool {
        now < self.lock_ends_at
    }

    /// What its shares are worth; the provider's own stake is not in shares.
    #[inline]
    pub fn worth(&self, provider: &Provider) -> Result<Tokens, Overflow> {
        tokens_for_shares(self.shares.get(), provider.delegated.price)
    }

    /// Rewards that can be claimed, as of its last change.
    #[inline]
    pub fn claimable(&self) -> Tokens {
        Tokens((self.accrued.get() >> 64) as u64)
    }
}

account! {
    /// Stake on its way out, or to another provider.
    pub struct UnbondingTicket: discriminator 4, size 256 {
        /// Discriminator 4.
        pub header: Header,
        /// Provider that it leaves, for whose faults it is liable until it has left.
        pub provider: Address,
        /// Owner.
        pub owner: Address,
        /// Paid the rent.
        pub payer: Address,
        /// Its part of the provider's unbonding pot.
        pub part: UnbondingPart,
        /// When it can be withdrawn. What is withheld of it: before as well, while no proposal can take any of what is withheld.
        pub withdrawable_at: Timestamp,
        /// The delegation that it goes to; zero: it leaves the pool.
        pub new_delegation: Address,
        /// What it counts meanwhile in [`Provider::incoming`] of that delegation's provider.
        pub weight: Weight,
        /// [`Provider::incoming_index`] up to which it has earned.
        pub reward_index: U128,
        /// [`Provider::incoming_commission_index`] up to which it has earned for that provider.
        pub commission_index: U128,
        /// When its owner's lock would have ended; 0: it was not locked.
        pub lock_ends_at: Timestamp,
        /// That lock's length, seconds.
        pub lock_period: Seconds,
        /// Zero.
        pub reserved: [u8; 36],
    }
}

constants! {
    /// Most slashers of a pool that can propose slashes.
    pub const MAX_SLASHERS: usize = 8;
    /// Most jails and tombstones that a slasher can propose of one provider in a window.
    pub const MAX_SENTENCES: u8 = 3;
    /// Weight of a whole job in a provider's reputation.
    pub const WHOLE_JOB: u32 = 65_536;
    /// Most proposals of a slasher that can be pending for one provider.
    pub const MAX_PENDING_SLASHES: u8 = 4;
    /// How long after its creation a pool is set up.
    pub const SETUP_PERIOD: Seconds = Seconds(86_400);
    /// How much longer than what it takes to leave a change waits that is worse for backers.
    pub const EXIT_MARGIN: Seconds = Seconds(86_400);
}

account! {
    /// Has rights over a pool's stake: usually another program's address.
    pub struct Slasher: discriminator 5, size 160 {
        /// Discriminator 5.
        pub header: Header,
        /// Pool.
        pub pool: Address,
        /// Must sign.
        pub authority: Address,
        /// Sum of [`rights`].
        pub rights: u8,
        /// Its place in each provider's window, if it can propose slashes: 1 to [`MAX_SLASHERS`]; else 0.
        pub slot: u8,
        /// Most of a provider's stake that it can propose to slash in a window, basis points.
        pub slash_share: Bps,
        /// Zero.
        pub reserved0: [u8; 4],
        /// Most that it can propose to slash in a window, base units: zero is nothing; [`Slasher::NO_LIMIT`], which is `u64::MAX`, sets
        /// no limit.
        pub window_limit: Tokens,
        /// Start of the window.
        pub window_started_at: Timestamp,
        /// Proposed since then.
        pub window_proposed: Tokens,
        /// When it can propose slashes.
        pub active_at: Timestamp,
        /// If it lost the right to bonds: when anyone can release what it holds.
        pub bonds_free_at: Timestamp,
        /// Who paid the rent.
        pub payer: Address,
        /// Zero.
        pub reserved: [u8; 8],
    }
}

impl Slasher {
    /// As [`Slasher::window_limit`]: none.
    pub const NO_LIMIT: Tokens = Tokens::MAX;
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
    /// Collateral that one job holds. A reusable bond is opened before, and holds one job's after the other.
    ///
    /// What is seized of it for the job's client stays in the provider's unbonding pot for the unbonding period, liable to slashes
    /// like a ticket, and this account is the client's ticket.
    pub struct Bond: discriminator 6, size 256 {
        /// Discriminator 6.
        pub header: Header,
        /// Provider whose stake it is.
        pub provider: Address,
        /// What it is for, as the slasher says: a job.
        pub job: Address,
        /// The slasher that locked it, the only one that releases it; zero: no job holds it.
        pub slasher: Address,
        /// Paid the rent.
        pub payer: Address,
        /// Tokens.
        pub amount: Tokens,
        /// Gets what is seized for the client.
        pub client: Address,
        /// What was seized for the client and not withdrawn.
        pub seized: UnbondingPart,
        /// When the client can withdraw that. What is withheld of it: before as well, while no proposal can take any of what is
        /// withheld.
        pub withdrawable_at: Timestamp,
        /// 1: opened for one job after the other; 0: made for this job, and closed with it.
        pub reusable: u8,
        /// Zero.
        pub reserved: [u8; 47],
    }
}

constants! {
    /// Where a seized bond goes.
    pub mod seizure {
        /// The client, after the unbonding period.
        pub const CLIENT: u8 = 0;
        /// The pool's treasury, which [`SettleSlashed`](crate::instruction::SettleSlashed) pays.
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
        /// Paid the rent.
        pub payer: Address,
        /// Hash of the evidence.
        pub evidence: [u8; 32],
        /// Tokens to take.
        pub amount: Tokens,
        /// From when it can be executed.
        pub executable_at: Timestamp,
        /// From when it cannot be executed any more.
        pub expires_at: Timestamp,
        /// Its number among the provider's.
        pub index: u64,
        /// [`Provider::staying`] when it was proposed.
        pub staying: u64,
        /// One of [`sentence`].
        pub sentence: u8,
        /// [`Slasher::slot`] of its slasher then.
        pub slot: u8,
        /// Zero.
        pub reserved0: [u8; 2],
        /// [`Provider::staying_scale`] when it was proposed.
        pub staying_scale: u32,
        /// Zero.
        pub reserved: [u8; 72],
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_fades_however_often_jobs_are_reported() {
        const DAY: i64 = 86_400;
        let start = 1_000 * DAY + 3_600;
        let count = |every: i64| {
            let mut reputation = Reputation::default();
            reputation.count(outcome::DELIVERED, 396 * WHOLE_JOB, Timestamp(start)).unwrap();
            for at in (start..=start + 90 * DAY).step_by(every as usize) {
                reputation.count(outcome::DELIVERED, 0, Timestamp(at)).unwrap();
            }
            (reputation.good_jobs as f64 / JOB as f64, reputation.reliability(Timestamp(start + 90 * DAY)))
        };
        let [seldom, daily, often] = [90 * DAY, DAY, 118].map(count);
        assert_eq!(seldom.0, 198.0);
        assert!((daily.0 - 198.0).abs() < 0.05, "{daily:?}");
        assert_eq!(often, daily);
        // Within a day nothing fades.
        let mut reputation = Reputation::default();
        reputation.count(outcome::DELIVERED, 396 * WHOLE_JOB, Timestamp(1_000 * DAY)).unwrap();
        assert_eq!(reputation.reliability(Timestamp(1_001 * DAY - 1)), Bps(9_900));
        assert_eq!(reputation.reliability(Timestamp(1_001 * DAY)), Bps(9_899));
    }
}

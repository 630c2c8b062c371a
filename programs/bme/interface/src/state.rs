//! Account layouts. Little-endian, in place, no implicit padding; `reserved` bytes are zero.

use {
    joule_interface::{Address, Fault, Header, account, constants, layout},
    joule_math::{Bps, Credits, Emission, MintLimit, Schedule, Seconds, Timestamp, Tokens, U128},
};

layout! {
    /// What the authority of a network decides, and may change by a queued change. Each field names its range.
    #[repr(C)]
    pub struct Policy {
        /// May pause deposits and new work, and strike reward roots.
        pub guardian: Address,
        /// Token account that receives the stakers' part of each emission: a key's, or the associated one of an address that a
        /// program derived, such as a pool's or a multisig's.
        pub stakers_token_account: Address,
        /// Token account that receives the treasury's part of each emission, likewise.
        pub treasury_token_account: Address,
        /// Program that owns the price accounts.
        pub price_receiver: Address,
        /// The one price account to accept; zero accepts any of the receiver with the right feed.
        pub price_account: Address,
        /// Price feed of the token in dollars.
        pub feed_id: [u8; 32],
        /// Emission of the schedule's first period, base units: zero to `max_supply`, since more is never minted.
        pub initial_emission: Tokens,
        /// Supply that no minting exceeds, base units: 1 to 2^63, so that sums of two amounts stay amounts. A change can only lower it.
        /// Where a reserve pays, it bounds the policy's other amounts and nothing else.
        pub max_supply: Tokens,
        /// Of the burned tokens that may be given back, most for one period: zero, nothing is, to `max_supply`.
        pub remint_cap: Tokens,
        /// Most to mint in a breaker window, to `max_supply`; zero sets no limit.
        pub breaker_tokens: Tokens,
        /// Length of an epoch, and of a period of the schedule: an hour, or closing costs more than it is worth, to 30 days, so that
        /// a slip ends before anyone has given up.
        pub epoch_duration: Seconds,
        /// Periods between two steps of the emission's decay: 1 to 100,000, eleven years of hourly epochs. A schedule without decay
        /// has a `decay_share` of zero.
        pub decay_step: u32,
        /// Oldest acceptable price: a second to an hour. Who buys chooses among all prices of that time.
        pub max_price_age: Seconds,
        /// Length of a breaker window: an hour, or it bounds nothing, to 30 days, for which what exceeds it waits.
        pub breaker_window: Seconds,
        /// How long a queued change waits: an hour, so that somebody sees it, to 30 days, so that a mistake can be undone. A change
        /// of this waits as long as was said before.
        pub change_delay: Seconds,
        /// How long a reward root can be challenged: an hour, so that somebody sees it, to 30 days, half of a root's life.
        pub root_delay: Seconds,
        /// Part of the emission lost at each step: zero to the whole.
        pub decay_share: Bps,
        /// Widest acceptable confidence interval, of the price: 1, the narrowest that can be said, to 1,000; buyers lose it.
        pub max_confidence: Bps,
        /// Providers' part of an emission: zero to the whole; with the stakers' at most the whole.
        pub providers_share: Bps,
        /// Stakers' part of an emission: zero to the whole. The treasury's is the rest.
        pub stakers_share: Bps,
        /// Providers' income, of the dollars worked, that no epoch exceeds: at most the whole, or, if `vouched`, 20,000, twice the
        /// dollars; zero sets no bound.
        pub payout_share: Bps,
        /// How far a price may be from the network's average: up to 5,000, beyond which a fall by half passes; zero sets no band.
        pub max_deviation: Bps,
        /// How fast the average follows the price: most of itself an hour; 1, or it stands still, to 5,000, or it is no average.
        pub average_speed: Bps,
        /// Most to mint in a breaker window, of the larger of the supply, or of what the reserve holds, at its beginning and what is
        /// scheduled for it: up to the whole; zero sets no limit. Of both limits the lower counts, and reward roots have `roots_share` of it for themselves;
        /// as long as roots or others are owed something, they have a tenth at least.
        pub breaker_share: Bps,
        /// Over how long what a reward root was given opens for its claimants: an hour to 30 days. Faster, and nobody has time
        /// to stop a wrong root; slower, and claimants wait for longer than anyone would accept.
        pub root_opening_period: Seconds,
        /// Reward roots' part of each epoch's schedule, whether or not anyone worked: up to the whole. Zero: nothing is ever
        /// minted for roots.
        pub roots_share: Bps,
        /// Of the tokens burned for credits, the part that may be given back: zero to the whole, when `remint_cap` and the work allow.
        pub remint_share: Bps,
        /// 1 if the operator vouches for every job: epochs may pay more tokens than were burned for the credits worked off,
        /// and providers are paid by credits instead of those tokens. Whoever works for itself then takes what is above.
        pub vouched: u8,
        /// What is scheduled for providers and above their `payout_share`: 0, it is not minted; 1, stakers get it.
        pub surplus_to_stakers: u8,
        /// Providers' income, of the dollars worked, that no epoch falls below as far as the maximum supply allows: at most
        /// `payout_share`, and zero unless `vouched`, since whoever works for itself takes it; zero sets no floor.
        pub payout_floor: Bps,
        /// How far from the policy's weight the weigher may take a lane's: up to the whole, from next to nothing to twice.
        pub lane_band: Bps,
        /// How much of the way from the present weights to the weigher's each epoch goes: up to the whole; with a weigher, 1 at least.
        pub lane_speed: Bps,
        /// What is paid for credits: 0, it is burned; 1, it goes back to the reserve, if the network has one.
        pub payments_to_reserve: u8,
        /// Zero.
        pub reserved: [u8; 7],
        /// Weights of the lanes, by which the emission is divided among them: 0 to 10,000 each; zero, the lane is none. If all are zero,
        /// everything is lane 0's.
        pub lane_weights: [u16; MAX_LANES as usize],
        /// Most credits that an epoch pays for in each lane, [`MIN_LANE_LIMIT`] to 2^63; zero sets no limit. What is worked off beyond
        /// it waits for later epochs.
        pub lane_limits: [Credits; MAX_LANES as usize],
        /// Who may weigh the lanes anew once an epoch, usually the address of a program with votes; zero is nobody.
        pub weigher: Address,
    }
}

impl Policy {
    /// The weights that it gives the lanes: of lane 0 if it names none.
    pub fn weights(&self) -> [u16; MAX_LANES as usize] {
        let mut weights = self.lane_weights;
        if weights.iter().all(|weight| *weight == 0) {
            weights[0] = 1;
        }
        weights
    }
}

layout! {
    /// The part of a policy that decides what an epoch pays: fixed when the epoch begins.
    #[repr(C)]
    pub struct EpochTerms {
        /// [`Policy::initial_emission`].
        pub initial_emission: Tokens,
        /// [`Policy::remint_cap`].
        pub remint_cap: Tokens,
        /// [`Policy::epoch_duration`].
        pub duration: Seconds,
        /// [`Policy::decay_step`].
        pub decay_step: u32,
        /// [`Policy::decay_share`].
        pub decay_share: Bps,
        /// [`Policy::providers_share`].
        pub providers_share: Bps,
        /// [`Policy::stakers_share`].
        pub stakers_share: Bps,
        /// [`Policy::payout_share`].
        pub payout_share: Bps,
        /// [`Policy::roots_share`].
        pub roots_share: Bps,
        /// [`Policy::vouched`].
        pub vouched: u8,
        /// [`Policy::surplus_to_stakers`].
        pub surplus_to_stakers: u8,
        /// [`Policy::payout_floor`].
        pub payout_floor: Bps,
        /// [`Policy::payments_to_reserve`]: what burn shards send while the epoch is open goes there.
        pub payments_to_reserve: u8,
        /// Zero.
        pub reserved: [u8; 1],
        /// Weights of the lanes when the epoch began.
        pub lane_weights: [u16; MAX_LANES as usize],
        /// [`Policy::lane_limits`].
        pub lane_limits: [Credits; MAX_LANES as usize],
        /// How long the epoch is: as long as a period, or less if a change of policy brought its end nearer. It pays as much of a
        /// period's emission.
        pub own_duration: Seconds,
        /// Zero.
        pub padding: [u8; 4],
    }
}

impl EpochTerms {
    /// Those of an epoch that begins under `policy`, with these weights of the lanes.
    pub fn of(policy: &Policy, lane_weights: [u16; MAX_LANES as usize]) -> Self {
        Self {
            initial_emission: policy.initial_emission,
            remint_cap: policy.remint_cap,
            duration: policy.epoch_duration,
            decay_step: policy.decay_step,
            decay_share: policy.decay_share,
            providers_share: policy.providers_share,
            stakers_share: policy.stakers_share,
            payout_share: policy.payout_share,
            roots_share: policy.roots_share,
            vouched: policy.vouched,
            surplus_to_stakers: policy.surplus_to_stakers,
            payout_floor: policy.payout_floor,
            payments_to_reserve: policy.payments_to_reserve,
            reserved: [0; 1],
            lane_weights,
            lane_limits: policy.lane_limits,
            own_duration: policy.epoch_duration,
            padding: [0; 4],
        }
    }

    /// What decides the epoch's emission: a period's, by its length.
    pub fn emission(&self) -> Emission {
        let part = |whole: Tokens| {
            if self.own_duration >= self.duration {
                return whole;
            }
            Tokens((whole.0 as u128 * self.own_duration.0 as u128 / self.duration.0 as u128) as u64)
        };
        let (decay, step) = (self.decay_share, self.decay_step);
        let schedule = Schedule { initial: part(self.initial_emission), decay, step };
        let remint_cap = part(self.remint_cap);
        Emission { schedule, remint_cap, providers: self.providers_share, roots: self.roots_share }
    }
}

layout! {
    /// The network's slow average of the price: see [`joule_math::average`].
    #[repr(C)]
    pub struct Average {
        /// Its value; zero until the first update.
        pub value: u64,
        /// When it was last moved.
        pub moved_at: Timestamp,
        /// Publish time of the newest price that moved it.
        pub published_at: Timestamp,
        /// Low side of that price: what credits were sold at then. Zero if it was another feed's.
        pub bid: u64,
        /// Its power of ten: the feed's.
        pub exponent: i32,
        /// 1 if an epoch has waited for a price in vain since then: those after it do not wait.
        pub is_silent: u8,
        /// Zero.
        pub reserved: [u8; 3],
    }
}

layout! {
    /// What the breaker let pass in the present window.
    #[repr(C)]
    pub struct Breaker {
        /// When the window ends: by the length that it began with.
        pub ends_at: Timestamp,
        /// Minted in it.
        pub minted: Tokens,
        /// Most that may be.
        pub limit: Tokens,
    }
}

layout! {
    /// What epochs decided for reward roots, and roots have not opened yet. To be minted: `free + owed - in_vault`, if that is more
    /// than nothing.
    #[repr(C)]
    pub struct RootsBudget {
        /// Given to no root yet, base units.
        pub free: Tokens,
        /// Given to active roots, and not opened yet.
        pub owed: Tokens,
        /// What lies in the vault of the roots already, to be opened before any is minted: roots that ended left it there. More than
        /// both together if one was stopped to which it had been given.
        pub in_vault: Tokens,
    }
}

impl RootsBudget {
    /// Tokens that are still to be minted for roots: a promise, as what is deferred is.
    pub fn unminted(&self) -> joule_math::Result<Tokens> {
        Ok(Tokens(self.free.plus(self.owed)?.0.saturating_sub(self.in_vault.0)))
    }
}

layout! {
    /// Tokens by who receives them.
    #[repr(C)]
    pub struct Split {
        /// Providers.
        pub providers: Tokens,
        /// Stakers.
        pub stakers: Tokens,
        /// The treasury.
        pub treasury: Tokens,
    }
}

impl Split {
    /// Both splits together.
    pub fn plus(&self, other: &Self) -> joule_math::Result<Self> {
        Ok(Self {
            providers: self.providers.plus(other.providers)?,
            stakers: self.stakers.plus(other.stakers)?,
            treasury: self.treasury.plus(other.treasury)?,
        })
    }

    /// All three together.
    pub fn sum(&self) -> joule_math::Result<Tokens> {
        self.providers.plus(self.stakers)?.plus(self.treasury)
    }
}

layout! {
    /// A part of a network, with work and a weight of its own.
    #[repr(C)]
    pub struct Lane {
        /// Credits worked off beyond the limits of the epochs so far: later ones pay for them, pro rata with new work.
        pub waiting: Credits,
        /// Tokens that those carry.
        pub waiting_tokens: Tokens,
        /// Providers' part of the schedule of the last epoch, if others worked in it and the lane did not: its providers get it
        /// in the next epoch, or else those of the others.
        pub kept: Tokens,
        /// Its weight, from the next epoch on.
        pub weight: u16,
        /// Number of its work shards.
        pub shard_count: u8,
        /// Zero.
        pub reserved: [u8; 5],
    }
}

constants! {
    /// Values of [`Network::source`].
    pub mod source {
        /// The network mints its token, and nobody else does.
        pub const MINT: u8 = 0;
        /// Nobody mints it. A vault pays all emissions, whoever filled it.
        pub const RESERVE: u8 = 1;
    }
}

account! {
    /// The root account of a network, and the mint authority of its token, unless that comes from a reserve.
    ///
    /// Read-only on the hot path: written by its authority and by cranks.
    pub struct Network: discriminator 1, size 1936 {
        /// Discriminator 1.
        pub header: Header,
        /// Queues changes, adds shards and spenders, resumes.
        pub authority: Address,
        /// Becomes the authority when it accepts; zero if nobody is to.
        pub pending_authority: Address,
        /// The network's token.
        pub mint: Address,
        /// Token or Token-2022.
        pub token_program: Address,
        /// Holds what providers have not claimed.
        pub reward_vault: Address,
        /// What the authority decides.
        pub policy: Policy,
        /// The epoch that work goes to.
        pub open_epoch: u64,
        /// When the open epoch may be closed.
        pub epoch_ends_at: Timestamp,
        /// Seconds of the schedule before the open epoch: a period is as many of them as the epoch is long.
        pub schedule_position: u64,
        /// Supply when the network was created; zero with a reserve, where nothing depends on the supply.
        pub initial_supply: Tokens,
        /// Ever scheduled for epochs that are settled.
        pub scheduled: U128,
        /// Ever given back of what was burned for credits.
        pub reminted: U128,
        /// Ever minted, or paid by the reserve: for epochs, for reward roots, and for credits that were given up.
        pub minted: U128,
        /// Ever burned for credits. What owners or slashes burn is not in it, and never given back.
        pub burned: U128,
        /// Decided by settled epochs, and not minted yet because the breaker holds.
        pub deferred: Split,
        /// What rounding left of the epochs that were swept: goes to the next epoch's providers.
        pub carried: Tokens,
        /// The breaker.
        pub breaker: Breaker,
        /// The slow average.
        pub average: Average,
        /// Number of changes ever proposed.
        pub change_count: u64,
        /// Number of changes ever executed.
        pub policy_version: u64,
        /// Counts this account's events.
        pub sequence: u64,
        /// Decimals of the token.
        pub decimals: u8,
        /// Number of burn shards, and of work shards.
        pub shard_count: u8,
        /// 1 while deposits and new work are paused.
        pub paused: u8,
        /// 1 while the epoch before the open one is being folded.
        pub closing: u8,
        /// Where its tokens come from: one of [`source`]. It never changes.
        pub source: u8,
        /// Zero.
        pub padding: [u8; 3],
        /// When the present pause began; zero while the network is not paused.
        pub paused_at: Timestamp,
        /// Total length of the pauses that are over.
        pub paused_duration: Seconds,
        /// Zero.
        pub padding_before_terms: [u8; 4],
        /// Of the burned tokens, those that epochs may still give back.
        pub remintable: Tokens,
        /// What the open epoch will be settled by: the policy that it began with.
        pub terms: EpochTerms,
        /// What reward roots may still be given, and open.
        pub roots: RootsBudget,
        /// The roots' part of the breaker: [`Network::breaker`] is the epochs'.
        pub roots_breaker: Breaker,
        /// When anyone may end the present pause; zero while the network is not paused.
        pub pause_ends_at: Timestamp,
        /// From when the guardian may pause again; zero: at any time.
        pub guardian_pauses_at: Timestamp,
        /// Number of the spender that has each place ([`Spender::number`]).
        pub spender_numbers: [u16; MAX_SPENDERS as usize],
        /// Bit `i` is set while a spender has place `i`.
        pub spender_places: u16,
        /// Number of spenders ever added.
        pub spender_count: u16,
        /// Zero.
        pub padding_before_idle: [u8; 4],
        /// End of the last settled epoch with work; at first, the start of the first epoch.
        pub last_worked_at: Timestamp,
        /// What settled epochs set aside for owners who give credits up, base units: none unless the network has been idle for
        /// [`IDLE_PERIOD`], and none any more once there is work.
        pub refundable: Tokens,
        /// The lanes.
        pub lanes: [Lane; MAX_LANES as usize],
        /// Ever minted beyond what was scheduled and given back, to keep the floor of providers' income.
        pub topped_up: U128,
        /// One more than the epoch in which the lanes were weighed last; zero if they never were.
        pub weighed_epoch: u64,
        /// With a reserve: its vault. Anyone fills it by a transfer of tokens; nobody takes any out but by the policy. Zero otherwise.
        pub reserve_vault: Address,
        /// With a reserve: whose authority created the network, a part of its address, as nobody's consent makes a network of a mint
        /// that nobody can mint. Zero otherwise.
        pub founder: Address,
        /// Ever paid for credits that went back to the reserve instead of being burned.
        pub returned: U128,
        /// High side of the newest price that moved the average, in its scale: where credits are sold for dollars, work is valued at no
        /// less. Zero if none did since that was counted.
        pub ask: u64,
        /// [`DollarPolicy::feed_id`] of its auction.
        pub dollar_feed_id: [u8; 32],
        /// [`DollarPolicy::price_account`] of its auction.
        pub dollar_price_account: Address,
        /// Most dollars that each dollar shard may hold: of what may wait without anybody wanting it, its part.
        pub dollar_shard_limit: Tokens,
        /// [`DollarPolicy::cut`] of its auction.
        pub dollar_cut: Bps,
        /// [`DollarPolicy::premium`] of its auction.
        pub dollar_premium: Bps,
        /// 1 once the policy of its auction is in force: credits are sold for dollars as well.
        pub takes_dollars: u8,
        /// Zero.
        pub reserved: [u8; 11],
    }
}

impl Network {
    /// At `now` no epoch has had work for [`IDLE_PERIOD`], as far as epochs are closed.
    #[inline(always)]
    pub fn is_idle(&self, now: Timestamp) -> bool {
        now.since(self.last_worked_at) >= IDLE_PERIOD.0 as u64
    }

    /// Total length of all pauses up to `now`, the present one included.
    #[inline]
    pub fn paused_up_to(&self, now: Timestamp) -> Seconds {
        let present = if self.paused == 0 { 0 } else { now.since(self.paused_at) };
        Seconds(self.paused_duration.0.saturating_add(present.min(u32::MAX as u64) as u32))
    }

    /// The network is not paused: deposits and new work are allowed.
    #[inline(always)]
    pub fn require_unpaused(&self) -> Result<(), Fault> {
        if self.paused == 0 { Ok(()) } else { Err(Fault::Paused) }
    }

    /// Weights of the lanes, from the next epoch on.
    pub fn weights(&self) -> [u16; MAX_LANES as usize] {
        self.lanes.map(|lane| lane.weight)
    }

    /// The breaker's limit.
    pub fn mint_limit(&self) -> MintLimit {
        let policy = &self.policy;
        MintLimit { tokens: policy.breaker_tokens, share: policy.breaker_share, length: policy.breaker_window }
    }
}

pub use crate::price_update::PriceUpdate;

constants! {
    /// Pyth's receiver program: a `price_receiver`.
    pub const PYTH_RECEIVER: Address = Address::from_str_const("rec5EKMGg6MxZYaMdyBfgwp4d5rB9T1VQH5pJv5LtFJ");
    /// First eight bytes of a price account: of `sha256("account:PriceUpdateV2")`.
    pub const PRICE_UPDATE_DISCRIMINATOR: [u8; 8] = [0x22, 0xf1, 0x23, 0x63, 0x9d, 0x7e, 0xf4, 0xcd];
    /// Verification level of a price update whose signatures were all checked: no other is accepted.
    pub const PRICE_FULLY_VERIFIED: u8 = 1;
    /// Fewest decimals of a network's token. Each consumption of credits carries whole base units, rounded down: what it leaves
    /// must be worth less than a transaction.
    pub const MIN_DECIMALS: u8 = 6;
    /// How many spenders a network can have at a time.
    pub const MAX_SPENDERS: u8 = 16;
    /// How many lanes a network can have.
    pub const MAX_LANES: u8 = 16;
    /// Lowest limit of a lane that has one: a dollar. Below, what waits would hardly ever be paid.
    pub const MIN_LANE_LIMIT: Credits = Credits(1_000_000);
    /// Decimals of a stablecoin that credits are sold for: a base unit is a credit.
    pub const DOLLAR_DECIMALS: u8 = 6;
    /// How many shards of each kind a network can have: as many as there are bits in [`Epoch::folded`].
    pub const MAX_SHARDS: u8 = 64;
    /// How many oracles a network can have.
    pub const MAX_ORACLES: usize = 16;
    /// Longest Merkle proof of a reward root.
    pub const MAX_PROOF: usize = 32;
    /// How long an executable change stays so, in seconds.
    pub const CHANGE_WINDOW: Seconds = Seconds(14 * 86_400);
    /// Shortest time that a revoked spender is given, in seconds: work that runs or waits to be accepted can be settled. A pause
    /// is at once, and so is that nothing more is locked.
    pub const MIN_GRACE: Seconds = Seconds(30 * 86_400);
    /// Longest time that a revoked spender can be given, in seconds.
    pub const MAX_GRACE: Seconds = Seconds(90 * 86_400);
    /// How long a pause lasts at most, in seconds, if the authority does not renew it; and how long after a pause the guardian
    /// cannot pause again.
    pub const MAX_PAUSE: Seconds = Seconds(14 * 86_400);
    /// How long no epoch must have had work, in seconds, before owners can give credits up.
    pub const IDLE_PERIOD: Seconds = Seconds(180 * 86_400);
    /// How long a root can wait to be activated, in seconds from its publication. Then anyone closes it.
    pub const ROOT_LIFETIME: Seconds = Seconds(60 * 86_400);
    /// How long claimants have, in seconds from the last opening of their root. Then what they left goes back to the budget.
    pub const ROOT_CLAIM_PERIOD: Seconds = Seconds(180 * 86_400);
    /// How long ago a machine's leaf may have been proved when its owner claims what it earned, in seconds.
    pub const NODE_PROOF_AGE: Seconds = Seconds(60);
    /// Of how many roots that became active, one after the other, a claimant can be owed something at a time.
    pub const CLAIM_RING: usize = 8;
    /// By how much a price's publish time may be ahead of the chain's clock, and behind that of a price that was used, in seconds.
    /// Clocks lag, and a buyer's price is some seconds old when its transaction lands.
    pub const PRICE_TOLERANCE: Seconds = Seconds(30);
    /// Oldest price of a stablecoin that is used, in seconds, if the policy's `max_price_age` is not shorter.
    pub const MAX_DOLLAR_AGE: Seconds = Seconds(60);
    /// Oldest average that an epoch's demand is reckoned with, in seconds, unless the oracle is silent.
    pub const MAX_AVERAGE_AGE: Seconds = Seconds(3_600);
    /// How long after its end an epoch waits for a price, in seconds, if the policy names the price account and that
    /// account has had no usable price for [`MAX_AVERAGE_AGE`]. Later epochs of the same silence do not wait.
    pub const PRICE_GRACE: Seconds = Seconds(6 * 3_600);
    /// How long it waits, and how long nobody must have brought a price, in seconds, if the policy names no price account:
    /// then whoever closes cannot show that there is none. Later epochs of the same silence do not wait.
    pub const UNPINNED_PRICE_GRACE: Seconds = Seconds(7 * 86_400);
    /// How many epochs' work a provider's record and a shard can hold.
    pub const WORK_RING: usize = 8;
    /// How many periods work can be ahead of the open epoch, if that is not closed in time: work of later ones counts in the
    /// last of them. With the epoch that is being closed and the open one, they fill a shard's ring.
    pub const MAX_LATE_PERIODS: u64 = WORK_RING as u64 - 2;
    /// Most chores of an upkeep.
    pub const MAX_CHORES: usize = 16;
    /// Largest part of what comes in that an upkeep keeps for keepers, basis points.
    pub const MAX_KEEPER_SHARE: u16 = 2_000;
    /// Shortest time from one tip of a chore to the next.
    pub const MIN_CHORE_INTERVAL: Seconds = Seconds(60);
}

account! {
    /// An owner's credits in a network. Neither transferable nor perishable.
    pub struct CreditAccount: discriminator 2, size 352 {
        /// Discriminator 2.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// Who must sign for credits to be locked.
        pub owner: Address,
        /// Free credits.
        pub balance: Credits,
        /// Credits ever bought.
        pub issued: Credits,
        /// Credits ever consumed.
        pub consumed: Credits,
        /// Counts this account's events.
        pub sequence: u64,
        /// Credits locked, by [`Spender::id`]. `issued = balance + consumed + burned + sum(locked)`.
        pub locked: [Credits; MAX_SPENDERS as usize],
        /// [`Spender::number`] of whom they are locked for. Another than the spender's own locked nothing here: what one that
        /// is closed left locked is the owner's again.
        pub locked_for: [u16; MAX_SPENDERS as usize],
        /// Tokens that were paid for the credits in this account, free and locked. Each credit carries the same part of them.
        pub tokens: Tokens,
        /// Credits ever burned, for no provider.
        pub burned: Credits,
        /// Tokens that those carried, and of those that consumed credits carried what was more than these were worth.
        pub burned_tokens: Tokens,
        /// Tokens that were paid while the network was idle: they are not given back, as long as it is idle since before `idle_bought_at`.
        pub idle_tokens: Tokens,
        /// When some of them were paid last.
        pub idle_bought_at: Timestamp,
        /// Who paid the rent.
        pub payer: Address,
        /// When it was opened.
        pub opened_at: Timestamp,
        /// Spenders that may lock without the owner's signature: bit `n` is that of the spender whose [`Spender::id`] is `n`, as long as
        /// `locked_for` names it.
        pub approved_spenders: u16,
        /// Zero.
        pub reserved: [u8; 6],
    }
}

impl CreditAccount {
    /// Whether the spender may lock without the owner's signature. Another spender in the place of one that was closed may not.
    #[inline]
    pub fn approves(&self, spender: &Spender) -> bool {
        let place = spender.id as usize;
        self.locked_for.get(place) == Some(&spender.number) && self.approved_spenders & 1 << place != 0
    }

    /// Grows with every event, also if the account was closed and opened again since: nobody has a million events a second.
    #[inline]
    pub fn number(&self) -> u64 {
        ((self.opened_at.0 as u64) << 20).wrapping_add(self.sequence)
    }
}

account! {
    /// Tokens that await burning, and the credits issued for them.
    pub struct BurnShard: discriminator 3, size 192 {
        /// Discriminator 3.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// Its token account.
        pub vault: Address,
        /// Newest price that it accepted, as the publisher's time. One that is older by up to [`PRICE_TOLERANCE`] is accepted
        /// too, and buys no more than this one.
        pub published_at: Timestamp,
        /// Low side of that price: what credits were sold at.
        pub bid: u64,
        /// Credits ever issued here.
        pub issued: Credits,
        /// Tokens ever received.
        pub received: Tokens,
        /// Tokens ever burned.
        pub burned: Tokens,
        /// Counts this account's events.
        pub sequence: u64,
        /// Power of ten of the bid.
        pub exponent: i32,
        /// Its number.
        pub index: u8,
        /// Who paid its rent, its vault's and that of the work shard of this number.
        pub payer: Address,
        /// Zero.
        pub padding: [u8; 3],
        /// Tokens that ever went back to the reserve.
        pub returned: Tokens,
        /// Zero.
        pub reserved: [u8; 24],
    }
}

layout! {
    /// Work of one epoch.
    #[repr(C)]
    pub struct EpochWork {
        /// The epoch.
        pub epoch: u64,
        /// Credits worked off in it.
        pub credits: Credits,
        /// Tokens that they carried: paid for them when they were bought.
        pub tokens: Tokens,
    }
}

account! {
    /// Part of the credits worked off in the epoch that is being closed, the open one, and those that should be open if it is
    /// not closed in time.
    pub struct WorkShard: discriminator 4, size 256 {
        /// Discriminator 4.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// Work by epoch modulo the ring's length.
        pub work: [EpochWork; WORK_RING],
        /// Credits ever worked off here.
        pub total_work: Credits,
        /// Tokens that they carried.
        pub total_tokens: Tokens,
        /// Its number.
        pub index: u8,
        /// The lane whose work it counts.
        pub lane: u8,
        /// Zero.
        pub reserved: [u8; 6],
    }
}

account! {
    /// A provider's work of the last epochs in a lane, and the tokens that it earned.
    pub struct ProviderWork: discriminator 5, size 360 {
        /// Discriminator 5.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// Who claims.
        pub provider: Address,
        /// Work by epoch modulo the ring's length. An entry is free when its credits are zero.
        pub work: [EpochWork; WORK_RING],
        /// Tokens accrued and not yet claimed.
        pub accrued: Tokens,
        /// Tokens ever claimed.
        pub claimed: Tokens,
        /// Credits ever worked off.
        pub total_work: Credits,
        /// Counts this account's events.
        pub sequence: u64,
        /// Who paid the rent.
        pub payer: Address,
        /// Work that waits for the epoch named, because of the lane's limit: it counts in that one beside what was worked then.
        pub waiting: EpochWork,
        /// The lane.
        pub lane: u8,
        /// Zero.
        pub reserved: [u8; 7],
    }
}

layout! {
    /// A lane's work of an epoch.
    #[repr(C)]
    pub struct LaneWork {
        /// Credits worked off: new ones, and those that waited.
        pub credits: Credits,
        /// Tokens that they carry.
        pub tokens: Tokens,
        /// Of the credits, those that the epoch pays for; the others wait for the next.
        pub counted: Credits,
        /// Tokens that those carry: unless the operator vouches for every job, the lane is given no more, and a provider's part
        /// is that of its tokens.
        pub counted_tokens: Tokens,
        /// Of the credits, those that were paid for or passed on to the next epoch.
        pub settled: Credits,
        /// Tokens that those carry.
        pub settled_tokens: Tokens,
        /// Tokens for the lane's providers.
        pub emission: Tokens,
    }
}

account! {
    /// A closed epoch: what was worked in it, and what it minted.
    ///
    /// Once all its work is accrued it is swept: what rounding left is carried on, and the rent returns.
    pub struct Epoch: discriminator 6, size 1344 {
        /// Discriminator 6.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// Who paid the rent.
        pub payer: Address,
        /// Its number.
        pub index: u64,
        /// When its time was up.
        pub ended_at: Timestamp,
        /// When it was closed.
        pub closed_at: Timestamp,
        /// Period of the schedule with which it began.
        pub first_period: u64,
        /// Periods that it took: more than one if others before it, without work, were passed over. Its providers are paid for
        /// the last.
        pub periods: u64,
        /// Bit `i` is set when work shard `i` is folded in.
        pub folded: u64,
        /// Credits worked off that it pays for, of all lanes.
        pub worked: Credits,
        /// Tokens that they carried.
        pub tokens: Tokens,
        /// Tokens for providers.
        pub emission: Tokens,
        /// Of them, what was carried on from epochs before.
        pub carried: Tokens,
        /// Tokens for stakers.
        pub stakers_emission: Tokens,
        /// Tokens for the treasury.
        pub treasury_emission: Tokens,
        /// Tokens for reward roots: added to their budget.
        pub roots_emission: Tokens,
        /// Of the emission, what providers accrued.
        pub accrued: Tokens,
        /// Of the work, that which waits for later epochs included, what was accrued for or passed on.
        pub accrued_work: Credits,
        /// The average price that its demand was reckoned at; zero where the policy has no payout.
        pub price: u64,
        /// Power of ten of the price.
        pub exponent: i32,
        /// 1 when all shards are folded and the emission is decided.
        pub is_settled: u8,
        /// Zero.
        pub padding: [u8; 3],
        /// The policy that it began with.
        pub terms: EpochTerms,
        /// Credits worked off that wait for later epochs, because of the lanes' limits.
        pub waiting: Credits,
        /// By lanes.
        pub lanes: [LaneWork; MAX_LANES as usize],
        /// Zero.
        pub reserved: [u8; 24],
    }
}

account! {
    /// An authority, usually another program's address, that may lock and consume credits.
    pub struct Spender: discriminator 7, size 160 {
        /// Discriminator 7.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// Who must sign.
        pub authority: Address,
        /// Who paid the rent.
        pub payer: Address,
        /// Zero, or revoked: nothing more is locked for it, from this time on it consumes nothing, and owners may
        /// reclaim what is locked.
        pub closes_at: Timestamp,
        /// Counts this account's events.
        pub sequence: u64,
        /// How many spenders the network had added before: no other has the same, nor has this authority if it is added again.
        pub number: u16,
        /// Its place in [`CreditAccount::locked`]: another spender's once this one is closed.
        pub id: u8,
        /// The lane that it works in.
        pub lane: u8,
        /// Zero.
        pub reserved: [u8; 36],
    }
}

account! {
    /// A policy that waits to become the network's.
    pub struct PolicyChange: discriminator 8, size 608 {
        /// Discriminator 8.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// Who paid the rent.
        pub payer: Address,
        /// Its number.
        pub index: u64,
        /// [`Network::policy_version`] that it was proposed on: outdated once another change is executed.
        pub base_policy_version: u64,
        /// From when anyone may execute it, for [`CHANGE_WINDOW`].
        pub executable_at: Timestamp,
        /// The whole new policy.
        pub policy: Policy,
        /// 1 to forget the average, so that the next price begins a new one.
        pub reset_average: u8,
        /// Zero.
        pub reserved: [u8; 31],
    }
}

account! {
    /// Who may publish reward roots, and the pot that they pay from.
    pub struct OracleSet: discriminator 9, size 1_248 {
        /// Discriminator 9.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// Token account that claims are paid from. Owned by the network.
        pub vault: Address,
        /// The oracles, `count` of them.
        pub oracles: [Address; MAX_ORACLES],
        /// Counts the sets: a pending root of an earlier one is outdated.
        pub generation: u64,
        /// Number of roots ever published.
        pub root_count: u64,
        /// One more than the index of the newest root that became active; zero if none did.
        pub active_root: u64,
        /// Total of that root: the next one adds to it.
        pub total: Tokens,
        /// Tokens ever minted for roots.
        pub minted: Tokens,
        /// Counts this account's events.
        pub sequence: u64,
        /// When the proposed oracles may replace these; zero if none are proposed.
        pub executable_at: Timestamp,
        /// The proposed oracles.
        pub proposed_oracles: [Address; MAX_ORACLES],
        /// How many oracles there are.
        pub oracle_count: u8,
        /// How many must approve a root; zero while there is no set.
        pub threshold: u8,
        /// How many are proposed.
        pub proposed_count: u8,
        /// How many of them will have to approve a root.
        pub proposed_threshold: u8,
        /// Zero.
        pub padding: [u8; 4],
        /// Number of roots that ever became active.
        pub active_count: u64,
        /// Zero.
        pub reserved: [u8; 80],
    }
}

account! {
    /// The root of a Merkle tree over what claimants have ever earned: before it, and with it. It pays the difference, and
    /// nothing that another root was given.
    pub struct RewardRoot: discriminator 10, size 256 {
        /// Discriminator 10.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// Who paid the rent.
        pub payer: Address,
        /// The root.
        pub root: [u8; 32],
        /// Its number.
        pub index: u64,
        /// Total of the active root that it adds to: the sum of all leaves' previous totals, as the oracles say.
        pub previous_total: Tokens,
        /// Sum of all leaves' totals, as the oracles say. It pays no more than it adds.
        pub total: Tokens,
        /// [`OracleSet::generation`] that approves it.
        pub generation: u64,
        /// Bit `i` is set when oracle `i` approved.
        pub approvals: u64,
        /// When it was published.
        pub published_at: Timestamp,
        /// When it may be activated; zero until enough oracles have approved.
        pub activatable_at: Timestamp,
        /// When it became active; zero until then.
        pub activated_at: Timestamp,
        /// When some of it opened last.
        pub opened_at: Timestamp,
        /// Of what it adds, open for its claimants: each one's part of what it adds is its part of this.
        pub opened: Tokens,
        /// Of this, claimed.
        pub claimed: Tokens,
        /// Over how long it opens, evenly: the policy's when it became active.
        pub opening_period: Seconds,
        /// 1 once the guardian or the authority stopped it: nothing more opens.
        pub is_stopped: u8,
        /// Zero.
        pub padding: [u8; 3],
        /// Its number among the roots that became active: 1 for the first, zero until then.
        pub number: u64,
        /// Zero.
        pub reserved: [u8; 48],
    }
}

impl RewardRoot {
    /// What it adds to the totals of the roots before.
    pub fn addition(&self) -> joule_math::Result<Tokens> {
        self.total.minus(self.previous_total)
    }

    /// What of it may be open at `now`.
    pub fn openable(&self, now: Timestamp) -> joule_math::Result<Tokens> {
        let (period, passed) = (self.opening_period.0 as u64, now.since(self.activated_at));
        let addition = self.addition()?;
        if passed >= period {
            return Ok(addition);
        }
        Ok(Tokens(joule_math::mul_div_floor(addition.0, passed, period)?))
    }
}

layout! {
    /// What a root paid a claimant.
    #[repr(C)]
    pub struct RootPayment {
        /// [`RewardRoot::number`]; zero if none paid yet.
        pub root: u64,
        /// Tokens paid.
        pub paid: Tokens,
    }
}

account! {
    /// What a claimant was paid by all roots so far.
    pub struct RootClaim: discriminator 11, size 256 {
        /// Discriminator 11.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// Who claims.
        pub claimant: Address,
        /// Tokens ever claimed.
        pub claimed: Tokens,
        /// Counts this account's events.
        pub sequence: u64,
        /// By roots, by their [`RewardRoot::number`] modulo the ring's length. A root pays no longer once a later one has its place.
        pub payments: [RootPayment; CLAIM_RING],
        /// Who paid the rent.
        pub payer: Address,
        /// Zero.
        pub reserved: [u8; 8],
    }
}

layout! {
    /// What a network pays keepers for: an instruction of any program that names an account. Zero if there is none.
    #[repr(C)]
    pub struct Chore {
        /// Whose instruction it is.
        pub program: Address,
        /// An account that it must name: the network, a shard, a queue, the halt clock.
        pub account: Address,
        /// What is paid for it, base units; zero: nothing.
        pub tip: Tokens,
        /// When it was paid for last, or set.
        pub paid_at: Timestamp,
        /// It is paid for again when so long has passed: from [`MIN_CHORE_INTERVAL`] to 30 days.
        pub interval: Seconds,
        /// Where it names the account: 0 is its first.
        pub place: u8,
        /// How many bytes of `data` count: 1 to 8.
        pub data_length: u8,
        /// Zero.
        pub padding: [u8; 2],
        /// How the instruction's data begin: its discriminator, and arguments where others would do nothing.
        pub data: [u8; 8],
    }
}

impl Chore {
    /// How the instruction's data begin.
    pub fn prefix(&self) -> &[u8] {
        self.data.get(..self.data_length as usize).unwrap_or(&self.data)
    }
}

account! {
    /// What a network pays keepers out of its treasury's part. Its associated token account stands in the treasury's place in the
    /// policy; a share of what comes in is kept for keepers, up to a limit, and the rest goes to the treasury.
    pub struct Upkeep: discriminator 25, size 1760 {
        /// Discriminator 25.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// Token account that gets the rest. It is a seed of this account's address, so it never changes.
        pub treasury: Address,
        /// This account's associated token account.
        pub vault: Address,
        /// Who paid the rent.
        pub payer: Address,
        /// The mint's token program.
        pub token_program: Address,
        /// Kept for keepers, base units.
        pub kept: Tokens,
        /// Most that is kept.
        pub max_kept: Tokens,
        /// Counted, and not sent to the treasury yet.
        pub amount_due: Tokens,
        /// Paid to keepers so far.
        pub paid: Tokens,
        /// Part of what comes in that is kept: up to [`MAX_KEEPER_SHARE`].
        pub keeper_share: Bps,
        /// The mint's decimals.
        pub decimals: u8,
        /// Zero.
        pub reserved: [u8; 21],
        /// What keepers are paid for.
        pub chores: [Chore; MAX_CHORES],
    }
}

layout! {
    /// How a network sells credits for dollars, and what it pays for tokens with these. It waits as the policy's changes do, and for the end
    /// of the epoch that is open when it is proposed.
    #[repr(C)]
    pub struct DollarPolicy {
        /// Price feed of the stablecoin in dollars.
        pub feed_id: [u8; 32],
        /// The one price account to accept for it; zero accepts any of the policy's `price_receiver` with the right feed.
        pub price_account: Address,
        /// Token account of the stablecoin that receives the cut: a key's, or the associated one of an address that a program derived.
        pub treasury: Address,
        /// Most dollars' worth of tokens that is bought at once, base units: 100 to 1,000,000,000 dollars. As much again each `window`.
        pub limit: Tokens,
        /// In what time an auction that was filled to its limit opens again: an hour to 30 days.
        pub window: Seconds,
        /// Sales of credits for dollars stop above so many limits of dollars for which nobody has brought tokens: up to 1,000; zero
        /// stops them at once.
        pub max_unwanted: u16,
        /// The treasury's part of what customers pay: up to 5,000. Credits are issued for the rest.
        pub cut: Bps,
        /// Discount on the price at which tokens are bought when the auction is filled to its limit: from `premium` to 5,000.
        pub max_discount: Bps,
        /// What is paid above the price when it is all open: up to 500. The least that sellers need in a rising market.
        pub premium: Bps,
        /// Zero.
        pub reserved: [u8; 4],
    }
}

account! {
    /// The auction of a network: dollars that customers paid for credits, for which it buys its own tokens, and burns them.
    pub struct Auction: discriminator 12, size 544 {
        /// Discriminator 12.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// The stablecoin. It never changes.
        pub mint: Address,
        /// Token or Token-2022.
        pub token_program: Address,
        /// Holds the dollars that came from the shards. Owned by the network.
        pub vault: Address,
        /// Who paid the rent.
        pub payer: Address,
        /// What the authority decides.
        pub policy: DollarPolicy,
        /// What is proposed to be decided instead.
        pub proposed_policy: DollarPolicy,
        /// From when anyone may put that into force, for [`CHANGE_WINDOW`]; zero if nothing is proposed.
        pub executable_at: Timestamp,
        /// Dollars that ever came from the shards, base units.
        pub received: Tokens,
        /// Dollars ever paid for tokens.
        pub paid: Tokens,
        /// Of what came, the treasury's part that it does not have yet.
        pub cut_due: Tokens,
        /// The treasury's part that it has.
        pub cut_paid: Tokens,
        /// Dollars that are there for sellers, when some last came or went.
        pub unsold: Tokens,
        /// How far it is filled, in dollars' worth of tokens: from nothing, all open, to the policy's limit.
        pub level: Tokens,
        /// When that was counted.
        pub leaked_at: Timestamp,
        /// Tokens ever brought for dollars.
        pub tokens: U128,
        /// Of them, those that went to the reserve instead of being burned.
        pub returned: U128,
        /// Newest price at which tokens were bought, as the publisher's time.
        pub published_at: Timestamp,
        /// Low side of that price.
        pub bid: u64,
        /// Counts this account's events.
        pub sequence: u64,
        /// Its power of ten.
        pub exponent: i32,
        /// Number of dollar shards.
        pub shard_count: u8,
        /// What the stablecoin's issuer may do, as bits: see `issuer_power` of `escrow`. It never grows.
        pub issuer_powers: u8,
        /// Zero.
        pub reserved: [u8; 10],
    }
}

account! {
    /// Dollars that customers paid, and the credits issued for them.
    pub struct DollarShard: discriminator 13, size 224 {
        /// Discriminator 13.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// Its token account. Owned by the network.
        pub vault: Address,
        /// [`Auction::token_program`].
        pub token_program: Address,
        /// Who paid the rent.
        pub payer: Address,
        /// Newest price of the network's token that it accepted, as the publisher's time.
        pub published_at: Timestamp,
        /// High side of that price.
        pub ask: u64,
        /// Credits ever issued here.
        pub issued: Credits,
        /// Dollars ever received, base units.
        pub received: Tokens,
        /// Of them, those that went on to the auction.
        pub folded: Tokens,
        /// Of them, those that were not there when the others went on: the issuer took them. What it gives back goes on.
        pub missing: Tokens,
        /// Of those that did not, the treasury's part.
        pub cut_due: Tokens,
        /// Tokens that the credits carry, together.
        pub tokens: Tokens,
        /// Power of ten of the price.
        pub exponent: i32,
        /// Its number.
        pub index: u8,
        /// Zero.
        pub reserved: [u8; 19],
    }
}

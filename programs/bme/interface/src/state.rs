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
        /// Token account that receives the stakers' part of each emission.
        pub stakers_token_account: Address,
        /// Token account that receives the treasury's part of each emission.
        pub treasury_token_account: Address,
        /// Program that owns the price accounts.
        pub price_receiver: Address,
        /// The one price account to accept; zero accepts any of the receiver with the right feed.
        pub price_account: Address,
        /// Price feed of the token in dollars.
        pub feed_id: [u8; 32],
        /// Emission of the schedule's first period, base units.
        pub initial_emission: Tokens,
        /// Supply that no minting exceeds. A change can only lower it.
        pub max_supply: Tokens,
        /// Of the tokens burned since the last close, most to give back for one period.
        pub remint_cap: Tokens,
        /// Most to mint in a breaker window; zero sets no limit.
        pub breaker_tokens: Tokens,
        /// Length of an epoch, and of a period of the schedule: at least an hour.
        pub epoch_duration: Seconds,
        /// Periods between two steps of the emission's decay; at least 1.
        pub decay_step: u32,
        /// Oldest acceptable price: a second to an hour.
        pub max_price_age: Seconds,
        /// Length of a breaker window: an hour to 30 days.
        pub breaker_window: Seconds,
        /// How long a queued change waits: an hour to 30 days. A change of this waits as long as was said before.
        pub change_delay: Seconds,
        /// How long a reward root can be challenged: an hour to 30 days.
        pub root_delay: Seconds,
        /// Part of the emission lost at each step.
        pub decay_share: Bps,
        /// Widest acceptable confidence interval, of the price: 1 to 1,000.
        pub max_confidence: Bps,
        /// Providers' part of an emission; with the stakers' at most the whole.
        pub providers_share: Bps,
        /// Stakers' part of an emission. The treasury's is the rest.
        pub stakers_share: Bps,
        /// Providers' income, of the dollars worked, that no epoch exceeds; zero sets no bound.
        pub payout_share: Bps,
        /// How far a price may be from the network's average; zero sets no band.
        pub max_deviation: Bps,
        /// How fast the average follows the price: most of itself an hour; 1 to 5,000.
        pub average_speed: Bps,
        /// Most to mint in a breaker window, of the supply at its beginning; zero sets no limit.
        pub breaker_share: Bps,
        /// Zero.
        pub reserved: [u8; 24],
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
        /// Its power of ten: the feed's.
        pub exponent: i32,
        /// Zero.
        pub reserved: [u8; 4],
    }
}

layout! {
    /// What the breaker let pass in the present window.
    #[repr(C)]
    pub struct Breaker {
        /// The window's number.
        pub window: u64,
        /// Minted in it.
        pub minted: Tokens,
        /// Most that may be.
        pub limit: Tokens,
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
    /// All three together.
    pub fn sum(&self) -> joule_math::Result<Tokens> {
        self.providers.plus(self.stakers)?.plus(self.treasury)
    }
}

account! {
    /// The root account of a network, and the mint authority of its token.
    ///
    /// Read-only on the hot path: written by its authority and by cranks.
    pub struct Network: discriminator 1, size 768 {
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
        /// Period of the schedule with which the open epoch begins.
        pub period: u64,
        /// Supply when the network was created.
        pub initial_supply: Tokens,
        /// Ever scheduled for epochs that are settled.
        pub scheduled: U128,
        /// Ever given back of what was burned.
        pub reminted: U128,
        /// Ever minted, for epochs and for reward roots. Burned so far is `initial_supply + minted - supply`.
        pub minted: U128,
        /// Of the burned tokens, those that a settled epoch has seen.
        pub burned_seen: U128,
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
        /// Number of spenders ever added.
        pub spender_count: u8,
        /// 1 while deposits and new work are paused.
        pub paused: u8,
        /// 1 while the epoch before the open one is being folded.
        pub closing: u8,
        /// Zero.
        pub padding: [u8; 3],
        /// When the present pause began; zero while the network is not paused.
        pub paused_at: Timestamp,
        /// Total length of the pauses that are over.
        pub paused_duration: Seconds,
        /// Zero.
        pub reserved: [u8; 84],
    }
}

impl Network {
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

    /// What decides an epoch's emission.
    pub fn emission(&self) -> Emission {
        let policy = &self.policy;
        let schedule =
            Schedule { initial: policy.initial_emission, decay: policy.decay_share, step: policy.decay_step };
        Emission { schedule, remint_cap: policy.remint_cap, providers: policy.providers_share }
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
    /// How many spenders a network can have.
    pub const MAX_SPENDERS: u8 = 16;
    /// How many shards of each kind a network can have: as many as there are bits in [`Epoch::folded`].
    pub const MAX_SHARDS: u8 = 64;
    /// How many oracles a network can have.
    pub const MAX_ORACLES: usize = 16;
    /// Longest Merkle proof of a reward root.
    pub const MAX_PROOF: usize = 32;
    /// How long an executable change stays so, in seconds.
    pub const CHANGE_WINDOW: Seconds = Seconds(14 * 86_400);
    /// Longest time that a revoked spender can be given, in seconds.
    pub const MAX_GRACE: Seconds = Seconds(30 * 86_400);
    /// Oldest average that an epoch's demand is reckoned with, in seconds.
    pub const MAX_AVERAGE_AGE: Seconds = Seconds(3_600);
    /// How many epochs' unaccrued work a provider can hold.
    pub const WORK_RING: usize = 8;
}

account! {
    /// An owner's credits in a network. Neither transferable nor perishable.
    pub struct CreditAccount: discriminator 2, size 256 {
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
        /// Credits locked, by [`Spender::id`]. `issued = balance + consumed + sum(locked)`.
        pub locked: [Credits; MAX_SPENDERS as usize],
        /// Zero.
        pub reserved: [u8; 24],
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
        /// Newest price that it accepted, as the publisher's time; an older one is refused.
        pub published_at: Timestamp,
        /// Credits ever issued here.
        pub issued: Credits,
        /// Tokens ever received.
        pub received: Tokens,
        /// Tokens ever burned.
        pub burned: Tokens,
        /// Counts this account's events.
        pub sequence: u64,
        /// Its number.
        pub index: u8,
        /// Zero.
        pub reserved: [u8; 79],
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
    }
}

account! {
    /// Part of the credits worked off in the open epoch and in the one that is being closed.
    pub struct WorkShard: discriminator 4, size 256 {
        /// Discriminator 4.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// Work by the parity of its epoch.
        pub work: [EpochWork; 2],
        /// Credits ever worked off here.
        pub total_work: Credits,
        /// The epoch that `spent` is of.
        pub spent_epoch: u64,
        /// Credits consumed here in that epoch by spenders with a limit, by [`Spender::id`].
        pub spent: [Credits; MAX_SPENDERS as usize],
        /// Its number.
        pub index: u8,
        /// Zero.
        pub reserved: [u8; 39],
    }
}

account! {
    /// A provider's work of the last epochs, and the tokens that it earned.
    pub struct ProviderWork: discriminator 5, size 256 {
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
        /// Zero.
        pub reserved: [u8; 24],
    }
}

account! {
    /// A closed epoch: what was worked in it, and what it minted.
    ///
    /// Once all its work is accrued it is swept: what rounding left is carried on, and the rent returns.
    pub struct Epoch: discriminator 6, size 256 {
        /// Discriminator 6.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// Who paid the rent.
        pub payer: Address,
        /// Its number.
        pub index: u64,
        /// When it was closed.
        pub closed_at: Timestamp,
        /// Period of the schedule with which it began.
        pub first_period: u64,
        /// Periods that it took: more than one if it was closed late.
        pub periods: u64,
        /// Bit `i` is set when work shard `i` is folded in.
        pub folded: u64,
        /// Credits worked off.
        pub worked: Credits,
        /// Tokens for providers: `floor(emission * work / worked)` is a provider's.
        pub emission: Tokens,
        /// Of them, what was carried on from epochs before.
        pub carried: Tokens,
        /// Tokens for stakers.
        pub stakers_emission: Tokens,
        /// Tokens for the treasury.
        pub treasury_emission: Tokens,
        /// Of the emission, what providers accrued.
        pub accrued: Tokens,
        /// Of the work, what was accrued for.
        pub accrued_work: Credits,
        /// The average price that its demand was reckoned at; zero where the policy has no payout.
        pub price: u64,
        /// Power of ten of the price.
        pub exponent: i32,
        /// 1 when all shards are folded and the emission is decided.
        pub is_settled: u8,
        /// Zero.
        pub reserved: [u8; 75],
    }
}

account! {
    /// An authority, usually another program's address, that may lock and consume credits.
    pub struct Spender: discriminator 7, size 128 {
        /// Discriminator 7.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// Who must sign.
        pub authority: Address,
        /// Most credits to consume in an epoch; zero sets no limit. Each work shard lets its equal part pass.
        pub epoch_limit: Credits,
        /// Zero, or revoked: nothing more is locked for it, from this time on it consumes nothing, and owners may
        /// reclaim what is locked.
        pub closes_at: Timestamp,
        /// Counts this account's events.
        pub sequence: u64,
        /// Its place in [`CreditAccount::locked`]; never given again.
        pub id: u8,
        /// Zero.
        pub reserved: [u8; 31],
    }
}

account! {
    /// A policy that waits to become the network's.
    pub struct PolicyChange: discriminator 8, size 416 {
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
    pub struct OracleSet: discriminator 9, size 704 {
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
        /// One more than the index of the root that is claimed from; zero if there is none.
        pub active_root: u64,
        /// Tokens ever minted for roots.
        pub minted: Tokens,
        /// Counts this account's events.
        pub sequence: u64,
        /// How many oracles there are.
        pub oracle_count: u8,
        /// How many must approve a root; zero while there is no set.
        pub threshold: u8,
        /// Zero.
        pub reserved: [u8; 78],
    }
}

account! {
    /// The root of a Merkle tree over what every claimant has ever earned.
    pub struct RewardRoot: discriminator 10, size 192 {
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
        /// Sum of all leaves, as the oracles say: no more is ever minted for it and the roots before.
        pub total: Tokens,
        /// [`OracleSet::generation`] that approves it.
        pub generation: u64,
        /// Bit `i` is set when oracle `i` approved.
        pub approvals: u64,
        /// When it may be activated; zero until enough oracles have approved.
        pub activatable_at: Timestamp,
        /// Zero.
        pub reserved: [u8; 48],
    }
}

account! {
    /// What a claimant was paid by all roots so far.
    pub struct RootClaim: discriminator 11, size 128 {
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
        /// Zero.
        pub reserved: [u8; 40],
    }
}

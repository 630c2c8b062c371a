//! Account layouts. Little-endian, in place, no implicit padding; `reserved` bytes are zero.

use {
    joule_interface::{Address, Header, account, layout},
    joule_math::{Bps, Credits, Schedule, Seconds, Timestamp, Tokens},
};

account! {
    /// The root account of a network, and the mint authority of its token.
    ///
    /// Read-only on the hot path: written by its authority and by epoch closes.
    pub struct Network: kind 1, size 640 {
        /// Kind 1.
        pub header: Header,
        /// Changes parameters, adds shards and spenders, resumes.
        pub authority: Address,
        /// May pause deposits and new work.
        pub guardian: Address,
        /// The network's token.
        pub mint: Address,
        /// Token or Token-2022.
        pub token_program: Address,
        /// Holds what providers have not claimed.
        pub reward_vault: Address,
        /// Token account that receives the stakers' part of each emission.
        pub stakers: Address,
        /// Token account that receives the treasury's part of each emission.
        pub treasury: Address,
        /// Program that owns the price accounts.
        pub price_receiver: Address,
        /// The one price account to accept; zero accepts any of the receiver with the right feed.
        pub price_account: Address,
        /// Price feed of the token in dollars.
        pub feed_id: [u8; 32],
        /// The epoch that work goes to.
        pub open_epoch: u64,
        /// When the open epoch may be closed.
        pub epoch_ends: Timestamp,
        /// Emission of the first epoch, base units.
        pub initial_emission: Tokens,
        /// Supply that no emission exceeds.
        pub max_supply: Tokens,
        /// Minted by all epochs so far.
        pub minted: Tokens,
        /// Counts this account's events.
        pub sequence: u64,
        /// Length of an epoch.
        pub epoch_duration: Seconds,
        /// Epochs between two steps of the emission's decay.
        pub decay_step: u32,
        /// Oldest acceptable price.
        pub max_price_age: Seconds,
        /// Part of the emission lost at each step.
        pub decay: Bps,
        /// Widest acceptable confidence interval, of the price.
        pub max_confidence: Bps,
        /// Providers' part of an emission.
        pub providers_share: Bps,
        /// Stakers' part of an emission. The treasury's is the rest.
        pub stakers_share: Bps,
        /// Decimals of the token.
        pub decimals: u8,
        /// Number of burn shards, and of work shards.
        pub shards: u8,
        /// Number of spenders ever added.
        pub spenders: u8,
        /// 1 while deposits and new work are paused.
        pub paused: u8,
        /// 1 while the epoch before the open one is being folded.
        pub closing: u8,
        /// Zero.
        pub reserved: [u8; 239],
    }
}

impl Network {
    /// The emission schedule.
    pub fn schedule(&self) -> Schedule {
        Schedule {
            initial: self.initial_emission,
            decay: self.decay,
            step: self.decay_step,
            max_supply: self.max_supply,
        }
    }
}

/// How many spenders a network can have.
pub const MAX_SPENDERS: u8 = 16;
/// How many shards of each kind a network can have: as many as there are bits in [`Epoch::folded`].
pub const MAX_SHARDS: u8 = 64;
/// How many epochs' unaccrued work a provider can hold.
pub const WORK_RING: usize = 8;

account! {
    /// An owner's credits in a network. Neither transferable nor perishable.
    pub struct CreditAccount: kind 2, size 256 {
        /// Kind 2.
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
    pub struct BurnShard: kind 3, size 192 {
        /// Kind 3.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// Its token account.
        pub vault: Address,
        /// Newest price that it accepted, as the publisher's time; an older one is refused.
        pub published: Timestamp,
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
    pub struct WorkShard: kind 4, size 128 {
        /// Kind 4.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// Work by the parity of its epoch.
        pub work: [EpochWork; 2],
        /// Credits ever worked off here.
        pub total: Credits,
        /// Its number.
        pub index: u8,
        /// Zero.
        pub reserved: [u8; 47],
    }
}

account! {
    /// A provider's work of the last epochs, and the tokens that it earned.
    pub struct ProviderWork: kind 5, size 256 {
        /// Kind 5.
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
        pub total: Credits,
        /// Counts this account's events.
        pub sequence: u64,
        /// Zero.
        pub reserved: [u8; 24],
    }
}

account! {
    /// A closed epoch: what was worked in it, and what it minted.
    pub struct Epoch: kind 6, size 192 {
        /// Kind 6.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// Its number.
        pub index: u64,
        /// When it was closed.
        pub closed: Timestamp,
        /// Bit `i` is set when work shard `i` is folded in.
        pub folded: u64,
        /// Credits worked off.
        pub worked: Credits,
        /// Tokens minted for providers: `floor(emission * work / worked)` is a provider's.
        pub emission: Tokens,
        /// Tokens minted for stakers.
        pub stakers_emission: Tokens,
        /// Tokens minted for the treasury.
        pub treasury_emission: Tokens,
        /// Of the emission, what providers accrued.
        pub accrued: Tokens,
        /// Of the work, what was accrued for.
        pub accrued_work: Credits,
        /// 1 when all shards are folded and the emission is minted.
        pub settled: u8,
        /// Zero.
        pub reserved: [u8; 79],
    }
}

account! {
    /// An authority, usually another program's address, that may lock and consume credits.
    pub struct Spender: kind 7, size 128 {
        /// Kind 7.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// Who must sign.
        pub authority: Address,
        /// Its place in [`CreditAccount::locked`]; never given again.
        pub id: u8,
        /// Zero.
        pub reserved: [u8; 55],
    }
}

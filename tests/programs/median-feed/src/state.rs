//! Account layouts. The price account's is `PriceUpdate` of `bme`'s interface.

use {
    joule_interface::{Address, Header, account, layout},
    joule_math::{Bps, Seconds, Timestamp, U128},
};

/// Most sources of a feed.
pub const MAX_SOURCES: usize = 16;
/// How long after it can be executed a proposal lasts.
pub const PROPOSAL_WINDOW: Seconds = Seconds(14 * 86_400);

layout! {
    /// Who says what the price is.
    #[repr(C)]
    pub struct Source {
        /// Of a signer: its address. Of a feed: the feed's id.
        pub key: Address,
        /// Of a feed: the program that owns its price accounts. Zero: it is a signer.
        pub receiver: Address,
    }
}

layout! {
    /// What a source said last.
    #[repr(C)]
    pub struct Report {
        /// Price, in units of the feed's exponent, above zero; zero if there is none yet.
        pub price: u64,
        /// Half width of its confidence interval.
        pub conf: u64,
        /// When it was observed.
        pub observed_at: Timestamp,
    }
}

layout! {
    /// A source, and what it said last.
    #[repr(C)]
    pub struct Slot {
        /// The source.
        pub source: Source,
        /// Its report.
        pub report: Report,
    }
}

layout! {
    /// How reports become a price.
    #[repr(C)]
    pub struct Settings {
        /// Oldest report that counts: 1 second to an hour. No longer than the network's `max_price_age`.
        pub max_age: Seconds,
        /// Time over which the moving average forgets: 60 seconds to a day.
        pub average_period: Seconds,
        /// Most that the price moves in an hour, of itself: 1 to 10,000. What it lacks, the confidence interval has.
        pub speed: Bps,
        /// Least half width of the confidence interval, of the price: 0 to 1,000.
        pub min_confidence: Bps,
        /// Fewest reports that make a price: more than half of the sources.
        pub min_reports: u8,
        /// Zero.
        pub reserved: [u8; 3],
    }
}

account! {
    /// A feed.
    pub struct Feed: discriminator 1, size 2704 {
        /// Discriminator 1.
        pub header: Header,
        /// Who proposes sources and settings, and removes sources; zero if nobody does any more.
        pub authority: Address,
        /// Its first authority: a seed of its address.
        pub creator: Address,
        /// Who paid the rent, and gets it back.
        pub payer: Address,
        /// Its price account.
        pub price_account: Address,
        /// Number among the creator's feeds: a seed of its address.
        pub id: u64,
        /// How long proposals wait.
        pub change_delay: Seconds,
        /// Power of ten of all prices, -12 to 0.
        pub exponent: i32,
        /// How reports become a price.
        pub settings: Settings,
        /// The price; zero before the first.
        pub price: u64,
        /// Half width of its confidence interval.
        pub conf: u64,
        /// More than half of the reports behind it were observed then or later.
        pub published_at: Timestamp,
        /// Up to when the price was given its time to move.
        pub moved_at: Timestamp,
        /// When the moving average last moved.
        pub averaged_at: Timestamp,
        /// Moving average of the price, in units of 2^-32.
        pub average: U128,
        /// Moving average of the confidence interval's half width, in units of 2^-32.
        pub average_conf: U128,
        /// When what is proposed can be executed; zero if nothing is.
        pub executable_at: Timestamp,
        /// Proposed settings.
        pub proposed_settings: Settings,
        /// How many sources there are.
        pub count: u8,
        /// How many are proposed; none if it is proposed to close the feed.
        pub proposed_count: u8,
        /// Zero.
        pub reserved: [u8; 6],
        /// The sources.
        pub slots: [Slot; MAX_SOURCES],
        /// Proposed sources.
        pub proposed_sources: [Source; MAX_SOURCES],
    }
}

impl Feed {
    /// Its sources and what they said.
    pub fn slots(&self) -> &[Slot] {
        &self.slots[..self.count as usize]
    }
}

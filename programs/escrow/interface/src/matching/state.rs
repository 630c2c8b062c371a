//! The queue of a market, and those that wait in it.

use {
    joule_interface::{Address, Header, account, constants, layout},
    joule_math::Timestamp,
};

constants! {
    /// Values of [`Job::matching`](crate::state::Job::matching); [`Terms::matching`](crate::state::Terms::matching) is a sum of them.
    pub mod matching {
        /// The client names the provider.
        pub const DIRECT: u8 = 1;
        /// First come, first served: jobs wait for providers, or providers for jobs.
        pub const QUEUE: u8 = 2;
        /// The lowest bid gets the job.
        pub const AUCTION: u8 = 4;
        /// It is a place of a gang: [`PostPlaces`](crate::instruction::PostPlaces). Only where seconds are paid, and with a bond, heartbeats and a
        /// `failure_penalty`.
        pub const GANG: u8 = 8;
    }
}

account! {
    /// A market's queue: jobs that wait for providers, or providers that wait for jobs, never both. It is the one account that jobs
    /// of different clients write, so joining, leaving and taking wait for each other.
    ///
    /// Behind it lie `slots` entries of [`QueueEntry`]; `capacity` of them form a ring. Entries never move: an entry that leaves is
    /// blanked in its slot. Blank slots beside each other are one gap, which is skipped in one step. Slots that are added while the ring wraps around its end count once it no
    /// longer does.
    pub struct Queue: discriminator 4, size 128 {
        /// Discriminator 4.
        pub header: Header,
        /// Market.
        pub market: Address,
        /// Whoever paid the rent.
        pub payer: Address,
        /// Slot of the first entry.
        pub head: u32,
        /// Slots in use, from `head` on, blank ones included.
        pub used: u32,
        /// Slots of the ring.
        pub capacity: u32,
        /// Slots that the account has room for.
        pub slots: u32,
        /// Entries that have not left.
        pub waiting: u32,
        /// What waits, one of [`side`]; without meaning while the queue is empty.
        pub side: u8,
        /// How often the first job was passed over: a provider took one behind it. Counted once in
        /// [`PASS_INTERVAL`](crate::state::PASS_INTERVAL).
        pub first_passed: u8,
        /// Zero.
        pub padding: [u8; 2],
        /// When that was counted last.
        pub passed_at: Timestamp,
        /// The last period of 64 seconds in which a job was taken that can be handed back.
        pub taken_period: u32,
        /// Jobs that were taken in it: the ring keeps room for them.
        pub taken: u32,
        /// Jobs that were taken in the period before: the same.
        pub taken_before: u32,
        /// Zero.
        pub reserved: [u8; 12],
    }
    then {
        /// The entries.
        entries: [QueueEntry],
    }
}

layout! {
    /// A job or a provider that waits.
    #[repr(C)]
    pub struct QueueEntry {
        /// A job, or the authority of a provider; zero: the entry left.
        pub occupant: Address,
        /// [`Job::posting_id`](crate::state::Job::posting_id), or [`WaitingProvider::wait_id`]. In the first and in the last slot of a
        /// gap: how many slots it has.
        pub posting_or_wait_id: u64,
        /// When the wait ends.
        pub expires_at: Timestamp,
    }
}

constants! {
    /// Values of [`Queue::side`].
    pub mod side {
        /// Jobs wait for providers.
        pub const JOBS: u8 = 1;
        /// Providers wait for jobs.
        pub const PROVIDERS: u8 = 2;
    }
}

account! {
    /// A provider that waits in a market's queue. Each account holds one wait at a time.
    pub struct WaitingProvider: discriminator 5, size 160 {
        /// Discriminator 5.
        pub header: Header,
        /// Market.
        pub market: Address,
        /// Authority of the provider.
        pub provider: Address,
        /// Whoever paid the rent.
        pub payer: Address,
        /// Id of the last wait: no two waits have the same.
        pub wait_id: u64,
        /// Slot of the queue.
        pub slot: u32,
        /// Index among the provider's accounts in this market.
        pub index: u8,
        /// Zero.
        pub reserved: [u8; 43],
    }
}

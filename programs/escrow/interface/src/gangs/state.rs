//! A gang.

use {
    joule_interface::{Address, Header, account, constants, layout},
    joule_math::{Amount, Seconds, Timestamp},
};

constants! {
    /// Most places of a gang.
    pub const MAX_MEMBERS: usize = 64;
    /// A member has failed once its last heartbeat is longer ago than so many intervals.
    pub const MAX_SILENT_INTERVALS: u64 = 3;
}

constants! {
    /// Values of [`Gang::state`].
    pub mod gang_state {
        /// Providers may join, and leave. No clock runs.
        pub const FILLING: u8 = 1;
        /// All places are taken: the clock of all runs.
        pub const RUNNING: u8 = 2;
        /// A member failed, quit or was dismissed: the clock of all stands, and a substitute may join.
        pub const BROKEN: u8 = 3;
        /// It was not full at the deadline. Nobody is paid.
        pub const DISSOLVED: u8 = 4;
        /// Its client cancelled it before it was full.
        pub const CANCELLED: u8 = 5;
        /// Ended before its time.
        pub const STOPPED: u8 = 6;
        /// Its time is over.
        pub const FINISHED: u8 = 7;
    }
}

constants! {
    /// Who stopped a gang's clock: values of [`Gang::stopped_by`].
    pub mod stopped_by {
        /// Nobody: it runs, or never ran, or its time is over.
        pub const NOBODY: u8 = 0;
        /// Its client: it stopped the gang, or dismissed a member.
        pub const CLIENT: u8 = 1;
        /// A member, which failed or quit.
        pub const MEMBER: u8 = 2;
    }
}

layout! {
    /// A place of a gang.
    #[repr(C)]
    pub struct Place {
        /// Its job; zero: none.
        pub job: Address,
        /// First eight bytes of the member's node, or of its provider where the terms ask for no class: none is twice in a gang. Zero
        /// while nobody is there.
        pub machine: u64,
    }
}

account! {
    /// A job on several machines, all or none. Each place is a [`Job`](crate::state::Job) in the state
    /// [`GANG`](crate::state::job_state::GANG), which holds that place's money and its member's bond.
    ///
    /// All members have one clock: it runs while all places are taken. The jobs' times are of that clock: what has passed since the start,
    /// less the seconds for which the clock stood.
    pub struct Gang: discriminator 14, size 2_848 {
        /// Discriminator 14.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// Market.
        pub market: Address,
        /// Who pays.
        pub client: Address,
        /// Whoever paid the rent.
        pub payer: Address,
        /// Owner of the nodes of all members; zero: anyone.
        pub owner: Address,
        /// Where the nodes of all members stand; zero: anywhere.
        pub site: [u8; 32],
        /// Price of a second of each member.
        pub price: Amount,
        /// [`Market::terms_version`](crate::state::Market::terms_version) of all places.
        pub terms_version: u64,
        /// Counts this account's events.
        pub sequence: u64,
        /// Until when places can be taken: at first, and after a failure.
        pub deadline_at: Timestamp,
        /// When it was full for the first time; zero: never.
        pub started_at: Timestamp,
        /// When its clock stopped; zero while it runs, and before.
        pub stopped_at: Timestamp,
        /// Seconds for which its clock stood.
        pub stood: u64,
        /// When its clock stood for the last time before it went on; zero: never.
        pub last_stopped_at: Timestamp,
        /// When it went on after that.
        pub resumed_at: Timestamp,
        /// Seconds that its clock is to run.
        pub duration: Seconds,
        /// Places.
        pub size: u8,
        /// Places that have a job.
        pub posted: u8,
        /// Places that have a member.
        pub joined: u8,
        /// One of [`gang_state`].
        pub state: u8,
        /// One of [`stopped_by`].
        pub stopped_by: u8,
        /// Zero.
        pub reserved: [u8; 7],
        /// The places. A job keeps its place.
        pub places: [Place; MAX_MEMBERS],
    }
}

impl Gang {
    /// What its clock shows at `now`, as a time: that of the start, and the seconds that it ran.
    #[inline]
    pub fn clock(&self, now: Timestamp) -> Timestamp {
        let now = if self.stopped_at == Timestamp::default() { now } else { self.stopped_at };
        Timestamp(now.0.saturating_sub_unsigned(self.stood))
    }

    /// What its clock showed at `at`, which is past. Before the last time that it went on, nothing is known of times that it stood
    /// earlier: they count as if they had been before `at`.
    #[inline]
    pub fn clock_at(&self, at: Timestamp) -> Timestamp {
        let last_stand = self.resumed_at.since(self.last_stopped_at);
        if at >= self.resumed_at {
            let stands = self.stopped_at != Timestamp::default();
            let until = if stands { at.min(self.stopped_at) } else { at };
            return Timestamp(until.0.saturating_sub_unsigned(self.stood));
        }
        Timestamp(at.min(self.last_stopped_at).0.saturating_sub_unsigned(self.stood.saturating_sub(last_stand)))
    }

    /// When its time is over, by its clock.
    #[inline]
    pub fn ends_at(&self) -> Timestamp {
        Timestamp(self.started_at.0.saturating_add(self.duration.0 as i64))
    }

    /// Whether its time is over, if it runs.
    #[inline]
    pub fn is_time_over(&self, now: Timestamp) -> bool {
        self.clock(now) >= self.ends_at()
    }

    /// Whether nothing starts any more.
    #[inline]
    pub fn has_ended(&self) -> bool {
        self.state >= gang_state::DISSOLVED
    }
}

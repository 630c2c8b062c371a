//! A beacon.

use {
    joule_interface::{Address, Header, account, constants, layout},
    joule_math::{Seconds, Timestamp},
};

constants! {
    /// Gaps that a beacon remembers.
    pub const MAX_GAPS: usize = 32;
    /// Anyone closes a beacon that no job is on, and that has been silent for so long.
    pub const BEACON_CLOSING_DELAY: Seconds = Seconds(30 * 86_400);
}

layout! {
    /// Time from one beat of a beacon to the next that was longer than its interval.
    #[repr(C)]
    pub struct Gap {
        /// The beat before.
        pub began_at: Timestamp,
        /// The beat after.
        pub ended_at: Timestamp,
    }
}

account! {
    /// One heartbeat for all jobs that run on a machine: of a provider's node, or of all that it runs without one. It holds running sums
    /// from when it was opened; a job notes them at its start, and what it takes at its end is the difference. The start of each job on it
    /// is a beat.
    ///
    /// A job whose time was over before the last beat asks for the sums as of then: they are exact to the second as long as at most
    /// [`MAX_GAPS`] gaps ended since. When older gaps were is not known any more, and they count as if they had ended in the job's time:
    /// whoever runs the machine reads the beacon before that, which is final, or keeps its machine up.
    pub struct Beacon: discriminator 24, size 704 {
        /// Discriminator 24.
        pub header: Header,
        /// Whose jobs they are.
        pub provider: Address,
        /// The machine; zero: all that the provider runs without a node.
        pub node: Address,
        /// Whoever paid the rent.
        pub payer: Address,
        /// A key of the machine that signs beats, as the provider may; the provider itself if it named none.
        pub machine_key: Address,
        /// Seconds by which beats came late.
        pub downtime: u64,
        /// When the last beat came.
        pub last_beat_at: Timestamp,
        /// Heartbeats missed.
        pub missed: u32,
        /// Longest time from one beat to the next: [`Terms::heartbeat_interval`](crate::state::Terms::heartbeat_interval) of all jobs on it.
        pub interval: Seconds,
        /// Class of the node when the beacon was opened; zero without one.
        pub class: u32,
        /// Where in `gaps` the next one goes.
        pub next_gap: u32,
        /// Jobs on it: those that run, and those that have stopped and have not left yet.
        pub jobs: u16,
        /// Most of them: at most the GPUs of its node's class.
        pub capacity: u16,
        /// Zero.
        pub reserved: [u8; 4],
        /// The last gaps, as a ring: the next one replaces the oldest. One that ended at zero was never there.
        pub gaps: [Gap; 32],
        /// Zero.
        pub reserved2: [u8; 16],
    }
}

/// Sums of a beacon at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Seconds by which beats came late.
    pub downtime: u64,
    /// Heartbeats missed.
    pub missed: u32,
}

impl Beacon {
    /// What so many seconds without a beat add to the sums.
    #[inline]
    fn late(&self, length: u64) -> Sums {
        let interval = (self.interval.0 as u64).max(1);
        if length <= interval {
            return Sums::default();
        }
        Sums { downtime: length - interval, missed: ((length - 1) / interval).min(u32::MAX as u64) as u32 }
    }

    /// Takes a beat.
    #[inline(always)]
    pub fn beat(&mut self, now: Timestamp) {
        if now.since(self.last_beat_at) > self.interval.0 as u64 {
            self.note_gap(now);
        }
        self.last_beat_at = now;
    }

    #[cold]
    #[inline(never)]
    fn note_gap(&mut self, now: Timestamp) {
        let late = self.late(now.since(self.last_beat_at));
        self.downtime = self.downtime.saturating_add(late.downtime);
        self.missed = self.missed.saturating_add(late.missed);
        let next = self.next_gap as usize % MAX_GAPS;
        self.gaps[next] = Gap { began_at: self.last_beat_at, ended_at: now };
        self.next_gap = (next + 1) as u32 % MAX_GAPS as u32;
    }

    /// The last gaps, the latest first. One that never was ended at zero.
    #[inline]
    pub fn latest_gaps(&self) -> impl Iterator<Item = &Gap> {
        (1..=MAX_GAPS).map(|back| &self.gaps[(self.next_gap as usize + MAX_GAPS - back) % MAX_GAPS])
    }

    /// The sums as of `at`, which lies not before the last gap that was forgotten; before that, no less than they were.
    #[inline(never)]
    pub fn sums_at(&self, at: Timestamp) -> Sums {
        let Self { downtime, missed, .. } = *self;
        let mut sums = Sums { downtime, missed };
        let mut add = |late: Sums| {
            sums.downtime = sums.downtime.saturating_add(late.downtime);
            sums.missed = sums.missed.saturating_add(late.missed);
        };
        if at >= self.last_beat_at {
            add(self.late(at.since(self.last_beat_at)));
            return sums;
        }
        for gap in self.latest_gaps() {
            if gap.ended_at <= at {
                break;
            }
            let whole = self.late(gap.ended_at.since(gap.began_at));
            let part = self.late(at.since(gap.began_at));
            sums.downtime = sums.downtime.saturating_sub(whole.downtime - part.downtime);
            sums.missed = sums.missed.saturating_sub(whole.missed - part.missed);
        }
        sums
    }
}

//! The halt clock: time in which the chain made no slots.

use {
    crate::state::{CLOCK_ERROR, MAX_HALTS, SLOT_MILLISECONDS},
    joule_interface::{Header, account, layout},
    joule_math::{Overflow, Timestamp},
};

layout! {
    /// Time without slots between two ticks of the halt clock.
    #[repr(C)]
    pub struct Halt {
        /// The tick before.
        pub began_at: Timestamp,
        /// The tick after.
        pub ended_at: Timestamp,
        /// Seconds between them in which the chain made no slots.
        pub length: u64,
    }
}

account! {
    /// Remembers in which times the chain made no slots: the seconds between two ticks that exceed what their slots take at 600
    /// milliseconds each, if they are more than 30. Deadlines of parties move by the halts that lie before them, and no heartbeat
    /// is missed in a halt. An instruction that judges somebody late also counts the halt that no tick has noted yet.
    ///
    /// The more the chain ran between two ticks, the less of a halt counts: 200 milliseconds less for each slot of 400. So
    /// somebody should tick once a minute, and nobody can make a halt longer than it was.
    pub struct HaltClock: discriminator 10, size 800 {
        /// Discriminator 10.
        pub header: Header,
        /// When it was ticked last.
        pub ticked_at: Timestamp,
        /// In which slot.
        pub ticked_slot: u64,
        /// Halts noted so far. The next one replaces the oldest.
        pub count: u64,
        /// The halts, as a ring: the next goes to `count` modulo their number.
        pub halts: [Halt; 32],
    }
}

impl HaltClock {
    /// The halt between the last tick and `now`, in this slot, if there was one.
    #[inline]
    pub fn pending(&self, now: Timestamp, slot: u64) -> Option<Halt> {
        let slots = slot.saturating_sub(self.ticked_slot);
        let run = slots.saturating_mul(SLOT_MILLISECONDS as u64) / 1_000;
        let length = now.since(self.ticked_at).saturating_sub(run);
        (length > CLOCK_ERROR.0 as u64).then_some(Halt { began_at: self.ticked_at, ended_at: now, length })
    }

    /// Ticks: notes the pending halt.
    #[inline]
    pub fn tick(&mut self, now: Timestamp, slot: u64) {
        if let Some(halt) = self.pending(now, slot) {
            self.halts[self.count as usize % MAX_HALTS] = halt;
            self.count = self.count.wrapping_add(1);
        }
        self.ticked_at = now;
        self.ticked_slot = slot;
    }

    /// All halts up to `now`, in this slot, the oldest first.
    #[inline]
    fn all(&self, now: Timestamp, slot: u64) -> impl Iterator<Item = Halt> + '_ {
        let first = self.count as usize % MAX_HALTS;
        let (newer, older) = self.halts.split_at(first);
        older.iter().chain(newer).copied().chain(self.pending(now, slot))
    }

    /// Seconds of halts between two times.
    #[inline]
    pub fn between(&self, from: Timestamp, to: Timestamp, now: Timestamp, slot: u64) -> u64 {
        self.all(now, slot)
            .fold(0, |sum, halt| sum.saturating_add(halt.after(from).min(to.since(halt.began_at.max(from)))))
    }

    /// A deadline that was set at `set_at`, moved by the halts that began before it.
    #[inline]
    pub fn moved(
        &self,
        set_at: Timestamp,
        deadline_at: Timestamp,
        now: Timestamp,
        slot: u64,
    ) -> Result<Timestamp, Overflow> {
        let mut moved = deadline_at;
        for halt in self.all(now, slot).filter(|halt| halt.length != 0) {
            if halt.began_at <= moved {
                moved = Timestamp(moved.0.checked_add(halt.after(set_at) as i64).ok_or(Overflow)?);
            }
        }
        Ok(moved)
    }
}

impl Halt {
    /// Its seconds after `at`: at most those to the tick that noted it, so nobody gains by what begins after the halt.
    #[inline]
    fn after(&self, at: Timestamp) -> u64 {
        self.length.min(self.ended_at.since(self.began_at.max(at)))
    }
}

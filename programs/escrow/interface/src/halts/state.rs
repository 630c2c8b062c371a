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
    ///
    /// After a halt early in an epoch the chain's clock catches up by at most one second a slot. Such a slow halt is noted in parts,
    /// and kept as one; it counts evenly over its time.
    pub struct HaltClock: discriminator 10, size 800 {
        /// Discriminator 10.
        pub header: Header,
        /// When it was ticked last. A tick that finds an excess of at most 30 seconds leaves it, so that small ones add up.
        pub ticked_at: Timestamp,
        /// In which slot.
        pub ticked_slot: u64,
        /// How often a halt was noted.
        pub count: u64,
        /// The halts, as a ring: the next one replaces the oldest. One without length was never there.
        pub halts: [Halt; 32],
    }
}

impl HaltClock {
    /// The halt between the last tick and `now`, in this slot, if there was one.
    #[inline]
    pub fn pending(&self, now: Timestamp, slot: u64) -> Option<Halt> {
        let length = self.excess(now, slot);
        (length > CLOCK_ERROR.0 as u64).then_some(Halt { began_at: self.ticked_at, ended_at: now, length })
    }

    /// Seconds since the last tick that exceed what the slots since then take.
    #[inline]
    fn excess(&self, now: Timestamp, slot: u64) -> u64 {
        let slots = slot.saturating_sub(self.ticked_slot);
        let run = slots.saturating_mul(SLOT_MILLISECONDS as u64) / 1_000;
        now.since(self.ticked_at).saturating_sub(run)
    }

    /// Ticks: notes the pending halt.
    #[inline]
    pub fn tick(&mut self, now: Timestamp, slot: u64) {
        if let Some(halt) = self.pending(now, slot) {
            let next = self.oldest();
            let newest = &mut self.halts[(next + MAX_HALTS - 1) % MAX_HALTS];
            if newest.is_slow() && halt.is_slow() && newest.ended_at == halt.began_at {
                newest.ended_at = halt.ended_at;
                newest.length = newest.length.saturating_add(halt.length);
            } else {
                self.halts[next] = halt;
            }
            self.count = self.count.wrapping_add(1);
        } else if self.excess(now, slot) != 0 {
            return;
        }
        self.ticked_at = now;
        self.ticked_slot = slot;
    }

    /// Index of the oldest halt.
    #[inline]
    fn oldest(&self) -> usize {
        (0..MAX_HALTS).min_by_key(|index| self.halts[*index].ended_at).unwrap_or(0)
    }

    /// All halts up to `now`, in this slot, the oldest first.
    #[inline]
    fn all(&self, now: Timestamp, slot: u64) -> impl Iterator<Item = Halt> + '_ {
        let (newer, older) = self.halts.split_at(self.oldest());
        older.iter().chain(newer).copied().chain(self.pending(now, slot))
    }

    /// Seconds of halts between two times.
    #[inline]
    pub fn between(&self, from: Timestamp, to: Timestamp, now: Timestamp, slot: u64) -> u64 {
        self.all(now, slot).fold(0, |sum, halt| sum.saturating_add(halt.between(from, to)))
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
                moved = Timestamp(moved.0.checked_add(halt.moves(set_at, moved) as i64).ok_or(Overflow)?);
            }
        }
        Ok(moved)
    }
}

impl Halt {
    /// Seconds between its ticks.
    #[inline]
    fn lasted(&self) -> u64 {
        self.ended_at.since(self.began_at)
    }

    /// It is less than half of the time between its ticks: most likely the chain's clock caught up.
    #[inline]
    fn is_slow(&self) -> bool {
        self.length < self.lasted() / 2
    }

    /// Its seconds between two times: at most those that passed between its ticks, so nobody gains by what begins after the halt; of
    /// a slow one as large a part as of its time.
    #[inline]
    fn between(&self, from: Timestamp, to: Timestamp) -> u64 {
        let passed = to.min(self.ended_at).since(from.max(self.began_at));
        if self.is_slow() { self.length.saturating_mul(passed) / self.lasted() } else { self.length.min(passed) }
    }

    /// By how much it moves a deadline that was set at `set_at`, and does not lie before it.
    #[inline]
    fn moves(&self, set_at: Timestamp, deadline_at: Timestamp) -> u64 {
        let all = self.between(set_at, self.ended_at);
        if !self.is_slow() {
            return all;
        }
        // As much of it as lies before the moved deadline.
        let left = deadline_at.since(set_at.max(self.began_at));
        all.min(self.length.saturating_mul(left) / (self.lasted() - self.length))
    }
}

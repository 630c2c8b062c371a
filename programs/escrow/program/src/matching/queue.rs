//! A queue: a ring of those that wait. Joining, leaving and taking one of the first cost the same at any length: no entry moves, and
//! none is searched for. Slots whose entries left form gaps, each of which says how long it is, so none is walked through. Entries
//! whose time is over are skipped, a few at a time.

use {
    crate::Result,
    joule_common::{guard, guard::require},
    joule_escrow_interface::{
        EscrowError, posting_id,
        state::{
            HAND_BACK_WINDOW, MAX_PASSES, NONE, PASS_INTERVAL, Queue, QueueEntry, STARTABLE_AFTER, STARTABLE_JOBS, side,
        },
    },
    joule_interface::{Account, Address, Fault},
    joule_math::Timestamp,
};

/// Most entries that one instruction skips to find the first.
pub const MAX_SKIPPED: u32 = 16;

/// Most entries and gaps that are walked over from the front: a gap lies behind each entry at most.
const MAX_WALKED: u32 = 2 * (STARTABLE_JOBS + MAX_SKIPPED);

/// Wait ids of providers: the index of the waiting provider's account in the highest byte, the market's `terms_version` in the next
/// three, a count in the rest.
pub mod wait_id {
    use {crate::Result, joule_escrow_interface::state::Market, joule_interface::Fault};

    const INDEX: u32 = 56;
    const SERIES: u32 = 32;

    /// What the ids of waits on a market's present terms share.
    #[inline(always)]
    pub fn series(market: &Market) -> u64 {
        market.terms_version & 0xff_ffff
    }

    /// The series of an id.
    #[inline(always)]
    pub fn series_of(wait_id: u64) -> u64 {
        wait_id >> SERIES & 0xff_ffff
    }

    /// The next id of a waiting provider's account.
    #[inline(always)]
    pub fn next(index: u8, series: u64, last: u64) -> Result<u64> {
        let count = (last as u32).checked_add(1).ok_or(Fault::Overflow)?;
        Ok((index as u64) << INDEX | series << SERIES | count as u64)
    }
}

/// Length of the gap that a blank slot begins or ends.
#[inline(always)]
fn gap_length(entry: &QueueEntry) -> u32 {
    (entry.posting_or_wait_id as u32).max(1)
}

/// Periods in which jobs that were taken are counted: a job can be handed back in its own and in the next.
#[inline(always)]
fn period(now: Timestamp) -> u32 {
    const { assert!(HAND_BACK_WINDOW.0 <= 64) };
    (now.0 >> 6) as u32
}

/// A queue and its slots.
pub struct Ring<'a> {
    /// The queue.
    pub queue: &'a mut Queue,
    entries: &'a mut [QueueEntry],
}

impl<'a> Ring<'a> {
    /// From an account's bytes.
    #[inline(always)]
    pub fn of(bytes: &'a mut [u8]) -> Result<Self> {
        let (queue, entries) = bytes.split_at_mut_checked(Queue::SIZE).ok_or(Fault::WrongAccountType)?;
        let queue: &mut Queue = bytemuck::try_from_bytes_mut(queue).map_err(|_| Fault::WrongAccountType)?;
        let entries: &mut [QueueEntry] = bytemuck::try_cast_slice_mut(entries).map_err(|_| Fault::WrongAccountType)?;
        // Every slot in use lies within the ring, so no index below is out of range.
        require(queue.capacity as usize <= entries.len(), Fault::WrongAccountType)?;
        Ok(Self { queue, entries })
    }

    /// The first entry that still waits. Drops those before it.
    #[inline(always)]
    pub fn first(&mut self, now: Timestamp) -> Result<Option<QueueEntry>> {
        for _ in 0..MAX_SKIPPED {
            let Some(entry) = self.head() else { return Ok(None) };
            if entry.occupant != NONE && now <= entry.expires_at {
                return Ok(Some(entry));
            }
            self.drop_first();
        }
        if self.queue.used == 0 { Ok(None) } else { Err(EscrowError::QueueStale) }
    }

    /// The first provider that still waits on the market's present terms. Drops those before it.
    #[inline(always)]
    pub fn first_on_terms(&mut self, series: u64, now: Timestamp) -> Result<Option<QueueEntry>> {
        for _ in 0..MAX_SKIPPED {
            match self.first(now)? {
                Some(entry) if wait_id::series_of(entry.posting_or_wait_id) != series => self.drop_first(),
                first => return Ok(first),
            }
        }
        Err(EscrowError::QueueStale)
    }

    /// Takes a job out of its slot, if it is one of the first that wait ([`STARTABLE_JOBS`]), or has waited for [`STARTABLE_AFTER`].
    #[inline(always)]
    pub fn take(&mut self, slot: u32, occupant: &Address, id: u64, now: Timestamp) -> Result<()> {
        // Usually it is in the first slot in use.
        if slot == self.queue.head && self.queue.used != 0 {
            let head = self.entries.get_mut(slot as usize).ok_or(EscrowError::NotFirstInQueue)?;
            let is_it = guard::eq(&head.occupant, occupant) && head.posting_or_wait_id == id;
            if is_it && now <= head.expires_at {
                head.occupant = NONE;
                self.queue.waiting = self.queue.waiting.saturating_sub(1);
                self.drop_slots(1);
                return Ok(());
            }
        }
        // What is over before it is dropped.
        let first = self.first(now)?;
        if first.is_some_and(|first| guard::eq(&first.occupant, occupant) && first.posting_or_wait_id == id) {
            self.drop_first();
            return Ok(());
        }
        self.take_later(slot, occupant, id, now)
    }

    #[inline(never)]
    fn take_later(&mut self, slot: u32, occupant: &Address, id: u64, now: Timestamp) -> Result<()> {
        require(self.waits(slot, occupant, id), EscrowError::NotFirstInQueue)?;
        // Jobs at the front that nobody can serve hold it up no longer.
        if now.since(posting_id::posted_at(id)) < STARTABLE_AFTER.0 as u64 {
            self.require_startable(slot, now)?;
        }
        self.leave(slot, occupant, id);
        self.pass_first(now);
        Ok(())
    }

    /// Fewer than [`STARTABLE_JOBS`] entries before the slot still wait.
    #[inline(always)]
    fn require_startable(&self, slot: u32, now: Timestamp) -> Result<()> {
        let (mut waiting, mut offset, wanted) = (0, 0, self.offset(slot));
        for _ in 0..MAX_WALKED {
            if offset >= wanted {
                break;
            }
            let entry = self.at(offset).ok_or(EscrowError::NotFirstInQueue)?;
            if entry.occupant == NONE {
                offset += gap_length(entry);
            } else {
                waiting += (now <= entry.expires_at) as u32;
                offset += 1;
            }
        }
        require(offset == wanted && waiting < STARTABLE_JOBS, EscrowError::NotFirstInQueue)
    }

    /// Counts that the first job was passed over. Which was passed over too often is removed: it takes the place of others.
    #[inline(always)]
    fn pass_first(&mut self, now: Timestamp) {
        let queue = &mut *self.queue;
        if now.since(queue.passed_at) < PASS_INTERVAL.0 as u64 {
            return;
        }
        queue.passed_at = now;
        queue.first_passed = queue.first_passed.saturating_add(1);
        if queue.first_passed >= MAX_PASSES {
            self.drop_first();
        }
    }

    /// Keeps room for a job that was taken, in case it is handed back.
    #[inline(always)]
    pub fn keep_room(&mut self, now: Timestamp) {
        let (taken, before) = self.taken(now);
        let queue = &mut *self.queue;
        (queue.taken_period, queue.taken, queue.taken_before) = (period(now), taken.saturating_add(1), before);
    }

    /// Slots that are kept for jobs that may be handed back.
    #[inline(always)]
    fn kept_room(&self, now: Timestamp) -> u32 {
        // Where no job can be handed back, none is counted.
        if self.queue.taken == 0 && self.queue.taken_before == 0 {
            return 0;
        }
        let (taken, before) = self.taken(now);
        taken.saturating_add(before)
    }

    /// Jobs that were taken in this period, and in the one before.
    #[inline(always)]
    fn taken(&self, now: Timestamp) -> (u32, u32) {
        let queue = &self.queue;
        match period(now).wrapping_sub(queue.taken_period) {
            0 => (queue.taken, queue.taken_before),
            1 => (0, queue.taken),
            _ => (0, 0),
        }
    }

    /// Puts a job that was handed back to the front; if the ring is full, into the first gap. Returns its slot; `None` if there is no
    /// gap near the front, or providers wait.
    #[inline(always)]
    pub fn push_first(&mut self, entry: QueueEntry) -> Option<u32> {
        let queue = &mut *self.queue;
        if queue.used != 0 && queue.side != side::JOBS {
            return None;
        }
        if queue.used == queue.capacity {
            return self.fill_gap(entry);
        }
        let slot = if queue.used == 0 {
            0
        } else if queue.head == 0 {
            queue.capacity - 1
        } else {
            queue.head - 1
        };
        *self.entries.get_mut(slot as usize)? = entry;
        queue.head = slot;
        queue.used += 1;
        queue.waiting += 1;
        queue.side = side::JOBS;
        queue.first_passed = 0;
        Some(slot)
    }

    /// Puts an entry into the first gap. A job that was taken from between others left one: it is the room that was kept.
    #[inline(never)]
    fn fill_gap(&mut self, entry: QueueEntry) -> Option<u32> {
        let near = self.queue.used.min(MAX_WALKED);
        let offset = (0..near).find(|offset| self.gap_at(*offset) != 0)?;
        let rest = self.gap_at(offset) - 1;
        let (slot, next) = (self.slot_at(offset), self.slot_at(offset + 1));
        let last = self.slot_at(offset + rest);
        *self.entries.get_mut(slot)? = entry;
        if rest != 0 {
            for end in [next, last] {
                self.entries.get_mut(end)?.posting_or_wait_id = rest as u64;
            }
        }
        self.queue.waiting += 1;
        if offset == 0 {
            self.queue.first_passed = 0;
        }
        Some(slot as u32)
    }

    /// How many slots `slot` lies behind the first in use.
    #[inline(always)]
    fn offset(&self, slot: u32) -> u32 {
        let head = self.queue.head;
        if slot >= head { slot - head } else { slot + self.queue.capacity - head }
    }

    /// The slot that lies `offset` slots behind the first in use.
    #[inline(always)]
    fn slot_at(&self, offset: u32) -> usize {
        let slot = self.queue.head + offset;
        (if slot >= self.queue.capacity { slot - self.queue.capacity } else { slot }) as usize
    }

    #[inline(always)]
    fn at(&self, offset: u32) -> Option<&QueueEntry> {
        self.entries.get(self.slot_at(offset))
    }

    /// Length of the gap that begins or ends there; 0 if somebody waits there.
    #[inline(always)]
    fn gap_at(&self, offset: u32) -> u32 {
        self.at(offset).map_or(0, |entry| if entry.occupant == NONE { gap_length(entry) } else { 0 })
    }

    /// The entry in the first slot in use, blank or not.
    #[inline(always)]
    pub fn head(&self) -> Option<QueueEntry> {
        if self.queue.used == 0 { None } else { self.entries.get(self.queue.head as usize).copied() }
    }

    /// Drops the first entry, or the gap that is first.
    #[inline(always)]
    pub fn drop_first(&mut self) {
        let queue = &mut *self.queue;
        if queue.used == 0 {
            return;
        }
        let mut dropped = 1;
        if let Some(entry) = self.entries.get_mut(queue.head as usize) {
            if entry.occupant != NONE {
                queue.waiting = queue.waiting.saturating_sub(1);
                entry.occupant = NONE;
            } else {
                dropped = gap_length(entry).min(queue.used);
            }
        }
        self.drop_slots(dropped);
    }

    /// Drops slots at the front.
    #[inline(always)]
    fn drop_slots(&mut self, count: u32) {
        let queue = &mut *self.queue;
        queue.used -= count;
        let head = queue.head + count;
        queue.head = if queue.used == 0 {
            0
        } else if head >= queue.capacity {
            head - queue.capacity
        } else {
            head
        };
        queue.first_passed = 0;
        self.widen();
    }

    /// Adds an entry at the end. Returns its slot.
    #[inline(always)]
    pub fn push(&mut self, side: u8, entry: QueueEntry, now: Timestamp) -> Result<u32> {
        self.widen();
        let kept = if side == side::JOBS { self.kept_room(now) } else { 0 };
        if self.queue.used.saturating_add(kept) >= self.queue.capacity {
            self.first(now)?;
        }
        let queue = &mut *self.queue;
        require(queue.used.saturating_add(kept) < queue.capacity, EscrowError::QueueFull)?;
        let end = queue.head + queue.used;
        let slot = if end >= queue.capacity { end - queue.capacity } else { end };
        *self.entries.get_mut(slot as usize).ok_or(EscrowError::QueueFull)? = entry;
        queue.used += 1;
        queue.waiting += 1;
        queue.side = side;
        Ok(slot)
    }

    /// Whether `occupant` still waits in `slot` under this id.
    #[inline(always)]
    pub fn waits(&self, slot: u32, occupant: &Address, id: u64) -> bool {
        self.entries
            .get(slot as usize)
            .is_some_and(|entry| entry.occupant == *occupant && entry.posting_or_wait_id == id)
    }

    /// Removes `occupant` from `slot`. Returns `false` if it does not wait there under this id.
    #[inline(always)]
    pub fn leave(&mut self, slot: u32, occupant: &Address, id: u64) -> bool {
        if !self.waits(slot, occupant, id) {
            return false;
        }
        let (offset, used) = (self.offset(slot), self.queue.used);
        self.queue.waiting = self.queue.waiting.saturating_sub(1);
        // What is blank beside it becomes one gap with it.
        let before = if offset == 0 { 0 } else { self.gap_at(offset - 1).min(offset) };
        let after = if offset + 1 >= used { 0 } else { self.gap_at(offset + 1).min(used - offset - 1) };
        let (start, length) = (offset - before, before + 1 + after);
        let ends = [slot, self.slot_at(start) as u32, self.slot_at(start + length - 1) as u32];
        for end in ends {
            if let Some(entry) = self.entries.get_mut(end as usize) {
                *entry = QueueEntry { posting_or_wait_id: length as u64, ..QueueEntry::default() };
            }
        }
        if start == 0 {
            self.drop_slots(length.min(used));
        } else if start + length >= used {
            // So joining and leaving repeatedly does not fill the ring.
            self.queue.used = start;
        }
        true
    }

    /// Lets added slots count, unless the ring wraps around its end.
    #[inline(always)]
    pub fn widen(&mut self) {
        let queue = &mut *self.queue;
        if queue.capacity < queue.slots && queue.head + queue.used <= queue.capacity {
            queue.capacity = queue.slots.min(self.entries.len() as u32);
        }
    }
}

#[cfg(test)]
mod tests {
    use {super::*, joule_escrow_interface::state::side, proptest::prelude::*, std::collections::VecDeque};

    // Nobody has waited for long.
    const NOW: Timestamp = Timestamp(900);

    fn who(number: u64) -> Address {
        let mut bytes = [7; 32];
        bytes[..8].copy_from_slice(&number.to_le_bytes());
        Address::new_from_array(bytes)
    }

    fn account(slots: u32) -> Vec<u64> {
        let mut bytes = vec![0; (Queue::SIZE + slots as usize * size_of::<QueueEntry>()) / 8];
        let queue = Queue { slots, capacity: slots, ..Queue::default() };
        bytemuck::cast_slice_mut(&mut bytes)[..Queue::SIZE].copy_from_slice(bytemuck::bytes_of(&queue));
        bytes
    }

    #[derive(Clone, Debug)]
    enum Step {
        Push,
        Take,
        TakeLater(usize),
        Return,
        Leave(usize),
        Grow(u32),
    }

    /// Each gap says at both ends how long it is, no two lie beside each other, and none is last.
    fn check_gaps(ring: &Ring) {
        let (mut offset, mut was_gap) = (0, false);
        while offset < ring.queue.used {
            let gap = ring.gap_at(offset);
            assert!(!(was_gap && gap != 0) && offset + gap != ring.queue.used);
            assert!(gap == 0 || ring.gap_at(offset + gap - 1) == gap);
            assert!((0..gap).all(|inner| ring.at(offset + inner).unwrap().occupant == NONE));
            (offset, was_gap) = (offset + gap.max(1), gap != 0);
        }
        assert_eq!(offset, ring.queue.used);
    }

    fn any_step() -> impl Strategy<Value = Step> {
        prop_oneof![
            5 => Just(Step::Push),
            3 => Just(Step::Take),
            2 => any::<usize>().prop_map(Step::TakeLater),
            1 => Just(Step::Return),
            3 => any::<usize>().prop_map(Step::Leave),
            1 => (1u32..4).prop_map(Step::Grow),
        ]
    }

    proptest! {
        #[test]
        fn the_first_entry_in_is_the_first_out(steps in prop::collection::vec(any_step(), 1..200)) {
            let mut bytes = account(3);
            let mut model: VecDeque<(u64, u32)> = VecDeque::new();
            let mut next = 1;
            for step in steps {
                if let Step::Grow(by) = step {
                    bytes.resize(bytes.len() + by as usize * size_of::<QueueEntry>() / 8, 0);
                    let mut ring = Ring::of(bytemuck::cast_slice_mut(&mut bytes)).unwrap();
                    ring.queue.slots += by;
                    ring.widen();
                    continue;
                }
                let mut ring = Ring::of(bytemuck::cast_slice_mut(&mut bytes)).unwrap();
                match step {
                    Step::Push => {
                        let entry = QueueEntry { occupant: who(next), posting_or_wait_id: next, expires_at: NOW };
                        match ring.push(side::JOBS, entry, NOW) {
                            Ok(slot) => model.push_back((next, slot)),
                            Err(error) => {
                                prop_assert_eq!(error, EscrowError::QueueFull);
                                prop_assert_eq!(ring.queue.used, ring.queue.capacity);
                            }
                        }
                        next += 1;
                    }
                    Step::Take => {
                        let first = ring.first(NOW).unwrap();
                        prop_assert_eq!(first.map(|first| first.posting_or_wait_id), model.front().map(|(ticket, _)| *ticket));
                        ring.drop_first();
                        model.pop_front();
                    }
                    Step::TakeLater(index) => {
                        if model.is_empty() {
                            continue;
                        }
                        let index = index % model.len().min(20);
                        let (id, slot) = model[index];
                        // Of one time only one is counted, so none is removed for it.
                        let taken = ring.take(slot, &who(id), id, NOW);
                        prop_assert_eq!(taken.is_ok(), index < 16);
                        if taken.is_ok() {
                            model.remove(index);
                        }
                    }
                    Step::Return => {
                        let entry = QueueEntry { occupant: who(next), posting_or_wait_id: next, expires_at: NOW };
                        let is_full = ring.queue.used == ring.queue.capacity;
                        let gap = (0..ring.queue.used.min(MAX_WALKED)).find(|offset| ring.gap_at(*offset) != 0);
                        match ring.push_first(entry) {
                            // Before it wait all that stood before the gap.
                            Some(slot) => model.insert(gap.filter(|_| is_full).unwrap_or(0) as usize, (next, slot)),
                            None => prop_assert!(is_full && gap.is_none()),
                        }
                        next += 1;
                    }
                    Step::Leave(index) => {
                        if model.is_empty() {
                            prop_assert!(!ring.leave(0, &who(next), next));
                            continue;
                        }
                        let (ticket, slot) = model.remove(index % model.len()).unwrap();
                        prop_assert!(!ring.leave(slot, &who(ticket), ticket + 1));
                        prop_assert!(!ring.leave(slot, &who(ticket + 1), ticket));
                        prop_assert!(ring.leave(slot, &who(ticket), ticket));
                        prop_assert!(!ring.leave(slot, &who(ticket), ticket));
                    }
                    Step::Grow(_) => unreachable!(),
                }
                check_gaps(&ring);
                prop_assert_eq!(ring.queue.waiting as usize, model.len());
                prop_assert!(ring.queue.used <= ring.queue.capacity && ring.queue.capacity <= ring.queue.slots);
                for (ticket, slot) in &model {
                    prop_assert!(ring.waits(*slot, &who(*ticket), *ticket));
                }
            }
        }
    }

    #[test]
    fn expired_entries_are_skipped_a_few_at_a_time() {
        let mut bytes = account(40);
        let mut ring = Ring::of(bytemuck::cast_slice_mut(&mut bytes)).unwrap();
        for ticket in 0..40 {
            ring.push(
                side::JOBS,
                QueueEntry { occupant: who(ticket), posting_or_wait_id: ticket, expires_at: Timestamp(ticket as i64) },
                NOW,
            )
            .unwrap();
        }
        // In its last second one still waits.
        assert_eq!(ring.first(Timestamp(3)).unwrap().unwrap().posting_or_wait_id, 3);
        assert_eq!(ring.first(Timestamp(18)).unwrap().unwrap().posting_or_wait_id, 18);
        assert_eq!(ring.first(NOW), Err(EscrowError::QueueStale));
        assert_eq!(ring.queue.used, 40 - 18 - MAX_SKIPPED);
        assert_eq!(ring.first(NOW), Ok(None));
        assert_eq!((ring.queue.used, ring.queue.waiting, ring.queue.head), (0, 0, 0));
    }

    #[test]
    fn wait_ids_and_terms_versions_never_collide() {
        let ticket = wait_id::next(3, 0xff_fffe, u64::MAX << 32 | 7).unwrap();
        assert_eq!((ticket, wait_id::series_of(ticket)), (0x03ff_fffe_0000_0008, 0xff_fffe));
        assert_eq!(wait_id::next(0, 1, u32::MAX as u64), Err(EscrowError::Overflow));
        let mut bytes = account(40);
        let mut ring = Ring::of(bytemuck::cast_slice_mut(&mut bytes)).unwrap();
        for count in 0..20 {
            let ticket = wait_id::next(0, 1 + count / 18, count).unwrap();
            ring.push(
                side::PROVIDERS,
                QueueEntry { occupant: who(count), posting_or_wait_id: ticket, expires_at: NOW },
                NOW,
            )
            .unwrap();
        }
        // Eighteen began on other terms: they are skipped few at a time.
        assert_eq!(ring.first_on_terms(2, NOW), Err(EscrowError::QueueStale));
        assert_eq!(ring.first_on_terms(2, NOW).unwrap().unwrap().occupant, who(18));
        assert_eq!(ring.first_on_terms(3, NOW), Ok(None));
    }

    #[test]
    fn any_of_the_first_sixteen_jobs_that_wait_can_be_taken() {
        let mut bytes = account(40);
        let mut ring = Ring::of(bytemuck::cast_slice_mut(&mut bytes)).unwrap();
        let slots: Vec<u32> = (0..30)
            .map(|id| {
                let entry = QueueEntry { occupant: who(id), posting_or_wait_id: id, expires_at: NOW };
                ring.push(side::JOBS, entry, NOW).unwrap()
            })
            .collect();
        let mut take = |id: u64| ring.take(slots[id as usize], &who(id), id, NOW);
        assert_eq!(take(16), Err(EscrowError::NotFirstInQueue));
        assert_eq!(take(15), Ok(()));
        assert_eq!(take(15), Err(EscrowError::NotFirstInQueue));
        // What was taken counts no more, nor does what left.
        assert_eq!(take(17), Err(EscrowError::NotFirstInQueue));
        assert_eq!(take(16), Ok(()));
        assert_eq!(take(0), Ok(()));
        assert_eq!((take(19), take(18)), (Err(EscrowError::NotFirstInQueue), Ok(())));
        assert_eq!(ring.take(slots[1], &who(1), 2, NOW), Err(EscrowError::NotFirstInQueue));
        assert_eq!((ring.queue.waiting, ring.first(NOW).unwrap().unwrap().posting_or_wait_id), (26, 1));
    }

    #[test]
    fn a_job_that_has_waited_for_sixteen_minutes_can_be_taken_anywhere() {
        let mut bytes = account(40);
        let mut ring = Ring::of(bytemuck::cast_slice_mut(&mut bytes)).unwrap();
        let posted = posting_id::first(NOW).unwrap();
        let expires_at = Timestamp(9_000);
        let slots: Vec<u32> = (posted..posted + 30)
            .map(|id| ring.push(side::JOBS, QueueEntry { occupant: who(id), posting_or_wait_id: id, expires_at }, NOW))
            .map(Result::unwrap)
            .collect();
        for (index, seconds, taken) in [(29, 959, false), (29, 960, true), (20, 960, true)] {
            let (id, now) = (posted + index, Timestamp(NOW.0 + seconds));
            assert_eq!(ring.take(slots[index as usize], &who(id), id, now).is_ok(), taken);
            check_gaps(&ring);
        }
    }

    #[test]
    fn jobs_that_left_hold_up_nobody_behind_a_job_that_nobody_takes() {
        let mut bytes = account(200);
        let mut ring = Ring::of(bytemuck::cast_slice_mut(&mut bytes)).unwrap();
        let push = |ring: &mut Ring, id: u64| {
            let entry = QueueEntry { occupant: who(id), posting_or_wait_id: id, expires_at: NOW };
            ring.push(side::JOBS, entry, NOW).unwrap()
        };
        push(&mut ring, 0);
        let left: Vec<u32> = (1..=100).map(|id| push(&mut ring, id)).collect();
        let wanted = push(&mut ring, 101);
        // From the ends and from within.
        for id in (0..50u64).map(|half| 2 * half + 1).chain((1..=50).rev().map(|half| 2 * half)) {
            assert!(ring.leave(left[id as usize - 1], &who(id), id));
        }
        assert_eq!((ring.queue.used, ring.queue.waiting), (102, 2));
        assert_eq!(ring.take(wanted, &who(101), 101, NOW), Ok(()));
        assert_eq!((ring.queue.used, ring.queue.waiting), (1, 1));
    }

    #[test]
    fn a_job_that_was_passed_over_sixteen_times_is_removed() {
        let mut bytes = account(40);
        let mut ring = Ring::of(bytemuck::cast_slice_mut(&mut bytes)).unwrap();
        let entry = |id: u64| QueueEntry { occupant: who(id), posting_or_wait_id: id, expires_at: Timestamp(9_000) };
        ring.push(side::JOBS, entry(0), NOW).unwrap();
        for pass in 1..=17u64 {
            let now = Timestamp(NOW.0 + 60 * pass as i64);
            assert_eq!((ring.head().unwrap().occupant, ring.queue.waiting), (who(0), 1));
            // In the same minute it counts once.
            for id in [2 * pass, 2 * pass + 1] {
                let slot = ring.push(side::JOBS, entry(id), now).unwrap();
                assert_eq!(ring.take(slot, &who(id), id, now), Ok(()));
                if pass == 16 {
                    assert_eq!((ring.queue.used, ring.queue.first_passed), (0, 0));
                    return;
                }
            }
        }
    }

    #[test]
    fn room_is_kept_for_a_job_that_may_be_handed_back() {
        let mut bytes = account(3);
        let mut ring = Ring::of(bytemuck::cast_slice_mut(&mut bytes)).unwrap();
        let entry = |id: u64| QueueEntry { occupant: who(id), posting_or_wait_id: id, expires_at: Timestamp(9_000) };
        let at = |second: i64| Timestamp(64 * 20 + second);
        let slot = ring.push(side::JOBS, entry(0), at(0)).unwrap();
        ring.take(slot, &who(0), 0, at(63)).unwrap();
        ring.keep_room(at(63));
        for id in [1, 2] {
            ring.push(side::JOBS, entry(id), at(63)).unwrap();
        }
        assert_eq!(ring.push(side::JOBS, entry(3), at(63 + 60)), Err(EscrowError::QueueFull));
        assert_eq!(ring.push_first(entry(0)), Some(2));
        assert_eq!(ring.first(at(123)).unwrap().unwrap().occupant, who(0));
        assert_eq!(ring.push_first(entry(4)), None);
        ring.drop_first();
        assert_eq!(ring.push(side::JOBS, entry(3), at(127)), Err(EscrowError::QueueFull));
        assert!(ring.push(side::JOBS, entry(3), at(128)).is_ok());
        // Where providers wait, nothing is handed back.
        let mut bytes = account(3);
        let mut ring = Ring::of(bytemuck::cast_slice_mut(&mut bytes)).unwrap();
        ring.push(side::PROVIDERS, entry(5), NOW).unwrap();
        assert_eq!(ring.push_first(entry(0)), None);
    }

    #[test]
    fn a_full_ring_takes_a_job_back_where_it_was_taken_out_of_the_middle() {
        let mut bytes = account(5);
        let mut ring = Ring::of(bytemuck::cast_slice_mut(&mut bytes)).unwrap();
        let entry = |id: u64| QueueEntry { occupant: who(id), posting_or_wait_id: id, expires_at: Timestamp(9_000) };
        for id in 0..5 {
            ring.push(side::JOBS, entry(id), NOW).unwrap();
        }
        for id in [2, 1, 3] {
            ring.take(id as u32, &who(id), id, NOW).unwrap();
            ring.keep_room(NOW);
        }
        assert_eq!((ring.queue.used, ring.push(side::JOBS, entry(5), NOW)), (5, Err(EscrowError::QueueFull)));
        for (id, slot) in [(6, 1), (7, 2), (8, 3)] {
            assert_eq!(ring.push_first(entry(id)), Some(slot));
            check_gaps(&ring);
        }
        assert_eq!((ring.push_first(entry(9)), ring.queue.waiting), (None, 5));
        for id in [0, 6, 7, 8, 4] {
            assert_eq!(ring.first(NOW).unwrap().unwrap().occupant, who(id));
            ring.drop_first();
        }
    }

    #[test]
    fn joining_and_leaving_again_does_not_use_the_ring_up() {
        let mut bytes = account(2);
        let mut ring = Ring::of(bytemuck::cast_slice_mut(&mut bytes)).unwrap();
        ring.push(side::PROVIDERS, QueueEntry { occupant: who(0), posting_or_wait_id: 0, expires_at: NOW }, NOW)
            .unwrap();
        for ticket in 1..10 {
            let entry = QueueEntry { occupant: who(ticket), posting_or_wait_id: ticket, expires_at: NOW };
            let slot = ring.push(side::PROVIDERS, entry, NOW).unwrap();
            assert_eq!(ring.push(side::PROVIDERS, entry, NOW), Err(EscrowError::QueueFull));
            assert!(ring.leave(slot, &who(ticket), ticket));
        }
    }
}

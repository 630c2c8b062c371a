//! A queue: a ring of those that wait. Joining, leaving and taking the first cost the same at any length: no entry moves, and none
//! is searched for. Entries that left are skipped, a few at a time.

use {
    crate::Result,
    joule_common::{guard, guard::require},
    joule_escrow_interface::{
        EscrowError,
        state::{NONE, Queue, QueueEntry, STARTABLE_JOBS},
    },
    joule_interface::{Account, Address, Fault},
    joule_math::Timestamp,
};

/// Most entries that one instruction skips to find the first.
pub const MAX_SKIPPED: u32 = 16;

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

    /// Takes a job out of its slot, if it is one of the first that wait ([`STARTABLE_JOBS`]).
    #[inline(always)]
    pub fn take(&mut self, slot: u32, occupant: &Address, id: u64, now: Timestamp) -> Result<()> {
        // Usually it is the first.
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
        self.require_startable(slot, now)?;
        self.leave(slot, occupant, id);
        Ok(())
    }

    /// Fewer than [`STARTABLE_JOBS`] entries before the slot still wait.
    #[inline(always)]
    fn require_startable(&self, slot: u32, now: Timestamp) -> Result<()> {
        let (mut waiting, mut index) = (0, self.queue.head);
        for _ in 0..STARTABLE_JOBS + MAX_SKIPPED {
            if index == slot {
                return require(waiting < STARTABLE_JOBS, EscrowError::NotFirstInQueue);
            }
            let entry = self.entries.get(index as usize).ok_or(EscrowError::NotFirstInQueue)?;
            waiting += (entry.occupant != NONE && now <= entry.expires_at) as u32;
            index = if index + 1 == self.queue.capacity { 0 } else { index + 1 };
        }
        Err(EscrowError::NotFirstInQueue)
    }

    /// The entry in the first slot in use, blank or not.
    #[inline(always)]
    pub fn head(&self) -> Option<QueueEntry> {
        if self.queue.used == 0 { None } else { self.entries.get(self.queue.head as usize).copied() }
    }

    /// Drops the first slot.
    #[inline(always)]
    pub fn drop_first(&mut self) {
        let queue = &mut *self.queue;
        if queue.used == 0 {
            return;
        }
        if let Some(entry) = self.entries.get_mut(queue.head as usize) {
            if entry.occupant != NONE {
                queue.waiting = queue.waiting.saturating_sub(1);
            }
            entry.occupant = NONE;
        }
        queue.used -= 1;
        queue.head = if queue.used == 0 || queue.head + 1 == queue.capacity { 0 } else { queue.head + 1 };
        self.widen();
    }

    /// Adds an entry at the end. Returns its slot.
    #[inline(always)]
    pub fn push(&mut self, side: u8, entry: QueueEntry, now: Timestamp) -> Result<u32> {
        self.widen();
        if self.queue.used == self.queue.capacity {
            self.first(now)?;
        }
        let queue = &mut *self.queue;
        require(queue.used < queue.capacity, EscrowError::QueueFull)?;
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
        if let Some(entry) = self.entries.get_mut(slot as usize) {
            entry.occupant = NONE;
        }
        let queue = &mut *self.queue;
        queue.waiting = queue.waiting.saturating_sub(1);
        let end = queue.head + queue.used;
        let last = if end > queue.capacity { end - queue.capacity } else { end };
        if slot + 1 == last {
            // So joining and leaving repeatedly does not fill the ring.
            queue.used = queue.used.saturating_sub(1);
            if queue.used == 0 {
                queue.head = 0;
            }
        } else if slot == queue.head {
            self.drop_first();
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

    const NOW: Timestamp = Timestamp(1_000);

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
        Leave(usize),
        Grow(u32),
    }

    fn any_step() -> impl Strategy<Value = Step> {
        prop_oneof![
            5 => Just(Step::Push),
            3 => Just(Step::Take),
            2 => any::<usize>().prop_map(Step::Leave),
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

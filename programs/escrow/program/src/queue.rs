//! A ring of those who wait. Joining, leaving and taking the first cost the same at any length: nothing is moved and nothing
//! searched; those who left are skipped, few at a time.

use {
    crate::Result,
    joule_common::guard::require,
    joule_escrow_interface::{
        EscrowError,
        state::{Entry, NONE, Queue},
    },
    joule_interface::{Account, Address, Fault},
    joule_math::Timestamp,
};

/// Most that are skipped to find the first.
pub const MAX_SKIPPED: u32 = 16;

/// A queue and its slots.
pub struct Ring<'a> {
    /// The queue.
    pub queue: &'a mut Queue,
    entries: &'a mut [Entry],
}

impl<'a> Ring<'a> {
    /// From an account's bytes.
    #[inline(always)]
    pub fn of(bytes: &'a mut [u8]) -> Result<Self> {
        let (queue, entries) = bytes.split_at_mut_checked(Queue::SIZE).ok_or(Fault::WrongKind)?;
        let queue: &mut Queue = bytemuck::try_from_bytes_mut(queue).map_err(|_| Fault::WrongKind)?;
        let entries: &mut [Entry] = bytemuck::try_cast_slice_mut(entries).map_err(|_| Fault::WrongKind)?;
        // What is in use lies within the slots: with this, none of what follows can miss.
        require(queue.capacity as usize <= entries.len(), Fault::WrongKind)?;
        Ok(Self { queue, entries })
    }

    /// The first who waits and may still; skips those before.
    #[inline(always)]
    pub fn first(&mut self, now: Timestamp) -> Result<Option<Entry>> {
        for _ in 0..MAX_SKIPPED {
            let Some(entry) = self.head() else { return Ok(None) };
            if entry.who != NONE && now <= entry.until {
                return Ok(Some(entry));
            }
            self.drop_first();
        }
        if self.queue.used == 0 { Ok(None) } else { Err(EscrowError::QueueStale) }
    }

    /// What lies in the first slot in use.
    #[inline(always)]
    pub fn head(&self) -> Option<Entry> {
        if self.queue.used == 0 { None } else { self.entries.get(self.queue.head as usize).copied() }
    }

    /// Takes the first slot out.
    #[inline(always)]
    pub fn drop_first(&mut self) {
        let queue = &mut *self.queue;
        if queue.used == 0 {
            return;
        }
        if let Some(entry) = self.entries.get_mut(queue.head as usize) {
            if entry.who != NONE {
                queue.waiting = queue.waiting.saturating_sub(1);
            }
            entry.who = NONE;
        }
        queue.used -= 1;
        queue.head = if queue.used == 0 || queue.head + 1 == queue.capacity { 0 } else { queue.head + 1 };
        self.widen();
    }

    /// Puts one at the end. Returns its slot.
    #[inline(always)]
    pub fn push(&mut self, side: u8, entry: Entry, now: Timestamp) -> Result<u32> {
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

    /// Whether `who` still waits in `slot` with its `ticket`.
    #[inline(always)]
    pub fn waits(&self, slot: u32, who: &Address, ticket: u64) -> bool {
        self.entries.get(slot as usize).is_some_and(|entry| entry.who == *who && entry.ticket == ticket)
    }

    /// Takes `who` out of `slot`; `false` if it does not wait there any more.
    #[inline(always)]
    pub fn leave(&mut self, slot: u32, who: &Address, ticket: u64) -> bool {
        if !self.waits(slot, who, ticket) {
            return false;
        }
        if let Some(entry) = self.entries.get_mut(slot as usize) {
            entry.who = NONE;
        }
        let queue = &mut *self.queue;
        queue.waiting = queue.waiting.saturating_sub(1);
        let end = queue.head + queue.used;
        let last = if end > queue.capacity { end - queue.capacity } else { end };
        if slot + 1 == last {
            // Joining and leaving again does not use the ring up.
            queue.used = queue.used.saturating_sub(1);
            if queue.used == 0 {
                queue.head = 0;
            }
        } else if slot == queue.head {
            self.drop_first();
        }
        true
    }

    /// Lets added slots count, where the ring is not wrapped around its end.
    #[inline(always)]
    pub fn widen(&mut self) {
        let queue = &mut *self.queue;
        if queue.capacity < queue.slots && queue.head + queue.used <= queue.capacity {
            queue.capacity = queue.slots.min(self.entries.len() as u32);
        }
    }
}

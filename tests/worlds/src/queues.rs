//! A queue of `escrow`: some jobs, two providers, and anyone.
//!
//! The ring is the program's own. Who waits, in which order, is kept besides, as a line.

use {
    crate::{
        Scope,
        search::{Key, World, next_instant},
    },
    joule_escrow::matching::queue::{Ring, wait_id},
    joule_escrow_interface::{
        posting_id,
        state::{HAND_BACK_WINDOW, MAX_PASSES, Market, NONE, PASS_INTERVAL, Queue, QueueEntry, side},
    },
    joule_interface::{Account, Address},
    joule_math::Timestamp,
    std::fmt,
};

/// The first second of a period of 64.
const START: i64 = 6_400;
const PROVIDERS: u8 = 2;

fn job_address(number: u8) -> Address {
    Address::new_from_array([number + 1; 32])
}

fn provider_address(number: u8) -> Address {
    Address::new_from_array([number + 101; 32])
}

/// What became of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Fate {
    /// Not posted yet.
    Future,
    Waits,
    /// Started then, from the queue.
    Taken(i64),
    /// Given to a provider, cancelled, removed, or handed back for good.
    Gone,
}

/// Who waits: a job or a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Waiter {
    number: u8,
    id: u64,
    slot: u32,
    until: i64,
}

/// A queue with those around it.
#[derive(Clone)]
pub struct Queues {
    bytes: Vec<u64>,
    market: Market,
    now: i64,
    wait: i64,
    /// In their order.
    jobs_line: Vec<Waiter>,
    providers_line: Vec<Waiter>,
    jobs: Vec<Fate>,
    /// Of each job, its last posting id, and until when it waits.
    posted: Vec<(u64, i64)>,
    last_wait: [u64; PROVIDERS as usize],
    /// How often the first job was passed over, and when that counted last.
    passed: u8,
    passed_at: i64,
    grown: u8,
}

/// A move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Move {
    /// Time passes until then.
    Wait(i64),
    /// A client posts the next job.
    Post(u8),
    /// A provider takes a job.
    Take(u8),
    /// It hands it back.
    HandBack(u8),
    /// A client cancels a job that waits.
    Cancel(u8),
    /// A provider waits.
    Join(u8),
    /// A provider waits no more.
    Leave(u8),
    /// Anyone drops whose time is over.
    Sweep,
    /// Anyone adds a slot.
    Grow,
    /// The market's terms change.
    Terms,
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Wait(until) => write!(f, "time passes until second {}", until - START),
            other => write!(f, "{other:?}"),
        }
    }
}

impl Queues {
    fn new(slots: u32, jobs: usize, wait: i64) -> Self {
        let mut bytes = vec![0; (Queue::SIZE + slots as usize * size_of::<QueueEntry>()) / 8];
        let queue = Queue { slots, capacity: slots, ..Queue::default() };
        bytemuck::cast_slice_mut(&mut bytes)[..Queue::SIZE].copy_from_slice(bytemuck::bytes_of(&queue));
        Self {
            bytes,
            market: Market { terms_version: 1, ..Market::default() },
            now: START,
            wait,
            jobs_line: vec![],
            providers_line: vec![],
            jobs: vec![Fate::Future; jobs],
            posted: vec![(0, 0); jobs],
            last_wait: [0; PROVIDERS as usize],
            passed: 0,
            passed_at: 0,
            grown: 0,
        }
    }

    /// The same, after some moves.
    fn after(mut self, moves: &[Move]) -> Self {
        moves.iter().for_each(|one| assert_eq!(self.make(one), Ok(true), "{one}"));
        self
    }

    fn ring(&mut self) -> Ring<'_> {
        Ring::of(bytemuck::cast_slice_mut(&mut self.bytes)).expect("a queue")
    }

    fn queue(&self) -> Queue {
        bytemuck::pod_read_unaligned(&bytemuck::cast_slice(&self.bytes)[..Queue::SIZE])
    }

    fn entries(&self) -> &[QueueEntry] {
        bytemuck::cast_slice(&bytemuck::cast_slice::<u64, u8>(&self.bytes)[Queue::SIZE..])
    }

    /// Those in the ring, from the front, blank slots left out.
    fn in_ring(&self) -> Vec<QueueEntry> {
        let (queue, entries) = (self.queue(), self.entries());
        let slots = (0..queue.used).map(|offset| entries[((queue.head + offset) % queue.capacity.max(1)) as usize]);
        slots.filter(|entry| entry.occupant != NONE).collect()
    }

    fn series(&self) -> u64 {
        wait_id::series(&self.market)
    }

    fn waiting(&self, number: u8) -> Option<Waiter> {
        self.jobs_line.iter().copied().find(|one| one.number == number)
    }

    fn drop_job(&mut self, number: u8, fate: Fate) {
        let was_first = self.first_job().is_some_and(|first| first.number == number);
        self.jobs_line.retain(|one| one.number != number);
        self.jobs[number as usize] = fate;
        if was_first {
            self.passed = 0;
        }
    }

    fn first_job(&self) -> Option<Waiter> {
        self.jobs_line.iter().copied().find(|one| self.now <= one.until)
    }

    fn would(&self, one: Move) -> bool {
        self.clone().make(&one) == Ok(true)
    }
}

impl World for Queues {
    type Move = Move;

    fn moves(&self, moves: &mut Vec<Move>) {
        let over = self.jobs_line.iter().chain(&self.providers_line).map(|one| one.until);
        let returns = self.jobs.iter().filter_map(|job| match job {
            Fate::Taken(at) => Some(at + HAND_BACK_WINDOW.0 as i64),
            _ => None,
        });
        let counts = (self.passed > 0).then_some(self.passed_at + PASS_INTERVAL.0 as i64);
        moves.extend(next_instant(self.now, over.chain(returns).chain(counts)).map(Move::Wait));
        for number in 0..self.jobs.len() as u8 {
            match self.jobs[number as usize] {
                // Jobs that are alike are posted in their order.
                Fate::Future if (0..number).all(|other| self.jobs[other as usize] != Fate::Future) => {
                    moves.push(Move::Post(number));
                }
                Fate::Waits => moves.extend([Move::Take(number), Move::Cancel(number)]),
                Fate::Taken(at) if self.now - at <= HAND_BACK_WINDOW.0 as i64 => moves.push(Move::HandBack(number)),
                _ => {}
            }
        }
        moves.extend((0..PROVIDERS).flat_map(|provider| [Move::Join(provider), Move::Leave(provider)]));
        moves.push(Move::Sweep);
        if self.grown == 0 {
            moves.extend([Move::Grow, Move::Terms]);
        }
    }

    fn is_crank(one: &Move) -> bool {
        matches!(one, Move::Wait(_) | Move::Sweep)
    }

    fn make(&mut self, one: &Move) -> Result<bool, String> {
        let now = Timestamp(self.now);
        let until = self.now + self.wait;
        match *one {
            Move::Wait(until) => self.now = until,
            Move::Post(number) => {
                let id = posting_id::first(now).expect("a date") + number as u64;
                let series = self.series();
                let mut ring = self.ring();
                if ring.queue.side == side::PROVIDERS {
                    let Ok(first) = ring.first_on_terms(series, now) else { return Ok(false) };
                    if let Some(first) = first {
                        ring.drop_first();
                        self.jobs[number as usize] = Fate::Gone;
                        // The first that waits on the present terms, and no other.
                        let series = self.series();
                        let fits = |one: &&Waiter| self.now <= one.until && wait_id::series_of(one.id) == series;
                        let due = self.providers_line.iter().find(fits).map(|one| (one.number, one.id));
                        let given = (first.occupant.as_array()[0] - 101, first.posting_or_wait_id);
                        if due != Some(given) {
                            return Err(format!("the job is given to {given:?}, and {due:?} is first"));
                        }
                        self.providers_line.retain(|one| one.number != given.0);
                        return Ok(true);
                    }
                }
                let entry =
                    QueueEntry { occupant: job_address(number), posting_or_wait_id: id, expires_at: Timestamp(until) };
                let Ok(slot) = ring.push(side::JOBS, entry, now) else { return Ok(false) };
                self.jobs_line.push(Waiter { number, id, slot, until });
                self.jobs[number as usize] = Fate::Waits;
                self.posted[number as usize] = (id, until);
                if self.jobs_line.len() == 1 {
                    self.passed = 0;
                }
            }
            Move::Take(number) => {
                let Some(Waiter { id, slot, .. }) = self.waiting(number) else { return Ok(false) };
                let first = self.first_job();
                let mut ring = self.ring();
                if ring.queue.side != side::JOBS || ring.take(slot, &job_address(number), id, now).is_err() {
                    return Ok(false);
                }
                ring.keep_room(now);
                let is_first = first.is_some_and(|first| first.number == number);
                self.drop_job(number, Fate::Taken(self.now));
                if let Some(first) = first.filter(|_| !is_first)
                    && self.now - self.passed_at >= PASS_INTERVAL.0 as i64
                {
                    (self.passed, self.passed_at) = (self.passed + 1, self.now);
                    if self.passed >= MAX_PASSES {
                        self.drop_job(first.number, Fate::Gone);
                    }
                }
            }
            Move::HandBack(number) => {
                let (last, until) = self.posted[number as usize];
                let id = posting_id::next(posting_id::first(now).expect("a date"), last).expect("ids are left");
                if self.now > until {
                    self.jobs[number as usize] = Fate::Gone;
                    return Ok(true);
                }
                self.posted[number as usize].0 = id;
                let entry =
                    QueueEntry { occupant: job_address(number), posting_or_wait_id: id, expires_at: Timestamp(until) };
                let was_full = self.queue().used == self.queue().capacity;
                match self.ring().push_first(entry) {
                    None => self.jobs[number as usize] = Fate::Gone,
                    Some(slot) => {
                        // In a full ring, before the first that stands behind a gap.
                        let (queue, waiter) = (self.queue(), Waiter { number, id, slot, until });
                        let offset = |slot: u32| (slot + queue.capacity - queue.head) % queue.capacity;
                        let before = |one: &Waiter| was_full && offset(one.slot) < offset(slot);
                        let stands = |one: &Waiter| self.now <= one.until && before(one);
                        let place = self.jobs_line.iter().rposition(stands).map_or(0, |last| last + 1);
                        self.jobs_line.insert(place, waiter);
                        self.jobs[number as usize] = Fate::Waits;
                        if place == 0 {
                            self.passed = 0;
                        }
                    }
                }
            }
            Move::Cancel(number) => {
                let Some(Waiter { id, slot, .. }) = self.waiting(number) else { return Ok(false) };
                self.ring().leave(slot, &job_address(number), id);
                self.drop_job(number, Fate::Gone);
            }
            Move::Join(provider) => {
                let (address, series) = (provider_address(provider), self.series());
                let mine = self.providers_line.iter().find(|one| one.number == provider).copied();
                let last = self.last_wait[provider as usize];
                let mut ring = self.ring();
                if ring.queue.side == side::JOBS && !ring.first(now).is_ok_and(|first| first.is_none()) {
                    return Ok(false);
                }
                if mine.is_some_and(|mine| ring.waits(mine.slot, &address, mine.id)) {
                    return Ok(false);
                }
                let Ok(id) = wait_id::next(0, series, last) else { return Ok(false) };
                let entry = QueueEntry { occupant: address, posting_or_wait_id: id, expires_at: Timestamp(until) };
                let Ok(slot) = ring.push(side::PROVIDERS, entry, now) else { return Ok(false) };
                self.last_wait[provider as usize] = id;
                self.providers_line.retain(|one| one.number != provider);
                self.providers_line.push(Waiter { number: provider, id, slot, until });
            }
            Move::Leave(provider) => {
                let mine = self.providers_line.iter().find(|one| one.number == provider).copied();
                let Some(Waiter { id, slot, .. }) = mine else { return Ok(false) };
                if !self.ring().leave(slot, &provider_address(provider), id) {
                    return Ok(false);
                }
                self.providers_line.retain(|one| one.number != provider);
            }
            Move::Sweep => {
                // It says in any case what is first; what is dropped stays dropped.
                let before = self.queue();
                let _ = self.ring().first(now);
                return Ok(before != self.queue());
            }
            Move::Grow => {
                self.grown += 1;
                self.bytes.extend([0; size_of::<QueueEntry>() / 8]);
                let mut ring = self.ring();
                ring.queue.slots += 1;
                ring.widen();
            }
            Move::Terms => {
                self.grown += 1;
                self.market.terms_version += 1;
            }
        }
        Ok(true)
    }

    fn check(&self) -> Result<(), String> {
        let (queue, there) = (self.queue(), self.in_ring());
        if queue.waiting as usize != there.len() {
            return Err(format!("{} wait, and the queue says {}", there.len(), queue.waiting));
        }
        if queue.used > queue.capacity || queue.capacity > queue.slots {
            return Err("more slots are used than there are".into());
        }
        // Who waits and whose time is not over is there, in its order.
        let live = |line: &[Waiter]| line.iter().copied().filter(|one| self.now <= one.until).collect::<Vec<_>>();
        let (jobs, providers) = (live(&self.jobs_line), live(&self.providers_line));
        if !jobs.is_empty() && providers.iter().any(|one| wait_id::series_of(one.id) == self.series()) {
            return Err("jobs and providers wait at the same time".into());
        }
        let expected: Vec<u64> = if jobs.is_empty() { &providers } else { &jobs }.iter().map(|one| one.id).collect();
        let found = there.iter().filter(|entry| self.now <= entry.expires_at.0).map(|entry| entry.posting_or_wait_id);
        let found: Vec<u64> = found.collect();
        // Providers on old terms may have been dropped.
        let on_terms = |ids: &[u64]| -> Vec<u64> {
            let current = |id: &&u64| !jobs.is_empty() || wait_id::series_of(**id) == self.series();
            ids.iter().filter(current).copied().collect()
        };
        if on_terms(&expected) != on_terms(&found) {
            return Err(format!("{found:?} are in the ring, and {expected:?} wait"));
        }
        // Fewer than sixteen wait: any can be taken, and can leave.
        for one in &jobs {
            if !self.would(Move::Take(one.number)) {
                return Err(format!("job {} waits, and cannot be taken", one.number));
            }
            if !self.clone().ring().leave(one.slot, &job_address(one.number), one.id) {
                return Err(format!("job {} waits, and cannot leave", one.number));
            }
        }
        // Room is kept for all that may be handed back.
        let mut all = self.clone();
        if queue.used == 0 || queue.side == side::JOBS {
            for number in 0..self.jobs.len() as u8 {
                let returns =
                    matches!(self.jobs[number as usize], Fate::Taken(at) if self.now - at <= HAND_BACK_WINDOW.0 as i64);
                if returns
                    && self.now <= self.posted[number as usize].1
                    && all.make(&Move::HandBack(number)) == Ok(true)
                    && all.jobs[number as usize] == Fate::Gone
                {
                    return Err(format!("job {number} is handed back, and there is no room"));
                }
            }
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        self.queue().waiting == 0
    }

    fn write(&self, key: &mut Key) {
        key.add(&self.bytes);
        key.add(&(self.now, &self.jobs_line, &self.providers_line, &self.jobs, &self.posted, self.last_wait));
        key.add(&(self.passed, self.passed_at, self.grown, self.market.terms_version));
    }

    fn tell(&self) -> String {
        let queue = self.queue();
        let occupants: Vec<u8> = self.in_ring().iter().map(|entry| entry.occupant.as_array()[0]).collect();
        format!(
            "second {}: {} of {} slots used from {} on, {} wait, passed {}; in the ring {occupants:?}, jobs {:?}",
            self.now - START,
            queue.used,
            queue.capacity,
            queue.head,
            queue.waiting,
            queue.first_passed,
            self.jobs,
        )
    }
}

/// Empty rings, and one whose first job was passed over nearly as often as it may.
pub fn starts(scope: Scope) -> Vec<Queues> {
    let jobs = if scope == Scope::Small { 3 } else { 4 };
    let mut passed = Queues::new(3, jobs, 5_000).after(&[Move::Post(0)]);
    let ring = passed.ring();
    (ring.queue.first_passed, ring.queue.passed_at) = (MAX_PASSES - 2, Timestamp(START - 60));
    (passed.passed, passed.passed_at) = (MAX_PASSES - 2, START - 60);
    vec![Queues::new(3, jobs, 100), Queues::new(2, jobs, 30), passed]
}

/// Moves from a start.
pub fn depth(scope: Scope) -> u32 {
    match scope {
        Scope::Small => 6,
        Scope::Large => 9,
    }
}

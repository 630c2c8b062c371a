use {
    super::{TakenOutBy, add, begin, heartbeat, is_silent, join, read, settle, take_out},
    crate::halts::NoHalts,
    joule_escrow_interface::{
        EscrowError,
        state::{
            Beacon, Gang, Job, MAX_GAPS, MAX_SILENT_INTERVALS, Terms, gang_state, job_state, matching, outcome,
            stopped_by,
        },
    },
    joule_interface::Address,
    joule_math::{Amount, Bps, Seconds, Timestamp, Tokens},
    proptest::prelude::*,
};

const NOW: i64 = 1_790_000_000;
const SIZE: usize = 3;
const PRICE: u64 = 7;
const BOND: u64 = 500;
const DURATION: u64 = 150;
const WAIT: u32 = 1_000_000;
const ANYONE: Address = Address::new_from_array([0; 32]);

/// A place, and what the gang's clock showed when its member joined, and sent each heartbeat.
struct Member {
    job: Job,
    beats: Vec<u64>,
    is_in: bool,
    is_substitute: bool,
}

/// A gang, and its clock, counted second by second.
struct Crew {
    gang: Gang,
    members: Vec<Member>,
    interval: u64,
    now: i64,
    clock: u64,
    number: u8,
}

impl Crew {
    /// A gang that runs.
    fn new(interval: u64) -> Self {
        let gang = Gang {
            size: SIZE as u8,
            state: gang_state::FILLING,
            duration: Seconds(DURATION as u32),
            // Posted a second before it is full.
            deadline_at: Timestamp(NOW - 1 + WAIT as i64),
            ..Gang::default()
        };
        let mut crew = Self { gang, members: vec![], interval, now: NOW, clock: 0, number: 0 };
        for _ in 0..SIZE {
            let job = crew.posted();
            crew.members.push(Member { job, beats: vec![], is_in: false, is_substitute: false });
        }
        (0..SIZE).for_each(|at| crew.join(at));
        crew
    }

    fn time(&self) -> Timestamp {
        Timestamp(self.now)
    }

    /// A place more, for the time that is left.
    fn posted(&mut self) -> Job {
        self.number += 1;
        add(&mut self.gang, &Address::new_from_array([self.number; 32])).unwrap();
        let duration = (DURATION - self.clock) as u32;
        Job {
            terms: Terms {
                price: Amount(PRICE),
                bond_amount: Tokens(BOND),
                failure_penalty: Bps(5_000),
                min_duration: Seconds(10),
                heartbeat_interval: Seconds(self.interval as u32),
                wait_window: Seconds(WAIT),
                matching: matching::GANG,
                ..Terms::default()
            },
            matching: matching::GANG,
            price: Amount(PRICE),
            duration: Seconds(duration),
            deposited: Amount(PRICE * duration as u64),
            held: Amount(PRICE * duration as u64),
            deadline_at: self.gang.deadline_at,
            state: job_state::GANG,
            ..Job::default()
        }
    }

    fn join(&mut self, at: usize) {
        self.number += 1;
        let (now, key, member) = (self.time(), Address::new_from_array([self.number; 32]), &mut self.members[at]);
        join(&mut self.gang, (at, &mut member.job), &key, (&key, &ANYONE), now).unwrap();
        member.job.bond = key;
        (member.beats, member.is_in) = (vec![self.clock], true);
    }

    /// Seconds since the member's last heartbeat.
    fn gap(&self, at: usize) -> u64 {
        self.clock - self.members[at].beats.last().unwrap()
    }

    fn is_silent(&self, at: usize) -> bool {
        self.gap(at) > MAX_SILENT_INTERVALS * self.interval
    }

    fn beat(&mut self, at: usize) {
        let (now, is_silent) = (self.time(), self.is_silent(at));
        let stands = self.gang.state == gang_state::BROKEN;
        let member = &mut self.members[at];
        let sent = heartbeat(&self.gang, &mut member.job, now);
        if !member.is_in {
            assert_eq!(sent, Err(EscrowError::WrongProvider));
        } else if stands && is_silent {
            assert_eq!(sent, Err(EscrowError::TooLate));
        } else {
            sent.unwrap();
            member.beats.push(self.clock);
        }
    }

    /// Seconds for which the member is paid: each whose last heartbeat is not an interval ago.
    fn ran(&self, at: usize) -> u64 {
        let beats = &self.members[at].beats;
        let last = |second: u64| *beats.iter().filter(|beat| **beat <= second).max().unwrap();
        (beats[0]..self.clock).filter(|second| second - last(*second) < self.interval).count() as u64
    }

    /// Takes a member out. It has its seconds; its bond pays if it failed, or came and left while the clock stood.
    fn take_out(&mut self, at: usize, by_client: bool) {
        let (now, runs) = (self.time(), self.gang.state == gang_state::RUNNING);
        let (ran, is_silent, stopped_by) = (self.ran(at), self.is_silent(at), self.gang.stopped_by);
        let by = if by_client { TakenOutBy::Client } else { TakenOutBy::Member };
        let Member { job, beats, is_in, is_substitute } = &mut self.members[at];
        take_out(&mut self.gang, (at, job), by, now, &NoHalts).unwrap();
        *is_in = false;

        let worked = beats[0] < self.clock || !*is_substitute;
        let is_failure = is_silent || runs && !by_client;
        let is_clients = by_client || !runs && worked && stopped_by == stopped_by::CLIENT;
        let is_too_short = self.clock - beats[0] < 10;
        let paid = if is_clients && !is_failure && is_too_short { 10 } else { ran };
        assert_eq!(job.amount_due, Amount(PRICE * paid));
        let seized = if is_failure {
            BOND / 2
        } else if worked || by_client {
            0
        } else {
            (BOND * 10).div_ceil(job.duration.0 as u64)
        };
        assert_eq!(
            (job.bond_to_seize, job.outcome),
            (Tokens(seized), if is_failure { outcome::FAILED } else { outcome::NONE })
        );
    }

    /// Settles a place.
    fn settle(&mut self, at: usize) {
        let (now, ran) = (self.time(), self.ran(at));
        let job = &mut self.members[at].job;
        begin(&self.gang, job);
        settle(&mut self.gang, (at, job), false, Amount::MAX, now, &NoHalts).unwrap();
        if job.stopped_at == Timestamp::default() {
            assert_eq!(job.earned, Amount(PRICE * ran));
        }
    }

    /// A second passes.
    fn tick(&mut self) {
        self.now += 1;
        self.clock += u64::from(self.gang.state == gang_state::RUNNING && self.clock < DURATION);
    }

    /// A second passes, at the end of which the first member sends its heartbeat, if it is time.
    fn pass(&mut self) {
        self.now += 1;
        self.clock += u64::from(self.gang.state == gang_state::RUNNING);
        let is_due = ((self.now - NOW) as u64).is_multiple_of(self.interval);
        if is_due && self.clock < DURATION {
            self.beat(0);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Members send heartbeats, quit, are dismissed and replaced, and are settled, at random. Each has its seconds, whenever it is settled; and who
    /// sends a heartbeat each interval misses none, whatever the others do.
    #[test]
    fn each_member_of_a_gang_has_its_own_seconds(
        interval in 1u64..9,
        steps in proptest::collection::vec((0u8..10, 0u64..7, 1..SIZE), 1..160),
    ) {
        let mut crew = Crew::new(interval);
        for (step, wait, at) in steps {
            for _ in 0..wait {
                if crew.clock < DURATION {
                    crew.pass();
                }
            }
            if crew.clock == DURATION {
                break;
            }
            let is_in = crew.members[at].is_in;
            match step {
                0..=3 => crew.beat(at),
                4 if is_in => crew.take_out(at, false),
                5 if is_in => crew.take_out(at, true),
                6 if is_in => crew.settle(at),
                // A substitute, for ten seconds at least.
                7..=9 if !is_in && DURATION - crew.clock >= 10 => {
                    crew.settle(at);
                    let job = crew.posted();
                    (crew.members[at].job, crew.members[at].is_substitute) = (job, true);
                    crew.join(at);
                }
                _ => {}
            }
            prop_assert_eq!((crew.gang.clock(crew.time()).0 - NOW) as u64, crew.clock);
        }
        while crew.gang.state == gang_state::RUNNING && crew.clock < DURATION {
            crew.pass();
        }
        let job = crew.members[0].job;
        prop_assert_eq!((job.downtime, job.missed_heartbeats), (0, 0));
        if crew.gang.state == gang_state::RUNNING {
            for at in 0..SIZE {
                let (ran, is_silent) = (crew.ran(at), crew.is_silent(at));
                crew.now += 7 * at as i64;
                crew.settle(at);
                let job = &crew.members[at].job;
                let outcome = if is_silent { outcome::FAILED } else { outcome::DELIVERED };
                prop_assert_eq!((job.amount_due, job.outcome), (Amount(PRICE * ran), outcome));
            }
            prop_assert_eq!((crew.gang.state, crew.gang.posted), (gang_state::FINISHED, 0));
        }
    }

    /// A member's machine beats, and its gang breaks and goes on, at random. Whenever the beacon is read, it says of the member what as many
    /// heartbeats of its own would have said.
    #[test]
    fn a_beacon_says_of_a_member_what_its_own_heartbeats_would(
        interval in 1u64..7,
        steps in proptest::collection::vec((0u8..8, 0u64..12), 1..120),
    ) {
        let mut crew = Crew::new(interval);
        let mut machine = Machine::new(&mut crew);
        for (step, wait) in steps {
            (0..wait).for_each(|_| crew.tick());
            let (runs, is_over) = (crew.gang.state == gang_state::RUNNING, crew.clock == DURATION);
            match step {
                0..=3 => machine.beat(&crew),
                4 if runs && !is_over => crew.take_out(1, true),
                5 | 6 if !runs && DURATION - crew.clock >= 10 => {
                    // Of two times that the clock stood since the last read only one is known.
                    if machine.unread_stands > 0 {
                        machine.check(&mut crew);
                    }
                    machine.unread_stands += 1;
                    crew.settle(1);
                    let job = crew.posted();
                    (crew.members[1].job, crew.members[1].is_substitute) = (job, true);
                    crew.join(1);
                    if machine.unread_gaps > 8 {
                        machine.check(&mut crew);
                    }
                }
                _ => machine.check(&mut crew),
            }
            if machine.unread_gaps + 1 >= MAX_GAPS {
                machine.check(&mut crew);
            }
        }
        while crew.gang.state == gang_state::RUNNING && crew.clock < DURATION {
            crew.tick();
        }
        machine.check(&mut crew);
        if crew.gang.state == gang_state::RUNNING {
            let (now, is_silent) = (crew.time(), DURATION - machine.last(&crew) > MAX_SILENT_INTERVALS * interval);
            let down = machine.silences(&crew).map(|gap| gap.saturating_sub(interval)).sum::<u64>()
                + (DURATION - machine.last(&crew)).saturating_sub(interval);
            let job = &mut crew.members[0].job;
            settle(&mut crew.gang, (0, job), false, Amount::MAX, now, &NoHalts).unwrap();
            let outcome = if is_silent { outcome::FAILED } else { outcome::DELIVERED };
            prop_assert_eq!((job.amount_due, job.outcome), (Amount(PRICE * DURATION.saturating_sub(down)), outcome));
        }
    }
}

/// The beacon of the first member, and each of its beats: when it came, and what the clock showed.
struct Machine {
    beacon: Beacon,
    beats: Vec<(i64, u64)>,
    unread_gaps: usize,
    unread_stands: usize,
}

impl Machine {
    fn new(crew: &mut Crew) -> Self {
        let interval = Seconds(crew.interval as u32);
        let beacon = Beacon { interval, last_beat_at: crew.time(), ..Beacon::default() };
        crew.members[0].job.on_beacon = 1;
        Self { beacon, beats: vec![(crew.now, crew.clock)], unread_gaps: 0, unread_stands: 0 }
    }

    fn beat(&mut self, crew: &Crew) {
        self.unread_gaps += (crew.now - self.beacon.last_beat_at.0 > crew.interval as i64) as usize;
        self.beacon.beat(crew.time());
        self.beats.push((crew.now, crew.clock));
    }

    /// Those that count now, by the clock: none after it stopped, or at its end.
    fn counted(&self, crew: &Crew) -> Vec<u64> {
        let stopped_at = crew.gang.stopped_at.0;
        let in_time = |beat: &&(i64, u64)| (stopped_at == 0 || beat.0 <= stopped_at) && beat.1 < DURATION;
        self.beats.iter().filter(in_time).map(|(_, clock)| *clock).collect()
    }

    /// The last one. If the next came in an interval, but too late to count, the machine was alive until the clock stopped.
    fn last(&self, crew: &Crew) -> u64 {
        let counted = self.counted(crew);
        let next = self.beats.get(counted.len());
        let goes_on = next.is_some_and(|(at, _)| at - self.beats[counted.len() - 1].0 <= crew.interval as i64);
        if goes_on { crew.clock } else { counted[counted.len() - 1] }
    }

    fn silences(&self, crew: &Crew) -> impl Iterator<Item = u64> {
        let counted = self.counted(crew);
        (1..counted.len()).map(move |number| counted[number] - counted[number - 1])
    }

    /// Reads it, and compares.
    fn check(&mut self, crew: &mut Crew) {
        let (now, interval) = (crew.time(), crew.interval);
        let last = self.last(crew);
        let late = |gap: &u64| *gap > interval;
        let downtime = self.silences(crew).filter(late).map(|gap| gap - interval).sum::<u64>();
        let missed = self.silences(crew).filter(late).map(|gap| (gap - 1) / interval).sum::<u64>();
        let Crew { gang, members, .. } = crew;
        let job = &mut members[0].job;
        begin(gang, job);
        read(gang, job, &self.beacon, now);
        assert_eq!((job.downtime, job.missed_heartbeats as u64), (downtime, missed));
        assert_eq!((job.last_heartbeat_at.0 - NOW) as u64, last);
        let is_late = crew.clock - last > MAX_SILENT_INTERVALS * interval;
        assert_eq!(is_silent(&crew.gang, &crew.members[0].job, now, &NoHalts), Ok(is_late));
        self.unread_stands = 0;
        // While the clock stands, and at the end, what came too late stays unread.
        if crew.gang.state == gang_state::RUNNING && crew.clock < DURATION {
            self.unread_gaps = 0;
        }
    }
}

/// What a beacon forgot counts as silence: beats afterwards do not hide that a machine was dead.
#[test]
fn a_machine_does_not_hide_its_silence_behind_short_ones() {
    let forget = |machine: &mut Machine, crew: &mut Crew| {
        for _ in 0..MAX_GAPS {
            (0..=crew.interval).for_each(|_| crew.tick());
            machine.beat(crew);
        }
    };
    let read = |machine: &Machine, crew: &mut Crew| {
        let now = crew.time();
        let Crew { gang, members, .. } = crew;
        begin(gang, &mut members[0].job);
        read(gang, &mut members[0].job, &machine.beacon, now);
        members[0].job
    };
    // It was dead for fifty seconds, and is alive again.
    let mut crew = Crew::new(2);
    let mut machine = Machine::new(&mut crew);
    (0..50).for_each(|_| crew.tick());
    machine.beat(&crew);
    forget(&mut machine, &mut crew);
    let job = read(&machine, &mut crew);
    let clock = crew.clock;
    assert_eq!((job.downtime, (job.last_heartbeat_at.0 - NOW) as u64), (48 + MAX_GAPS as u64, clock));
    // It was dead until the end, and flickers afterwards.
    let mut crew = Crew::new(2);
    let mut machine = Machine::new(&mut crew);
    (0..DURATION + 1).for_each(|_| crew.tick());
    machine.beat(&crew);
    forget(&mut machine, &mut crew);
    let job = read(&machine, &mut crew);
    assert_eq!((job.downtime, job.last_heartbeat_at.0), (0, NOW));
    let now = crew.time();
    settle(&mut crew.gang, (0, &mut crew.members[0].job), false, Amount::MAX, now, &NoHalts).unwrap();
    let job = &crew.members[0].job;
    assert_eq!((job.outcome, job.amount_due), (outcome::FAILED, Amount(PRICE * 2)));
}

/// Of a time before the last in which the clock stood, it shows what it showed then.
#[test]
fn a_gangs_clock_is_known_since_it_stood_for_the_last_time_but_one() {
    let gang = Gang {
        started_at: Timestamp(NOW),
        stood: 5 + 20,
        last_stopped_at: Timestamp(NOW + 100),
        resumed_at: Timestamp(NOW + 120),
        ..Gang::default()
    };
    let shown = |gang: &Gang, at: i64| gang.clock_at(Timestamp(NOW + at)).0 - NOW;
    for (at, clock) in [(60, 55), (99, 94), (100, 95), (119, 95), (120, 95), (150, 125)] {
        assert_eq!(shown(&gang, at), clock, "at {at}");
    }
    let stands = Gang { stopped_at: Timestamp(NOW + 140), ..gang };
    for (at, clock) in [(119, 95), (139, 114), (140, 115), (500, 115)] {
        assert_eq!(shown(&stands, at), clock, "at {at}");
    }
}

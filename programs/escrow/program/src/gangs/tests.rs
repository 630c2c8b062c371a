use {
    super::{TakenOutBy, add, begin, heartbeat, join, settle, take_out},
    crate::halts::NoHalts,
    joule_escrow_interface::{
        EscrowError,
        state::{Gang, Job, MAX_SILENT_INTERVALS, Terms, gang_state, job_state, matching, outcome, stopped_by},
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
}

use {
    super::{join, leave, read},
    crate::{
        Result,
        halts::NoHalts,
        jobs::{
            clock::{self, heartbeat},
            ending::{self, EndedBy},
        },
    },
    joule_escrow_interface::{
        EscrowError,
        state::{Beacon, Job, MAX_GAPS, Sums, Terms, job_state, matching, report},
    },
    joule_interface::Address,
    joule_math::{Amount, Bps, Seconds, Timestamp, Tokens},
    proptest::prelude::*,
};

const NOW: i64 = 1_790_000_000;
const PROVIDER: Address = Address::new_from_array([7; 32]);
const NODE: Address = Address::new_from_array([8; 32]);

fn opened(interval: u32, capacity: u16, now: i64) -> Beacon {
    Beacon {
        provider: PROVIDER,
        node: NODE,
        class: 5,
        interval: Seconds(interval),
        capacity,
        last_beat_at: Timestamp(now),
        ..Beacon::default()
    }
}

fn terms(interval: u32) -> Terms {
    Terms {
        price: Amount(7),
        bond_amount: Tokens(500),
        min_duration: Seconds(10),
        max_duration: Seconds(1_000),
        heartbeat_interval: Seconds(interval),
        min_availability: Bps(9_000),
        shortfall_penalty: Bps(100),
        heartbeat_penalty: Bps(2_000),
        matching: matching::DIRECT,
        reports: report::BEACON,
        ..Terms::default()
    }
}

/// A job that starts.
fn started(interval: u32, duration: u32, now: i64) -> Job {
    let mut job = Job {
        terms: terms(interval),
        matching: matching::DIRECT,
        price: Amount(7),
        provider: PROVIDER,
        bond: PROVIDER,
        duration: Seconds(duration),
        deposited: Amount(7 * duration as u64),
        held: Amount(7 * duration as u64),
        deadline_at: Timestamp(i64::MAX),
        state: job_state::POSTED,
        ..Job::default()
    };
    clock::start(&mut job, Seconds(0), Timestamp(now), &NoHalts).unwrap();
    job
}

fn finish(job: &mut Job, by: EndedBy, now: i64) -> Result<()> {
    ending::finish(job, by, Amount::MAX, Timestamp(now), &NoHalts).map(|_| ())
}

/// What a job's time from `from` to `until` was worth, each second by itself: down, if the last beat is an interval ago; missed, if it is
/// some whole intervals ago.
fn counted(beats: &[i64], interval: i64, from: i64, until: i64) -> (u64, u32) {
    let (mut downtime, mut missed) = (0, 0);
    for second in from..until {
        let last = beats.iter().filter(|beat| **beat <= second).max().unwrap();
        let silent = second - last;
        downtime += (silent >= interval) as u64;
        missed += (silent > 0 && silent % interval == 0) as u32;
    }
    (downtime, missed)
}

/// Pays what was earned.
fn settle(job: &mut Job, now: i64) {
    ending::settle(job, Amount::MAX, Timestamp(now)).unwrap();
}

/// A job on the beacon, and the same job with heartbeats of its own.
struct Pair {
    job: Job,
    own: Job,
    /// Whether its beacon remembered its time at the first read after that.
    remembered: Option<bool>,
}

impl Pair {
    /// Reads the beacon. Says whether it is known when all gaps were.
    fn read(&mut self, beacon: &Beacon, now: i64) -> bool {
        let time = Timestamp(now);
        read(beacon, &mut self.job, time).unwrap();
        if time < self.job.ends_at {
            return true;
        }
        let newer = beacon.gaps.iter().filter(|gap| gap.ended_at > self.job.ends_at).count();
        *self.remembered.get_or_insert(newer < MAX_GAPS)
    }

    /// Of the twin, without what only a job on a beacon has.
    fn assert_same(&self) {
        let of_beacon = self.job;
        let (beacon_downtime, beacon_missed) = (of_beacon.beacon_downtime, of_beacon.beacon_missed);
        let own = Job { node: NODE, beacon_downtime, beacon_missed, on_beacon: of_beacon.on_beacon, ..self.own };
        assert_eq!(of_beacon, own);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Beats, starts, settlements, extensions and ends, at random: each second counts as it does for a job with heartbeats of its own, to
    /// the unit, whenever the beacon is read; and whatever it forgot, what has run can end.
    #[test]
    fn a_beacon_counts_each_second_as_a_jobs_own_heartbeats_do(
        interval in 1u32..7,
        capacity in 1u16..5,
        steps in proptest::collection::vec((0u8..10, 0i64..14, any::<u16>()), 1..220),
    ) {
        let mut now = NOW;
        let mut beacon = opened(interval, capacity, now);
        let mut beats = vec![now];
        let mut pairs: Vec<Pair> = vec![];
        // Each beat of the machine is one of every job with heartbeats of its own.
        let all_beat = |pairs: &mut Vec<Pair>, now: i64| {
            for pair in pairs.iter_mut().filter(|pair| pair.own.state == job_state::RUNNING) {
                heartbeat(&mut pair.own, Timestamp(now)).unwrap();
            }
        };
        for (step, wait, random) in steps {
            now += wait;
            let time = Timestamp(now);
            let place = if pairs.is_empty() { 0 } else { random as usize % pairs.len() };
            match step {
                0..=4 => {
                    beacon.beat(time);
                    beats.push(now);
                    all_beat(&mut pairs, now);
                }
                5 | 6 => {
                    let mut job = started(interval, 10 + random as u32 % 90, now);
                    let own = job;
                    let is_full = pairs.iter().filter(|pair| pair.job.on_beacon == 1).count() == capacity as usize;
                    // A failed instruction changes nothing.
                    let mut after = beacon;
                    after.beat(time);
                    let joined = join(&mut after, &mut job, time);
                    prop_assert_eq!(joined, if is_full { Err(EscrowError::BeaconFull) } else { Ok(()) });
                    if !is_full {
                        beacon = after;
                        beats.push(now);
                        all_beat(&mut pairs, now);
                        pairs.push(Pair { job, own, remembered: None });
                    }
                }
                _ if pairs.is_empty() => {}
                7 => {
                    let pair = &mut pairs[place];
                    if pair.job.state != job_state::RUNNING {
                        continue;
                    }
                    // What is settled unread is no more than was earned.
                    prop_assert!(pair.job.ran(time) <= pair.own.ran(time));
                    let is_exact = pair.read(&beacon, now);
                    settle(&mut pair.job, now);
                    settle(&mut pair.own, now);
                    prop_assert!(pair.job.paid <= pair.own.paid);
                    if is_exact {
                        prop_assert_eq!(pair.job.ran(time), pair.own.ran(time));
                        // A silence that goes on costs the other nothing before it ends.
                        if time.min(pair.job.ends_at).since(beacon.last_beat_at) <= interval as u64 {
                            prop_assert_eq!(pair.job.paid, pair.own.paid);
                        }
                    }
                    (pair.own.earned, pair.own.paid, pair.own.held) = (pair.job.earned, pair.job.paid, pair.job.held);
                }
                8 => {
                    let pair = &mut pairs[place];
                    if pair.job.state == job_state::RUNNING && time < pair.job.ends_at {
                        let extended = clock::extend(&mut pair.job, Seconds(9), time);
                        prop_assert_eq!(extended, clock::extend(&mut pair.own, Seconds(9), time));
                    }
                }
                _ => {
                    let pair = &mut pairs[place];
                    let by = if random % 2 == 0 { EndedBy::Client } else { EndedBy::Anyone };
                    if pair.job.state != job_state::RUNNING {
                        leave(&mut beacon, &mut pair.job).unwrap();
                        let noted = (pair.job.beacon_downtime, pair.job.beacon_missed);
                        prop_assert_eq!((pair.job.on_beacon, noted), (0, (0, 0)));
                        continue;
                    }
                    leave(&mut beacon, &mut pair.job).unwrap();
                    prop_assert_eq!(pair.job.on_beacon, 1, "it runs");
                    let until = pair.job.ends_at.min(time);
                    let mut unread = pair.job;
                    let ended = finish(&mut unread, by, now);
                    let is_exact = pair.read(&beacon, now);
                    let read_first = finish(&mut pair.job, by, now);
                    let own = finish(&mut pair.own, by, now);
                    prop_assert_eq!(read_first, own);
                    if own.is_err() {
                        prop_assert!(ended.is_err());
                        continue;
                    }
                    if is_exact {
                        let (downtime, missed) = counted(&beats, interval as i64, pair.job.started_at.0, until.0);
                        prop_assert_eq!((pair.job.downtime, pair.job.missed_heartbeats), (downtime, missed));
                        pair.assert_same();
                        // What ends without a look at the beacon ends as with one.
                        match ended {
                            Ok(()) => prop_assert_eq!(unread, pair.job),
                            Err(error) => prop_assert_eq!(error, EscrowError::BeaconUnread),
                        }
                    } else {
                        prop_assert!(pair.job.downtime >= pair.own.downtime);
                        prop_assert!(pair.job.paid <= pair.own.paid);
                    }
                }
            }
            let on = pairs.iter().filter(|pair| pair.job.on_beacon == 1).count();
            prop_assert_eq!(beacon.jobs as usize, on);
            prop_assert!(beacon.jobs <= beacon.capacity);
        }
    }
}

#[test]
fn sums_are_those_of_any_second_that_is_remembered() {
    let mut beacon = opened(10, 1, NOW);
    let mut beats = vec![NOW];
    // Each third beat comes late.
    for number in 1..=96 {
        let at = beats.last().unwrap() + if number % 3 == 0 { 10 + number } else { 10 };
        beacon.beat(Timestamp(at));
        beats.push(at);
    }
    let sums = |at: i64| beacon.sums_at(Timestamp(at));
    let exact = |at: i64| {
        let (downtime, missed) = counted(&beats, 10, NOW, at);
        Sums { downtime, missed }
    };
    for at in NOW..beats[96] + 40 {
        assert_eq!(sums(at), exact(at), "{}", at - NOW);
    }
    // The next gap replaces the first, which counts in full from then on: no second before its end is known.
    beacon.beat(Timestamp(beats[96] + 11));
    let first = (beats[2], beats[3]);
    assert_eq!(beacon.sums_at(Timestamp(first.0 + 5)), exact(first.1));
    for at in first.1..beats[96] {
        assert_eq!(beacon.sums_at(Timestamp(at)), exact(at));
    }
}

#[test]
fn a_job_joins_the_beacon_of_its_machine_in_the_second_of_its_start() {
    let now = Timestamp(NOW);
    let (beacon, job) = (opened(10, 2, NOW), started(10, 60, NOW));
    let joins = |beacon: Beacon, job: Job, now| join(&mut { beacon }, &mut { job }, now);
    assert_eq!(joins(beacon, job, now), Ok(()));
    assert_eq!(joins(beacon, Job { node: NODE, ..job }, now), Ok(()));
    let classed = |class| Job { node: NODE, terms: Terms { class, ..job.terms }, ..job };
    assert_eq!(joins(beacon, classed(5), now), Ok(()));
    let wrong = Err(EscrowError::WrongBeacon);
    assert_eq!(joins(beacon, classed(6), now), wrong);
    assert_eq!(joins(beacon, Job { node: PROVIDER, ..job }, now), wrong);
    assert_eq!(joins(beacon, Job { provider: NODE, ..job }, now), wrong);
    assert_eq!(joins(Beacon { interval: Seconds(9), ..beacon }, job, now), wrong);
    assert_eq!(joins(Beacon { interval: Seconds(11), ..beacon }, job, now), wrong);
    assert_eq!(joins(Beacon { jobs: 2, ..beacon }, job, now), Err(EscrowError::BeaconFull));
    assert_eq!(joins(beacon, Job { on_beacon: 1, ..job }, now), Err(EscrowError::OnBeacon));
    let silent = Terms { reports: report::OUTCOME, ..job.terms };
    assert_eq!(joins(beacon, Job { terms: silent, ..job }, now), Err(EscrowError::BeaconNotOffered));
    assert_eq!(joins(beacon, job, Timestamp(NOW + 1)), Err(EscrowError::TooLate));
    let posted = Job { state: job_state::POSTED, ..job };
    assert_eq!(joins(beacon, posted, now), Err(EscrowError::WrongJobState));
}

#[test]
fn a_beacon_says_nothing_of_jobs_that_are_not_on_it() {
    let (mut beacon, mut job) = (opened(10, 2, NOW), started(10, 60, NOW));
    let other = Beacon { node: PROVIDER, ..beacon };
    let later = Timestamp(NOW + 30);
    // It was never on one.
    read(&beacon, &mut job, later).unwrap();
    assert_eq!(job, started(10, 60, NOW));
    join(&mut beacon, &mut job, Timestamp(NOW)).unwrap();
    assert_eq!(read(&other, &mut { job }, later), Err(EscrowError::WrongBeacon));
    assert_eq!(read(&Beacon { provider: NODE, ..beacon }, &mut { job }, later), Err(EscrowError::WrongBeacon));
    assert_eq!(leave(&mut { other }, &mut Job { state: job_state::OWING, ..job }), Err(EscrowError::WrongBeacon));
    read(&beacon, &mut job, later).unwrap();
    assert_eq!((job.downtime, job.missed_heartbeats, job.last_heartbeat_at), (20, 2, Timestamp(NOW + 20)));
    // It has stopped: what it is paid is settled.
    let stopped = Job { state: job_state::DELIVERED, ..job };
    let mut again = stopped;
    read(&beacon, &mut again, Timestamp(NOW + 50)).unwrap();
    assert_eq!(again, stopped);
}

#[test]
fn what_ends_a_job_reads_its_beacon_first_if_heartbeats_are_missing() {
    let (mut beacon, mut job) = (opened(10, 2, NOW), started(10, 60, NOW));
    join(&mut beacon, &mut job, Timestamp(NOW)).unwrap();
    for now in (NOW + 10..=NOW + 50).step_by(10) {
        beacon.beat(Timestamp(now));
    }
    let at = |seconds: i64| NOW + seconds;
    assert_eq!(finish(&mut { job }, EndedBy::Client, at(10)), Ok(()));
    assert_eq!(finish(&mut { job }, EndedBy::Client, at(11)), Err(EscrowError::BeaconUnread));
    assert_eq!(heartbeat(&mut { job }, Timestamp(at(1))), Err(EscrowError::OnBeacon));
    assert_eq!(finish(&mut { job }, EndedBy::Anyone, at(500)), Err(EscrowError::BeaconUnread));
    // To rest after a job's end is nobody's downtime.
    read(&beacon, &mut job, Timestamp(at(500))).unwrap();
    finish(&mut job, EndedBy::Anyone, at(700)).unwrap();
    assert_eq!((job.downtime, job.missed_heartbeats, job.paid), (0, 0, Amount(7 * 60)));
}

/// Short gaps, as many as a beacon remembers and one more.
fn forget(beacon: &mut Beacon) -> i64 {
    for _ in 0..=MAX_GAPS {
        let next = beacon.last_beat_at.0 + beacon.interval.0 as i64 + 1;
        beacon.beat(Timestamp(next));
    }
    beacon.last_beat_at.0
}

#[test]
fn what_was_read_once_a_jobs_time_was_over_is_final() {
    // A flaky machine, and one that was alive, and rests for days after its job's end.
    for (beats, rest, sums) in [(&[10, 45, 55][..], 20, (25, 3)), (&[10, 20, 30, 40, 50, 60], 300_000, (0, 0))] {
        for read_at in [60, 61, 90] {
            let (mut beacon, mut job) = (opened(10, 2, NOW), started(10, 60, NOW));
            join(&mut beacon, &mut job, Timestamp(NOW)).unwrap();
            for beat in beats {
                beacon.beat(Timestamp(NOW + beat));
            }
            read(&beacon, &mut job, Timestamp(NOW + read_at)).unwrap();
            assert_eq!((job.downtime, job.missed_heartbeats), sums);
            settle(&mut job, NOW + read_at);
            let mut at_once = job;
            finish(&mut at_once, EndedBy::Anyone, NOW + read_at).unwrap();
            beacon.beat(Timestamp(NOW + rest.max(read_at)));
            let now = forget(&mut beacon);
            let first = job;
            // It knows no more of what was than that there was more of it.
            assert!(beacon.sums_at(job.ends_at).downtime > job.downtime);
            read(&beacon, &mut job, Timestamp(now)).unwrap();
            assert_eq!(job, first);
            finish(&mut job, EndedBy::Anyone, now).unwrap();
            assert_eq!(job, at_once);
        }
    }
}

#[test]
fn what_was_paid_stays_paid_though_its_beacon_forgot() {
    let (mut beacon, mut job) = (opened(10, 2, NOW), started(10, 60, NOW));
    join(&mut beacon, &mut job, Timestamp(NOW)).unwrap();
    for beat in [10, 20, 30, 40, 50] {
        beacon.beat(Timestamp(NOW + beat));
    }
    read(&beacon, &mut job, Timestamp(NOW + 50)).unwrap();
    settle(&mut job, NOW + 50);
    assert_eq!(job.paid, Amount(7 * 50));
    // The machine rests, for longer than the job lasted, and nobody reads its beacon in time: the rest counts as the job's.
    beacon.beat(Timestamp(NOW + 500));
    let now = forget(&mut beacon);
    read(&beacon, &mut job, Timestamp(now)).unwrap();
    assert_eq!((job.downtime, job.ran(Timestamp(now))), (441, 0));
    finish(&mut job, EndedBy::Anyone, now).unwrap();
    assert_eq!((job.state, job.paid, job.refunded), (job_state::FINISHED, Amount(7 * 50), Amount(7 * 10)));
    assert_eq!((job.held, job.penalty), (Amount::ZERO, Amount::ZERO));
}

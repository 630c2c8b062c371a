//! What may happen to a job. After each step:
//!
//! - `deposit = paid + refunded + held`;
//! - before it starts, `held = deposit`; while it runs, `held = price * (ends - settled)`, what the rest of its time
//!   costs; once it ended, `held = 0`;
//! - `paid = price * (settled - started)`: it is paid for the seconds that it ran, and for no other.
//!
//! A step that fails changes nothing. Who may take a step is checked where it is asked for; time and state, here.

use {
    crate::Result,
    joule_common::guard::require,
    joule_escrow_interface::{
        EscrowError,
        state::{Job, Terms, job_state},
    },
    joule_math::{Credits, Seconds, Timestamp},
};

/// Fills a new job with a market's terms. Returns what to lock for it.
#[inline(always)]
pub fn post(job: &mut Job, terms: &Terms, duration: Seconds, now: Timestamp) -> Result<Credits> {
    let range = terms.min_duration..=terms.max_duration;
    require(range.contains(&duration), EscrowError::DurationOutOfRange)?;
    let deposit = terms.price.times(duration.0 as u64)?;
    let start_by = now.after(terms.start_window)?;

    job.terms = *terms;
    job.duration = duration;
    job.deposit = deposit;
    job.held = deposit;
    job.start_by = start_by;
    job.state = job_state::POSTED;
    Ok(deposit)
}

/// Starts the clock.
#[inline(always)]
pub fn start(job: &mut Job, now: Timestamp) -> Result<()> {
    require(job.state == job_state::POSTED, EscrowError::WrongJobState)?;
    require(now <= job.start_by, EscrowError::StartedLate)?;
    let ends = now.after(job.duration)?;

    job.started = now;
    job.settled = now;
    job.ends = ends;
    job.state = job_state::RUNNING;
    Ok(())
}

/// Counts what is due as paid. Returns it: zero if nothing has become due since the last time.
#[inline(always)]
pub fn settle(job: &mut Job, now: Timestamp) -> Result<Credits> {
    require(job.state == job_state::RUNNING, EscrowError::WrongJobState)?;
    let due = job.due(now)?;
    if due.is_zero() {
        return Ok(due);
    }
    let (held, paid) = (job.held.minus(due)?, job.paid.plus(due)?);

    job.held = held;
    job.paid = paid;
    job.settled = now.min(job.ends);
    Ok(due)
}

/// Ends a running job, which others than its parties may only when its time is up. Returns what is due, and the rest,
/// which goes back.
#[inline(always)]
pub fn finish(job: &mut Job, by_party: bool, now: Timestamp) -> Result<(Credits, Credits)> {
    require(job.state == job_state::RUNNING, EscrowError::WrongJobState)?;
    require(by_party || now >= job.ends, EscrowError::StillRunning)?;
    let due = settle(job, now)?;
    Ok((due, end(job, job_state::FINISHED)))
}

/// Takes back a job that has not started, which others than its client may only when it is too late to start. Returns
/// what goes back.
#[inline(always)]
pub fn cancel(job: &mut Job, by_client: bool, now: Timestamp) -> Result<Credits> {
    require(job.state == job_state::POSTED, EscrowError::WrongJobState)?;
    require(by_client || now > job.start_by, EscrowError::NotYetCancellable)?;
    Ok(end(job, job_state::CANCELLED))
}

/// Whether nothing can happen to the job any more but that it is closed.
#[inline(always)]
pub fn has_ended(job: &Job) -> bool {
    matches!(job.state, job_state::FINISHED | job_state::CANCELLED)
}

/// Gives back what is held: the one refund that a job ever sees.
#[inline(always)]
fn end(job: &mut Job, state: u8) -> Credits {
    let rest = core::mem::replace(&mut job.held, Credits::ZERO);
    job.refunded = rest;
    job.state = state;
    rest
}

#[cfg(test)]
mod tests {
    use {super::*, joule_interface::Fault, proptest::prelude::*};

    const NOW: Timestamp = Timestamp(1_790_000_000);
    const TERMS: Terms = Terms {
        price: Credits(7),
        bond: joule_math::Tokens(0),
        min_duration: Seconds(10),
        max_duration: Seconds(100),
        start_window: Seconds(30),
        class: 0,
    };

    fn later(seconds: u32) -> Timestamp {
        NOW.after(Seconds(seconds)).unwrap()
    }

    fn posted() -> Job {
        let mut job = Job::default();
        assert_eq!(post(&mut job, &TERMS, Seconds(60), NOW), Ok(Credits(420)));
        job
    }

    fn running() -> Job {
        let mut job = posted();
        start(&mut job, NOW).unwrap();
        job
    }

    fn finished() -> Job {
        let mut job = running();
        finish(&mut job, true, later(20)).unwrap();
        job
    }

    fn cancelled() -> Job {
        let mut job = posted();
        cancel(&mut job, true, NOW).unwrap();
        job
    }

    /// The invariants that the module promises.
    #[track_caller]
    fn check(job: &Job) {
        let Job { deposit, paid, refunded, held, .. } = *job;
        assert_eq!(deposit.0, paid.0 + refunded.0 + held.0);
        assert_eq!(paid.0, job.terms.price.0 * job.settled.since(job.started));
        match job.state {
            job_state::POSTED => assert_eq!(held, deposit),
            job_state::RUNNING => assert_eq!(held.0, job.terms.price.0 * job.ends.since(job.settled)),
            _ => assert_eq!(held, Credits::ZERO),
        }
    }

    /// Takes a step; one that fails must change nothing.
    #[track_caller]
    fn step<T: std::fmt::Debug>(job: &mut Job, step: impl FnOnce(&mut Job) -> Result<T>) -> Result<T> {
        let before = *job;
        let result = step(job);
        if result.is_err() {
            assert_eq!(*job, before);
        }
        check(job);
        result
    }

    #[test]
    fn a_job_runs_and_is_paid_by_the_second() {
        let mut job = posted();
        assert_eq!((job.state, job.held, job.start_by), (job_state::POSTED, Credits(420), later(30)));
        assert_eq!(step(&mut job, |job| start(job, later(5))), Ok(()));
        assert_eq!((job.started, job.settled, job.ends), (later(5), later(5), later(65)));
        assert_eq!(step(&mut job, |job| settle(job, later(15))), Ok(Credits(70)));
        assert_eq!(job.settled, later(15));
        assert_eq!(step(&mut job, |job| finish(job, true, later(25))), Ok((Credits(70), Credits(280))));
        assert_eq!((job.paid, job.refunded, job.settled), (Credits(140), Credits(280), later(25)));
        assert_eq!(job.state, job_state::FINISHED);
    }

    #[test]
    fn durations_of_the_range_are_taken_and_no_others() {
        for seconds in [0, 9, 101, u32::MAX] {
            let mut job = Job::default();
            assert_eq!(post(&mut job, &TERMS, Seconds(seconds), NOW), Err(EscrowError::DurationOutOfRange));
            assert_eq!(job, Job::default());
        }
        for seconds in [10, 100] {
            assert!(post(&mut Job::default(), &TERMS, Seconds(seconds), NOW).is_ok());
        }
    }

    #[test]
    fn what_does_not_fit_is_an_overflow_and_changes_nothing() {
        let overflow = Err(EscrowError::from(Fault::Overflow));
        let post = |price, duration, now| {
            let terms = Terms { price: Credits(price), max_duration: Seconds(u32::MAX), ..TERMS };
            let mut job = Job::default();
            let result = super::post(&mut job, &terms, Seconds(duration), Timestamp(now));
            assert!(result.is_ok() || job == Job::default());
            result
        };
        assert_eq!(post(u64::MAX, 10, 0), overflow);
        assert_eq!(post(u64::MAX / 10 + 1, 10, 0), overflow);
        assert_eq!(post(u64::MAX / 10, 10, 0), Ok(Credits(u64::MAX / 10 * 10)));
        assert_eq!(post(1 << 32 | 1, u32::MAX, 0), Ok(Credits(u64::MAX)));
        assert_eq!(post((1 << 32) + 2, u32::MAX, 0), overflow);
        assert_eq!(post(1, 10, i64::MAX - 29), overflow);
        assert_eq!(post(1, 10, i64::MAX - 30), Ok(Credits(10)));

        let mut job = posted();
        job.start_by = Timestamp(i64::MAX);
        assert_eq!(step(&mut job, |job| start(job, Timestamp(i64::MAX - 59))), Err(EscrowError::Overflow));
        assert_eq!(step(&mut job, |job| start(job, Timestamp(i64::MAX - 60))), Ok(()));
        assert_eq!(step(&mut job, |job| settle(job, Timestamp(i64::MAX))), Ok(Credits(420)));
    }

    #[test]
    fn a_job_starts_until_the_last_second_and_is_cancelled_by_anyone_from_the_next() {
        for (seconds, in_time) in [(0, true), (29, true), (30, true), (31, false)] {
            let started = step(&mut posted(), |job| start(job, later(seconds)));
            let cancelled = step(&mut posted(), |job| cancel(job, false, later(seconds)));
            if in_time {
                assert_eq!((started, cancelled), (Ok(()), Err(EscrowError::NotYetCancellable)));
            } else {
                assert_eq!((started, cancelled), (Err(EscrowError::StartedLate), Ok(Credits(420))));
            }
            assert_eq!(step(&mut posted(), |job| cancel(job, true, later(seconds))), Ok(Credits(420)));
        }
    }

    #[test]
    fn anyone_finishes_a_job_from_the_second_at_which_it_ends() {
        for (seconds, due) in [(0, 0), (59, 413), (60, 420), (61, 420), (u32::MAX, 420)] {
            let by_anyone = step(&mut running(), |job| finish(job, false, later(seconds)));
            let expected = Ok((Credits(due), Credits(420 - due)));
            assert_eq!(by_anyone, if seconds < 60 { Err(EscrowError::StillRunning) } else { expected });
            assert_eq!(step(&mut running(), |job| finish(job, true, later(seconds))), expected);
        }
    }

    #[test]
    fn nothing_is_due_twice_or_after_the_end() {
        let mut job = running();
        for (seconds, due) in [(0, 0), (1, 7), (1, 0), (59, 406), (60, 7), (60, 0), (61, 0), (u32::MAX, 0)] {
            assert_eq!(step(&mut job, |job| settle(job, later(seconds))), Ok(Credits(due)), "{seconds}");
        }
        assert_eq!(
            (job.paid, job.held, job.settled, job.state),
            (job.deposit, Credits(0), job.ends, job_state::RUNNING)
        );
        assert_eq!(step(&mut job, |job| finish(job, false, later(61))), Ok((Credits(0), Credits(0))));
    }

    #[test]
    fn a_clock_that_goes_back_pays_nothing_and_no_second_twice() {
        let mut job = running();
        settle(&mut job, later(20)).unwrap();
        for seconds in [19, 0] {
            assert_eq!(step(&mut job, |job| settle(job, later(seconds))), Ok(Credits(0)));
        }
        assert_eq!(step(&mut job, |job| settle(job, Timestamp(i64::MIN))), Ok(Credits(0)));
        assert_eq!(step(&mut job, |job| settle(job, later(21))), Ok(Credits(7)));
        assert_eq!(step(&mut job, |job| finish(job, true, later(3))), Ok((Credits(0), Credits(273))));
    }

    #[test]
    fn every_step_needs_its_state() {
        let wrong = EscrowError::WrongJobState;
        // Too late to start, past the end: nothing but the state forbids the step.
        let late = later(1_000);
        let can = |job: Job| {
            let or = |result: Result<()>| match result {
                Ok(()) => true,
                Err(error) => {
                    assert_eq!(error, wrong);
                    false
                }
            };
            (
                or(step(&mut { job }, |job| start(job, NOW))),
                or(step(&mut { job }, |job| settle(job, late)).map(drop)),
                or(step(&mut { job }, |job| finish(job, false, late)).map(drop)),
                or(step(&mut { job }, |job| cancel(job, false, late)).map(drop)),
                has_ended(&job),
            )
        };
        assert_eq!(can(posted()), (true, false, false, true, false));
        assert_eq!(can(running()), (false, true, true, false, false));
        assert_eq!(can(finished()), (false, false, false, false, true));
        assert_eq!(can(cancelled()), (false, false, false, false, true));
        // The state counts before the time.
        assert_eq!(finish(&mut finished(), false, later(30)), Err(wrong));
        assert_eq!(cancel(&mut running(), false, later(20)), Err(wrong));
        assert_eq!(start(&mut cancelled(), later(31)), Err(wrong));
        for state in [0, 5, u8::MAX] {
            assert_eq!(can(Job { state, ..Job::default() }), (false, false, false, false, false));
        }
    }

    #[derive(Clone, Debug)]
    enum Step {
        Start,
        Settle,
        Finish { by_party: bool },
        Cancel { by_client: bool },
    }

    fn any_step() -> impl Strategy<Value = (u32, Step)> {
        let step = prop_oneof![
            2 => Just(Step::Start),
            6 => Just(Step::Settle),
            1 => any::<bool>().prop_map(|by_party| Step::Finish { by_party }),
            1 => any::<bool>().prop_map(|by_client| Step::Cancel { by_client }),
        ];
        (prop_oneof![0u32..3, 0u32..400], step)
    }

    /// Terms and a duration of which the deposit fits, at the extremes as well.
    fn any_terms() -> impl Strategy<Value = (Terms, Seconds)> {
        (1u32..=1_000, prop_oneof![1u64..100, Just(u64::MAX), any::<u64>()], 1u32..500).prop_map(
            |(duration, price, window)| {
                let price = Credits(price.clamp(1, u64::MAX / duration as u64));
                let range = (Seconds(1), Seconds(1_000));
                let terms = Terms {
                    price,
                    min_duration: range.0,
                    max_duration: range.1,
                    start_window: Seconds(window),
                    ..TERMS
                };
                (terms, Seconds(duration))
            },
        )
    }

    proptest! {
        #[test]
        fn every_unit_is_accounted_for((terms, duration) in any_terms(), steps in prop::collection::vec(any_step(), 1..40)) {
            let mut job = Job::default();
            let mut now = NOW;
            let deposit = step(&mut job, |job| post(job, &terms, duration, now)).unwrap();
            let (mut paid, mut refunded) = (0, 0);
            for (passed, action) in steps {
                now = now.after(Seconds(passed)).unwrap();
                match action {
                    Step::Start => drop(step(&mut job, |job| start(job, now))),
                    Step::Settle => paid += step(&mut job, |job| settle(job, now)).map_or(0, |due| due.0),
                    Step::Finish { by_party } => {
                        if let Ok((due, rest)) = step(&mut job, |job| finish(job, by_party, now)) {
                            paid += due.0;
                            refunded += rest.0;
                        }
                    }
                    Step::Cancel { by_client } => {
                        refunded += step(&mut job, |job| cancel(job, by_client, now)).map_or(0, |rest| rest.0);
                    }
                }
                // What the steps said is what the job says.
                prop_assert_eq!((paid, refunded), (job.paid.0, job.refunded.0));
                prop_assert_eq!(deposit.0, paid + refunded + job.held.0);
                // No second is paid in which the job did not run.
                let ran = if job.started == Timestamp(0) { 0 } else { now.min(job.ends).since(job.started) };
                prop_assert!(paid <= terms.price.0 * ran);
                prop_assert!(!has_ended(&job) || job.held.is_zero());
            }
        }

        #[test]
        fn any_rhythm_pays_the_same(
            (terms, duration) in any_terms(),
            rhythm in prop::collection::vec(0u32..50, 0..60),
            last in 0u32..50,
        ) {
            let mut job = Job::default();
            post(&mut job, &terms, duration, NOW).unwrap();
            start(&mut job, NOW).unwrap();
            let mut once = job;
            let (mut now, mut total) = (NOW, 0);
            for passed in rhythm {
                now = now.after(Seconds(passed)).unwrap();
                total += step(&mut job, |job| settle(job, now)).unwrap().0;
            }
            now = now.after(Seconds(last)).unwrap();
            let (due, rest) = step(&mut job, |job| finish(job, true, now)).unwrap();
            let (all, same_rest) = step(&mut once, |job| finish(job, true, now)).unwrap();
            prop_assert_eq!((total + due.0, rest), (all.0, same_rest));
            prop_assert_eq!(all.0, terms.price.0 * now.since(NOW).min(duration.0 as u64));
            prop_assert_eq!(job, once);
        }

        #[test]
        fn a_posting_of_any_numbers_fits_or_changes_nothing(
            price in any::<u64>(), duration in any::<u32>(), window in any::<u32>(), now in any::<i64>(),
        ) {
            let range = (Seconds(0), Seconds(u32::MAX));
            let terms = Terms {
                price: Credits(price),
                min_duration: range.0,
                max_duration: range.1,
                start_window: Seconds(window),
                ..TERMS
            };
            let mut job = Job::default();
            let fits = price as u128 * duration as u128 <= u64::MAX as u128 && now.checked_add(window as i64).is_some();
            let result = post(&mut job, &terms, Seconds(duration), Timestamp(now));
            if fits {
                prop_assert_eq!(result, Ok(Credits(price * duration as u64)));
                check(&job);
            } else {
                prop_assert_eq!(result, Err(EscrowError::Overflow));
                prop_assert_eq!(job, Job::default());
            }
        }
    }
}

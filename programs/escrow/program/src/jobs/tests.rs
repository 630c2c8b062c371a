use {
    crate::{
        Result,
        halts::{NoHalts, set_at},
        jobs::{
            clock::{self, extend, give_notice, heartbeat, is_start_past, pauses},
            ending::{self, CancelledBy, EndedBy, Excuse, settle, write_off},
            post_job::{Posting, assign},
        },
        matching::auction::{award, bid},
        money::payment::Payout,
    },
    joule_bme_interface::state::Network,
    joule_escrow_interface::{
        EscrowError,
        state::{Job, NONE, Terms, job_state, matching, outcome, pricing},
    },
    joule_interface::Address,
    joule_math::{Amount, Bps, Seconds, Timestamp, Tokens},
    proptest::prelude::*,
};

const NOW: Timestamp = Timestamp(1_790_000_000);
const PROVIDER: Address = Address::new_from_array([7; 32]);
const ALL: u8 = matching::DIRECT | matching::QUEUE | matching::AUCTION;

fn start(job: &mut Job, now: Timestamp) -> Result<()> {
    clock::start(job, Seconds(0), now, &NoHalts)
}

fn finish(job: &mut Job, by: EndedBy, max_amount: Amount, now: Timestamp) -> Result<Payout> {
    ending::finish(job, by, max_amount, now, &NoHalts)
}

fn deliver(job: &mut Job, now: Timestamp) -> Result<()> {
    ending::deliver(job, now, &NoHalts)
}

fn accept(job: &mut Job, by_client: bool, max_amount: Amount, now: Timestamp) -> Result<Payout> {
    ending::accept(job, by_client, max_amount, now, &NoHalts)
}

fn reject(job: &mut Job, now: Timestamp) -> Result<Amount> {
    ending::reject(job, now, &NoHalts)
}

fn resolve(job: &mut Job, by_arbiter: bool, verdict: (Bps, Bps), max_amount: Amount, now: Timestamp) -> Result<Payout> {
    ending::resolve(job, by_arbiter, verdict, max_amount, now, &NoHalts)
}

fn cancel(job: &mut Job, by: CancelledBy, excuse: Excuse, now: Timestamp) -> Result<Amount> {
    ending::cancel(job, by, excuse, Seconds(0), now, &NoHalts)
}

fn later(seconds: u64) -> Timestamp {
    Timestamp(NOW.0 + seconds as i64)
}

/// Seven a second for up to a hundred.
fn metered() -> Terms {
    Terms {
        price: Amount(7),
        min_duration: Seconds(10),
        max_duration: Seconds(100),
        wait_window: Seconds(50),
        start_window: Seconds(30),
        matching: ALL,
        ..Terms::default()
    }
}

fn fixed() -> Terms {
    Terms {
        price: Amount(1_000),
        pricing: pricing::FIXED,
        late_window: Seconds(20),
        late_penalty: Bps(1_000),
        failure_penalty: Bps(10_000),
        bond_amount: Tokens(500),
        ..metered()
    }
}

fn post(terms: Terms, kind: u8, price: Amount, provider: Address, duration: Seconds) -> Result<Job> {
    let mut job = Job { terms, matching: kind, price, provider, duration, ..Job::default() };
    Posting::new(&terms, kind, price, &provider, (duration, 0), NOW)?.fill(&mut job);
    Ok(job)
}

fn posted(terms: Terms) -> Job {
    post(terms, matching::DIRECT, terms.price, PROVIDER, Seconds(60)).unwrap()
}

/// Runs since [`NOW`], with a bond where the terms ask for one.
fn running(terms: Terms) -> Job {
    let mut job = posted(terms);
    start(&mut job, NOW).unwrap();
    if terms.bond_amount != Tokens(0) {
        job.bond = PROVIDER;
    }
    job
}

#[track_caller]
fn check(job: &Job) {
    let sum =
        [job.paid, job.fee_paid, job.penalty, job.refunded, job.held].iter().map(|part| part.0 as u128).sum::<u128>();
    assert_eq!(job.deposited.0 as u128, sum, "{job:?}");
    assert!(!job.has_ended() || job.held.is_zero());
    assert!(job.bond_to_seize <= job.terms.bond_amount);
    assert!(job.earned >= job.paid);
}

fn end(job: &mut Job, by: EndedBy, now: Timestamp) -> Payout {
    let payout = finish(job, by, Amount::MAX, now).unwrap();
    check(job);
    payout
}

#[test]
fn a_metered_job_is_paid_by_the_second() {
    let mut job = running(metered());
    assert_eq!(settle(&mut job, Amount::MAX, later(15)).unwrap().pay, Amount(105));
    assert_eq!(settle(&mut job, Amount::MAX, later(15)).unwrap().pay, Amount(0));
    assert_eq!(settle(&mut job, Amount::MAX, later(3)).unwrap().pay, Amount(0));
    let payout = end(&mut job, EndedBy::Client, later(25));
    assert_eq!((payout.pay, payout.refund), (Amount(70), Amount(245)));
    // Nothing is said of what its client stops.
    assert_eq!((job.state, job.outcome), (job_state::FINISHED, outcome::NONE));
    // It ends where its money does.
    let mut job = running(metered());
    assert_eq!(finish(&mut job, EndedBy::Anyone, Amount::MAX, later(59)), Err(EscrowError::TooEarly));
    assert_eq!(end(&mut job, EndedBy::Anyone, later(60)).pay, Amount(420));
    assert_eq!(end(&mut running(metered()), EndedBy::Anyone, later(1_000_000)).pay, Amount(420));
}

#[test]
fn heartbeats_in_time_cost_nothing_and_missed_ones_by_the_terms() {
    // Half of ten seconds' price for each that is missed, and a twentieth for each hundredth below 90 %.
    let terms = Terms {
        heartbeat_interval: Seconds(10),
        heartbeat_penalty: Bps(5_000),
        min_availability: Bps(9_000),
        shortfall_penalty: Bps(500),
        ..metered()
    };
    let mut job = running(terms);
    for second in [10, 20, 30, 40, 50, 60] {
        heartbeat(&mut job, later(second)).unwrap();
    }
    assert_eq!(end(&mut job, EndedBy::Anyone, later(60)).pay, Amount(420));
    assert_eq!((job.downtime, job.missed_heartbeats, job.outcome), (0, 0, outcome::DELIVERED));

    // Silent from 20 to 35: what lies beyond 30 is not paid, and one was missed.
    let mut job = running(terms);
    for second in [10, 20] {
        heartbeat(&mut job, later(second)).unwrap();
    }
    assert_eq!(settle(&mut job, Amount::MAX, later(34)).unwrap().pay, Amount(7 * 30));
    for second in [35, 45, 55] {
        heartbeat(&mut job, later(second)).unwrap();
    }
    assert_eq!((job.downtime, job.missed_heartbeats), (5, 1));
    let payout = end(&mut job, EndedBy::Anyone, later(70));
    // 55 of 60 seconds are 91.66 %.
    assert_eq!((job.paid, job.penalty, job.outcome), (Amount(7 * 55 - 35), Amount(35), outcome::DELIVERED));
    assert_eq!(payout.refund, Amount(35 + 7 * 5));

    // Silent for good after 12: 22 of 60 seconds are 36.66 %, 53.34 hundredths short; all is lost but what was paid.
    let mut job = running(Terms { bond_amount: Tokens(4_200), ..terms });
    heartbeat(&mut job, later(10)).unwrap();
    heartbeat(&mut job, later(12)).unwrap();
    assert_eq!(settle(&mut job, Amount::MAX, later(14)).unwrap().pay, Amount(98));
    let payout = end(&mut job, EndedBy::Anyone, later(60));
    assert_eq!((job.downtime, job.missed_heartbeats, job.outcome), (38, 4, outcome::LATE));
    // Owed 154; penalties 4 * 35 and all of 154; 56 are taken from the pay, and 238 of 420 of the bond.
    assert_eq!((payout.pay, job.penalty, job.paid), (Amount(0), Amount(56), Amount(98)));
    assert_eq!(job.bond_to_seize, Tokens(2_380));
}

#[test]
fn the_second_at_which_a_heartbeat_is_due_is_in_time() {
    let terms = Terms { heartbeat_interval: Seconds(10), ..metered() };
    for (gap, downtime, missed) in
        [(9, 0, 0), (10, 0, 0), (11, 1, 1), (20, 10, 1), (21, 11, 2), (30, 20, 2), (31, 21, 3)]
    {
        let mut job = running(terms);
        heartbeat(&mut job, later(gap)).unwrap();
        assert_eq!((job.downtime, job.missed_heartbeats), (downtime, missed), "{gap}");
    }
}

#[test]
fn a_fixed_price_is_paid_for_the_result_and_less_if_it_is_late() {
    let mut job = running(fixed());
    assert_eq!(settle(&mut job, Amount::MAX, later(30)).unwrap(), Payout::default());
    assert_eq!(end(&mut job, EndedBy::Result, later(60)).pay, Amount(1_000));
    assert_eq!((job.outcome, job.bond_to_seize), (outcome::DELIVERED, Tokens(0)));

    let mut job = running(fixed());
    assert_eq!(finish(&mut job, EndedBy::Client, Amount::MAX, later(61)), Err(EscrowError::TooEarly));
    assert_eq!(end(&mut job, EndedBy::Result, later(80)).pay, Amount(900));
    assert_eq!((job.outcome, job.penalty), (outcome::LATE, Amount(100)));

    let mut job = running(fixed());
    assert_eq!(finish(&mut job, EndedBy::Result, Amount::MAX, later(81)), Err(EscrowError::TooLate));
    assert_eq!(finish(&mut job, EndedBy::Anyone, Amount::MAX, later(80)), Err(EscrowError::TooEarly));
    let payout = end(&mut job, EndedBy::Anyone, later(81));
    assert_eq!((payout.pay, payout.refund, job.bond_to_seize), (Amount(0), Amount(1_000), Tokens(500)));
    assert_eq!(job.outcome, outcome::FAILED);

    // The client pays what it used, rounded up; a provider that quits gets nothing.
    let mut job = running(fixed());
    assert_eq!(end(&mut job, EndedBy::Client, later(11)).pay, Amount(184));
    assert_eq!((job.outcome, job.bond_to_seize), (outcome::NONE, Tokens(0)));
    let mut job = running(fixed());
    assert_eq!(end(&mut job, EndedBy::Provider, later(59)).pay, Amount(0));
    assert_eq!((job.outcome, job.bond_to_seize), (outcome::FAILED, Tokens(500)));
}

#[test]
fn a_result_is_accepted_or_judged() {
    let terms = Terms {
        acceptance_window: Seconds(100),
        arbitration_window: Seconds(200),
        min_duration: Seconds(5),
        default_pay: Bps(2_500),
        default_bond_penalty: Bps(1_000),
        fee_share: Bps(100),
        ..fixed()
    };
    let mut job = running(terms);
    assert_eq!(finish(&mut job, EndedBy::Result, Amount::MAX, later(5)), Err(EscrowError::AcceptanceRequired));
    deliver(&mut job, later(5)).unwrap();
    assert_eq!(job.deadline_at, later(105));
    let delivered = job;
    assert_eq!(accept(&mut job, false, Amount::MAX, later(105)), Err(EscrowError::TooEarly));
    for (by_client, second) in [(true, 5), (true, 200), (false, 106)] {
        let mut job = delivered;
        let payout = accept(&mut job, by_client, Amount::MAX, later(second)).unwrap();
        check(&job);
        assert_eq!(payout, Payout { pay: Amount(990), fee: Amount(10), refund: Amount(0) });
    }
    assert_eq!(reject(&mut { job }, later(106)), Err(EscrowError::TooLate));
    reject(&mut job, later(105)).unwrap();
    assert_eq!((job.state, job.deadline_at), (job_state::REJECTED, later(305)));
    let resolve = |by_arbiter, verdict, second| {
        let mut job = job;
        resolve(&mut job, by_arbiter, verdict, Amount::MAX, later(second)).map(|payout| {
            check(&job);
            (payout.pay.0, payout.fee.0, payout.refund.0, job.bond_to_seize.0, job.outcome)
        })
    };
    assert_eq!(resolve(false, (Bps(0), Bps(0)), 305), Err(EscrowError::ArbiterOnly));
    assert_eq!(resolve(true, (Bps(10_001), Bps(0)), 305), Err(EscrowError::InvalidParameter));
    assert_eq!(resolve(true, (Bps(0), Bps(10_001)), 305), Err(EscrowError::InvalidParameter));
    assert_eq!(resolve(true, (Bps(10_000), Bps(0)), 305), Ok((990, 10, 0, 0, outcome::DELIVERED)));
    assert_eq!(resolve(true, (Bps(0), Bps(10_000)), 305), Ok((0, 0, 1_000, 500, outcome::DISPUTED)));
    for by_arbiter in [true, false] {
        let default = resolve(by_arbiter, (Bps(10_000), Bps(0)), 306);
        assert_eq!(default, Ok((248, 2, 750, 50, outcome::DISPUTED)));
    }
}

#[test]
fn a_verdict_on_a_metered_job_is_on_what_was_not_paid_while_it_ran() {
    let terms = Terms { acceptance_window: Seconds(100), arbitration_window: Seconds(200), ..metered() };
    let mut job = running(terms);
    assert_eq!(settle(&mut job, Amount::MAX, later(40)).unwrap().pay, Amount(280));
    deliver(&mut job, later(50)).unwrap();
    assert_eq!((job.amount_due, job.stopped_at, job.held), (Amount(350), later(50), Amount(140)));
    assert_eq!(settle(&mut { job }, Amount::MAX, later(51)), Err(EscrowError::WrongJobState));
    reject(&mut job, later(51)).unwrap();
    let payout = resolve(&mut job, true, (Bps(5_000), Bps(0)), Amount::MAX, later(60)).unwrap();
    check(&job);
    assert_eq!(payout, Payout { pay: Amount(35), fee: Amount(0), refund: Amount(105) });
    assert_eq!((job.paid, job.refunded, job.outcome), (Amount(315), Amount(105), outcome::DISPUTED));
    // What nobody delivers is paid once its time is up: it ran.
    let mut job = running(terms);
    assert_eq!(finish(&mut job, EndedBy::Result, Amount::MAX, later(60)), Err(EscrowError::AcceptanceRequired));
    assert_eq!(end(&mut job, EndedBy::Anyone, later(60)).pay, Amount(420));
}

#[test]
fn credits_that_were_taken_away_leave_what_was_paid() {
    let mut job = running(Terms { fee_share: Bps(1_000), ..metered() });
    settle(&mut job, Amount::MAX, later(10)).unwrap();
    assert_eq!(finish(&mut { job }, EndedBy::Anyone, Amount::MAX, later(20)), Err(EscrowError::TooEarly));
    let payout = finish(&mut job, EndedBy::Revocation, Amount::MAX, later(20)).unwrap();
    assert_eq!((payout.pay, payout.fee, job.state), (Amount(63), Amount(14), job_state::FINISHED));
    write_off(&mut job, payout).unwrap();
    check(&job);
    assert_eq!((job.paid, job.fee_paid, job.refunded), (Amount(63), Amount(0), Amount(357)));
}

#[test]
fn bids_go_down_by_steps_and_late_ones_move_the_end() {
    let terms = Terms { price: Amount(1_000), bid_step: Bps(1_000), bid_extension: Seconds(10), ..metered() };
    let mut job = post(terms, matching::AUCTION, Amount(800), NONE, Seconds(60)).unwrap();
    assert_eq!((job.state, job.deadline_at, job.held), (job_state::BIDDING, later(50), Amount(48_000)));
    assert_eq!(bid(&mut job, &PROVIDER, Amount(801), NOW), Err(EscrowError::BidTooHigh));
    bid(&mut job, &PROVIDER, Amount(800), NOW).unwrap();
    assert_eq!(bid(&mut job, &PROVIDER, Amount(721), NOW), Err(EscrowError::BidTooHigh));
    bid(&mut job, &PROVIDER, Amount(720), later(40)).unwrap();
    assert_eq!(job.deadline_at, later(50));
    bid(&mut job, &PROVIDER, Amount(5), later(45)).unwrap();
    assert_eq!(job.deadline_at, later(55));
    // A step is one unit at least, and nobody works for nothing.
    bid(&mut job, &PROVIDER, Amount(1), later(55)).unwrap();
    for price in [0, 1, u64::MAX] {
        assert!(bid(&mut job, &PROVIDER, Amount(price), later(55)).is_err());
    }
    assert_eq!(job.deadline_at, later(65));
    assert_eq!(bid(&mut job, &PROVIDER, Amount(0), later(66)), Err(EscrowError::TooLate));
    assert_eq!(award(&mut job, later(65)), Err(EscrowError::TooEarly));
    assert_eq!(award(&mut job, later(66)), Ok(Amount(48_000 - 60)));
    check(&job);
    // Whenever that is done, the time to start is counted from the end.
    assert_eq!((job.state, job.deadline_at), (job_state::ASSIGNED, later(95)));
    assert_eq!(start(&mut { job }, later(96)), Err(EscrowError::TooLate));
    start(&mut { job }, later(95)).unwrap();
    job.bond = PROVIDER;
    job.terms.bond_amount = Tokens(100);
    job.terms.no_start_penalty = Bps(5_000);
    assert_eq!(cancel(&mut { job }, CancelledBy::Anyone, Excuse::default(), later(95)), Err(EscrowError::TooEarly));
    let (paused, revoked) =
        (Excuse { paused: true, ..Excuse::default() }, Excuse { revoked: true, ..Excuse::default() });
    for (excuse, seize, how) in
        [(Excuse::default(), 50, outcome::FAILED), (paused, 0, outcome::NONE), (revoked, 0, outcome::NONE)]
    {
        let mut job = job;
        assert_eq!(cancel(&mut job, CancelledBy::Anyone, excuse, later(96)), Ok(Amount(60)));
        check(&job);
        assert_eq!((job.bond_to_seize, job.outcome, job.bond_unsettled), (Tokens(seize), how, 1));
    }
}

#[test]
fn a_result_that_does_not_fit_is_an_overflow() {
    let post = |price, duration, now| {
        let terms = Terms { price: Amount(price), max_duration: Seconds(u32::MAX), ..metered() };
        Posting::new(&terms, matching::QUEUE, Amount(price), &NONE, (Seconds(duration), 0), Timestamp(now)).map(drop)
    };
    let overflow = Err(EscrowError::Overflow);
    assert_eq!(post(u64::MAX, 10, 0), overflow);
    assert_eq!(post(u64::MAX / 10 + 1, 10, 0), overflow);
    assert_eq!(post(u64::MAX / 10, 10, 0), Ok(()));
    assert_eq!(post((1 << 32) + 2, u32::MAX, 0), overflow);
    assert_eq!(post(1, 10, i64::MAX - 49), overflow);
    assert_eq!(post(1, 10, i64::MAX - 50), Ok(()));
    let mut job = posted(metered());
    job.deadline_at = Timestamp(i64::MAX);
    assert_eq!(start(&mut { job }, Timestamp(i64::MAX - 59)), overflow);
    start(&mut job, Timestamp(i64::MAX - 60)).unwrap();
    assert_eq!(end(&mut job, EndedBy::Anyone, Timestamp(i64::MAX)).pay, Amount(420));
}

#[test]
fn an_extension_of_a_fixed_price_does_not_make_its_stop_cheaper() {
    let terms = Terms { max_duration: Seconds(100_000), ..fixed() };
    for (added, second, paid) in
        [(0, 59, 984), (0, 60, 1_000), (9_000, 59, 984), (9_000, 61, 1_000), (9_000, 9_060, 1_000)]
    {
        let mut job = running(terms);
        if added > 0 {
            assert_eq!(extend(&mut job, Seconds(added), later(59)), Ok(Amount(0)));
        }
        assert_eq!(end(&mut job, EndedBy::Client, later(second)).pay, Amount(paid), "{added} {second}");
    }
    let mut job = running(terms);
    assert_eq!(extend(&mut job, Seconds(100_000), later(1)), Err(EscrowError::DurationOutOfRange));
}

#[test]
fn a_result_is_not_taken_before_the_shortest_time_of_a_job() {
    let (with_result, early) = (EndedBy::Result, Err(EscrowError::TooEarly));
    for terms in [metered(), fixed()] {
        assert_eq!(finish(&mut running(terms), with_result, Amount::MAX, later(9)), early);
        assert_eq!(running(terms).state, job_state::RUNNING);
        end(&mut running(terms), with_result, later(10));
        let terms = Terms { acceptance_window: Seconds(5), ..terms };
        assert_eq!(deliver(&mut running(terms), later(9)), early.map(drop));
        deliver(&mut running(terms), later(10)).unwrap();
    }
    // Nor where games could disprove it.
    let mut job = running(Terms { acceptance_window: Seconds(5), ..fixed() });
    job.verification = PROVIDER;
    assert_eq!(deliver(&mut job, later(9)), Err(EscrowError::TooEarly));
}

#[test]
fn a_provider_that_ends_a_service_before_its_time_has_quit() {
    let terms = Terms { is_service: 1, bond_amount: Tokens(100), failure_penalty: Bps(10_000), ..metered() };
    assert_eq!(finish(&mut running(terms), EndedBy::Result, Amount::MAX, later(59)), Err(EscrowError::TooEarly));
    let mut job = running(terms);
    end(&mut job, EndedBy::Provider, later(59));
    assert_eq!((job.outcome, job.bond_to_seize), (outcome::FAILED, Tokens(100)));
    let mut job = running(terms);
    end(&mut job, EndedBy::Result, later(60));
    assert_eq!((job.outcome, job.bond_to_seize), (outcome::DELIVERED, Tokens(0)));
}

#[test]
fn a_notice_ends_a_service_earlier() {
    let terms = |notice| {
        let (bond_amount, failure_penalty) = (Tokens(100), Bps(10_000));
        let (min_duration, max_duration) = (Seconds(100), Seconds(1_000));
        let metered = Terms { min_duration, max_duration, ..metered() };
        Terms { is_service: 1, notice_minutes: notice, bond_amount, failure_penalty, ..metered }
    };
    let running = |terms| {
        let mut job = post(terms, matching::DIRECT, terms.price, PROVIDER, Seconds(600)).unwrap();
        start(&mut job, NOW).unwrap();
        Job { bond: PROVIDER, ..job }
    };
    // Counted from the start at the earliest, and not before the shortest time; a notice longer than the job changes nothing.
    for (minutes, at, ends) in [(2, 0, 120), (2, 15, 135), (1, 0, 100), (2, 500, 600), (1_000, 0, 600)] {
        let mut job = running(terms(minutes));
        give_notice(&mut job, later(at)).unwrap();
        assert_eq!(job.ends_at, later(ends), "{minutes} {at}");
        assert_eq!(give_notice(&mut job, later(at)), Err(EscrowError::NoticeAlreadyGiven));
        assert_eq!(extend(&mut job, Seconds(1), later(at)), Err(EscrowError::NoticeAlreadyGiven));
        assert_eq!(finish(&mut { job }, EndedBy::Result, Amount::MAX, later(ends - 1)), Err(EscrowError::TooEarly));
        let payout = end(&mut job, EndedBy::Result, later(ends));
        assert_eq!((payout.pay, payout.refund), (Amount(7 * ends), Amount(7 * (600 - ends))));
        assert_eq!((job.outcome, job.bond_to_seize), (outcome::DELIVERED, Tokens(0)));
    }
    assert_eq!(give_notice(&mut running(terms(0)), NOW), Err(EscrowError::NoticeNotOffered));
    assert_eq!(give_notice(&mut running(terms(5)), later(600)), Err(EscrowError::TooLate));
    assert_eq!(give_notice(&mut posted(metered()), NOW), Err(EscrowError::WrongJobState));
}

#[test]
fn a_client_that_cancels_an_assigned_job_pays_for_the_time_that_it_took() {
    // Seven a second: ten seconds at least, thirty at most, which is the whole window here.
    for (second, paid) in [(0, 70), (9, 70), (10, 70), (11, 77), (30, 210)] {
        let mut job = post(metered(), matching::QUEUE, Amount(7), NONE, Seconds(60)).unwrap();
        assign(&mut job, &PROVIDER, NOW).unwrap();
        assert_eq!(cancel(&mut job, CancelledBy::Client, Excuse::default(), later(second)), Ok(Amount(420 - paid)));
        check(&job);
        assert_eq!((job.state, job.outcome), (job_state::OWING, outcome::NONE));
        assert_eq!(settle(&mut job, Amount::MAX, later(second)).unwrap().pay, Amount(paid), "{second}");
        assert_eq!(job.state, job_state::FINISHED);
        check(&job);
    }
    let wide = Terms { start_window: Seconds(3_000), ..fixed() };
    for (second, paid) in [(0, 167), (30, 500), (61, 1_000), (3_000, 1_000)] {
        let mut job = post(wide, matching::QUEUE, Amount(1_000), NONE, Seconds(60)).unwrap();
        assign(&mut job, &PROVIDER, NOW).unwrap();
        assert_eq!(cancel(&mut job, CancelledBy::Client, Excuse::default(), later(second)), Ok(Amount(1_000 - paid)));
    }
    // Nobody owes for what the network made unpayable, nor once the provider is late.
    for (excuse, second, how) in [
        (Excuse { revoked: true, ..Excuse::default() }, 5, outcome::NONE),
        (Excuse::default(), 31, outcome::FAILED),
        (Excuse { paused: true, ..Excuse::default() }, 5, outcome::NONE),
        (Excuse { paused: true, ..Excuse::default() }, 31, outcome::NONE),
        (Excuse { blocked: true, ..Excuse::default() }, 31, outcome::NONE),
    ] {
        let mut job = post(metered(), matching::QUEUE, Amount(7), NONE, Seconds(60)).unwrap();
        assign(&mut job, &PROVIDER, NOW).unwrap();
        assert_eq!(cancel(&mut job, CancelledBy::Client, excuse, later(second)), Ok(Amount(420)));
        assert_eq!((job.state, job.outcome), (job_state::CANCELLED, how));
    }
    // That nobody can be paid now is no excuse for a client that cancels in time: the fee waits.
    let mut job = post(metered(), matching::QUEUE, Amount(7), NONE, Seconds(60)).unwrap();
    assign(&mut job, &PROVIDER, NOW).unwrap();
    let blocked = Excuse { blocked: true, ..Excuse::default() };
    assert_eq!(cancel(&mut job, CancelledBy::Client, blocked, later(5)), Ok(Amount(350)));
    assert_eq!(job.state, job_state::OWING);
    // A job that waits is cancelled for nothing.
    let mut job = post(metered(), matching::QUEUE, Amount(7), NONE, Seconds(60)).unwrap();
    assert_eq!(cancel(&mut job, CancelledBy::Client, Excuse::default(), later(5)), Ok(Amount(420)));
}

#[test]
fn silence_of_the_arbiter_never_pays_who_rejects() {
    // Half of the pay by default, so half of it is at stake.
    let terms = Terms {
        acceptance_window: Seconds(100),
        arbitration_window: Seconds(200),
        default_pay: Bps(5_000),
        rejection_stake: Bps(5_000),
        fee_share: Bps(100),
        ..fixed()
    };
    let mut job = running(terms);
    deliver(&mut job, later(10)).unwrap();
    assert_eq!(reject(&mut job, later(20)), Ok(Amount(500)));
    check(&job);
    assert_eq!((job.deposited, job.held), (Amount(1_500), Amount(1_500)));
    let resolve = |verdict, second| {
        let mut job = job;
        let payout = resolve(&mut job, true, verdict, Amount::MAX, later(second)).unwrap();
        check(&job);
        (payout.pay.0, payout.fee.0, payout.refund.0)
    };
    // Silent: the client gets 500 back of its 1,500, as much as if it had accepted and paid 1,000.
    assert_eq!(resolve((Bps(0), Bps(0)), 221), (495, 505, 500));
    // For the client it has its stake, for the provider it loses it.
    assert_eq!(resolve((Bps(0), Bps(0)), 220), (0, 0, 1_500));
    assert_eq!(resolve((Bps(10_000), Bps(0)), 220), (990, 510, 0));
    assert_eq!(resolve((Bps(2_000), Bps(0)), 220), (198, 102, 1_200));
}

#[test]
fn a_pause_extends_the_time_to_start_that_it_covers_and_nothing_else() {
    let mut network = Network { paused_duration: Seconds(500), ..Network::default() };
    let mut job = post(metered(), matching::QUEUE, Amount(7), NONE, Seconds(60)).unwrap();
    job.earlier_pauses_duration = Seconds(500);
    let is_late = |job: &Job, network: &Network, now| is_start_past(job, pauses(job, network, now), now, &NoHalts);
    // It waits in the queue: its time goes on.
    network.paused_duration = Seconds(600);
    assert_eq!((is_late(&job, &network, later(50)), is_late(&job, &network, later(51))), (Ok(false), Ok(true)));
    assign(&mut job, &PROVIDER, NOW).unwrap();
    assert_eq!((is_late(&job, &network, later(130)), is_late(&job, &network, later(131))), (Ok(false), Ok(true)));
    // The pause that goes on counts up to now.
    (network.paused, network.paused_at) = (1, later(100));
    assert_eq!(is_late(&job, &network, later(200)), Ok(false));
    (network.paused, network.paused_duration) = (0, Seconds(620));
    assert_eq!((is_late(&job, &network, later(150)), is_late(&job, &network, later(151))), (Ok(false), Ok(true)));
    // One that began too late helps nobody.
    (network.paused, network.paused_at) = (1, later(151));
    assert_eq!(is_late(&job, &network, later(900)), Ok(true));
    // What a halt moves, and what a cancellation costs, is counted from the assignment, whatever was paused since.
    assert_eq!(set_at(&job, job.terms.start_window), NOW);
    assert_eq!(job.cancellation_pay(later(40)), Ok(Amount(7 * 40)));
    assert_eq!(clock::start(&mut { job }, Seconds(120), later(151), &NoHalts), Err(EscrowError::TooLate));
    clock::start(&mut job, Seconds(120), later(150), &NoHalts).unwrap();
}

#[test]
fn a_client_that_stops_a_job_pays_for_ten_seconds_at_least() {
    assert_eq!(end(&mut running(metered()), EndedBy::Client, NOW).pay, Amount(70));
    assert_eq!(end(&mut running(metered()), EndedBy::Client, later(11)).pay, Amount(77));
    assert_eq!(end(&mut running(fixed()), EndedBy::Client, NOW).pay, Amount(167));
    let short = Terms { min_duration: Seconds(2), ..metered() };
    assert_eq!(end(&mut running(short), EndedBy::Client, NOW).pay, Amount(14));
}

#[test]
fn penalties_of_an_auctioned_job_are_measured_by_what_it_can_cost() {
    // Ten units a second at most; the bid is one. All pay is lost and as much again, so all of the bond.
    let terms = Terms {
        price: Amount(1_000),
        heartbeat_interval: Seconds(10),
        heartbeat_penalty: Bps(10_000),
        bond_amount: Tokens(1_000),
        ..metered()
    };
    let mut job = post(terms, matching::AUCTION, Amount(1_000), NONE, Seconds(60)).unwrap();
    bid(&mut job, &PROVIDER, Amount(1), NOW).unwrap();
    job.bond = PROVIDER;
    award(&mut job, later(51)).unwrap();
    start(&mut job, later(60)).unwrap();
    let payout = end(&mut job, EndedBy::Anyone, later(120));
    // 10 of 60 seconds are paid for, five heartbeats are missed: 50 lost, 40 of them by the bond.
    assert_eq!((payout.pay, job.penalty, job.missed_heartbeats), (Amount(0), Amount(10), 5));
    assert_eq!(job.bond_to_seize, Tokens(1_000 * 40 / 60));
}

#[test]
fn nobody_is_punished_when_the_right_to_the_credits_ends() {
    let terms = Terms { heartbeat_interval: Seconds(10), heartbeat_penalty: Bps(10_000), ..fixed() };
    for second in [0, 30, 61, 1_000] {
        let mut job = running(terms);
        let payout = finish(&mut job, EndedBy::Revocation, Amount::MAX, later(second)).unwrap();
        write_off(&mut job, payout).unwrap();
        check(&job);
        assert_eq!((job.bond_to_seize, job.outcome, job.paid), (Tokens(0), outcome::NONE, Amount(0)), "{second}");
    }
}

#[derive(Clone, Debug)]
enum Step {
    Heartbeat,
    Settle(u64),
    Extend(u32),
    Finish(u8),
    Deliver,
    Accept(bool),
    Reject,
    Resolve(bool, u16, u16),
    WriteOff,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Heartbeat),
        4 => prop_oneof![any::<u64>(), 0u64..1_000].prop_map(Step::Settle),
        1 => (0u32..100).prop_map(Step::Extend),
        1 => (0u8..5).prop_map(Step::Finish),
        2 => Just(Step::Deliver),
        1 => any::<bool>().prop_map(Step::Accept),
        2 => Just(Step::Reject),
        2 => (any::<bool>(), 0u16..10_100, 0u16..10_100).prop_map(|(by, pay, bond)| Step::Resolve(by, pay, bond)),
        1 => Just(Step::WriteOff),
    ]
}

prop_compose! {
    /// At the extremes as well.
    fn any_terms()(
        price in prop_oneof![1u64..100, Just(u64::MAX / 1_000), any::<u64>()],
        fixed in any::<bool>(),
        parts in prop::array::uniform8(0u16..=10_000),
        heartbeat in prop_oneof![Just(0u32), 1u32..40],
        late in 0u32..50,
        acceptance in prop_oneof![Just(0u32), 1u32..50],
        bond in any::<u64>(),
    ) -> Terms {
        Terms {
            price: Amount(price.clamp(1, u64::MAX / 1_000)),
            pricing: fixed as u8,
            bond_amount: Tokens(bond),
            min_duration: Seconds(40),
            max_duration: Seconds(1_000),
            heartbeat_interval: Seconds(heartbeat),
            late_window: Seconds(late),
            acceptance_window: Seconds(acceptance),
            arbitration_window: Seconds(30),
            fee_share: Bps(parts[0]),
            min_availability: Bps(parts[1]),
            shortfall_penalty: Bps(parts[2]),
            heartbeat_penalty: Bps(parts[3]),
            late_penalty: Bps(parts[4]),
            failure_penalty: Bps(parts[5]),
            default_pay: Bps(parts[6]),
            default_bond_penalty: Bps(parts[7]),
            ..metered()
        }
    }
}

proptest! {
    #[test]
    fn every_unit_is_accounted_for(
        terms in any_terms(), seconds in 40u32..500,
        steps in prop::collection::vec((prop_oneof![0u64..5, 0u64..60], any_step()), 1..60),
    ) {
        let mut now = NOW;
        let mut job = post(terms, matching::DIRECT, terms.price, PROVIDER, Seconds(seconds)).unwrap();
        start(&mut job, now).unwrap();
        job.bond = PROVIDER;
        let mut sums = [0u128; 3];
        let mut written_off = 0;
        for (passed, step) in steps {
            now = Timestamp(now.0 + passed as i64);
            let before = job;
            let result = match step {
                Step::Heartbeat => heartbeat(&mut job, now).map(|()| Payout::default()),
                Step::Settle(most) => settle(&mut job, Amount(most), now),
                Step::Extend(seconds) => extend(&mut job, Seconds(seconds), now).map(|_| Payout::default()),
                Step::Finish(by) => {
                    let by = [EndedBy::Result, EndedBy::Provider, EndedBy::Client, EndedBy::Anyone, EndedBy::Revocation][by as usize];
                    finish(&mut job, by, Amount(5_000), now)
                }
                Step::Deliver => deliver(&mut job, now).map(|()| Payout::default()),
                Step::Accept(by_client) => accept(&mut job, by_client, Amount::MAX, now),
                Step::Reject => reject(&mut job, now).map(|_| Payout::default()),
                Step::Resolve(by, pay, bond) => resolve(&mut job, by, (Bps(pay), Bps(bond)), Amount::MAX, now),
                Step::WriteOff if job.state == job_state::OWING => {
                    written_off += job.held.0 as u128;
                    write_off(&mut job, Payout::default()).map(|()| Payout::default())
                }
                Step::WriteOff => continue,
            };
            // The runtime undoes what a failed instruction did; none fails for its arithmetic.
            match result {
                Ok(payout) => {
                    for (sum, part) in sums.iter_mut().zip([payout.pay, payout.fee, payout.refund]) {
                        *sum += part.0 as u128;
                    }
                }
                Err(error) => {
                    prop_assert!(error != EscrowError::Overflow, "{before:?}");
                    job = before;
                }
            }
            check(&job);
            // What the steps said is what the job says.
            prop_assert_eq!(sums[..2].to_vec(), vec![job.paid.0 as u128, job.fee_paid.0 as u128]);
            prop_assert_eq!(sums[2] + written_off, job.penalty.0 as u128 + job.refunded.0 as u128);
            // No second is paid in which the job did not run.
            if job.terms.pricing == pricing::METERED {
                // But a client that stops pays for ten seconds.
                let ran = now.min(job.ends_at).since(job.started_at).max(10);
                prop_assert!(job.paid.0 + job.fee_paid.0 <= job.price.0 * ran);
            }
        }
        // Cranks alone end it.
        now = Timestamp(now.0 + 10_000);
        for _ in 0..3 {
            match job.state {
                job_state::RUNNING => drop(finish(&mut job, EndedBy::Anyone, Amount::MAX, now).unwrap()),
                job_state::DELIVERED => drop(accept(&mut job, false, Amount::MAX, now).unwrap()),
                job_state::REJECTED => drop(resolve(&mut job, false, (Bps(0), Bps(0)), Amount::MAX, now).unwrap()),
                job_state::OWING => drop(settle(&mut job, Amount::MAX, now).unwrap()),
                _ => {}
            }
        }
        prop_assert!(job.has_ended());
        check(&job);
    }

    #[test]
    fn any_rhythm_pays_the_same(
        price in 1u64..1_000, fee in 0u16..10_000,
        rhythm in prop::collection::vec((0u64..50, 0u64..3_000), 0..60),
    ) {
        let terms = Terms { price: Amount(price), fee_share: Bps(fee), ..metered() };
        let mut job = running(terms);
        let mut once = job;
        let mut now = NOW;
        for (passed, most) in rhythm {
            now = Timestamp(now.0 + passed as i64);
            settle(&mut job, Amount(most), now).unwrap();
            check(&job);
        }
        end(&mut job, EndedBy::Client, now);
        end(&mut once, EndedBy::Client, now);
        prop_assert_eq!((job.paid, job.fee_paid, job.refunded), (once.paid, once.fee_paid, once.refunded));
    }
}

use {
    crate::{
        Result,
        halts::NoHalts,
        jobs::{
            clock::{self, decided_if_started, give_notice, heartbeat, is_start_past, pauses},
            ending::{self, CancelledBy, EndedBy, Excuse},
            post_job::{Posting, assign},
        },
        matching::auction::{award, bid},
        reservations::{offer, take},
    },
    joule_bme_interface::state::Network,
    joule_escrow_interface::{
        EscrowError,
        instruction::OfferReservationArgs,
        state::{Job, MAX_LEAD, NONE, Terms, job_state, matching, outcome, pricing},
    },
    joule_interface::{Address, Fault},
    joule_math::{Amount, Bps, Seconds, Timestamp, Tokens},
    proptest::prelude::*,
};

const NOW: Timestamp = Timestamp(1_790_000_000);
const PROVIDER: Address = Address::new_from_array([7; 32]);
const OTHER: Address = Address::new_from_array([8; 32]);
const BOND: Tokens = Tokens(5_000);
/// Of 60 seconds at 7 a second.
const COST: u64 = 420;
/// Ten seconds of them.
const LEAST: u64 = 70;
const AHEAD: u64 = 10_000;
const LEAD: u64 = 1_000;
const WINDOW: u64 = 30;

fn later(seconds: u64) -> Timestamp {
    Timestamp(NOW.0 + seconds as i64)
}

fn terms() -> Terms {
    Terms {
        price: Amount(7),
        bond_amount: BOND,
        min_duration: Seconds(10),
        max_duration: Seconds(100),
        wait_window: Seconds(50),
        start_window: Seconds(WINDOW as u32),
        no_start_penalty: Bps(2_000),
        failure_penalty: Bps(3_000),
        matching: matching::DIRECT | matching::QUEUE | matching::AUCTION,
        ..Terms::default()
    }
}

fn post(terms: Terms, kind: u8) -> Job {
    let provider = if kind == matching::DIRECT { PROVIDER } else { NONE };
    let units = if terms.pricing == pricing::USAGE { 10 } else { 0 };
    let duration = Seconds(60);
    let mut job =
        Job { terms, matching: kind, price: terms.price, provider, duration, max_units: units, ..Job::default() };
    Posting::new(&terms, kind, terms.price, &provider, (duration, units), NOW).unwrap().fill(&mut job);
    job
}

/// Half of all, rising in the last thousand seconds.
fn args() -> OfferReservationArgs {
    OfferReservationArgs { starts_at: later(AHEAD), lead_period: Seconds(LEAD as u32), cancellation_fee: Bps(5_000) }
}

fn offered(terms: Terms, kind: u8) -> Job {
    let mut job = post(terms, kind);
    offer(&mut job, &args(), NOW).unwrap();
    job
}

/// Taken, with its bond.
fn reserved_on(terms: Terms) -> Job {
    let mut job = offered(terms, matching::DIRECT);
    take(&mut job, &PROVIDER, later(5)).unwrap();
    job.bond = PROVIDER;
    job
}

fn reserved() -> Job {
    reserved_on(terms())
}

fn start(job: &mut Job, now: Timestamp) -> Result<()> {
    clock::start(job, Seconds(0), now, &NoHalts)
}

fn running_on(terms: Terms) -> Job {
    let mut job = reserved_on(terms);
    start(&mut job, later(AHEAD)).unwrap();
    job
}

fn cancel(job: &mut Job, by: CancelledBy, now: Timestamp) -> Result<Amount> {
    cancel_with(job, by, Excuse::default(), now)
}

fn cancel_with(job: &mut Job, by: CancelledBy, excuse: Excuse, now: Timestamp) -> Result<Amount> {
    let refund = ending::cancel(job, by, excuse, Seconds(0), now, &NoHalts)?;
    let sum = job.paid.0 + job.fee_paid.0 + job.penalty.0 + job.refunded.0 + job.held.0;
    assert_eq!(job.deposited.0, sum);
    assert!(job.bond_to_seize <= job.terms.bond_amount);
    Ok(refund)
}

fn finish(job: &mut Job, by: EndedBy, now: Timestamp) -> Result<u64> {
    Ok(ending::finish(job, by, Amount::MAX, now, &NoHalts)?.pay.0)
}

#[test]
fn a_job_is_offered_ahead_if_leaving_can_cost_both_sides() {
    for kind in [matching::DIRECT, matching::AUCTION] {
        let job = offered(terms(), kind);
        assert_eq!((job.state, job.deadline_at, job.starts_at()), (job_state::OFFERED, later(AHEAD), later(AHEAD)));
        assert!(job.is_reserved());
    }
    let no = Err(EscrowError::ReservationNotOffered);
    assert_eq!(offer(&mut post(terms(), matching::QUEUE), &args(), NOW), no);
    let unbonded = Terms { bond_amount: Tokens(0), ..terms() };
    assert_eq!(offer(&mut post(unbonded, matching::DIRECT), &args(), NOW), no);
    let by_usage = Terms { pricing: pricing::USAGE, late_window: Seconds(60), ..terms() };
    assert_eq!(offer(&mut post(by_usage, matching::DIRECT), &args(), NOW), no);
    // Who has bid counts on a start now.
    let mut job = post(terms(), matching::AUCTION);
    bid(&mut job, &OTHER, Amount(6), NOW).unwrap();
    assert_eq!(offer(&mut job, &args(), NOW), no);
    // Nor is it offered once somebody has it, twice, or after its time.
    let mut job = post(terms(), matching::QUEUE);
    assign(&mut job, &PROVIDER, NOW).unwrap();
    assert_eq!(offer(&mut job, &args(), NOW), Err(EscrowError::WrongJobState));
    assert_eq!(offer(&mut offered(terms(), matching::DIRECT), &args(), NOW), Err(EscrowError::WrongJobState));
    assert_eq!(offer(&mut reserved(), &args(), NOW), Err(EscrowError::WrongJobState));
    for (kind, seconds) in [(matching::DIRECT, WINDOW), (matching::AUCTION, 50)] {
        offer(&mut post(terms(), kind), &args(), later(seconds)).unwrap();
        assert_eq!(offer(&mut post(terms(), kind), &args(), later(seconds + 1)), Err(EscrowError::TooLate));
    }
}

#[test]
fn what_is_offered_is_in_range() {
    let year = MAX_LEAD.0 as u64;
    let with = |starts_at, lead_period, cancellation_fee| {
        let args = OfferReservationArgs {
            starts_at: Timestamp(starts_at),
            lead_period: Seconds(lead_period),
            cancellation_fee: Bps(cancellation_fee),
        };
        offer(&mut post(terms(), matching::DIRECT), &args, NOW)
    };
    let out = Err(EscrowError::from(Fault::InvalidParameter));
    with(NOW.0 + 1, 1, 1).unwrap();
    with(later(year).0, year as u32, 10_000).unwrap();
    for starts_at in [0, i64::MIN, i64::MAX, NOW.0, later(year + 1).0] {
        assert_eq!(with(starts_at, 1, 1), out);
    }
    for lead in [0, year as u32 + 1, u32::MAX] {
        assert_eq!(with(later(9).0, lead, 1), out);
    }
    for fee in [0, 10_001, u16::MAX] {
        assert_eq!(with(later(9).0, 1, fee), out);
    }
}

#[test]
fn an_offer_is_taken_by_whom_it_names_or_by_the_first() {
    let mut job = offered(terms(), matching::DIRECT);
    assert_eq!(take(&mut job, &OTHER, NOW), Err(EscrowError::WrongProvider));
    take(&mut job, &PROVIDER, later(AHEAD)).unwrap();
    assert_eq!(take(&mut job, &PROVIDER, NOW), Err(EscrowError::WrongJobState));
    let mut job = offered(terms(), matching::AUCTION);
    assert_eq!(take(&mut job, &OTHER, later(AHEAD + 1)), Err(EscrowError::TooLate));
    take(&mut job, &OTHER, NOW).unwrap();
    assert_eq!((job.state, job.provider, job.price), (job_state::ASSIGNED, OTHER, Amount(7)));
    assert_eq!((job.starts_at(), job.deadline_at), (later(AHEAD), later(AHEAD + WINDOW)));
    for kind in [matching::DIRECT, matching::AUCTION] {
        assert_eq!(take(&mut post(terms(), kind), &PROVIDER, NOW), Err(EscrowError::WrongJobState));
    }
    // Nobody bids for it, and nobody awards it.
    let mut job = offered(terms(), matching::AUCTION);
    assert_eq!(bid(&mut job, &OTHER, Amount(6), NOW), Err(EscrowError::WrongJobState));
    assert_eq!(award(&mut job, later(AHEAD + 1)), Err(EscrowError::WrongJobState));
    assert_eq!(start(&mut job, later(AHEAD)), Err(EscrowError::WrongJobState));
}

#[test]
fn it_starts_at_its_time_and_its_clock_with_it() {
    let mut job = reserved();
    for seconds in [5, AHEAD - 1] {
        assert_eq!(start(&mut job, later(seconds)), Err(EscrowError::StartsLater));
    }
    let mut late = job;
    start(&mut job, later(AHEAD)).unwrap();
    assert_eq!((job.started_at, job.ends_at), (later(AHEAD), later(AHEAD + 60)));
    assert_eq!(job.earned_at(later(AHEAD)).unwrap(), Amount(0));
    assert_eq!(finish(&mut job, EndedBy::Anyone, later(AHEAD + 60)), Ok(COST));
    assert_eq!(start(&mut late, later(AHEAD + WINDOW + 1)), Err(EscrowError::TooLate));
    start(&mut late, later(AHEAD + WINDOW)).unwrap();
    assert_eq!(late.ends_at, later(AHEAD + WINDOW + 60));
}

#[test]
fn an_offer_that_nobody_took_costs_nothing() {
    let mut job = offered(terms(), matching::DIRECT);
    assert_eq!(cancel(&mut job, CancelledBy::Anyone, later(AHEAD)), Err(EscrowError::TooEarly));
    let mut by_client = job;
    assert_eq!(cancel(&mut by_client, CancelledBy::Client, later(AHEAD - 1)).unwrap(), Amount(COST));
    assert_eq!(cancel(&mut job, CancelledBy::Anyone, later(AHEAD + 1)).unwrap(), Amount(COST));
    assert_eq!((job.state, job.outcome, job.bond_unsettled), (job_state::CANCELLED, outcome::NONE, 0));
}

#[test]
fn leaving_costs_both_sides_the_same_part_and_more_towards_the_start() {
    // The least, then evenly more, to half of all.
    let costs = [(5, LEAST), (AHEAD - LEAD, LEAST), (AHEAD - 500, 105), (AHEAD - 499, 106), (AHEAD - 1, 210)];
    for (seconds, cost) in costs {
        let mut job = reserved();
        assert_eq!(cancel(&mut job, CancelledBy::Client, later(seconds)).unwrap(), Amount(COST - cost));
        assert_eq!((job.state, job.earned, job.outcome), (job_state::OWING, Amount(cost), outcome::NONE));
        assert_eq!((job.bond_to_seize, job.bond_unsettled), (Tokens(0), 1));
        // Keepers need not wait for the start.
        assert_eq!(job.deadline_at, later(seconds));

        let mut job = reserved();
        assert_eq!(cancel(&mut job, CancelledBy::Provider, later(seconds)).unwrap(), Amount(COST));
        assert_eq!((job.state, job.outcome, job.bond_unsettled), (job_state::CANCELLED, outcome::NONE, 1));
        let part = job.bond_to_seize.0 * COST;
        assert!(part.abs_diff(BOND.0 * cost) <= BOND.0 + COST, "{seconds}: {}", job.bond_to_seize.0);
        assert!(job.bond_to_seize >= Tokens((BOND.0 * LEAST).div_ceil(COST)));
        assert_eq!(job.deadline_at, later(seconds));
    }
    let mut job = reserved();
    assert_eq!(cancel(&mut job, CancelledBy::Anyone, later(AHEAD - 1)), Err(EscrowError::TooEarly));
}

#[test]
fn from_the_start_on_nobody_leaves_for_less() {
    // The client waits for the start, and cancels then.
    for seconds in [AHEAD, AHEAD + WINDOW] {
        let mut job = reserved();
        assert_eq!(cancel(&mut job, CancelledBy::Client, later(seconds)).unwrap(), Amount(COST - 210));
    }
    // It lets it start, and stops it.
    for seconds in [0, 1, 20, 30] {
        assert_eq!(finish(&mut running_on(terms()), EndedBy::Client, later(AHEAD + seconds)), Ok(210));
    }
    assert_eq!(finish(&mut running_on(terms()), EndedBy::Client, later(AHEAD + 40)), Ok(280));
    let fixed = Terms { pricing: pricing::FIXED, price: Amount(1_000), late_window: Seconds(5), ..terms() };
    assert_eq!(finish(&mut running_on(fixed), EndedBy::Client, later(AHEAD + 6)), Ok(500));
    assert_eq!(finish(&mut running_on(fixed), EndedBy::Client, later(AHEAD + 45)), Ok(750));
    // The provider waits for the start: it cannot cancel any more, and loses as much for not starting, or for quitting.
    let mut job = reserved();
    for seconds in [AHEAD, AHEAD + WINDOW] {
        assert_eq!(cancel(&mut job, CancelledBy::Provider, later(seconds)), Err(EscrowError::TooEarly));
    }
    let mut by_provider = job;
    for (job, by) in [(&mut job, CancelledBy::Anyone), (&mut by_provider, CancelledBy::Provider)] {
        assert_eq!(cancel(job, by, later(AHEAD + WINDOW + 1)).unwrap(), Amount(COST));
        assert_eq!((job.outcome, job.bond_to_seize), (outcome::FAILED, Tokens(2_500)));
    }
    let mut job = running_on(terms());
    finish(&mut job, EndedBy::Provider, later(AHEAD + 1)).unwrap();
    assert_eq!((job.outcome, job.bond_to_seize), (outcome::FAILED, Tokens(2_500)));
    // Where the terms' penalties are higher, they count.
    let strict = Terms { no_start_penalty: Bps(8_000), failure_penalty: Bps(9_000), ..terms() };
    let mut job = reserved_on(strict);
    cancel(&mut job, CancelledBy::Anyone, later(AHEAD + WINDOW + 1)).unwrap();
    assert_eq!(job.bond_to_seize, Tokens(4_000));
    let mut job = running_on(strict);
    finish(&mut job, EndedBy::Provider, later(AHEAD + 1)).unwrap();
    assert_eq!(job.bond_to_seize, Tokens(4_500));
}

/// Ten seconds are a sixth of this job, and its fee is less.
#[test]
fn whoever_does_not_start_or_quits_loses_no_less_than_who_leaves_at_once() {
    let lenient = Terms { no_start_penalty: Bps(0), failure_penalty: Bps(0), ..terms() };
    let reserved = || {
        let mut job = post(lenient, matching::DIRECT);
        offer(&mut job, &OfferReservationArgs { cancellation_fee: Bps(1), ..args() }, NOW).unwrap();
        take(&mut job, &PROVIDER, later(5)).unwrap();
        job.bond = PROVIDER;
        job
    };
    let mut left = reserved();
    cancel(&mut left, CancelledBy::Provider, later(5)).unwrap();
    assert_eq!(left.bond_to_seize, Tokens((BOND.0 * LEAST).div_ceil(COST)));
    let mut late = reserved();
    cancel(&mut late, CancelledBy::Anyone, later(AHEAD + WINDOW + 1)).unwrap();
    assert_eq!(late.bond_to_seize, left.bond_to_seize);
    let mut quit = reserved();
    start(&mut quit, later(AHEAD)).unwrap();
    finish(&mut quit, EndedBy::Provider, later(AHEAD)).unwrap();
    assert_eq!(quit.bond_to_seize, left.bond_to_seize);
}

#[test]
fn a_machine_that_is_not_there_is_not_paid_for_being_stopped() {
    let measured = Terms { heartbeat_interval: Seconds(10), ..terms() };
    // Nobody has heard of it for two intervals of four.
    let mut job = running_on(measured);
    for second in [10, 20] {
        heartbeat(&mut job, later(AHEAD + second)).unwrap();
    }
    // 30 seconds ran, and three quarters of the least are less.
    assert_eq!(finish(&mut job, EndedBy::Client, later(AHEAD + 40)), Ok(210));
    let mut job = running_on(measured);
    assert_eq!(finish(&mut job, EndedBy::Client, later(AHEAD + 40)), Ok(70));
    // In its first interval nobody knows, and a client that stops it then pays.
    assert_eq!(finish(&mut running_on(measured), EndedBy::Client, later(AHEAD + 10)), Ok(210));
    assert_eq!(finish(&mut running_on(measured), EndedBy::Client, later(AHEAD)), Ok(210));
}

#[test]
fn notice_counts_from_the_start() {
    let service = Terms { is_service: 1, notice_minutes: 1, max_duration: Seconds(600), ..terms() };
    let mut job = post(service, matching::DIRECT);
    job.duration = Seconds(600);
    (job.deposited, job.held) = (Amount(4_200), Amount(4_200));
    offer(&mut job, &args(), NOW).unwrap();
    assert_eq!(give_notice(&mut job, later(1)), Err(EscrowError::WrongJobState));
    take(&mut job, &PROVIDER, later(5)).unwrap();
    job.bond = PROVIDER;
    assert_eq!(give_notice(&mut job, later(AHEAD - 1)), Err(EscrowError::WrongJobState));
    start(&mut job, later(AHEAD)).unwrap();
    give_notice(&mut job, later(AHEAD)).unwrap();
    assert_eq!(job.ends_at, later(AHEAD + 60));
    // It leaves as it may: a client that stops it then pays for what ran.
    assert_eq!(finish(&mut job, EndedBy::Client, later(AHEAD + 20)), Ok(140));
}

#[test]
fn what_a_network_does_is_nobodys_fault() {
    let revoked = Excuse { revoked: true, ..Excuse::default() };
    for by in [CancelledBy::Client, CancelledBy::Provider] {
        let mut job = reserved();
        assert_eq!(cancel_with(&mut job, by, revoked, later(AHEAD - 1)).unwrap(), Amount(COST));
        assert_eq!((job.state, job.bond_to_seize, job.outcome), (job_state::CANCELLED, Tokens(0), outcome::NONE));
    }
    // A frozen vault excuses the provider alone.
    let blocked = Excuse { blocked: true, ..Excuse::default() };
    let mut job = reserved();
    cancel_with(&mut job, CancelledBy::Provider, blocked, later(AHEAD - 1)).unwrap();
    assert_eq!(job.bond_to_seize, Tokens(0));
    let mut job = reserved();
    cancel_with(&mut job, CancelledBy::Client, blocked, later(AHEAD - 1)).unwrap();
    assert_eq!((job.state, job.earned), (job_state::OWING, Amount(210)));
    // It may be started in a pause, so no pause gives its provider time; of an assigned job it does.
    let network = Network { paused: 1, paused_at: later(10), ..Network::default() };
    let job = reserved();
    assert_eq!(pauses(&job, &network, later(AHEAD + 500)), Seconds(0));
    assert!(is_start_past(&job, Seconds(0), later(AHEAD + WINDOW + 1), &NoHalts).unwrap());
    assert_eq!(pauses(&Job { lead_period: Seconds(0), ..job }, &network, later(30)), Seconds(20));
}

#[test]
fn what_it_pays_is_known_after_its_start_and_not_after_now() {
    let windows =
        Terms { late_window: Seconds(3), acceptance_window: Seconds(5), arbitration_window: Seconds(7), ..terms() };
    let mut job = reserved_on(windows);
    assert_eq!(decided_if_started(&job, NOW).unwrap(), later(AHEAD + 60 + 15));
    assert_eq!(decided_if_started(&job, later(AHEAD + 9)).unwrap(), later(AHEAD + 9 + 60 + 15));
    job.lead_period = Seconds(0);
    assert_eq!(decided_if_started(&job, NOW).unwrap(), later(60 + 15));
    let unjudged = Job { terms: terms(), ..job };
    assert_eq!(decided_if_started(&unjudged, NOW).unwrap(), later(60));
}

proptest! {
    #[test]
    fn the_price_of_leaving_rises_to_the_fee_and_no_further(
        ahead in 1u64..400_000,
        lead in 1u32..400_000,
        fee in 1u16..=10_000,
        amount in any::<u64>(),
        moments in proptest::collection::vec(0u64..500_000, 1..8),
    ) {
        let args = OfferReservationArgs {
            starts_at: later(ahead),
            lead_period: Seconds(lead),
            cancellation_fee: Bps(fee),
        };
        let mut job = post(terms(), matching::DIRECT);
        offer(&mut job, &args, NOW).unwrap();
        take(&mut job, &PROVIDER, NOW).unwrap();
        let whole = Bps(fee).of_ceil(amount).unwrap();
        let (mut moments, mut last) = (moments, 0);
        moments.sort_unstable();
        for moment in moments {
            let part = job.cancellation_part(amount, later(moment)).unwrap();
            prop_assert!(last <= part && part <= whole && part <= amount);
            prop_assert!(moment < ahead || part == whole);
            prop_assert!(moment as i64 > ahead as i64 - lead as i64 || part == 0);
            last = part;
        }
    }
}

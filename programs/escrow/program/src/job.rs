//! What may happen to a job. After each step `deposit = paid + fee + penalty + refunded + held`, and `held = 0` once it is
//! finished or cancelled.
//!
//! A step that fails changes nothing. Who may take a step is said to it by the caller; time, state and money are here.

use {
    crate::Result,
    joule_common::guard::require,
    joule_escrow_interface::{
        EscrowError,
        state::{Job, NONE, Terms, job_state, matching, outcome, pricing},
    },
    joule_interface::{Address, Fault},
    joule_math::{Amount, Bps, Seconds, Timestamp, Tokens, mul_div_floor},
};

/// Who asks for a running job to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The provider, with a result.
    Result,
    /// The provider, without one.
    Provider,
    /// The client.
    Client,
    /// Anyone.
    Anyone,
    /// Anyone, after the network took away the right to the job's credits.
    Closed,
}

/// What leaves a job: to the provider, as the fee, and back to the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Payout {
    /// To the provider.
    pub pay: Amount,
    /// To where the fee goes.
    pub fee: Amount,
    /// To the client, penalties included.
    pub back: Amount,
}

/// How a job stopped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Delivered,
    Stopped,
    Failed,
}

/// What jobs that are posted together share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    /// What each may cost.
    pub deposit: Amount,
    deadline: Timestamp,
    state: u8,
}

impl Posting {
    /// Jobs that a market with these terms takes on.
    #[inline(always)]
    pub fn new(
        terms: &Terms,
        kind: u8,
        price: Amount,
        provider: &Address,
        duration: Seconds,
        now: Timestamp,
    ) -> Result<Self> {
        require((terms.min_duration..=terms.max_duration).contains(&duration), EscrowError::DurationOutOfRange)?;
        let is_one = matches!(kind, matching::DIRECT | matching::QUEUE | matching::AUCTION);
        require(is_one && terms.matching & kind != 0, EscrowError::MatchingNotOffered)?;
        let lowest = if kind == matching::QUEUE { terms.price } else { Amount(1) };
        require((lowest..=terms.price).contains(&price), EscrowError::PriceOutOfRange)?;
        // Whom the client names it must name, and nobody else is named.
        require((kind == matching::DIRECT) == (*provider != NONE), EscrowError::WrongProvider)?;
        let deposit = terms.cost(price, duration)?;
        let deadline = now.after(if kind == matching::DIRECT { terms.start_window } else { terms.wait_window })?;
        let state = if kind == matching::AUCTION { job_state::BIDDING } else { job_state::POSTED };
        Ok(Self { deposit, deadline, state })
    }

    /// Fills in one of them: its money, and until when it waits.
    #[inline(always)]
    pub fn fill(&self, job: &mut Job) {
        job.deposited = self.deposit;
        job.held = self.deposit;
        job.deadline_at = self.deadline;
        job.state = self.state;
    }
}

/// Gives a job of the queue to the provider that waited for it.
#[inline(always)]
pub fn assign(job: &mut Job, provider: &Address, now: Timestamp) -> Result<()> {
    job.deadline_at = now.after(job.terms.start_window)?;
    job.provider = *provider;
    job.state = job_state::ASSIGNED;
    Ok(())
}

/// Takes a bid. Whose bond is held is the caller's.
#[inline(always)]
pub fn bid(job: &mut Job, provider: &Address, price: Amount, now: Timestamp) -> Result<()> {
    require(job.state == job_state::BIDDING, EscrowError::WrongJobState)?;
    require(now <= job.deadline_at, EscrowError::TooLate)?;
    require(!price.is_zero(), EscrowError::PriceOutOfRange)?;
    let first = job.provider == NONE;
    let step = if first { 0 } else { job.terms.bid_step.of_ceil(job.price.0)?.max(1) };
    require(price.0 <= job.price.0.saturating_sub(step), EscrowError::BidTooHigh)?;
    let extended = now.after(job.terms.bid_extension)?;

    job.deadline_at = job.deadline_at.max(extended);
    job.price = price;
    job.provider = *provider;
    Ok(())
}

/// Ends an auction: the best bidder has until the window after the auction's end, whenever this is called. Returns what
/// goes back.
#[inline(always)]
pub fn award(job: &mut Job, now: Timestamp) -> Result<Amount> {
    require(job.state == job_state::BIDDING, EscrowError::WrongJobState)?;
    require(now > job.deadline_at, EscrowError::TooEarly)?;
    if job.provider == NONE {
        return Ok(give_all_back(job));
    }
    let cost = job.terms.cost(job.price, job.duration)?;
    let back = job.held.minus(cost)?;
    job.deadline_at = job.deadline_at.after(job.terms.start_window)?;

    job.held = cost;
    job.refunded = back;
    job.state = job_state::ASSIGNED;
    Ok(back)
}

/// Starts the clock.
#[inline(always)]
pub fn start(job: &mut Job, now: Timestamp) -> Result<()> {
    require(matches!(job.state, job_state::POSTED | job_state::ASSIGNED), EscrowError::WrongJobState)?;
    require(now <= job.deadline_at, EscrowError::TooLate)?;
    let ends = now.after(job.duration)?;
    // So that no deadline of a running job is beyond the end of time.
    ends.after(job.terms.late_window)?;

    job.started_at = now;
    job.last_heartbeat_at = now;
    job.ends_at = ends;
    job.state = job_state::RUNNING;
    Ok(())
}

/// Takes a heartbeat.
#[inline(always)]
pub fn beat(job: &mut Job, now: Timestamp) -> Result<()> {
    require(job.state == job_state::RUNNING, EscrowError::WrongJobState)?;
    count(job, now.min(job.ends_at));
    Ok(())
}

/// Adds time. Returns what it costs.
#[inline(always)]
pub fn extend(job: &mut Job, seconds: Seconds, now: Timestamp) -> Result<Amount> {
    require(job.state == job_state::RUNNING, EscrowError::WrongJobState)?;
    require(now < job.ends_at, EscrowError::TooLate)?;
    require(seconds != Seconds(0), Fault::ZeroAmount)?;
    let duration = job.duration.plus(seconds)?;
    require(duration <= job.terms.max_duration, EscrowError::DurationOutOfRange)?;
    let added = if job.terms.pricing == pricing::FIXED { Amount::ZERO } else { job.price.times(seconds.0 as u64)? };
    let (deposit, held) = (job.deposited.plus(added)?, job.held.plus(added)?);
    let ends = job.ends_at.after(seconds)?;
    ends.after(job.terms.late_window)?;

    job.duration = duration;
    job.deposited = deposit;
    job.held = held;
    job.ends_at = ends;
    Ok(added)
}

/// Pays what was earned by now, or what is still owed; at most `most` to each.
#[inline(always)]
pub fn settle(job: &mut Job, most: Amount, now: Timestamp) -> Result<Payout> {
    match job.state {
        job_state::RUNNING => {
            let earned = job.earned_at(now)?;
            let pay = job.payable(earned)?.min(most);
            let (paid, held) = (job.paid.plus(pay)?, job.held.minus(pay)?);

            job.earned = earned;
            job.paid = paid;
            job.held = held;
            Ok(Payout { pay, ..Payout::default() })
        }
        job_state::OWING => pay_out(job, most),
        _ => Err(EscrowError::WrongJobState),
    }
}

/// Ends a running job.
#[inline(always)]
pub fn finish(job: &mut Job, by: By, most: Amount, now: Timestamp) -> Result<Payout> {
    require(job.state == job_state::RUNNING, EscrowError::WrongJobState)?;
    let fixed = job.terms.pricing == pricing::FIXED;
    // A metered job owes nothing but its time; one at a fixed price can be delivered for a while after it.
    let up = if fixed { now > job.ends_at.after(job.terms.late_window)? } else { now >= job.ends_at };
    let ending = match by {
        By::Result => {
            require(job.terms.acceptance_window == Seconds(0), EscrowError::AcceptanceRequired)?;
            require(!fixed || !up, EscrowError::TooLate)?;
            Ending::Delivered
        }
        _ if up => {
            if fixed {
                Ending::Failed
            } else {
                Ending::Delivered
            }
        }
        By::Provider => Ending::Failed,
        By::Client => {
            // It is the provider's to deliver late.
            require(!fixed || now <= job.ends_at, EscrowError::TooEarly)?;
            Ending::Stopped
        }
        By::Closed => Ending::Stopped,
        By::Anyone => return Err(EscrowError::TooEarly),
    };
    reckon(job, ending, now)?;
    close_books(job, job.amount_due, most)
}

/// Takes a result that the client may reject.
#[inline(always)]
pub fn deliver(job: &mut Job, now: Timestamp) -> Result<()> {
    require(job.state == job_state::RUNNING, EscrowError::WrongJobState)?;
    require(job.terms.acceptance_window != Seconds(0), EscrowError::AcceptanceNotOffered)?;
    let fixed = job.terms.pricing == pricing::FIXED;
    require(!fixed || now <= job.ends_at.after(job.terms.late_window)?, EscrowError::TooLate)?;
    let deadline = now.after(job.terms.acceptance_window)?;
    reckon(job, Ending::Delivered, now)?;

    job.deadline_at = deadline;
    job.state = job_state::DELIVERED;
    Ok(())
}

/// Accepts a result, which others than the client may when its time has passed.
#[inline(always)]
pub fn accept(job: &mut Job, by_client: bool, most: Amount, now: Timestamp) -> Result<Payout> {
    require(job.state == job_state::DELIVERED, EscrowError::WrongJobState)?;
    require(by_client || now > job.deadline_at, EscrowError::TooEarly)?;
    close_books(job, job.amount_due, most)
}

/// Rejects a result in time.
#[inline(always)]
pub fn reject(job: &mut Job, now: Timestamp) -> Result<()> {
    require(job.state == job_state::DELIVERED, EscrowError::WrongJobState)?;
    require(now <= job.deadline_at, EscrowError::TooLate)?;
    job.deadline_at = now.after(job.terms.arbitration_window)?;
    job.state = job_state::REJECTED;
    Ok(())
}

/// Decides on a rejected result: the one place where a verdict, whoever reached it, becomes money.
#[inline(always)]
pub fn resolve(job: &mut Job, by_arbiter: bool, verdict: (Bps, Bps), most: Amount, now: Timestamp) -> Result<Payout> {
    require(job.state == job_state::REJECTED, EscrowError::WrongJobState)?;
    let (pay, bond) = if now > job.deadline_at {
        (job.terms.default_pay, job.terms.default_bond_penalty)
    } else {
        require(by_arbiter, EscrowError::ArbiterOnly)?;
        verdict
    };
    require(pay <= Bps::WHOLE && bond <= Bps::WHOLE, Fault::InvalidParameter)?;
    // What was paid while it ran stays paid.
    let open = job.amount_due.minus(job.earned)?;
    let earned = job.earned.plus(Amount(pay.of_floor(open.0)?))?;

    if job.bond != NONE {
        job.bond_to_seize = job.bond_to_seize.max(Tokens(bond.of_floor(job.terms.bond_amount.0)?));
    }
    if pay < Bps::WHOLE {
        job.outcome = outcome::DISPUTED;
    }
    close_books(job, earned, most)
}

/// Takes back a job that has not started, which others than its client may when its provider's time has passed. An auction
/// with its time over is awarded instead. `paused`: it is not the provider's fault that it did not start.
#[inline(always)]
pub fn cancel(job: &mut Job, by_client: bool, paused: bool, now: Timestamp) -> Result<Amount> {
    let late = now > job.deadline_at;
    match job.state {
        job_state::POSTED | job_state::ASSIGNED => require(by_client || late, EscrowError::TooEarly)?,
        job_state::BIDDING => require(by_client, EscrowError::TooEarly)?,
        _ => return Err(EscrowError::WrongJobState),
    }
    if job.state == job_state::ASSIGNED && late && !paused {
        job.outcome = outcome::FAILED;
        if job.bond != NONE {
            job.bond_to_seize = Tokens(job.terms.no_start_penalty.of_floor(job.terms.bond_amount.0)?);
        }
    }
    Ok(give_all_back(job))
}

/// Undoes a payment that cannot be made, and gives up what the job still owes: the network took away the right to its
/// credits, which are the client's to reclaim.
#[inline(always)]
pub fn forgo(job: &mut Job, payout: Payout) -> Result<()> {
    job.paid = job.paid.minus(payout.pay)?;
    job.fee_paid = job.fee_paid.minus(payout.fee)?;
    job.refunded = job.refunded.plus(job.held)?.plus(payout.pay)?.plus(payout.fee)?;
    job.held = Amount::ZERO;
    job.state = job_state::FINISHED;
    Ok(())
}

#[inline(always)]
fn give_all_back(job: &mut Job) -> Amount {
    let back = core::mem::replace(&mut job.held, Amount::ZERO);
    // An auction may have given back a part before: then it is a whole with this.
    job.refunded = Amount(job.refunded.0.saturating_add(back.0));
    job.state = job_state::CANCELLED;
    leave_to_stake(job);
    back
}

/// Notes whether `stake` is to be told.
#[inline(always)]
fn leave_to_stake(job: &mut Job) {
    job.bond_unsettled = (job.bond != NONE || (job.outcome != outcome::NONE && job.terms.reports != 0)) as u8;
}

/// Counts what the time up to `until` says of the job's availability.
#[inline(always)]
fn count(job: &mut Job, until: Timestamp) {
    let interval = job.terms.heartbeat_interval.0 as u64;
    let gap = until.since(job.last_heartbeat_at);
    if interval != 0 && gap > interval {
        job.downtime = job.downtime.saturating_add(gap - interval);
        job.missed_heartbeats =
            job.missed_heartbeats.saturating_add(((gap - 1) / interval).min(u32::MAX as u64) as u32);
    }
    job.last_heartbeat_at = job.last_heartbeat_at.max(until);
}

/// Stops the clock: what the provider will have earned, what its penalties take from that, and, in the proportion in which
/// the bond stands for the deposit, from the bond.
#[inline(never)]
fn reckon(job: &mut Job, ending: Ending, now: Timestamp) -> Result<()> {
    let until = now.min(job.ends_at);
    count(job, until);
    let lasted = until.since(job.started_at);
    let ran = lasted.saturating_sub(job.downtime);
    let fixed = job.terms.pricing == pricing::FIXED;
    let pay = match ending {
        _ if !fixed => job.price.times(ran)?,
        Ending::Delivered => job.price,
        Ending::Stopped => job.stopped_price(now)?,
        Ending::Failed => Amount::ZERO,
    };
    let shortfall = shortfall(job, ran, lasted)?;
    let late = fixed && ending == Ending::Delivered && now > job.ends_at;

    let mut penalty = job.missed_penalty().0;
    if shortfall != 0 {
        let part = (job.terms.shortfall_penalty.0 as u64 * shortfall as u64 / 100).min(10_000);
        penalty = penalty.saturating_add(Bps(part as u16).of_floor(pay.0)?);
    }
    if late {
        penalty = penalty.saturating_add(job.terms.late_penalty.of_floor(pay.0)?);
    }
    // Nothing that was paid before is taken back; what the pay does not cover, the bond does.
    let due = job.earned.max(Amount(pay.0.saturating_sub(penalty)));
    let fine = pay.minus(due)?;
    if job.bond != NONE {
        let bond = job.terms.bond_amount.0;
        let uncovered = penalty.saturating_sub(fine.0).min(job.deposited.0);
        let mut seize = mul_div_floor(bond, uncovered, job.deposited.0)?;
        if ending == Ending::Failed {
            seize = seize.saturating_add(job.terms.failure_penalty.of_floor(bond)?);
        }
        job.bond_to_seize = Tokens(seize.min(bond));
    }

    job.stopped_at = until;
    job.amount_due = due;
    job.pending_penalty = fine;
    job.outcome = match ending {
        Ending::Failed => outcome::FAILED,
        Ending::Stopped if fixed || lasted == 0 => outcome::NONE,
        _ if shortfall != 0 || late => outcome::LATE,
        _ => outcome::DELIVERED,
    };
    Ok(())
}

/// Hundredths of hundredths of the time that are missing to the availability that the terms ask for.
#[inline(always)]
fn shortfall(job: &Job, ran: u64, lasted: u64) -> Result<u16> {
    if job.terms.min_availability == Bps(0) || lasted == 0 {
        return Ok(0);
    }
    let available = mul_div_floor(ran, Bps::WHOLE.0 as u64, lasted)? as u16;
    Ok(job.terms.min_availability.0.saturating_sub(available))
}

/// Fixes what the provider earned in all, gives the rest back, and pays.
#[inline(never)]
fn close_books(job: &mut Job, earned: Amount, most: Amount) -> Result<Payout> {
    let back = job.held.minus(earned.minus(job.paid)?)?;
    let refunded = job.refunded.plus(back.minus(job.pending_penalty)?)?;

    job.held = job.held.minus(back)?;
    job.penalty = job.pending_penalty;
    job.refunded = refunded;
    job.earned = earned;
    leave_to_stake(job);
    let paid = pay_out(job, most)?;
    Ok(Payout { back, ..paid })
}

/// Pays what is owed: the provider first, then the fee.
#[inline(always)]
fn pay_out(job: &mut Job, most: Amount) -> Result<Payout> {
    let owed = job.payable(job.earned)?;
    let pay = owed.min(most);
    let fee = if pay == owed { job.held.minus(owed)?.min(most) } else { Amount::ZERO };

    job.paid = job.paid.plus(pay)?;
    job.fee_paid = job.fee_paid.plus(fee)?;
    job.held = job.held.minus(pay)?.minus(fee)?;
    job.state = if job.held.is_zero() { job_state::FINISHED } else { job_state::OWING };
    Ok(Payout { pay, fee, back: Amount::ZERO })
}

#[cfg(test)]
mod tests {
    use {super::*, proptest::prelude::*};

    const NOW: Timestamp = Timestamp(1_790_000_000);
    const PROVIDER: Address = Address::new_from_array([7; 32]);
    const ALL: u8 = matching::DIRECT | matching::QUEUE | matching::AUCTION;

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
        Posting::new(&terms, kind, price, &provider, duration, NOW)?.fill(&mut job);
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
        let sum = [job.paid, job.fee_paid, job.penalty, job.refunded, job.held]
            .iter()
            .map(|part| part.0 as u128)
            .sum::<u128>();
        assert_eq!(job.deposited.0 as u128, sum, "{job:?}");
        assert!(!job.has_ended() || job.held.is_zero());
        assert!(job.bond_to_seize <= job.terms.bond_amount);
        assert!(job.earned >= job.paid);
    }

    fn end(job: &mut Job, by: By, now: Timestamp) -> Payout {
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
        let payout = end(&mut job, By::Client, later(25));
        assert_eq!((payout.pay, payout.back), (Amount(70), Amount(245)));
        assert_eq!((job.state, job.outcome), (job_state::FINISHED, outcome::DELIVERED));
        // It ends where its money does.
        let mut job = running(metered());
        assert_eq!(finish(&mut job, By::Anyone, Amount::MAX, later(59)), Err(EscrowError::TooEarly));
        assert_eq!(end(&mut job, By::Anyone, later(60)).pay, Amount(420));
        assert_eq!(end(&mut running(metered()), By::Anyone, later(1_000_000)).pay, Amount(420));
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
            beat(&mut job, later(second)).unwrap();
        }
        assert_eq!(end(&mut job, By::Anyone, later(60)).pay, Amount(420));
        assert_eq!((job.downtime, job.missed_heartbeats, job.outcome), (0, 0, outcome::DELIVERED));

        // Silent from 20 to 35: what lies beyond 30 is not paid, and one was missed.
        let mut job = running(terms);
        for second in [10, 20] {
            beat(&mut job, later(second)).unwrap();
        }
        assert_eq!(settle(&mut job, Amount::MAX, later(34)).unwrap().pay, Amount(7 * 30));
        for second in [35, 45, 55] {
            beat(&mut job, later(second)).unwrap();
        }
        assert_eq!((job.downtime, job.missed_heartbeats), (5, 1));
        let payout = end(&mut job, By::Anyone, later(70));
        // 55 of 60 seconds are 91.66 %.
        assert_eq!((job.paid, job.penalty, job.outcome), (Amount(7 * 55 - 35), Amount(35), outcome::DELIVERED));
        assert_eq!(payout.back, Amount(35 + 7 * 5));

        // Silent for good after 12: 22 of 60 seconds are 36.66 %, 53.34 hundredths short; all is lost but what was paid.
        let mut job = running(Terms { bond_amount: Tokens(4_200), ..terms });
        beat(&mut job, later(10)).unwrap();
        beat(&mut job, later(12)).unwrap();
        assert_eq!(settle(&mut job, Amount::MAX, later(14)).unwrap().pay, Amount(98));
        let payout = end(&mut job, By::Anyone, later(60));
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
            beat(&mut job, later(gap)).unwrap();
            assert_eq!((job.downtime, job.missed_heartbeats), (downtime, missed), "{gap}");
        }
    }

    #[test]
    fn a_fixed_price_is_paid_for_the_result_and_less_if_it_is_late() {
        let mut job = running(fixed());
        assert_eq!(settle(&mut job, Amount::MAX, later(30)).unwrap(), Payout::default());
        assert_eq!(end(&mut job, By::Result, later(60)).pay, Amount(1_000));
        assert_eq!((job.outcome, job.bond_to_seize), (outcome::DELIVERED, Tokens(0)));

        let mut job = running(fixed());
        assert_eq!(finish(&mut job, By::Client, Amount::MAX, later(61)), Err(EscrowError::TooEarly));
        assert_eq!(end(&mut job, By::Result, later(80)).pay, Amount(900));
        assert_eq!((job.outcome, job.penalty), (outcome::LATE, Amount(100)));

        let mut job = running(fixed());
        assert_eq!(finish(&mut job, By::Result, Amount::MAX, later(81)), Err(EscrowError::TooLate));
        assert_eq!(finish(&mut job, By::Anyone, Amount::MAX, later(80)), Err(EscrowError::TooEarly));
        let payout = end(&mut job, By::Anyone, later(81));
        assert_eq!((payout.pay, payout.back, job.bond_to_seize), (Amount(0), Amount(1_000), Tokens(500)));
        assert_eq!(job.outcome, outcome::FAILED);

        // The client pays what it used, rounded up; a provider that quits gets nothing.
        let mut job = running(fixed());
        assert_eq!(end(&mut job, By::Client, later(1)).pay, Amount(17));
        assert_eq!((job.outcome, job.bond_to_seize), (outcome::NONE, Tokens(0)));
        let mut job = running(fixed());
        assert_eq!(end(&mut job, By::Provider, later(59)).pay, Amount(0));
        assert_eq!((job.outcome, job.bond_to_seize), (outcome::FAILED, Tokens(500)));
    }

    #[test]
    fn a_result_is_accepted_or_judged() {
        let terms = Terms {
            acceptance_window: Seconds(100),
            arbitration_window: Seconds(200),
            default_pay: Bps(2_500),
            default_bond_penalty: Bps(1_000),
            fee_share: Bps(100),
            ..fixed()
        };
        let mut job = running(terms);
        assert_eq!(finish(&mut job, By::Result, Amount::MAX, later(5)), Err(EscrowError::AcceptanceRequired));
        deliver(&mut job, later(5)).unwrap();
        assert_eq!(job.deadline_at, later(105));
        let delivered = job;
        assert_eq!(accept(&mut job, false, Amount::MAX, later(105)), Err(EscrowError::TooEarly));
        for (by_client, second) in [(true, 5), (true, 200), (false, 106)] {
            let mut job = delivered;
            let payout = accept(&mut job, by_client, Amount::MAX, later(second)).unwrap();
            check(&job);
            assert_eq!(payout, Payout { pay: Amount(990), fee: Amount(10), back: Amount(0) });
        }
        assert_eq!(reject(&mut { job }, later(106)), Err(EscrowError::TooLate));
        reject(&mut job, later(105)).unwrap();
        assert_eq!((job.state, job.deadline_at), (job_state::REJECTED, later(305)));
        let resolve = |by_arbiter, verdict, second| {
            let mut job = job;
            resolve(&mut job, by_arbiter, verdict, Amount::MAX, later(second)).map(|payout| {
                check(&job);
                (payout.pay.0, payout.fee.0, payout.back.0, job.bond_to_seize.0, job.outcome)
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
        assert_eq!(payout, Payout { pay: Amount(35), fee: Amount(0), back: Amount(105) });
        assert_eq!((job.paid, job.refunded, job.outcome), (Amount(315), Amount(105), outcome::DISPUTED));
        // What nobody delivers is paid once its time is up: it ran.
        let mut job = running(terms);
        assert_eq!(finish(&mut job, By::Result, Amount::MAX, later(60)), Err(EscrowError::AcceptanceRequired));
        assert_eq!(end(&mut job, By::Anyone, later(60)).pay, Amount(420));
    }

    #[test]
    fn credits_that_were_taken_away_leave_what_was_paid() {
        let mut job = running(Terms { fee_share: Bps(1_000), ..metered() });
        settle(&mut job, Amount::MAX, later(10)).unwrap();
        assert_eq!(finish(&mut { job }, By::Anyone, Amount::MAX, later(20)), Err(EscrowError::TooEarly));
        let payout = finish(&mut job, By::Closed, Amount::MAX, later(20)).unwrap();
        assert_eq!((payout.pay, payout.fee, job.state), (Amount(63), Amount(14), job_state::FINISHED));
        forgo(&mut job, payout).unwrap();
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
        assert_eq!(cancel(&mut { job }, false, false, later(95)), Err(EscrowError::TooEarly));
        for (paused, seize, how) in [(false, 50, outcome::FAILED), (true, 0, outcome::NONE)] {
            let mut job = job;
            assert_eq!(cancel(&mut job, false, paused, later(96)), Ok(Amount(60)));
            check(&job);
            assert_eq!((job.bond_to_seize, job.outcome, job.bond_unsettled), (Tokens(seize), how, 1));
        }
    }

    #[test]
    fn a_result_that_does_not_fit_is_an_overflow() {
        let post = |price, duration, now| {
            let terms = Terms { price: Amount(price), max_duration: Seconds(u32::MAX), ..metered() };
            Posting::new(&terms, matching::QUEUE, Amount(price), &NONE, Seconds(duration), Timestamp(now)).map(drop)
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
        assert_eq!(end(&mut job, By::Anyone, Timestamp(i64::MAX)).pay, Amount(420));
    }

    #[derive(Clone, Debug)]
    enum Step {
        Beat,
        Settle(u64),
        Extend(u32),
        Finish(u8),
        Deliver,
        Accept(bool),
        Reject,
        Resolve(bool, u16, u16),
        Forgo,
    }

    fn any_step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => Just(Step::Beat),
            4 => prop_oneof![any::<u64>(), 0u64..1_000].prop_map(Step::Settle),
            1 => (0u32..100).prop_map(Step::Extend),
            1 => (0u8..5).prop_map(Step::Finish),
            2 => Just(Step::Deliver),
            1 => any::<bool>().prop_map(Step::Accept),
            2 => Just(Step::Reject),
            2 => (any::<bool>(), 0u16..10_100, 0u16..10_100).prop_map(|(by, pay, bond)| Step::Resolve(by, pay, bond)),
            1 => Just(Step::Forgo),
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
            let mut forgone = 0;
            for (passed, step) in steps {
                now = Timestamp(now.0 + passed as i64);
                let before = job;
                let result = match step {
                    Step::Beat => beat(&mut job, now).map(|()| Payout::default()),
                    Step::Settle(most) => settle(&mut job, Amount(most), now),
                    Step::Extend(seconds) => extend(&mut job, Seconds(seconds), now).map(|_| Payout::default()),
                    Step::Finish(by) => {
                        let by = [By::Result, By::Provider, By::Client, By::Anyone, By::Closed][by as usize];
                        finish(&mut job, by, Amount(5_000), now)
                    }
                    Step::Deliver => deliver(&mut job, now).map(|()| Payout::default()),
                    Step::Accept(by_client) => accept(&mut job, by_client, Amount::MAX, now),
                    Step::Reject => reject(&mut job, now).map(|()| Payout::default()),
                    Step::Resolve(by, pay, bond) => resolve(&mut job, by, (Bps(pay), Bps(bond)), Amount::MAX, now),
                    Step::Forgo if job.state == job_state::OWING => {
                        forgone += job.held.0 as u128;
                        forgo(&mut job, Payout::default()).map(|()| Payout::default())
                    }
                    Step::Forgo => continue,
                };
                // The runtime undoes what a failed instruction did; none fails for its arithmetic.
                match result {
                    Ok(payout) => {
                        for (sum, part) in sums.iter_mut().zip([payout.pay, payout.fee, payout.back]) {
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
                prop_assert_eq!(sums[2] + forgone, job.penalty.0 as u128 + job.refunded.0 as u128);
                // No second is paid in which the job did not run.
                if job.terms.pricing == pricing::METERED {
                    let ran = now.min(job.ends_at).since(job.started_at);
                    prop_assert!(job.paid.0 + job.fee_paid.0 <= job.price.0 * ran);
                }
            }
            // Cranks alone end it.
            now = Timestamp(now.0 + 10_000);
            for _ in 0..3 {
                match job.state {
                    job_state::RUNNING => drop(finish(&mut job, By::Anyone, Amount::MAX, now).unwrap()),
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
            end(&mut job, By::Client, now);
            end(&mut once, By::Client, now);
            prop_assert_eq!((job.paid, job.fee_paid, job.refunded), (once.paid, once.fee_paid, once.refunded));
        }
    }
}

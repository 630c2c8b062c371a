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

/// Fills a new job with a market's terms.
#[inline(always)]
pub fn post(
    job: &mut Job,
    terms: &Terms,
    kind: u8,
    price: Amount,
    provider: &Address,
    duration: Seconds,
    now: Timestamp,
) -> Result<()> {
    require((terms.min_duration..=terms.max_duration).contains(&duration), EscrowError::DurationOutOfRange)?;
    require(kind.count_ones() == 1 && terms.matching & kind != 0, EscrowError::MatchingNotOffered)?;
    let lowest = if kind == matching::QUEUE { terms.price } else { Amount(1) };
    require((lowest..=terms.price).contains(&price), EscrowError::PriceOutOfRange)?;
    // Whom the client names it must name, and nobody else is named.
    require((kind == matching::DIRECT) == (*provider != NONE), EscrowError::WrongProvider)?;
    let deposit = terms.cost(price, duration)?;
    let deadline = now.after(if kind == matching::DIRECT { terms.start_window } else { terms.max_wait })?;

    job.terms = *terms;
    job.matching = kind;
    job.price = price;
    job.provider = *provider;
    job.duration = duration;
    job.deposit = deposit;
    job.held = deposit;
    job.deadline = deadline;
    job.state = if kind == matching::AUCTION { job_state::BIDDING } else { job_state::POSTED };
    Ok(())
}

/// Gives a job of the queue to the provider that waited for it.
#[inline(always)]
pub fn assign(job: &mut Job, provider: &Address, now: Timestamp) -> Result<()> {
    job.deadline = now.after(job.terms.start_window)?;
    job.provider = *provider;
    job.state = job_state::ASSIGNED;
    Ok(())
}

/// Takes a bid. Whose bond is held is the caller's.
#[inline(always)]
pub fn bid(job: &mut Job, provider: &Address, price: Amount, now: Timestamp) -> Result<()> {
    require(job.state == job_state::BIDDING, EscrowError::WrongJobState)?;
    require(now <= job.deadline, EscrowError::TooLate)?;
    require(!price.is_zero(), EscrowError::PriceOutOfRange)?;
    let first = job.provider == NONE;
    let step = if first { 0 } else { job.terms.bid_step.of_ceil(job.price.0)?.max(1) };
    require(price.0 <= job.price.0.saturating_sub(step), EscrowError::BidTooHigh)?;
    let extended = now.after(job.terms.bid_extension)?;

    job.deadline = job.deadline.max(extended);
    job.price = price;
    job.provider = *provider;
    Ok(())
}

/// Ends an auction: the best bidder has until the window after the auction's end, whenever this is called. Returns what
/// goes back.
#[inline(always)]
pub fn award(job: &mut Job, now: Timestamp) -> Result<Amount> {
    require(job.state == job_state::BIDDING, EscrowError::WrongJobState)?;
    require(now > job.deadline, EscrowError::TooEarly)?;
    if job.provider == NONE {
        return Ok(give_all_back(job));
    }
    let cost = job.terms.cost(job.price, job.duration)?;
    let back = job.held.minus(cost)?;
    job.deadline = job.deadline.after(job.terms.start_window)?;

    job.held = cost;
    job.refunded = back;
    job.state = job_state::ASSIGNED;
    Ok(back)
}

/// Starts the clock.
#[inline(always)]
pub fn start(job: &mut Job, now: Timestamp) -> Result<()> {
    require(matches!(job.state, job_state::POSTED | job_state::ASSIGNED), EscrowError::WrongJobState)?;
    require(now <= job.deadline, EscrowError::TooLate)?;
    let ends = now.after(job.duration)?;
    // So that no deadline of a running job is beyond the end of time.
    ends.after(job.terms.late_window)?;

    job.started = now;
    job.beat = now;
    job.ends = ends;
    job.state = job_state::RUNNING;
    Ok(())
}

/// Takes a heartbeat.
#[inline(always)]
pub fn beat(job: &mut Job, now: Timestamp) -> Result<()> {
    require(job.state == job_state::RUNNING, EscrowError::WrongJobState)?;
    count(job, now.min(job.ends));
    Ok(())
}

/// Adds time. Returns what it costs.
#[inline(always)]
pub fn extend(job: &mut Job, seconds: Seconds, now: Timestamp) -> Result<Amount> {
    require(job.state == job_state::RUNNING, EscrowError::WrongJobState)?;
    require(now < job.ends, EscrowError::TooLate)?;
    require(seconds != Seconds(0), Fault::ZeroAmount)?;
    let duration = job.duration.plus(seconds)?;
    require(duration <= job.terms.max_duration, EscrowError::DurationOutOfRange)?;
    let added = if job.terms.pricing == pricing::FIXED { Amount::ZERO } else { job.price.times(seconds.0 as u64)? };
    let (deposit, held) = (job.deposit.plus(added)?, job.held.plus(added)?);
    let ends = job.ends.after(seconds)?;
    ends.after(job.terms.late_window)?;

    job.duration = duration;
    job.deposit = deposit;
    job.held = held;
    job.ends = ends;
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
    let up = if fixed { now > job.ends.after(job.terms.late_window)? } else { now >= job.ends };
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
            require(!fixed || now <= job.ends, EscrowError::TooEarly)?;
            Ending::Stopped
        }
        By::Closed => Ending::Stopped,
        By::Anyone => return Err(EscrowError::TooEarly),
    };
    reckon(job, ending, now)?;
    close_books(job, job.due, most)
}

/// Takes a result that the client may reject.
#[inline(always)]
pub fn deliver(job: &mut Job, now: Timestamp) -> Result<()> {
    require(job.state == job_state::RUNNING, EscrowError::WrongJobState)?;
    require(job.terms.acceptance_window != Seconds(0), EscrowError::NoAcceptance)?;
    let fixed = job.terms.pricing == pricing::FIXED;
    require(!fixed || now <= job.ends.after(job.terms.late_window)?, EscrowError::TooLate)?;
    let deadline = now.after(job.terms.acceptance_window)?;
    reckon(job, Ending::Delivered, now)?;

    job.deadline = deadline;
    job.state = job_state::DELIVERED;
    Ok(())
}

/// Accepts a result, which others than the client may when its time has passed.
#[inline(always)]
pub fn accept(job: &mut Job, by_client: bool, most: Amount, now: Timestamp) -> Result<Payout> {
    require(job.state == job_state::DELIVERED, EscrowError::WrongJobState)?;
    require(by_client || now > job.deadline, EscrowError::TooEarly)?;
    close_books(job, job.due, most)
}

/// Rejects a result in time.
#[inline(always)]
pub fn reject(job: &mut Job, now: Timestamp) -> Result<()> {
    require(job.state == job_state::DELIVERED, EscrowError::WrongJobState)?;
    require(now <= job.deadline, EscrowError::TooLate)?;
    job.deadline = now.after(job.terms.arbitration_window)?;
    job.state = job_state::REJECTED;
    Ok(())
}

/// Decides on a rejected result: the one place where a verdict, whoever reached it, becomes money.
#[inline(always)]
pub fn resolve(job: &mut Job, by_arbiter: bool, verdict: (Bps, Bps), most: Amount, now: Timestamp) -> Result<Payout> {
    require(job.state == job_state::REJECTED, EscrowError::WrongJobState)?;
    let (pay, bond) = if now > job.deadline {
        (job.terms.default_pay, job.terms.default_bond)
    } else {
        require(by_arbiter, EscrowError::ArbiterOnly)?;
        verdict
    };
    require(pay <= Bps::WHOLE && bond <= Bps::WHOLE, Fault::InvalidParameter)?;
    // What was paid while it ran stays paid.
    let open = job.due.minus(job.earned)?;
    let earned = job.earned.plus(Amount(pay.of_floor(open.0)?))?;

    if job.bond != NONE {
        job.seize = job.seize.max(Tokens(bond.of_floor(job.terms.bond.0)?));
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
    let late = now > job.deadline;
    match job.state {
        job_state::POSTED | job_state::ASSIGNED => require(by_client || late, EscrowError::TooEarly)?,
        job_state::BIDDING => require(by_client, EscrowError::TooEarly)?,
        _ => return Err(EscrowError::WrongJobState),
    }
    if job.state == job_state::ASSIGNED && late && !paused {
        job.outcome = outcome::FAILED;
        if job.bond != NONE {
            job.seize = Tokens(job.terms.no_start_penalty.of_floor(job.terms.bond.0)?);
        }
    }
    Ok(give_all_back(job))
}

/// Undoes a payment that cannot be made, and gives up what the job still owes: the network took away the right to its
/// credits, which are the client's to reclaim.
#[inline(always)]
pub fn forgo(job: &mut Job, payout: Payout) -> Result<()> {
    job.paid = job.paid.minus(payout.pay)?;
    job.fee = job.fee.minus(payout.fee)?;
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
    job.pending = (job.bond != NONE || (job.outcome != outcome::NONE && job.terms.reports != 0)) as u8;
}

/// Counts what the time up to `until` says of the job's availability.
#[inline(always)]
fn count(job: &mut Job, until: Timestamp) {
    let interval = job.terms.heartbeat.0 as u64;
    let gap = until.since(job.beat);
    if interval != 0 && gap > interval {
        job.downtime = job.downtime.saturating_add(gap - interval);
        job.missed = job.missed.saturating_add(((gap - 1) / interval).min(u32::MAX as u64) as u32);
    }
    job.beat = job.beat.max(until);
}

/// Stops the clock: what the provider will have earned, what its penalties take from that, and, in the proportion in which
/// the bond stands for the deposit, from the bond.
#[inline(always)]
fn reckon(job: &mut Job, ending: Ending, now: Timestamp) -> Result<()> {
    let until = now.min(job.ends);
    count(job, until);
    let lasted = until.since(job.started);
    let ran = lasted.saturating_sub(job.downtime);
    let fixed = job.terms.pricing == pricing::FIXED;
    let pay = match ending {
        _ if !fixed => job.price.times(ran)?,
        Ending::Delivered => job.price,
        Ending::Stopped => job.stopped_price(now)?,
        Ending::Failed => Amount::ZERO,
    };
    let available = if lasted == 0 { Bps::WHOLE } else { Bps(mul_div_floor(ran, 10_000, lasted)? as u16) };
    let shortfall = job.terms.availability.0.saturating_sub(available.0);
    let late = fixed && ending == Ending::Delivered && now > job.ends;

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
        let bond = job.terms.bond.0;
        let uncovered = penalty.saturating_sub(fine.0).min(job.deposit.0);
        let mut seize = mul_div_floor(bond, uncovered, job.deposit.0)?;
        if ending == Ending::Failed {
            seize = seize.saturating_add(job.terms.failure_penalty.of_floor(bond)?);
        }
        job.seize = Tokens(seize.min(bond));
    }

    job.stopped = until;
    job.due = due;
    job.fine = fine;
    job.outcome = match ending {
        Ending::Failed => outcome::FAILED,
        Ending::Stopped if fixed || lasted == 0 => outcome::NONE,
        _ if shortfall != 0 || late => outcome::LATE,
        _ => outcome::DELIVERED,
    };
    Ok(())
}

/// Fixes what the provider earned in all, gives the rest back, and pays.
#[inline(always)]
fn close_books(job: &mut Job, earned: Amount, most: Amount) -> Result<Payout> {
    let back = job.held.minus(earned.minus(job.paid)?)?;
    let refunded = job.refunded.plus(back.minus(job.fine)?)?;

    job.held = job.held.minus(back)?;
    job.penalty = job.fine;
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
    job.fee = job.fee.plus(fee)?;
    job.held = job.held.minus(pay)?.minus(fee)?;
    job.state = if job.held.is_zero() { job_state::FINISHED } else { job_state::OWING };
    Ok(Payout { pay, fee, back: Amount::ZERO })
}

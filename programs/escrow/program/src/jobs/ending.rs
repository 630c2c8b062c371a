//! How a job ends, and what it pays. After each step `deposited = paid + fee_paid + penalty + refunded + held`, and `held = 0` once
//! it is finished or cancelled.

use {
    crate::{
        Result,
        halts::{Halts, is_past, is_window_past},
        jobs::clock::{self, Ending, stop_clock},
        money::payment::{self, Obstacle, Payment, Payout},
    },
    joule_common::{AccountView, event, guard, guard::require, in_range},
    joule_escrow_interface::{
        EscrowError,
        event::JobEnded,
        state::{Job, MAX_HAND_BACKS, NONE, job_state, outcome, pricing},
    },
    joule_interface::Address,
    joule_math::{Amount, Bps, Seconds, Timestamp, Tokens, mul_div_ceil},
};

/// Who ends a running job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedBy {
    /// The provider, with a result.
    Result,
    /// The provider, without a result.
    Provider,
    /// The client.
    Client,
    /// Anyone.
    Anyone,
    /// Anyone, after the network revoked the right to the job's credits, or after the verifier of its proof was changed.
    Revocation,
}

/// Pays what was earned up to now, or what is still owed: at most `max_amount` to the provider and as the fee.
#[inline(always)]
pub fn settle(job: &mut Job, max_amount: Amount, now: Timestamp) -> Result<Payout> {
    match job.state {
        job_state::RUNNING | job_state::REDEEMING => pay_earned(job, max_amount, now),
        job_state::OWING => pay_out(job, max_amount),
        _ => Err(EscrowError::WrongJobState),
    }
}

/// Pays what was earned up to now.
#[inline(always)]
pub fn pay_earned(job: &mut Job, max_amount: Amount, now: Timestamp) -> Result<Payout> {
    let earned = job.earned_at(now)?;
    let pay = job.payable(earned)?.min(max_amount);
    let (paid, held) = (job.paid.plus(pay)?, job.held.minus(pay)?);

    job.earned = earned;
    job.paid = paid;
    job.held = held;
    Ok(Payout { pay, ..Payout::default() })
}

/// Ends a running job.
#[inline(always)]
pub fn finish(job: &mut Job, by: EndedBy, max_amount: Amount, now: Timestamp, halts: &impl Halts) -> Result<Payout> {
    require(job.state == job_state::RUNNING, EscrowError::WrongJobState)?;
    let fixed = job.terms.pricing == pricing::FIXED;
    // A metered job owes nothing but its time. A job at a fixed price can be delivered for a while after its time.
    let is_over = if fixed { is_delivery_past(job, now, halts)? } else { now >= job.ends_at };
    let ending = match by {
        // Nobody is punished for what the network took away.
        EndedBy::Revocation => Ending::Revoked,
        EndedBy::Result => {
            require(job.terms.acceptance_window == Seconds(0), EscrowError::AcceptanceRequired)?;
            require(!fixed || !is_over, EscrowError::TooLate)?;
            require_result_due(job, now)?;
            Ending::Delivered
        }
        _ if is_over => {
            if fixed {
                Ending::Failed
            } else {
                Ending::Delivered
            }
        }
        EndedBy::Provider => Ending::Failed,
        EndedBy::Client => {
            // In the late window only the provider may end it.
            require(!fixed || now <= job.ends_at, EscrowError::TooEarly)?;
            Ending::Stopped
        }
        EndedBy::Anyone => return Err(EscrowError::TooEarly),
    };
    stop_clock(job, ending, now, halts)?;
    close_books_here(job, job.amount_due, Amount::ZERO, max_amount)
}

/// Whether a job at a fixed price can be delivered no more.
#[inline(always)]
fn is_delivery_past(job: &Job, now: Timestamp, halts: &impl Halts) -> Result<bool> {
    is_past(halts, job.started_at, job.ends_at.after(job.terms.late_window)?, now)
}

/// A result is not taken before the shortest time of a job has passed, nor, of a service, before its end. Before that a provider can
/// only quit.
#[inline(always)]
pub fn require_result_due(job: &Job, now: Timestamp) -> Result<()> {
    let is_long_enough = now.since(job.started_at) >= job.terms.min_duration.0 as u64;
    require(is_long_enough && (job.terms.is_service == 0 || now >= job.ends_at), EscrowError::TooEarly)
}

/// Takes a result that the client may reject.
#[inline(always)]
pub fn deliver(job: &mut Job, now: Timestamp, halts: &impl Halts) -> Result<()> {
    require(job.state == job_state::RUNNING, EscrowError::WrongJobState)?;
    require(job.terms.acceptance_window != Seconds(0), EscrowError::AcceptanceNotOffered)?;
    let fixed = job.terms.pricing == pricing::FIXED;
    require(!fixed || !is_delivery_past(job, now, halts)?, EscrowError::TooLate)?;
    let deadline_at = now.after(job.terms.acceptance_window)?;
    require_result_due(job, now)?;
    stop_clock(job, Ending::Delivered, now, halts)?;

    job.deadline_at = deadline_at;
    job.state = job_state::DELIVERED;
    Ok(())
}

/// Takes a result that is proved, and pays for it. It may come at any time: a job that ends by proof is never quit.
#[inline(always)]
pub fn prove(job: &mut Job, max_amount: Amount, now: Timestamp, halts: &impl Halts) -> Result<Payout> {
    require(job.state == job_state::RUNNING, EscrowError::WrongJobState)?;
    let fixed = job.terms.pricing == pricing::FIXED;
    require(!fixed || !is_delivery_past(job, now, halts)?, EscrowError::TooLate)?;
    stop_clock(job, Ending::Delivered, now, halts)?;
    close_books(job, job.amount_due, Amount::ZERO, max_amount)
}

/// Accepts a result. Others than the client may only once the time to reject is over.
#[inline(always)]
pub fn accept(
    job: &mut Job,
    by_client: bool,
    max_amount: Amount,
    now: Timestamp,
    halts: &impl Halts,
) -> Result<Payout> {
    require(job.state == job_state::DELIVERED, EscrowError::WrongJobState)?;
    let is_past = || is_window_past(halts, job, job.terms.acceptance_window, now);
    require(by_client || is_past()?, EscrowError::TooEarly)?;
    close_books_here(job, job.amount_due, Amount::ZERO, max_amount)
}

/// Rejects a result in time. Returns what the client stakes.
#[inline(always)]
pub fn reject(job: &mut Job, now: Timestamp, halts: &impl Halts) -> Result<Amount> {
    require(job.state == job_state::DELIVERED, EscrowError::WrongJobState)?;
    require(!is_window_past(halts, job, job.terms.acceptance_window, now)?, EscrowError::TooLate)?;
    let deadline_at = now.after(job.terms.arbitration_window)?;
    let open = job.amount_due.minus(job.earned)?;
    let stake = Amount(job.terms.rejection_stake.of_ceil(open.0)?);
    let (deposited, held) = (job.deposited.plus(stake)?, job.held.plus(stake)?);

    job.rejection_stake = stake;
    job.deposited = deposited;
    job.held = held;
    job.deadline_at = deadline_at;
    job.state = job_state::REJECTED;
    Ok(stake)
}

/// Decides a rejected result: the one function in which a verdict, whoever reached it, becomes money.
#[inline(always)]
pub fn resolve(
    job: &mut Job,
    by_arbiter: bool,
    verdict: (Bps, Bps),
    max_amount: Amount,
    now: Timestamp,
    halts: &impl Halts,
) -> Result<Payout> {
    require(job.state == job_state::REJECTED, EscrowError::WrongJobState)?;
    // A game's verdict leaves no deadline.
    let is_silent =
        job.deadline_at == Timestamp::default() || is_window_past(halts, job, job.terms.arbitration_window, now)?;
    let (pay_share, bond_penalty) = if is_silent {
        (job.terms.default_pay, job.terms.default_bond_penalty)
    } else {
        require(by_arbiter, EscrowError::ArbiterOnly)?;
        verdict
    };
    in_range!(pay_share <= Bps::WHOLE, "pay_share")?;
    in_range!(bond_penalty <= Bps::WHOLE, "bond_penalty")?;
    let lost_share = if is_silent { Bps::WHOLE } else { pay_share };
    let lost_stake = Amount(lost_share.of_floor(job.rejection_stake.0)?);
    // What was paid while the job ran stays paid.
    let open = job.amount_due.minus(job.earned)?;
    let earned = job.earned.plus(Amount(pay_share.of_floor(open.0)?))?;

    if !guard::eq(&job.bond, &NONE) {
        job.bond_to_seize = job.bond_to_seize.max(Tokens(bond_penalty.of_floor(job.terms.bond_amount.0)?));
    }
    if pay_share < Bps::WHOLE {
        job.outcome = outcome::DISPUTED;
    }
    close_books(job, earned, lost_stake, max_amount)
}

/// Takes a hand-back: notes who did so, and which part of its bond that costs.
#[inline(always)]
pub fn hand_back(job: &mut Job, now: Timestamp) -> Result<()> {
    require(job.state == job_state::RUNNING, EscrowError::WrongJobState)?;
    require(job.can_be_handed_back(now), EscrowError::HandBackNotOffered)?;
    let by = first_bytes(&job.provider);
    require(!job.handed_back_by.contains(&by), EscrowError::AlreadyHandedBack)?;
    // The same part on both sides.
    let lost = leaving_part(job)?;

    if let Some(place) = job.handed_back_by.get_mut(job.hand_backs as usize) {
        *place = by;
    }
    job.hand_backs += 1;
    job.bond_to_seize = lost;
    Ok(())
}

/// Of the bond, the part that the shortest paid time is of all: what leaving early costs.
#[inline(always)]
pub fn leaving_part(job: &Job) -> Result<Tokens> {
    let bond = job.terms.bond_amount;
    Ok(bond.min(Tokens(mul_div_ceil(bond.0, job.hand_back_price()?.0, job.cost()?.0)?)))
}

/// Of its bond, what the provider of a reserved job loses at least that does not do it: as much as who leaves at `now`, and from the start on the
/// whole fee. Nothing of a job that is not reserved.
#[inline(never)]
pub fn price_of_leaving(job: &Job, now: Timestamp) -> Result<Tokens> {
    if !job.is_reserved() {
        return Ok(Tokens::ZERO);
    }
    let part = Tokens(job.cancellation_part(job.terms.bond_amount.0, now)?);
    Ok(part.max(leaving_part(job)?))
}

/// What tells two addresses apart where there is no room for them.
#[inline(always)]
pub fn first_bytes(address: &Address) -> u64 {
    address.as_array().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// Undoes the start of a job that was handed back.
#[inline(always)]
pub fn clear_start(job: &mut Job, posting_id: u64) {
    let never = Timestamp::default();
    (job.bond, job.bond_to_seize, job.node) = (NONE, Tokens::ZERO, NONE);
    (job.started_at, job.ends_at, job.last_heartbeat_at) = (never, never, never);
    (job.downtime, job.missed_heartbeats, job.notice_given) = (0, 0, 0);
    job.state = job_state::POSTED;
    job.posting_id = posting_id;
}

/// Whether a job that was handed back may wait again.
#[inline(always)]
pub fn waits_again(job: &Job, now: Timestamp) -> bool {
    job.hand_backs < MAX_HAND_BACKS && now <= job.deadline_at
}

/// Ends a job that was handed back and waits no more. It owes what its hand-backs cost. Returns what goes back to the client.
#[inline(always)]
pub fn end_handed_back(job: &mut Job) -> Result<Amount> {
    let lost = job.lost_by_hand_backs()?;
    let refund = job.held.minus(lost)?;
    job.refunded = job.refunded.plus(refund)?;
    job.held = lost;
    job.state = job_state::OWING;
    mark_bond_unsettled(job);
    Ok(refund)
}

/// Ends a job that did not start, and for which its client owes its provider. Returns what goes back to the client.
#[inline(always)]
pub fn owe(job: &mut Job, owed: Amount) -> Result<Amount> {
    let owed = owed.min(job.held);
    let refund = job.held.minus(owed)?;
    job.refunded = job.refunded.plus(refund)?;
    job.held = owed;
    job.earned = owed;
    job.state = job_state::OWING;
    mark_bond_unsettled(job);
    Ok(refund)
}

/// Why a provider is not at fault that did not start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Excuse {
    /// The network is paused.
    pub paused: bool,
    /// The network revoked the right to the job's credits, or announced to, so that the job cannot start any more.
    pub revoked: bool,
    /// The token's issuer froze what pays, or took of it: the provider would have worked for what cannot be paid. It says nothing for a client
    /// that cancels in time.
    pub blocked: bool,
}

/// Who cancels a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelledBy {
    /// Its client.
    Client,
    /// The provider of a reserved job.
    Provider,
    /// Anyone.
    Anyone,
    /// Anyone, after the job was removed from its queue: nobody can start it any more.
    Removal,
}

/// Cancels a job that has not started. Others than its client may only once its deadline has passed, or it is in its queue no more. An
/// auction whose time is over is awarded instead. While the network is paused, a job whose time to start is over is cancelled without
/// fault. A client that cancels an assigned job in its provider's time owes the provider for a part of that time, and the provider of a
/// reserved job that cancels before the start loses a part of its bond. Returns what goes back to the client.
#[inline(always)]
pub fn cancel(
    job: &mut Job,
    by: CancelledBy,
    excuse: Excuse,
    pauses: Seconds,
    now: Timestamp,
    halts: &impl Halts,
) -> Result<Amount> {
    let by_client = by == CancelledBy::Client;
    // A client is judged only where somebody was given the job.
    let judges = job.state == job_state::ASSIGNED || by == CancelledBy::Anyone;
    let is_late = if judges { clock::is_start_past(job, pauses, now, halts)? } else { now > job.deadline_at };
    match job.state {
        job_state::POSTED if by == CancelledBy::Removal => {}
        job_state::ASSIGNED if by == CancelledBy::Provider => {
            require(is_late || now < job.starts_at(), EscrowError::TooEarly)?
        }
        job_state::POSTED | job_state::ASSIGNED | job_state::OFFERED => {
            require(by_client || is_late, EscrowError::TooEarly)?
        }
        job_state::BIDDING => require(by_client, EscrowError::TooEarly)?,
        _ => return Err(EscrowError::WrongJobState),
    }
    let (assigned, has_excuse) = (job.state == job_state::ASSIGNED, excuse != Excuse::default());
    let leaves = assigned && !is_late && by == CancelledBy::Provider;
    let owes = assigned && !is_late && !leaves && !excuse.paused && !excuse.revoked;
    let owed = if owes { Some(job.cancellation_pay(now)?) } else { None };
    if leaves && !has_excuse {
        job.bond_to_seize = price_of_leaving(job, now)?;
    } else if assigned && is_late && !has_excuse {
        job.outcome = outcome::FAILED;
        if !guard::eq(&job.bond, &NONE) {
            let penalty = Tokens(job.terms.no_start_penalty.of_floor(job.terms.bond_amount.0)?);
            job.bond_to_seize = penalty.max(price_of_leaving(job, now)?);
        }
    }
    if job.is_reserved() {
        // What is left to do is due from now on, not from the start on.
        job.deadline_at = job.deadline_at.min(now);
    }
    match owed {
        Some(owed) => owe(job, owed),
        None if job.hand_backs != 0 => end_handed_back(job),
        None => Ok(refund_all(job)),
    }
}

/// Undoes a payment that cannot be made, and writes off what the job still owes: the network revoked the right to its credits, and
/// the client reclaims them in `bme`.
#[inline(always)]
pub fn write_off(job: &mut Job, payout: Payout) -> Result<()> {
    job.paid = job.paid.minus(payout.pay)?;
    job.fee_paid = job.fee_paid.minus(payout.fee)?;
    job.refunded = job.refunded.plus(job.held)?.plus(payout.pay)?.plus(payout.fee)?;
    job.held = Amount::ZERO;
    job.state = job_state::FINISHED;
    // A reputation is bought with fees, and none is paid.
    if matches!(job.outcome, outcome::DELIVERED | outcome::LATE) {
        job.outcome = outcome::NONE;
        if guard::eq(&job.bond, &NONE) {
            // There is nothing to report any more.
            job.bond_unsettled = 0;
        }
    }
    Ok(())
}

/// Cancels the job. Returns what goes back to the client.
#[inline(always)]
pub fn refund_all(job: &mut Job) -> Amount {
    let refund = core::mem::replace(&mut job.held, Amount::ZERO);
    // An auction may have refunded a part before. Both together are the deposit, so the sum does not overflow.
    job.refunded = Amount(job.refunded.0.saturating_add(refund.0));
    job.state = job_state::CANCELLED;
    mark_bond_unsettled(job);
    refund
}

/// Notes whether a bond or a report is to be settled with `stake`.
#[inline(always)]
fn mark_bond_unsettled(job: &mut Job) {
    job.bond_unsettled =
        (!guard::eq(&job.bond, &NONE) || (job.outcome != outcome::NONE && job.terms.reports_outcome())) as u8;
}

/// Fixes what the provider earned in all, refunds the rest, and pays. `lost_stake` is paid with the fee.
#[inline(never)]
pub fn close_books(job: &mut Job, earned: Amount, lost_stake: Amount, max_amount: Amount) -> Result<Payout> {
    close_books_here(job, earned, lost_stake, max_amount)
}

/// The same for the hot path: a payout is too large for registers.
#[inline(always)]
fn close_books_here(job: &mut Job, earned: Amount, lost_stake: Amount, max_amount: Amount) -> Result<Payout> {
    let refund = job.held.minus(earned.minus(job.paid)?)?.minus(lost_stake)?.minus(job.lost_by_hand_backs()?)?;
    let refunded = job.refunded.plus(refund.minus(job.pending_penalty)?)?;

    job.held = job.held.minus(refund)?;
    job.penalty = job.pending_penalty;
    job.refunded = refunded;
    job.earned = earned;
    mark_bond_unsettled(job);
    let payout = pay_out(job, max_amount)?;
    Ok(Payout { refund, ..payout })
}

/// Pays what is owed: the provider first, then the fee.
#[inline(always)]
fn pay_out(job: &mut Job, max_amount: Amount) -> Result<Payout> {
    let owed = job.payable(job.earned)?;
    let pay = owed.min(max_amount);
    let fee = if pay == owed { job.held.minus(owed)?.min(max_amount) } else { Amount::ZERO };

    job.paid = job.paid.plus(pay)?;
    job.fee_paid = job.fee_paid.plus(fee)?;
    job.held = job.held.minus(pay)?.minus(fee)?;
    job.state = if job.held.is_zero() { job_state::FINISHED } else { job_state::OWING };
    Ok(Payout { pay, fee, refund: Amount::ZERO })
}

/// What cannot be paid because the token's issuer froze its receiver stays owed: the pay, the fee, or both.
#[inline(always)]
pub fn keep_frozen(job: &mut Job, payout: &mut Payout, obstacle: Obstacle, fee_payee: &AccountView) -> Result<()> {
    let fee_waits = !payout.fee.is_zero() && payment::is_fee_frozen(job, fee_payee);
    if obstacle == Obstacle::Frozen || fee_waits {
        keep(job, payout, obstacle == Obstacle::Frozen, fee_waits)?;
    }
    Ok(())
}

/// Undoes a part of a payment: it stays owed.
#[cold]
#[inline(never)]
fn keep(job: &mut Job, payout: &mut Payout, pay_waits: bool, fee_waits: bool) -> Result<()> {
    let part = |waits: bool, amount: &mut Amount| if waits { core::mem::take(amount) } else { Amount::ZERO };
    let (pay, fee) = (part(pay_waits, &mut payout.pay), part(fee_waits, &mut payout.fee));
    job.paid = job.paid.minus(pay)?;
    job.fee_paid = job.fee_paid.minus(fee)?;
    job.held = job.held.plus(pay)?.plus(fee)?;
    if job.state == job_state::FINISHED && !job.held.is_zero() {
        job.state = job_state::OWING;
    }
    Ok(())
}

/// Pays what a job that ended owes, but for what an obstacle keeps from being paid, and emits its end.
#[inline(always)]
pub fn conclude(
    address: &Address,
    job: &mut Job,
    accounts: &Payment,
    mut payout: Payout,
    obstacle: Obstacle,
    now: Timestamp,
) -> Result<()> {
    if obstacle == Obstacle::Revoked {
        write_off(job, payout)?;
    } else {
        keep_frozen(job, &mut payout, obstacle, accounts.fee_payee)?;
        payment::pay(accounts, job, address, &payout, now)?;
    }
    emit_job_ended(address, job)
}

/// Emits the end of a job.
#[inline(always)]
pub fn emit_job_ended(address: &Address, job: &mut Job) -> Result<()> {
    event::emit(&JobEnded {
        header: JobEnded::header(*address, event::next(&mut job.sequence)?),
        state: job.state,
        outcome: job.outcome,
        reserved: [0; 6],
        paid: job.paid,
        fee_paid: job.fee_paid,
        penalty: job.penalty,
        refunded: job.refunded,
        held: job.held,
        bond_to_seize: job.bond_to_seize,
    });
    Ok(())
}

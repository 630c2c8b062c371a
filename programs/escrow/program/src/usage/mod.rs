//! Jobs that are paid by the unit. The client signs vouchers off chain, cumulative ones, and the provider redeems the last. Each end
//! leaves it time for that: only then what is left goes back to the client.

pub(crate) mod add_units;
pub(crate) mod post_usage_job;
pub(crate) mod redeem_voucher;
pub(crate) mod replace_session_key;
pub mod signature;
#[cfg(test)]
mod tests;

use {
    crate::{
        Result,
        halts::{Halts, KnownHalts, before, is_past},
        jobs::{
            clock::{Ending, stop_clock},
            ending::{EndedBy, close_books, conclude, require_result_due},
        },
        money::payment::{Obstacle, Payout},
        usage::signature::Signed,
    },
    joule_common::{AccountView, event, guard, guard::require, in_range},
    joule_escrow_interface::{
        EscrowError, ID,
        event::UsageEnded,
        instruction::{FinishJob, FinishJobArgs, PostUsageJobArgs},
        state::{Job, job_state, pricing, scheme},
        voucher::DOMAIN,
    },
    joule_interface::{Address, Fault},
    joule_math::{Amount, Timestamp},
};

/// The key can sign vouchers.
pub fn check_key(key: &[u8; 32], kind: u8) -> Result<()> {
    in_range!(*key != [0; 32], "session_key")?;
    let known = matches!(kind, scheme::ED25519 | scheme::P256_EVEN | scheme::P256_ODD);
    Ok(in_range!(known, "session_scheme")?)
}

/// Fills in what only a job has that is paid by the unit.
#[inline(never)]
pub fn fill(job: &mut Job, args: &PostUsageJobArgs) {
    job.max_units = args.max_units;
    job.chain = args.chain;
    job.session_key = args.session_key;
    job.session_scheme = args.session_scheme;
}

/// Whether the time to redeem vouchers of a running or ended job is over.
#[inline(always)]
pub fn is_redemption_past(job: &Job, now: Timestamp, halts: &impl Halts) -> Result<bool> {
    let ended_at = if job.state == job_state::REDEEMING { job.stopped_at } else { job.ends_at };
    is_past(halts, ended_at, ended_at.after(job.terms.late_window)?, now)
}

/// Whether the time to redeem vouchers of the key before the present one is over.
#[inline(always)]
pub fn is_previous_key_past(job: &Job, now: Timestamp, halts: &impl Halts) -> Result<bool> {
    let until = job.previous_key_ends_at;
    is_past(halts, before(until, job.terms.late_window), until, now)
}

/// Four word comparisons.
#[inline(always)]
fn is_same(key: &[u8; 32], other: &[u8; 32]) -> bool {
    guard::eq(bytemuck::cast_ref(key), bytemuck::cast_ref(other))
}

#[inline(always)]
fn word(bytes: [u8; 16]) -> u128 {
    u128::from_le_bytes(bytes)
}

/// Takes a voucher, whose signature was verified. Returns whether it says more than those before it.
#[inline(always)]
pub fn redeem(job: &mut Job, address: &Address, signed: &Signed, now: Timestamp, halts: &impl Halts) -> Result<bool> {
    require(job.terms.pricing == pricing::USAGE, EscrowError::WrongPricing)?;
    require(matches!(job.state, job_state::RUNNING | job_state::REDEEMING), EscrowError::WrongJobState)?;
    let voucher = signed.voucher;
    let (chain, posting_id, units) = (voucher.chain, voucher.posting_id, voucher.units);
    require(word(voucher.domain) == word(DOMAIN), EscrowError::WrongVoucher)?;
    require(guard::eq(&voucher.program, &ID), EscrowError::WrongVoucher)?;
    require(chain == job.chain && posting_id == job.posting_id, EscrowError::WrongVoucher)?;
    require(guard::eq(&voucher.job, address), EscrowError::WrongVoucher)?;
    require(guard::eq(&voucher.provider, &job.provider), EscrowError::WrongVoucher)?;
    require(!is_redemption_past(job, now, halts)?, EscrowError::TooLate)?;
    if !is_same(signed.key, &job.session_key) || signed.scheme != job.session_scheme {
        let is_previous = is_same(signed.key, &job.previous_key) && signed.scheme == job.previous_scheme;
        let counts = is_previous && job.previous_key != [0; 32] && !is_previous_key_past(job, now, halts)?;
        require(counts, EscrowError::WrongSessionKey)?;
    }
    require(units <= job.max_units, EscrowError::TooManyUnits)?;
    if units <= job.units {
        return Ok(false);
    }
    // A client that stopped the job owes for a part of its time, whatever it used.
    let earned = job.earned.max(job.price.times(units)?);

    job.units = units;
    job.earned = earned;
    Ok(true)
}

/// Ends a job that is paid by the unit, or closes its books once its time to redeem vouchers is over. See [`finish`].
#[inline(never)]
pub fn finish_job(
    a: &FinishJob<&AccountView>,
    job: &mut Job,
    by: EndedBy,
    args: &FinishJobArgs,
    obstacle: Obstacle,
    now: Timestamp,
) -> Result<()> {
    let runs = job.state == job_state::RUNNING;
    let payout = finish(job, by, args.max_amount, now, &KnownHalts(a.halt_clock, now))?;
    if runs {
        job.result = args.result;
    }
    if let Some(payout) = payout {
        return conclude(a.job.address(), job, &a.payment, payout, obstacle, now);
    }
    event::emit(&UsageEnded {
        header: UsageEnded::header(*a.job.address(), event::next(&mut job.sequence)?),
        deadline_at: job.deadline_at,
        outcome: job.outcome as u64,
    });
    Ok(())
}

/// Ends a running job. If its time to redeem vouchers is over, or nothing can be paid any more, or it ended before, closes its books: its
/// provider may do so at any time, others once that time is over. `None`: there is time to redeem.
#[inline(always)]
pub fn finish(
    job: &mut Job,
    by: EndedBy,
    max_amount: Amount,
    now: Timestamp,
    halts: &impl Halts,
) -> Result<Option<Payout>> {
    if job.state == job_state::REDEEMING {
        require(by != EndedBy::Result, EscrowError::WrongJobState)?;
        let may = matches!(by, EndedBy::Provider | EndedBy::Revocation);
        require(may || is_redemption_past(job, now, halts)?, EscrowError::TooEarly)?;
    } else {
        end(job, by, now, halts)?;
        if by != EndedBy::Revocation && !is_redemption_past(job, now, halts)? {
            return Ok(None);
        }
    }
    let earned = job.earned;
    Ok(Some(close_books(job, earned, Amount::ZERO, max_amount)?))
}

/// Ends a running job: from now on its provider can redeem what was signed for, and no more.
#[inline(always)]
pub fn end(job: &mut Job, by: EndedBy, now: Timestamp, halts: &impl Halts) -> Result<()> {
    require(job.state == job_state::RUNNING, EscrowError::WrongJobState)?;
    let is_over = now >= job.ends_at;
    let ending = match by {
        EndedBy::Revocation => Ending::Revoked,
        EndedBy::Result => {
            require_result_due(job, now)?;
            Ending::Delivered
        }
        _ if is_over => Ending::Delivered,
        EndedBy::Provider => Ending::Failed,
        EndedBy::Client => Ending::Stopped,
        EndedBy::Anyone => return Err(EscrowError::TooEarly),
    };
    let deadline_at = now.min(job.ends_at).after(job.terms.late_window)?;
    stop_clock(job, ending, now, halts)?;

    job.earned = job.amount_due;
    job.deadline_at = deadline_at;
    job.state = job_state::REDEEMING;
    Ok(())
}

/// Replaces the session key. Vouchers of the one until now still count for a while: the provider delivered for them.
#[inline(always)]
pub fn replace_key(job: &mut Job, key: [u8; 32], kind: u8, now: Timestamp, halts: &impl Halts) -> Result<()> {
    require(job.terms.pricing == pricing::USAGE, EscrowError::WrongPricing)?;
    require(job.state == job_state::RUNNING, EscrowError::WrongJobState)?;
    check_key(&key, kind)?;
    // If the one before it were forgotten for a third, a client could make vouchers worthless by replacing twice.
    let free = job.previous_key == [0; 32] || is_previous_key_past(job, now, halts)?;
    require(free, EscrowError::KeyReplacedBefore)?;
    let until = now.after(job.terms.late_window)?;

    (job.previous_key, job.previous_scheme) = (job.session_key, job.session_scheme);
    (job.session_key, job.session_scheme) = (key, kind);
    job.previous_key_ends_at = until;
    Ok(())
}

/// Adds units. Returns their price.
#[inline(always)]
pub fn add_units(job: &mut Job, units: u64, now: Timestamp) -> Result<Amount> {
    require(job.terms.pricing == pricing::USAGE, EscrowError::WrongPricing)?;
    require(job.state == job_state::RUNNING, EscrowError::WrongJobState)?;
    require(now < job.ends_at, EscrowError::TooLate)?;
    in_range!(units != 0, "units")?;
    let max_units = job.max_units.checked_add(units).ok_or(Fault::Overflow)?;
    // Both together must be an amount as well.
    job.price.times(max_units)?;
    let added = job.price.times(units)?;
    let (deposited, held) = (job.deposited.plus(added)?, job.held.plus(added)?);

    job.max_units = max_units;
    job.deposited = deposited;
    job.held = held;
    Ok(added)
}

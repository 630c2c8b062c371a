//! Several jobs in one instruction, each as if it had one of its own; a job that fails is passed over, with an event. So nobody can hold
//! up a job by what he does to another.

use {
    crate::{
        Result,
        jobs::ending::{emit_job_ended, keep_frozen, write_off},
        money::payment::{self, Obstacle, Payment, Payout},
    },
    core::mem::MaybeUninit,
    joule_common::{AccountView, account, account::RefMut, event, guard, guard::require},
    joule_escrow_interface::{EscrowError, event::JobPassedOver, state::Job},
    joule_interface::Fault,
    joule_math::{Amount, Timestamp},
};

/// What is done with one of several jobs: its index, its account, and what that holds.
pub type Step<'s, 'a> = dyn FnMut(usize, &'a AccountView, RefMut<'a, Job>) -> Result<()> + 's;

/// The jobs of an instruction: the one among its accounts, and those behind them.
pub type Jobs<'a> = (&'a AccountView, &'a [AccountView]);

/// Does a step with each job, until `most` are done. If the step fails, the job is put back, and nothing but the job: a step changes
/// anything else only after its last check; the one exception is that it may drop from a queue what is over. Fails if no job was done,
/// with the first job's error.
#[inline(never)]
pub fn each<'a>(instruction: u8, (first, more): Jobs<'a>, most: usize, step: &mut Step<'_, 'a>) -> Result<()> {
    let (mut done, mut first_error) = (0, None);
    for (index, view) in core::iter::once(first).chain(more).enumerate() {
        require(view.is_writable(), Fault::NotWritable)?;
        match attempt(index, view, step)? {
            Ok(()) => {
                done += 1;
                if done >= most {
                    break;
                }
            }
            Err(error) => {
                first_error.get_or_insert(error);
                event::emit(&JobPassedOver {
                    header: JobPassedOver::header(*view.address(), 0),
                    error: error as u32,
                    instruction,
                    index: index as u8,
                    reserved: [0; 2],
                });
            }
        }
    }
    match first_error {
        Some(error) if done == 0 => Err(error),
        _ => Ok(()),
    }
}

/// Does the step; if it fails, the job is put back.
#[inline(always)]
fn attempt<'a>(index: usize, view: &'a AccountView, step: &mut Step<'_, 'a>) -> Result<Result<()>> {
    let job = match account::load_mut::<Job>(view) {
        Ok(job) => job,
        // Closed meanwhile, or something else lies there.
        Err(fault) => return Ok(Err(fault.into())),
    };
    let mut copy = MaybeUninit::uninit();
    let before = account::copy_to(&*job, &mut copy);
    let outcome = step(index, view, job);
    if outcome.is_err() {
        *account::load_mut::<Job>(view)? = *before;
    }
    Ok(outcome)
}

/// Ends jobs of one funding account and one provider, and pays for all in one transfer, `max_amount` together. `end` ends one in its own
/// books, and returns what that pays.
#[inline(never)]
pub fn end_all(
    instruction: u8,
    jobs: Jobs,
    accounts: &Payment,
    caller: &AccountView,
    max_amount: Amount,
    now: Timestamp,
    end: &mut dyn FnMut(usize, &mut Job, Obstacle, Amount) -> Result<Payout>,
) -> Result<()> {
    let mut all = Payout::default();
    let (mut known, mut paid): (Option<(&AccountView, Obstacle)>, Option<&AccountView>) = (None, None);
    each(instruction, jobs, usize::MAX, &mut |index, view, mut job| {
        let job = &mut *job;
        let obstacle = match known {
            Some((other, obstacle)) if is_paid_like(job, other) => obstacle,
            // Checked for itself: what an earlier job became meanwhile must not matter.
            _ => payment::check(accounts, job, Some(caller), max_amount, now)?,
        };
        known = Some((view, obstacle));
        let left = max_amount.minus(all.pay.max(all.fee))?;
        let mut payout = end(index, job, obstacle, left)?;
        if obstacle == Obstacle::Revoked {
            write_off(job, payout)?;
            payout = Payout::default();
        } else {
            let is_receiver = guard::eq(accounts.fee_payee.address(), &job.terms.fee_payee);
            require(payout.fee.is_zero() || is_receiver, EscrowError::FeeRequired)?;
            keep_frozen(job, &mut payout, obstacle, accounts.fee_payee)?;
        }
        let sum = Payout {
            pay: all.pay.plus(payout.pay)?,
            fee: all.fee.plus(payout.fee)?,
            refund: all.refund.plus(payout.refund)?,
        };
        emit_job_ended(view.address(), job)?;

        // The payment is made for one of the jobs: for one with a fee, whose terms name the fee's receiver.
        if paid.is_none() && payout != Payout::default() || !payout.fee.is_zero() {
            paid = Some(view);
        }
        all = sum;
        Ok(())
    })?;
    let Some(view) = paid else { return Ok(()) };
    payment::pay(accounts, &*account::load::<Job>(view)?, view.address(), &all, now)
}

/// Whether what was found for `other`, an earlier job, holds for this one: both are paid out of the same account, to the same provider, by
/// the same right.
#[inline(always)]
fn is_paid_like(job: &Job, other: &AccountView) -> bool {
    // The same job given twice is borrowed already: it is checked again.
    account::load::<Job>(other).is_ok_and(|other| {
        guard::eq(&job.funding_account, &other.funding_account)
            && guard::eq(&job.provider, &other.provider)
            && job.spender_number == other.spender_number
    })
}

/// The bytes behind the arguments, one hash for each of the jobs behind the accounts.
#[inline(always)]
pub fn hashes(tail: &[u8], jobs: usize) -> Result<&[[u8; 32]]> {
    let (hashes, rest) = tail.as_chunks::<32>();
    require(rest.is_empty() && hashes.len() == jobs, Fault::InvalidArguments)?;
    Ok(hashes)
}

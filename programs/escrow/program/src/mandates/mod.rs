//! Mandates: a delegate acts for an owner, within limits. All that it can move is what the jobs hold that it posts: it is charged when it
//! is held, and given back when a job is over.

pub(crate) mod close_mandate;
pub(crate) mod open_mandate;
pub(crate) mod settle_mandate;

use {
    crate::{Result, money::funding::Funding},
    joule_common::{AccountView, account, guard, guard::require},
    joule_escrow_interface::{
        EscrowError,
        instruction::PostJob,
        posting_id,
        state::{Job, Mandate},
    },
    joule_interface::{Address, Fault},
    joule_math::{Amount, Timestamp},
};

/// Whether the job was posted under the mandate.
#[inline(always)]
fn is_of(mandate: &Mandate, job: &Job) -> bool {
    job.mandate_id == mandate.id && guard::eq(&job.client, &mandate.owner)
}

/// The signer is the delegate of a mandate that has not expired.
#[inline(always)]
fn check_delegate(mandate: &Mandate, signer: &AccountView, now: Timestamp) -> Result<()> {
    require(guard::eq(signer.address(), &mandate.delegate), EscrowError::WrongMandate)?;
    require(now <= mandate.expires_at, EscrowError::MandateExpired)
}

/// Whether `caller` acts for the job's client as the delegate of the job's mandate, the last account of the instruction. If none is
/// passed, it does not.
#[inline(always)]
pub fn acts(job: &Job, caller: &AccountView, rest: &[AccountView], now: Timestamp) -> Result<bool> {
    if let [view] = rest { acts_by(job, caller, view, now) } else { Ok(false) }
}

#[cold]
#[inline(never)]
fn acts_by(job: &Job, caller: &AccountView, view: &AccountView, now: Timestamp) -> Result<bool> {
    let mandate = account::load::<Mandate>(view)?;
    require(is_of(&mandate, job), EscrowError::WrongMandate)?;
    check_delegate(&mandate, caller, now)?;
    Ok(true)
}

/// As [`acts`], to stop the job. What it costs to leave a reserved job is a part of all that it can cost: once its owner added to what the
/// mandate was charged, only the owner stops it.
#[inline(always)]
pub fn stops(job: &Job, caller: &AccountView, rest: &[AccountView], now: Timestamp) -> Result<bool> {
    let acts = acts(job, caller, rest, now)?;
    require(!acts || !job.is_reserved() || job.deposited <= job.mandate_charged, EscrowError::MandateExceeded)?;
    Ok(acts)
}

/// The mandate that pays for what `signer` adds to the job; none if that is the client itself.
#[inline(never)]
pub fn paying<'a>(
    job: &Job,
    signer: &AccountView,
    rest: &'a [AccountView],
    now: Timestamp,
) -> Result<Option<&'a mut Mandate>> {
    if guard::eq(signer.address(), &job.client) {
        return Ok(None);
    }
    let [view] = rest else { return Err(Fault::Unauthorized.into()) };
    require(view.is_writable(), Fault::NotWritable)?;
    let mandate = account::keep_mut::<Mandate>(view)?;
    require(is_of(mandate, job), EscrowError::WrongMandate)?;
    check_delegate(mandate, signer, now)?;
    Ok(Some(mandate))
}

/// The mandate under which the signer posts jobs for a client: it is the delegate, and the market is named. Each job checks that its
/// funding account is: [`require_funding_account`], or [`give_back_replaced`].
#[cold]
#[inline(never)]
pub fn for_posting<'a>(a: &PostJob<&AccountView>, view: &'a AccountView, now: Timestamp) -> Result<&'a mut Mandate> {
    require(view.is_writable(), Fault::NotWritable)?;
    let mandate = account::keep_mut::<Mandate>(view)?;
    check_delegate(mandate, a.client, now)?;
    let is_named = mandate.markets.iter().any(|named| guard::eq(named, a.market.address()));
    require(is_named, EscrowError::MarketNotNamed)?;
    Ok(mandate)
}

/// A job that is posted under the mandate replaces none: its funding account is the one that the mandate names.
#[cold]
#[inline(never)]
pub fn require_funding_account(mandate: &Mandate, funding_account: &AccountView) -> Result<()> {
    require(guard::eq(&mandate.funding_account, funding_account.address()), EscrowError::MarketNotNamed)
}

/// A job that is posted under the mandate replaces this one: only one of the same mandate, which gives back first what it did not need.
/// Both are paid out of one funding account. So they have one client, of whose mandates none but this has its id, and the account is
/// the one that it names.
#[inline(always)]
pub fn give_back_replaced(mandate: &mut Mandate, job: &mut Job, now: Timestamp) -> Result<()> {
    require(job.mandate_id == mandate.id, EscrowError::WrongMandate)?;
    if !job.mandate_charged.is_zero() && job.has_ended() {
        restore(mandate, job, now);
    }
    Ok(())
}

/// A job is posted under the mandate: charges what it holds. Whether the limits allow that.
#[cold]
#[inline(never)]
pub fn charge_posting(mandate: &mut Mandate, job: &mut Job, now: Timestamp) -> bool {
    if charge(mandate, job.deposited, now).is_err() {
        return false;
    }
    job.client = mandate.owner;
    (job.mandate_id, job.mandate_charged) = (mandate.id, job.deposited);
    true
}

/// Holds more of its owner's money for a job.
#[inline(never)]
pub fn hold_more(
    mandate: &mut Mandate,
    funding: &Funding,
    job: &mut Job,
    network: &AccountView,
    amount: Amount,
    reference: &Address,
    now: Timestamp,
) -> Result<()> {
    charge(mandate, amount, now)?;
    job.mandate_charged = job.mandate_charged.plus(amount)?;
    funding.hold_more_for(job, network, &job.client, amount, reference)
}

/// Spends `amount` of both limits.
#[inline(always)]
pub fn charge(mandate: &mut Mandate, amount: Amount, now: Timestamp) -> Result<()> {
    let (used, spent) = (mandate.used_at(now).plus(amount)?, mandate.spent.plus(amount)?);
    require(used <= mandate.limit && spent <= mandate.total, EscrowError::MandateExceeded)?;

    mandate.used = used;
    mandate.used_at = now;
    mandate.spent = spent;
    Ok(())
}

/// Gives back, once, what a job that has ended did not need. Of `limit`, what has filled by itself since the job was posted is not given
/// back again: whoever cancels old jobs could otherwise spend all that they held at once. A hand-back moves the time of the posting, so
/// then nothing of it is.
#[inline(never)]
pub fn restore(mandate: &mut Mandate, job: &mut Job, now: Timestamp) {
    let refund = job.mandate_refund();
    job.mandate_charged = Amount::ZERO;
    mandate.spent = Amount(mandate.spent.0.saturating_sub(refund.0));
    if job.hand_backs == 0 {
        let filled = mandate.filled_in(now.since(posting_id::posted_at(job.posting_id)));
        let unfilled = refund.0.saturating_sub(filled.0);
        mandate.used = Amount(mandate.used_at(now).0.saturating_sub(unfilled));
        mandate.used_at = now;
    }
}

#[cfg(test)]
mod tests {
    use {super::*, joule_math::Seconds, proptest::prelude::*};

    const LIMIT: u64 = 1_000;
    const WINDOW: u64 = 700;

    /// What is spent of the limit at `now`, times the window, if this had been all, each at its time.
    fn level(spent: &[(i64, u64)], now: i64) -> u64 {
        let (mut level, mut at) = (0u64, 0);
        for &(time, amount) in spent.iter().chain([&(now, 0)]) {
            level = level.saturating_sub(LIMIT * (time - at) as u64) + amount * WINDOW;
            at = time;
        }
        level
    }

    proptest! {
        #[test]
        fn what_comes_back_fills_no_more_than_if_it_had_never_been_spent(
            steps in proptest::collection::vec((0u8..3, 0u16..300, 1u64..600, any::<u16>()), 1..60),
        ) {
            let mut mandate = Mandate {
                limit: Amount(LIMIT),
                total: Amount(5_000),
                window: Seconds(WINDOW as u32),
                ..Mandate::default()
            };
            let (mut jobs, mut spent, mut now) = (vec![], vec![], 1_000_000);
            for (step, wait, amount, place) in steps {
                now += wait as i64;
                let time = Timestamp(now);
                if step < 2 {
                    let fits = mandate.available(time) >= Amount(amount);
                    prop_assert_eq!(charge(&mut mandate, Amount(amount), time).is_ok(), fits);
                    if fits {
                        let posting_id = posting_id::first(time).unwrap();
                        jobs.push(Job { mandate_charged: Amount(amount), posting_id, ..Job::default() });
                        spent.push((now, amount));
                    }
                } else if !jobs.is_empty() {
                    let place = place as usize % jobs.len();
                    let job: &mut Job = &mut jobs[place];
                    let refund = amount.min(job.mandate_charged.0);
                    job.refunded = Amount(refund);
                    restore(&mut mandate, job, time);
                    spent[place].1 -= refund;
                }
                prop_assert!(mandate.used_at(time).0 * WINDOW >= level(&spent, now));
                prop_assert_eq!(mandate.spent.0, spent.iter().map(|(_, amount)| amount).sum::<u64>());
            }
            // No time has an edge.
            for first in 0..spent.len() {
                for last in first..spent.len() {
                    let sum: u64 = spent[first..=last].iter().map(|(_, amount)| amount).sum();
                    let passed = (spent[last].0 - spent[first].0) as u64;
                    prop_assert!(sum * WINDOW <= LIMIT * (WINDOW + passed));
                }
            }
        }
    }
}

//! Mandates: a delegate acts for an owner, within limits. All that it can move is what the jobs hold that it posts: it is charged when it
//! is held, and given back when a job is over.

pub(crate) mod close_mandate;
pub(crate) mod open_mandate;
pub(crate) mod settle_mandate;

use {
    crate::{Result, money::funding::Funding},
    joule_common::{AccountView, account, guard, guard::require},
    joule_escrow_interface::{
        EscrowError, posting_id,
        state::{Job, Mandate, Market},
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
#[inline(never)]
pub fn acts(job: &Job, caller: &AccountView, rest: &[AccountView], now: Timestamp) -> Result<bool> {
    let [view] = rest else { return Ok(false) };
    let mandate = account::load::<Mandate>(view)?;
    require(is_of(&mandate, job), EscrowError::WrongMandate)?;
    check_delegate(&mandate, caller, now)?;
    Ok(true)
}

/// The mandate that pays for what `signer` adds to the job; none if that is the client itself.
#[inline(always)]
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

/// Takes the accounts behind those of `PostJob` apart: the other jobs, and the mandate of the delegate that posts them. They may replace
/// jobs of the same mandate only, which give back what they did not need.
#[cold]
#[inline(never)]
pub fn posting<'a>(
    signer: &AccountView,
    (market, funding_account): (&AccountView, &AccountView),
    job: &AccountView,
    rest: &'a [AccountView],
    now: Timestamp,
) -> Result<(&'a mut Mandate, &'a [AccountView])> {
    let Some((view, more)) = rest.split_last() else { return Err(Fault::InvalidArguments.into()) };
    require(view.is_writable(), Fault::NotWritable)?;
    let mandate = account::keep_mut::<Mandate>(view)?;
    check_delegate(mandate, signer, now)?;
    let is_named = mandate.markets.iter().any(|named| guard::eq(named, market.address()));
    let pays = guard::eq(&mandate.funding_account, funding_account.address());
    require(is_named && pays, EscrowError::MarketNotNamed)?;
    for view in core::iter::once(job).chain(more) {
        // Whether an account without a job in it will do, posting says.
        let Ok(mut job) = account::load_mut::<Job>(view) else { continue };
        require(is_of(mandate, &job), EscrowError::WrongMandate)?;
        if job.has_ended() {
            restore(mandate, &mut job, now);
        }
    }
    Ok((mandate, more))
}

/// Holds the mandate's owner's money for jobs of the market. Returns as [`Funding::hold`].
#[cold]
#[inline(never)]
pub fn hold(
    mandate: &mut Mandate,
    funding: &Funding,
    (market, network): (&Market, &AccountView),
    amount: Amount,
    reference: &Address,
    now: Timestamp,
) -> Result<u16> {
    charge(mandate, amount, now)?;
    funding.hold_for(market, network, &mandate.owner, amount, reference)
}

/// Holds more of it for a job.
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
    funding.hold_more_for(&*job, network, amount, reference)
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

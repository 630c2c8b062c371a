use {
    crate::{Result, jobs::batch},
    joule_common::{AccountView, account, account::RefMut, guard, guard::require, now},
    joule_escrow_interface::{EscrowError, instruction::CloseJob, posting_id, state::Job},
};

/// See [`CloseJob`]. Works while the network is paused: it gives back.
#[inline(never)]
pub fn close_job(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, _, more, _) = CloseJob::parse(accounts, data)?;
    if more.is_empty() {
        return close(a.job, account::load_mut(a.job)?, a.rent_receiver);
    }
    batch::each(CloseJob::DISCRIMINATOR, (a.job, more), usize::MAX, &mut |_, view, job| {
        close(view, job, a.rent_receiver)
    })
}

/// Closes one.
#[inline(always)]
fn close(view: &AccountView, job: RefMut<Job>, rent_receiver: &AccountView) -> Result<()> {
    require(job.has_ended(), EscrowError::WrongJobState)?;
    require(job.mandate_charged.is_zero(), EscrowError::MandateUnsettled)?;
    require(job.on_beacon == 0, EscrowError::OnBeacon)?;
    require(job.is_over(), EscrowError::BondUnsettled)?;
    require(guard::eq(rent_receiver.address(), &job.payer), EscrowError::WrongPayer)?;
    // The time at which it stopped usually answers, and saves asking for the clock.
    let is_past = |at| posting_id::is_past(job.posting_id, at);
    require(is_past(job.stopped_at) || is_past(now()?), EscrowError::TooEarly)?;

    drop(job);
    Ok(account::close(view, rent_receiver)?)
}

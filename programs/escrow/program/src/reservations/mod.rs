//! Jobs that start at a later time. A client offers one, and a provider takes it with its bond: from then on each side pays the other for
//! leaving, the more the closer the start is. All else is what holds for a job that was assigned.

pub(crate) mod offer_reservation;
pub(crate) mod take_reservation;
#[cfg(test)]
mod tests;

use {
    crate::Result,
    joule_common::{AccountView, event, guard, guard::require, in_range},
    joule_escrow_interface::{
        EscrowError,
        event::JobReserved,
        instruction::OfferReservationArgs,
        state::{Job, MAX_LEAD, NONE, job_state, matching, pricing},
    },
    joule_interface::Address,
    joule_math::{Bps, Seconds, Timestamp},
};

/// Offers that the job starts at a later time.
#[inline(always)]
pub fn offer(job: &mut Job, args: &OfferReservationArgs, now: Timestamp) -> Result<()> {
    let OfferReservationArgs { starts_at, lead_period, cancellation_fee } = *args;
    require(matches!(job.state, job_state::POSTED | job_state::BIDDING), EscrowError::WrongJobState)?;
    require(now <= job.deadline_at, EscrowError::TooLate)?;
    // A queue gives its first job to its first provider, now.
    let finds = match job.matching {
        matching::DIRECT => true,
        matching::AUCTION => guard::eq(&job.provider, &NONE),
        _ => false,
    };
    // Without a bond, leaving would cost the provider nothing. Of units, a client would use none, and nobody could say whether the machine was
    // there.
    let secured = !job.terms.bond_amount.is_zero() && job.terms.pricing != pricing::USAGE;
    require(finds && secured, EscrowError::ReservationNotOffered)?;
    in_range!(starts_at > now && starts_at <= now.after(MAX_LEAD)?, "starts_at")?;
    in_range!((Seconds(1)..=MAX_LEAD).contains(&lead_period), "lead_period")?;
    in_range!((Bps(1)..=Bps::WHOLE).contains(&cancellation_fee), "cancellation_fee")?;

    job.deadline_at = starts_at;
    job.lead_period = lead_period;
    job.cancellation_fee = cancellation_fee;
    job.state = job_state::OFFERED;
    Ok(())
}

/// Gives an offered job to a provider. The caller checks the provider, and locks its bond.
#[inline(always)]
pub fn take(job: &mut Job, provider: &Address, now: Timestamp) -> Result<()> {
    require(job.state == job_state::OFFERED, EscrowError::WrongJobState)?;
    require(now <= job.deadline_at, EscrowError::TooLate)?;
    let is_free = job.matching == matching::AUCTION;
    require(is_free || guard::eq(&job.provider, provider), EscrowError::WrongProvider)?;

    // Its time to start begins at its start, whenever it is taken.
    job.deadline_at = job.deadline_at.after(job.terms.start_window)?;
    job.provider = *provider;
    job.state = job_state::ASSIGNED;
    Ok(())
}

/// Emits an offer, or that it was taken.
fn emit_job_reserved(view: &AccountView, job: &mut Job) -> Result<()> {
    event::emit(&JobReserved {
        header: JobReserved::header(*view.address(), event::next(&mut job.sequence)?),
        provider: job.provider,
        starts_at: job.starts_at(),
        deadline_at: job.deadline_at,
        lead_period: job.lead_period,
        cancellation_fee: job.cancellation_fee,
        state: job.state,
        reserved: [0; 1],
    });
    Ok(())
}

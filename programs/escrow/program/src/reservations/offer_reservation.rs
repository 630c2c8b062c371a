use {
    crate::{
        Result, mandates,
        reservations::{emit_job_reserved, offer},
    },
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_escrow_interface::{instruction::OfferReservation, state::Job},
    joule_interface::Fault,
};

/// See [`OfferReservation`]. Works while the network is paused: nobody can take it then.
#[inline(never)]
pub fn offer_reservation(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, rest, _) = OfferReservation::parse(accounts, data)?;
    let job = &mut *account::load_mut::<Job>(a.job)?;
    let now = now()?;
    let by_client = guard::eq(a.client.address(), &job.client) || mandates::acts(job, a.client, rest, now)?;
    require(by_client, Fault::Unauthorized)?;

    offer(job, args, now)?;
    emit_job_reserved(a.job, job)
}

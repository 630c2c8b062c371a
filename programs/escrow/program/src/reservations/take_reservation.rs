use {
    crate::{
        Result,
        collateral::bonds::locking,
        jobs::clock,
        markets::{access::Applicant, node},
        money::funding::{in_credits, require_payable},
        reservations::{emit_job_reserved, take},
    },
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_escrow_interface::{EscrowError, instruction::TakeReservation, state::Job},
};

/// See [`TakeReservation`].
#[inline(never)]
pub fn take_reservation(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, _, proof) = TakeReservation::parse(accounts, data)?;
    let job = &mut *account::load_mut::<Job>(a.job)?;
    require({ args.posting_id } == job.posting_id, EscrowError::PostingChanged)?;
    guard::network(&job.network, a.bonding.network.address())?;
    let now = now()?;
    let authority = a.provider_authority.address();
    let (pool, provider) = (a.bonding.pool, a.bonding.provider);
    let applicant = Applicant { authority, pool, provider, allowed_index: args.allowed_index, proof };
    // `stake` makes its own checks of the provider, the bond and the pause.
    applicant.check_beside_stake(&job.terms, &job.pool, now)?;
    if job.terms.class != 0 {
        node::require_for_later_start(&job.terms, &job.network, authority, a.node, pool, now)?;
    }

    take(job, authority, now)?;
    if in_credits(&job.mint) {
        require_payable(job, a.spender, clock::decided_if_started(job, now)?)?;
    }
    let (slashing, lock) = locking(a.provider_authority, &a.bonding);
    slashing.lock(job, a.job.address(), &lock)?;
    job.bond = *a.bonding.bond.address();
    emit_job_reserved(a.job, job)
}

use {
    crate::{Result, access::Applicant, job},
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_escrow_interface::{EscrowError, instruction::BidJob, state::Job},
    joule_interface::{Address, Fault},
    joule_math::Amount,
};

/// See [`BidJob`].
pub fn bid_job(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, _, proof) = BidJob::parse(accounts, data)?;
    let authority = a.provider_authority.address();
    let by = Applicant { authority, pool: a.pool, provider: a.provider, place: args.allowed_index, proof };
    let (job, beaten) = bid(a.job, a.network, args.posting_id, args.price, &by, false)?;
    // One who beats its own bid has its bond there.
    require(job.terms.bond_amount.is_zero() || guard::eq(&beaten, authority), EscrowError::StakeRequired)
}

/// Takes a bid by one who may work. Returns the job, and who had bid least before. `bonds`: what its terms ask for is locked next.
#[inline(always)]
pub fn bid<'a>(
    view: &'a AccountView,
    network: &AccountView,
    posting: u64,
    price: Amount,
    by: &Applicant,
    bonds: bool,
) -> Result<(&'a mut Job, Address)> {
    let job = account::keep_mut::<Job>(view)?;
    require(posting == job.posting_id, EscrowError::PostingChanged)?;
    guard::network(&job.network, network.address())?;
    let (now, beaten) = (now()?, job.provider);
    job::bid(job, by.authority, price, now)?;
    if bonds && !job.terms.bond_amount.is_zero() && !guard::eq(&beaten, by.authority) {
        by.check_beside_stake(&job.terms, &job.pool, now)?;
    } else {
        require(account::keep::<Network>(network)?.paused == 0, Fault::Paused)?;
        by.check(&job.terms, &job.pool, now)?;
    }
    Ok((job, beaten))
}

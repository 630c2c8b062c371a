//! Bids, for jobs without a bond and with one.

use {
    crate::{
        Result,
        access::Applicant,
        collateral::{Lock, Release, Slashing, all_present},
        job,
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError,
        instruction::{BidJob, BidJobArgs, BidJobWithBond, BidJobWithBondArgs},
        state::{Job, NONE},
    },
    joule_interface::{Address, Fault},
    joule_math::Amount,
};

/// See [`BidJob`].
pub fn bid_job(accounts: &[AccountView], args: &BidJobArgs, proof: &[u8]) -> Result<()> {
    let (a, _) = BidJob::parse(accounts)?;
    let authority = a.provider_authority.address();
    let by = Applicant { authority, pool: a.pool, provider: a.provider, place: args.allowed_index, proof };
    let (job, beaten) = bid(a.job, a.network, args.posting_id, args.price, &by, false)?;
    // One who beats its own bid has its bond there.
    require(job.terms.bond_amount.is_zero() || guard::eq(&beaten, authority), EscrowError::StakeRequired)
}

/// See [`BidJobWithBond`].
pub fn bid_job_with_bond(accounts: &[AccountView], args: &BidJobWithBondArgs, proof: &[u8]) -> Result<()> {
    let (a, _) = BidJobWithBond::parse(accounts)?;
    let authority = a.provider_authority;
    let by = Applicant {
        authority: authority.address(),
        pool: a.pool,
        provider: a.provider,
        place: args.allowed_index,
        proof,
    };
    let (job, beaten) = bid(a.job, a.network, args.posting_id, args.price, &by, true)?;
    if job.terms.bond_amount.is_zero() || guard::eq(&beaten, authority.address()) {
        return Ok(());
    }
    let slashing = Slashing { slasher: a.slasher, authority: a.escrow_authority, program: a.stake_program };
    let lock = Lock {
        authority,
        network: a.network,
        pool: a.pool,
        provider: a.provider,
        bond: a.bond,
        system_program: a.system_program,
    };
    let mut is_held = false;
    let released = Release { provider: a.outbid_provider, bond: a.outbid_bond, payer: a.outbid_payer };
    if !guard::eq(&job.bond, &NONE) {
        all_present(&[released.provider, released.bond, released.payer])?;
        require(guard::eq(released.bond.address(), &job.bond), EscrowError::WrongBond)?;
        is_held = slashing.holds(a.job.address(), released.bond)?;
    }
    if is_held {
        slashing.swap(job, a.job.address(), &lock, &released)?;
    } else {
        slashing.lock(job, a.job.address(), &lock)?;
    }
    job.bond = *a.bond.address();
    Ok(())
}

/// Takes a bid by one who may work. Returns the job, and who had bid least before. `bonds`: what its terms ask for is locked next.
#[inline(always)]
fn bid<'a>(
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

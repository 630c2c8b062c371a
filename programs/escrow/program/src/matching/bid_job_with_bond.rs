use {
    crate::{
        Result,
        collateral::bonds::{Release, all_present, locking},
        markets::access::Applicant,
        matching::bid_job::bid,
    },
    joule_common::{AccountView, guard, guard::require},
    joule_escrow_interface::{EscrowError, instruction::BidJobWithBond, state::NONE},
};

/// See [`BidJobWithBond`].
#[inline(never)]
pub fn bid_job_with_bond(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, _, proof) = BidJobWithBond::parse(accounts, data)?;
    let authority = a.provider_authority.address();
    let (pool, provider) = (a.bonding.pool, a.bonding.provider);
    let bidder = Applicant { authority, pool, provider, allowed_index: args.allowed_index, proof };
    let (job, outbid) = bid(a.job, a.bonding.network, args.posting_id, args.price, &bidder, a.node, true)?;
    if job.terms.bond_amount.is_zero() || guard::eq(&outbid, authority) {
        return Ok(());
    }
    let (slashing, lock) = locking(a.provider_authority, &a.bonding);
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
    job.bond = *a.bonding.bond.address();
    Ok(())
}

use {
    crate::{
        Result,
        access::Applicant,
        collateral::{Lock, Release, Slashing, all_present},
        instructions::bid_job::bid,
    },
    joule_common::{AccountView, guard, guard::require},
    joule_escrow_interface::{EscrowError, instruction::BidJobWithBond, state::NONE},
};

/// See [`BidJobWithBond`].
pub fn bid_job_with_bond(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, _, proof) = BidJobWithBond::parse(accounts, data)?;
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

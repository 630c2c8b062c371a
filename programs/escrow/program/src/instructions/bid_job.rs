use {
    crate::{
        Result,
        access::Applicant,
        collateral::{Lock, Release, Slashing, all_present},
        job,
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError,
        event::JobBid,
        instruction::{BidJob, BidJobArgs},
        state::{Job, NONE},
    },
    joule_interface::Fault,
};

/// See [`BidJob`].
pub fn bid_job(accounts: &[AccountView], args: &BidJobArgs, proof: &[u8]) -> Result<()> {
    let (a, _) = BidJob::parse(accounts)?;
    let mut job = account::load_mut::<Job>(a.job)?;
    require({ args.posting } == job.posting, EscrowError::PostedAnew)?;
    guard::network(&job.network, a.network.address())?;
    require(account::load::<Network>(a.network)?.paused == 0, Fault::Paused)?;
    let (authority, now) = (a.provider_authority, now()?);
    let beaten = job.provider;

    job::bid(&mut job, authority.address(), args.price, now)?;
    let applicant =
        Applicant { authority: authority.address(), pool: a.pool, provider: a.provider, place: args.place, proof };
    applicant.check(&job.terms, &job.pool, now)?;
    // One who beats its own bid has its bond there.
    if !job.terms.bond.is_zero() && !guard::eq(&beaten, authority.address()) {
        let slashing = Slashing { slasher: a.slasher, authority: a.escrow_authority, program: a.stake_program };
        slashing.check()?;
        if !guard::eq(&job.bond, &NONE) {
            let with = Release { provider: a.beaten_provider, bond: a.beaten_bond, payer: a.beaten_payer };
            all_present(&[with.provider, with.bond, with.payer])?;
            require(guard::eq(with.bond.address(), &job.bond), EscrowError::WrongBond)?;
            if slashing.holds(a.job.address(), with.bond)? {
                slashing.release(&job, &with)?;
            }
        }
        let lock = Lock {
            authority,
            network: a.network,
            pool: a.pool,
            provider: a.provider,
            bond: a.bond,
            system_program: a.system_program,
        };
        slashing.lock(&job, a.job.address(), &lock)?;
        job.bond = *a.bond.address();
    }

    event::emit(&JobBid {
        header: JobBid::header(*a.job.address(), event::next(&mut job.sequence)?),
        provider: job.provider,
        price: job.price,
    });
    Ok(())
}

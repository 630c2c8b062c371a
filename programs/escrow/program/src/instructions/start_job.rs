use {
    crate::{
        Result,
        instructions::{NONE, signs_by_seeds},
        job,
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError, ID,
        event::JobStarted,
        instruction::{StartJob, StartJobArgs},
        pda,
        state::Job,
    },
    joule_identity_interface::state::{Node, status as node_status},
    joule_interface::{Address, Fault},
    joule_math::tokens_for_shares,
    joule_stake_interface::{
        instruction::{LockBond, LockBondArgs},
        state::{Pool, Provider, status},
    },
};

/// See [`StartJob`].
pub fn start_job(accounts: &[AccountView], args: &StartJobArgs) -> Result<()> {
    let (a, _) = StartJob::parse(accounts)?;
    guard::system_program(a.system_program)?;
    guard::program(a.stake_program, &joule_stake_interface::ID)?;
    signs_by_seeds(a.escrow_authority)?;
    let mut job = account::load_mut::<Job>(a.job)?;
    guard::authority(a.provider_authority, &job.provider)?;
    require({ args.posting } == job.posting, EscrowError::PostedAnew)?;
    guard::network(&job.network, a.network.address())?;
    require(account::load::<Network>(a.network)?.paused == 0, Fault::Paused)?;
    require(guard::eq(a.pool.address(), &job.pool), EscrowError::WrongPool)?;
    check_provider(&a)?;
    let node = node(&a, &job)?;

    job::start(&mut job, now()?)?;
    job.node = node;
    if !job.terms.bond.is_zero() {
        lock_bond(&a, &job)?;
        job.bond = *a.bond.address();
    }

    event::emit(&JobStarted {
        header: JobStarted::header(*a.job.address(), event::next(&mut job.sequence)?),
        node: job.node,
        ends: job.ends,
    });
    Ok(())
}

/// The provider stands in the pool with enough stake of its own.
#[inline(always)]
fn check_provider(a: &StartJob<&AccountView>) -> Result<()> {
    let minimum = account::load::<Pool>(a.pool)?.rules.min_self_stake;
    let provider = account::load::<Provider>(a.provider)?;
    require(guard::eq(&provider.pool, a.pool.address()), EscrowError::WrongPool)?;
    require(guard::eq(&provider.authority, a.provider_authority.address()), EscrowError::WrongProvider)?;
    require(provider.status == status::ACTIVE, EscrowError::ProviderNotEligible)?;
    let own = tokens_for_shares(provider.self_shares, provider.active.tokens, provider.active.shares)?;
    require(own >= minimum, EscrowError::ProviderNotEligible)
}

/// The machine that the terms ask for, if they do.
#[inline(always)]
fn node(a: &StartJob<&AccountView>, job: &Job) -> Result<Address> {
    if job.terms.class == 0 {
        return Ok(NONE);
    }
    require(guard::present(a.node, &ID), EscrowError::NodeRequired)?;
    let node = account::load::<Node>(a.node)?;
    require(
        guard::eq(&node.network, &job.network)
            && guard::eq(&node.operator, &job.provider)
            && node.class == job.terms.class
            && node.status == node_status::ACTIVE,
        EscrowError::WrongNode,
    )?;
    Ok(*a.node.address())
}

/// Takes collateral for the job out of the provider's stake.
#[inline(always)]
fn lock_bond(a: &StartJob<&AccountView>, job: &Job) -> Result<()> {
    require(guard::present(a.bond, &ID) && guard::present(a.slasher, &ID), EscrowError::BondRequired)?;
    let bump = [job.authority_bump];
    let seeds = pda::authority::signer(&job.network, &bump);
    LockBond {
        payer: a.provider_authority,
        authority: a.provider_authority,
        slasher_authority: a.escrow_authority,
        slasher: a.slasher,
        network: a.network,
        pool: a.pool,
        provider: a.provider,
        bond: a.bond,
        system_program: a.system_program,
    }
    .invoke_signed(
        &LockBondArgs { job: *a.job.address(), amount: job.terms.bond, client: job.client },
        &[(&seeds).into()],
    )?;
    Ok(())
}

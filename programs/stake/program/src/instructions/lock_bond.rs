use {
    crate::{Result, instructions::in_pool, instructions::slasher, pots},
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, event, guard, guard::require},
    joule_interface::Fault,
    joule_stake_interface::{
        StakeError,
        event::BondLocked,
        instruction::{LockBond, LockBondArgs},
        pda,
        state::{Bond, Pool, Provider, status},
    },
};

/// See [`LockBond`].
pub fn lock_bond(accounts: &[AccountView], args: &LockBondArgs) -> Result<()> {
    let (a, _) = LockBond::parse(accounts)?;
    guard::system_program(a.system_program)?;
    require(account::load::<Network>(a.network)?.paused == 0, Fault::Paused)?;
    let pool = account::load::<Pool>(a.pool)?;
    guard::network(&pool.network, a.network.address())?;
    in_pool(&slasher(a.slasher, a.slasher_authority)?, a.pool.address())?;
    let mut provider = account::load_mut::<Provider>(a.provider)?;
    in_pool(&provider.pool, a.pool.address())?;
    guard::authority(a.authority, &provider.authority)?;
    require(provider.status == status::ACTIVE, StakeError::ProviderNotActive)?;
    require(pots::self_stake(&provider)? >= pool.min_self_stake, StakeError::SelfStakeTooLow)?;

    let (job, amount) = (args.job, args.amount);
    pots::bond(&mut provider, amount)?;

    let seeds = pda::bond::seeds(a.provider.address(), &job);
    let mut bond = account::create::<Bond>(a.payer, a.bond, &seeds)?;
    bond.provider = *a.provider.address();
    bond.job = job;
    bond.slasher = *a.slasher.address();
    bond.payer = *a.payer.address();
    bond.amount = amount;

    event::emit(&BondLocked {
        header: BondLocked::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        job,
        amount,
    });
    Ok(())
}

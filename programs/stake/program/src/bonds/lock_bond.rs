use {
    crate::{
        Result,
        accounts::{in_pool, is_free, of_provider, slasher},
        slashing,
        staking::pots,
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_interface::{Address, Fault},
    joule_math::{Timestamp, Tokens},
    joule_stake_interface::{
        ID, StakeError,
        event::BondLocked,
        instruction::LockBond,
        pda,
        state::{Bond, Pool, Provider, rights, status},
    },
};

/// See [`LockBond`].
#[inline(never)]
pub fn lock_bond(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = LockBond::parse(accounts, data)?;
    let (job, amount) = (args.job, args.amount);
    let provider = lock(&a, &job, amount, &args.client)?;

    event::emit(&BondLocked {
        header: BondLocked::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        job,
        amount,
    });
    Ok(())
}

/// Locks a bond. Returns the provider.
#[inline(always)]
pub fn lock<'a>(
    a: &LockBond<&'a AccountView>,
    job: &Address,
    amount: Tokens,
    client: &Address,
) -> Result<&'a mut Provider> {
    account::keep::<Network>(a.network)?.require_unpaused()?;
    let pool = account::keep::<Pool>(a.pool)?;
    guard::network(&pool.network, a.network.address())?;
    let slasher = slasher(a.slasher, a.slasher_authority)?;
    in_pool(&slasher.pool, a.pool.address())?;
    slashing::has_right(slasher, rights::BOND)?;
    let provider = account::keep_mut::<Provider>(a.provider)?;
    in_pool(&provider.pool, a.pool.address())?;
    guard::authority(a.authority, &provider.authority)?;
    require(provider.status == status::ACTIVE, StakeError::ProviderNotActive)?;
    let minimum = pool.policy.min_self_stake;
    // The clock costs as much as all other checks: it is read only if it can matter.
    if !minimum.is_zero() && !provider.fresh.is_zero() {
        let now = now()?;
        require(provider.has_own(minimum, now), StakeError::SelfStakeTooLow)?;
        provider.ripen(now);
    } else {
        require(provider.has_own(minimum, Timestamp(0)), StakeError::SelfStakeTooLow)?;
    }

    // Before the bond's own checks: these and its effect are one pass over the account. A failure undoes both.
    pots::bond(provider, amount)?;
    let bond = if guard::eq(a.bond.owner(), &ID) {
        let (bond, new) = account::keep_or_begin::<Bond>(a.bond)?;
        if new {
            // Its address would sign for no one, but nobody could close it either.
            let parties = [a.payer, a.authority, a.slasher_authority];
            let is_party = parties.iter().any(|party| guard::eq(party.address(), a.bond.address()));
            require(!is_party, Fault::DuplicateAccount)?;
            bond.provider = *a.provider.address();
            bond.payer = *a.payer.address();
        } else {
            of_provider(&bond.provider, a.provider)?;
            require(is_free(bond), StakeError::BondInUse)?;
        }
        bond
    } else {
        guard::system_program(a.system_program)?;
        let bond =
            account::kept(account::create::<Bond>(a.payer, a.bond, &pda::bond::seeds(a.provider.address(), job))?);
        bond.provider = *a.provider.address();
        bond.payer = *a.payer.address();
        bond
    };
    bond.job = *job;
    bond.slasher = *a.slasher.address();
    bond.amount = amount;
    bond.client = *client;
    Ok(provider)
}

use {
    crate::{
        Result,
        accounts::{Vault, in_pool, of_provider, slasher},
        slashing,
        staking::pots,
    },
    joule_common::{AccountView, account, event, guard, guard::require, token},
    joule_interface::Fault,
    joule_stake_interface::{
        StakeError,
        event::BondSeized,
        instruction::SeizeBond,
        state::{Bond, Pool, Provider, rights, seizure},
    },
};

/// See [`SeizeBond`]. Works while the network is paused: it settles.
#[inline(never)]
pub fn seize_bond(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = SeizeBond::parse(accounts, data)?;
    let pool = account::keep::<Pool>(a.pool)?;
    let vault = Vault::of(a.pool, pool, a.vault, a.mint, a.token_program)?;
    let provider = account::keep_mut::<Provider>(a.provider)?;
    in_pool(&provider.pool, a.pool.address())?;
    let bond = account::keep_mut::<Bond>(a.bond)?;
    of_provider(&bond.provider, a.provider)?;
    require(guard::eq(&bond.slasher, a.slasher.address()), StakeError::WrongSlasher)?;
    slashing::has_right(slasher(a.slasher, a.slasher_authority)?, rights::BOND)?;

    let amount = args.amount;
    require(!amount.is_zero(), Fault::ZeroAmount)?;
    bond.amount = bond.amount.minus(amount).map_err(|_| StakeError::WrongBond)?;
    pots::seize(provider, amount)?;
    let receiver = a.receiver.address();
    match args.destination {
        seizure::CLIENT => {
            require(guard::eq(&token::load(a.receiver)?.owner, &bond.client), StakeError::WrongReceiver)?;
            vault.pay(a.receiver, amount)?;
        }
        seizure::TREASURY => {
            // None is the zero address, where no token account is.
            require(guard::eq(receiver, &bond.treasury), StakeError::WrongReceiver)?;
            vault.pay(a.receiver, amount)?;
        }
        seizure::BURN => {
            require(guard::eq(receiver, &pool.mint), StakeError::WrongReceiver)?;
            vault.burn(amount)?;
        }
        _ => return Err(Fault::InvalidParameter.into()),
    }

    event::emit(&BondSeized {
        header: BondSeized::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        job: bond.job,
        amount,
        receiver: *receiver,
    });
    Ok(())
}

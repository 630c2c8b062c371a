use {
    crate::{
        Result,
        accounts::{NONE, Vault, in_pool, of_provider, slasher},
        slashing,
        staking::pots,
    },
    joule_common::{AccountView, account, event, guard, guard::require, in_range, now},
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

    let (amount, destination) = (args.amount, args.destination);
    require(!amount.is_zero(), Fault::ZeroAmount)?;
    let receiver = match destination {
        seizure::CLIENT => a.bond.address(),
        seizure::TREASURY => {
            require(!guard::eq(&pool.treasury, &NONE), StakeError::WrongReceiver)?;
            &pool.treasury
        }
        seizure::BURN => {
            require(guard::eq(a.receiver.address(), &pool.mint), StakeError::WrongReceiver)?;
            &pool.mint
        }
        _ => return Ok(in_range!(false, "destination")?),
    };

    bond.amount = bond.amount.minus(amount).map_err(|_| StakeError::WrongBond)?;
    let lien = pots::seize(provider, amount)?;
    let tokens = amount.minus(lien)?;
    if destination == seizure::CLIENT {
        pots::seize_for_client(provider, &mut bond.seized, tokens)?;
        bond.withdrawable_at = now()?.after(pool.policy.unbonding_period)?;
    } else if destination == seizure::TREASURY {
        // Paid later: a treasury that cannot be paid keeps no job from its end.
        provider.treasury_due = provider.treasury_due.plus(tokens)?;
    } else if !tokens.is_zero() {
        vault.burn(tokens)?;
    }

    event::emit(&BondSeized {
        header: BondSeized::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        job: bond.job,
        amount,
        lien,
        destination: destination as u64,
        receiver: *receiver,
    });
    Ok(())
}

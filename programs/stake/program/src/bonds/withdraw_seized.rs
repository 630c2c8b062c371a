use {
    crate::{
        Result,
        accounts::{NONE, Vault, in_pool, of_provider, paid_by},
        staking::pots,
    },
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_stake_interface::{
        StakeError,
        event::SeizedWithdrawn,
        instruction::WithdrawSeized,
        state::{Bond, Pool, Provider, UnbondingPart},
    },
};

/// See [`WithdrawSeized`]. Works while the network is paused: it pays out.
#[inline(never)]
pub fn withdraw_seized(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = WithdrawSeized::parse(accounts, data)?;
    let pool = account::keep::<Pool>(a.pool)?;
    let vault = Vault::of(a.pool, pool, a.vault, a.mint, a.token_program)?;
    let provider = account::keep_mut::<Provider>(a.provider)?;
    in_pool(&provider.pool, a.pool.address())?;
    let mut bond = account::load_mut::<Bond>(a.bond)?;
    of_provider(&bond.provider, a.provider)?;
    require(bond.seized.price != 0, StakeError::NothingSeized)?;
    guard::authority(a.client, &bond.client)?;
    if !a.client.is_signer() {
        vault.is_associated(a.destination, &bond.client)?;
    }
    let is_released = guard::eq(&bond.slasher, &NONE);

    let Bond { seized, withdrawable_at, .. } = &mut *bond;
    let (tokens, withheld) = pots::leave_but_for_slashes(&pool.policy, provider, seized, withdrawable_at, now()?)?;
    // While the job holds the bond, more can be seized into the same ticket.
    let can_wait = is_released && a.client.is_signer();
    require(withheld.is_zero() || can_wait, StakeError::SlashPending)?;
    let is_empty = withheld.is_zero();
    let closes = is_empty && is_released && bond.reusable == 0;
    if closes {
        paid_by(&bond.payer, a.rent_receiver)?;
    }
    if is_empty {
        bond.seized = UnbondingPart::default();
        if is_released {
            bond.client = NONE;
        }
    }
    drop(bond);
    if !tokens.is_zero() {
        vault.pay(a.destination, tokens)?;
    }
    // After the call: the runtime refuses a call while lamports are out of balance.
    if closes {
        account::close(a.bond, a.rent_receiver)?;
    }

    event::emit(&SeizedWithdrawn {
        header: SeizedWithdrawn::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        bond: *a.bond.address(),
        client: *a.client.address(),
        tokens,
        withheld,
    });
    Ok(())
}

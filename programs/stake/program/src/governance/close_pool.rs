use {
    crate::{
        Result,
        accounts::{NONE, Vault, paid_by},
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, guard, guard::require, token},
    joule_math::Seconds,
    joule_stake_interface::{
        StakeError,
        instruction::ClosePool,
        state::{Pool, Rewards},
    },
};

/// See [`ClosePool`]. No delegation, ticket, bond or slash outlives its provider, and none of these is left.
#[inline(never)]
pub fn close_pool(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = ClosePool::parse(accounts, data)?;
    guard::authority(a.authority, &account::keep::<Network>(a.network)?.authority)?;
    let pool = account::load::<Pool>(a.pool)?;
    guard::network(&pool.network, a.network.address())?;
    paid_by(&pool.payer, a.rent_receiver)?;
    guard::address(a.rewards, &pool.rewards)?;
    drop(account::load::<Rewards>(a.rewards)?);
    let is_empty = pool.provider_count == 0 && pool.slasher_count == 0 && pool.next_unbonding_period == Seconds(0);
    require(is_empty, StakeError::PoolInUse)?;

    let vault = Vault::of(a.pool, &pool, a.vault, a.mint, a.token_program)?;
    let left = token::vault_balance(a.vault)?;
    if !left.is_zero() && guard::eq(&pool.treasury, &NONE) {
        vault.burn(left)?;
    } else if !left.is_zero() {
        guard::address(a.treasury, &pool.treasury)?;
        vault.pay(a.treasury, left)?;
    }
    vault.close(a.token_program, a.rent_receiver)?;
    drop(pool);
    account::close(a.rewards, a.rent_receiver)?;
    account::close(a.pool, a.rent_receiver)?;
    Ok(())
}

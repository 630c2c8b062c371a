//! One file for each instruction: its accounts taken apart, checks, effect, event.

mod add_slasher;
mod create_pool;
mod lock_bond;
mod open_delegation;
mod register_provider;
mod release_bond;
mod stake;
mod unstake;
mod withdraw;

pub use {
    add_slasher::add_slasher, create_pool::create_pool, lock_bond::lock_bond, open_delegation::open_delegation,
    register_provider::register_provider, release_bond::release_bond, stake::stake, unstake::unstake,
    withdraw::withdraw,
};

use {
    crate::Result,
    joule_common::{AccountView, account, guard, guard::require},
    joule_interface::Address,
    joule_stake_interface::{StakeError, state::Slasher},
};

/// The account names `pool` as its pool.
#[inline(always)]
fn in_pool(of_account: &Address, pool: &Address) -> Result<()> {
    require(guard::eq(of_account, pool), StakeError::WrongPool)
}

/// The account names `provider` as its provider.
#[inline(always)]
fn of_provider(of_account: &Address, provider: &AccountView) -> Result<()> {
    require(guard::eq(of_account, provider.address()), StakeError::WrongProvider)
}

/// The pool of a slasher whose authority signed.
#[inline(always)]
fn slasher(view: &AccountView, authority: &AccountView) -> Result<Address> {
    let slasher = account::load::<Slasher>(view)?;
    guard::authority(authority, &slasher.authority)?;
    Ok(slasher.pool)
}

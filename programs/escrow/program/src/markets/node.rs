//! The machine that a job runs on.

use {
    crate::Result,
    joule_common::{AccountView, account, guard, guard::require, token},
    joule_escrow_interface::{
        EscrowError, ID,
        state::{NONE, Terms},
    },
    joule_identity_interface::state::Node,
    joule_interface::{Address, Fault},
    joule_math::Timestamp,
    joule_stake_interface::state::Pool,
};

/// The provider's node in `network`, whose class enough attestors vouch for; zero if the terms ask for no class.
#[inline(always)]
pub fn of_class(
    class: u32,
    network: &Address,
    provider: &Address,
    node: &AccountView,
    now: Timestamp,
) -> Result<Address> {
    if class == 0 {
        return Ok(NONE);
    }
    require(guard::present(node, &ID), EscrowError::NodeRequired)?;
    let state = account::load::<Node>(node)?;
    require(
        guard::eq(&state.network, network) && guard::eq(&state.operator, provider) && state.serves(class, now),
        EscrowError::WrongNode,
    )?;
    Ok(*node.address())
}

/// The same for a job of a class that does not start at once. What its provider loses of a bond by not starting is burned, and nobody can
/// burn wrapped SOL.
#[inline(never)]
pub fn require_for_later_start(
    terms: &Terms,
    network: &Address,
    provider: &Address,
    node: &AccountView,
    pool: &AccountView,
    now: Timestamp,
) -> Result<()> {
    of_class(terms.class, network, provider, node, now)?;
    let is_burnable = terms.bond_amount.is_zero() || !token::is_native(&account::load::<Pool>(pool)?.mint);
    Ok(require(is_burnable, Fault::MintNotAllowed)?)
}

//! The machine that a job runs on.

use {
    crate::Result,
    joule_common::{AccountView, account, guard, guard::require},
    joule_escrow_interface::{EscrowError, ID, state::NONE},
    joule_identity_interface::state::Node,
    joule_interface::Address,
    joule_math::Timestamp,
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

//! One file for each instruction: its accounts taken apart, checks, effect, event.

mod activate_node;
mod create_registry;
mod create_tree;
mod mint_node;

pub use {
    activate_node::activate_node, create_registry::create_registry, create_tree::create_tree, mint_node::mint_node,
};

use {
    crate::Result,
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, guard},
};

/// The signer is the authority of the network.
#[inline(always)]
fn network_authority(authority: &AccountView, network: &AccountView) -> Result<()> {
    let network = account::load::<Network>(network)?;
    Ok(guard::authority(authority, &network.authority)?)
}

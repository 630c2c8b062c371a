//! Governance: the network, its authority, its policy and its pauses.

pub(crate) mod accept_authority;
pub(crate) mod add_shard;
pub(crate) mod cancel_policy;
pub(crate) mod close_shard;
pub(crate) mod create_network;
pub(crate) mod execute_policy;
pub(crate) mod pause;
pub mod policy;
pub(crate) mod propose_authority;
pub(crate) mod propose_policy;
pub(crate) mod resume;

use {
    crate::Result,
    joule_bme_interface::{event::PauseChanged, state::Network},
    joule_common::{AccountView, event, guard},
    joule_interface::{Address, Fault},
};

/// Emits whether the network is paused.
pub fn emit_paused(view: &AccountView, network: &mut Network, changed_by: &Address) -> Result<()> {
    event::emit(&PauseChanged {
        header: PauseChanged::header(*view.address(), event::next(&mut network.sequence)?),
        paused: network.paused as u64,
        ends_at: network.pause_ends_at,
        changed_by: *changed_by,
    });
    Ok(())
}

/// The signer is the network's guardian or its authority.
pub fn guardian_or_authority(signer: &AccountView, network: &Network) -> Result<()> {
    let known =
        guard::eq(signer.address(), &network.policy.guardian) || guard::eq(signer.address(), &network.authority);
    guard::require(known, Fault::Unauthorized.into())
}

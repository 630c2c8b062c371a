//! Governance: the network, its authority, its policy and its pauses.

pub(crate) mod accept_authority;
pub(crate) mod add_shard;
pub(crate) mod cancel_policy;
pub(crate) mod create_network;
pub(crate) mod execute_policy;
pub(crate) mod pause;
pub mod policy;
pub(crate) mod propose_authority;
pub(crate) mod propose_policy;
pub(crate) mod resume;

use {
    crate::Result,
    joule_bme_interface::state::Network,
    joule_common::{AccountView, guard},
    joule_interface::Fault,
};

/// The signer is the network's guardian or its authority.
pub fn guardian_or_authority(signer: &AccountView, network: &Network) -> Result<()> {
    let known =
        guard::eq(signer.address(), &network.policy.guardian) || guard::eq(signer.address(), &network.authority);
    guard::require(known, Fault::Unauthorized.into())
}

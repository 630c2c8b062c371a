use {
    crate::{
        Result,
        instructions::{claim_of, network_authority, node_in, status_changed},
    },
    joule_common::{AccountView, guard::require},
    joule_identity_interface::{
        IdentityError,
        instruction::{RevokeNode, RevokeNodeArgs},
        state::status,
    },
};

/// See [`RevokeNode`].
#[inline(never)]
pub fn revoke_node(accounts: &[AccountView], _: &RevokeNodeArgs) -> Result<()> {
    let (a, _) = RevokeNode::parse(accounts)?;
    network_authority(a.authority, a.network)?;
    let mut node = node_in(a.node, a.network)?;
    require(node.status & status::REVOKED == 0, IdentityError::NodeBlocked)?;

    claim_of(a.claim, a.node)?.revoked = 1;
    node.status = node.status & !status::ACTIVE | status::REVOKED;
    status_changed(a.node, &mut node)
}

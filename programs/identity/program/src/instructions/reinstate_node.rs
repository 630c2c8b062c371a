use {
    crate::{
        Result,
        instructions::{claim_of, network_authority, node_in, status_changed},
    },
    joule_common::{AccountView, guard::require},
    joule_identity_interface::{IdentityError, instruction::ReinstateNode, state::status},
};

/// See [`ReinstateNode`].
#[inline(never)]
pub fn reinstate_node(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = ReinstateNode::parse(accounts, data)?;
    network_authority(a.authority, a.network)?;
    let node = node_in(a.node, a.network)?;
    require(node.is_blocked(), IdentityError::NotBlocked)?;

    claim_of(a.specification_claim, a.node, node)?.revoked = 0;
    node.status &= !(status::SUSPENDED | status::REVOKED);
    if node.status & status::LOST == 0 {
        node.status = status::ACTIVE;
    }
    status_changed(a.node, node)
}

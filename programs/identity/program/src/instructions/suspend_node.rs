use {
    crate::{
        Result,
        instructions::{guardian, node_in, status_changed},
    },
    joule_common::{AccountView, guard::require},
    joule_identity_interface::{IdentityError, instruction::SuspendNode, state::status},
};

/// See [`SuspendNode`].
#[inline(never)]
pub fn suspend_node(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = SuspendNode::parse(accounts, data)?;
    guardian(a.authority, a.network)?;
    let node = node_in(a.node, a.network)?;
    require(!node.is_blocked(), IdentityError::NodeBlocked)?;

    node.status = node.status & !status::ACTIVE | status::SUSPENDED;
    status_changed(a.node, node)
}

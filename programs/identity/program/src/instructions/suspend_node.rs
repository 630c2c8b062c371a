use {
    crate::{
        Result,
        instructions::{guardian, node_in, status_changed},
    },
    joule_common::{AccountView, guard::require},
    joule_identity_interface::{
        IdentityError,
        instruction::{SuspendNode, SuspendNodeArgs},
        state::status,
    },
};

/// See [`SuspendNode`].
#[inline(never)]
pub fn suspend_node(accounts: &[AccountView], _: &SuspendNodeArgs) -> Result<()> {
    let (a, _) = SuspendNode::parse(accounts)?;
    guardian(a.authority, a.network)?;
    let node = node_in(a.node, a.network)?;
    require(!node.is_blocked(), IdentityError::NodeBlocked)?;

    node.status = node.status & !status::ACTIVE | status::SUSPENDED;
    status_changed(a.node, node)
}

use {
    crate::{
        Result,
        instructions::{guardian, node_in, status_changed},
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_identity_interface::{
        IdentityError,
        instruction::SuspendNode,
        state::{SUSPENSION_PERIOD, status},
    },
};

/// See [`SuspendNode`].
#[inline(never)]
pub fn suspend_node(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = SuspendNode::parse(accounts, data)?;
    guardian(a.authority, a.network)?;
    let is_authority = guard::eq(a.authority.address(), &account::keep::<Network>(a.network)?.authority);
    let node = node_in(a.node, a.network)?;
    require(node.status & status::REVOKED == 0, IdentityError::NodeBlocked)?;
    let now = now()?;
    // A guardian whose key is stolen, where nobody has the authority's, must not stop a machine for good.
    if !is_authority {
        require(!node.is_blocked(), IdentityError::NodeBlocked)?;
        require(now >= node.guardian_suspends_at, IdentityError::SuspendTooSoon)?;
    }

    node.status = node.status & !status::ACTIVE | status::SUSPENDED;
    node.suspension_ends_at = now.after(SUSPENSION_PERIOD)?;
    status_changed(a.node, node)
}

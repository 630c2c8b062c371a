use {
    crate::{
        Result,
        instructions::{node_in, status_changed},
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, guard, guard::require},
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
    let network = account::load::<Network>(a.network)?;
    if !guard::eq(a.authority.address(), &network.policy.guardian) {
        guard::authority(a.authority, &network.authority)?;
    }
    let mut node = node_in(a.node, a.network)?;
    require(!node.is_blocked(), IdentityError::NodeBlocked)?;

    node.status = node.status & !status::ACTIVE | status::SUSPENDED;
    status_changed(a.node, &mut node)
}

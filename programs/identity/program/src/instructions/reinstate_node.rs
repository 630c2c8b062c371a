use {
    crate::{
        Result,
        instructions::{claim_of, node_in, status_changed},
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_identity_interface::{
        IdentityError,
        instruction::ReinstateNode,
        state::{SUSPENSION_PERIOD, status},
    },
    joule_interface::Fault,
    joule_math::Timestamp,
};

/// See [`ReinstateNode`].
#[inline(never)]
pub fn reinstate_node(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = ReinstateNode::parse(accounts, data)?;
    let network = account::keep::<Network>(a.network)?;
    let node = node_in(a.node, a.network)?;
    let now = now()?;
    let is_over = node.status & status::REVOKED == 0 && now >= node.suspension_ends_at;
    require(is_over || guard::eq(a.authority.address(), &network.authority), Fault::Unauthorized)?;
    require(node.is_blocked(), IdentityError::NotBlocked)?;

    claim_of(a.specification_claim, a.node, node)?.revoked = 0;
    if node.status & status::SUSPENDED != 0 {
        node.suspension_ends_at = Timestamp::default();
        node.guardian_suspends_at = now.after(SUSPENSION_PERIOD)?;
    }
    node.status &= !(status::SUSPENDED | status::REVOKED);
    if node.status & status::LOST == 0 {
        node.status = status::ACTIVE;
    }
    status_changed(a.node, node)
}

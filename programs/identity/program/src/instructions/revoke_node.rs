use {
    crate::{
        Result,
        instructions::{claim_of, network_authority, node_in, paid_by, status_changed},
    },
    joule_common::{AccountView, account, guard::require, in_range},
    joule_identity_interface::{IdentityError, instruction::RevokeNode, state::status},
};

/// See [`RevokeNode`].
#[inline(never)]
pub fn revoke_node(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = RevokeNode::parse(accounts, data)?;
    in_range!(args.free_specification <= 1, "free_specification")?;
    network_authority(a.authority, a.network)?;
    let node = node_in(a.node, a.network)?;
    require(node.status & status::REVOKED == 0, IdentityError::NodeBlocked)?;

    let mut claim = claim_of(a.specification_claim, a.node, node)?;
    if args.free_specification == 1 {
        paid_by(&claim.payer, a.specification_claim_payer)?;
        drop(claim);
        account::close(a.specification_claim, a.specification_claim_payer)?;
    } else {
        claim.revoked = 1;
    }
    node.status = node.status & !status::ACTIVE | status::REVOKED;
    status_changed(a.node, node)
}

use {
    crate::{
        Result,
        instructions::{claim_of, paid_by},
    },
    joule_common::{AccountView, account, event, guard, guard::require},
    joule_identity_interface::{
        IdentityError,
        event::NodeDeactivated,
        instruction::DeactivateNode,
        state::{Node, status},
    },
};

/// See [`DeactivateNode`]. Works while the network is paused: it only ends.
#[inline(never)]
pub fn deactivate_node(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = DeactivateNode::parse(accounts, data)?;
    let mut node = account::load_mut::<Node>(a.node)?;
    guard::authority(a.owner, &node.owner)?;
    require(!node.is_blocked(), IdentityError::NodeBlocked)?;
    require(a.owner.is_signer() || node.status & status::LOST != 0, IdentityError::NotLost)?;
    paid_by(&node.payer, a.node_payer)?;
    let claim = claim_of(a.specification_claim, a.node)?;
    paid_by(&claim.payer, a.specification_claim_payer)?;

    event::emit(&NodeDeactivated {
        header: NodeDeactivated::header(*a.node.address(), event::next(&mut node.sequence)?),
        owner: node.owner,
    });
    drop((node, claim));
    account::close(a.node, a.node_payer)?;
    account::close(a.specification_claim, a.specification_claim_payer)?;
    Ok(())
}

use {
    crate::{
        Result,
        instructions::{claim_of, leaf_proof, paid_by, reserve},
    },
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_identity_interface::{
        IdentityError,
        event::NodeDeactivated,
        instruction::DeactivateNode,
        state::{LOST_DELAY, Node, status},
    },
    joule_interface::Address,
};

/// See [`DeactivateNode`]. Works while the network is paused: it only ends.
#[inline(never)]
pub fn deactivate_node(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, proof, ..) = DeactivateNode::parse(accounts, data)?;
    let mut node = account::load_mut::<Node>(a.node)?;
    guard::authority(a.owner, &node.owner)?;
    require(!node.is_blocked(), IdentityError::NodeBlocked)?;
    let now = now()?;
    // Until then, who has the leaf syncs the machine where it stands.
    let lost = node.status & status::LOST != 0 && now >= node.synced_at.after(LOST_DELAY)?;
    if !lost {
        require(a.owner.is_signer(), IdentityError::NotLost)?;
        leaf_proof!(a, args, accounts, proof).require_owner(a.owner, &node)?;
    }
    paid_by(&node.payer, a.node_payer)?;

    let mut claim = claim_of(a.specification_claim, a.node, &node)?;
    let none = Address::default();
    let (owner, of_node) = if lost { (none, *a.node.address()) } else { (node.owner, none) };
    reserve(a.specification_claim, &mut claim, owner, of_node, now)?;

    event::emit(&NodeDeactivated {
        header: NodeDeactivated::header(*a.node.address(), event::next(&mut node.sequence)?),
        owner: node.owner,
    });
    drop(node);
    Ok(account::close(a.node, a.node_payer)?)
}

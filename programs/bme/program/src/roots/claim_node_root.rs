use {
    crate::{Result, roots::claim_root},
    joule_bme_interface::{
        BmeError,
        instruction::{ClaimNodeRoot, ClaimNodeRootArgs, ClaimRootArgs},
        state::NODE_PROOF_AGE,
    },
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_identity_interface::state::{Node, status},
};

/// See [`ClaimNodeRoot`]. Works while the network is paused: it pays out. The owner signs, though all is paid to it: in the wrong
/// order a later root takes the place of an earlier one, so no stranger chooses it.
pub fn claim_node_root(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, _, proof) = ClaimNodeRoot::parse(accounts, data)?;
    let node = account::keep::<Node>(a.node)?;
    guard::authority(a.owner, &node.owner)?;
    // Of a lost one `synced_at` is when it was lost.
    let is_there = node.status & status::LOST == 0;
    require(is_there && node.was_synced(NODE_PROOF_AGE, now()?), BmeError::NodeNotProved)?;

    let ClaimNodeRootArgs { previous_total, total, index } = *args;
    claim_root::pay(a.node, &a.root, &ClaimRootArgs { previous_total, total, index }, proof)
}

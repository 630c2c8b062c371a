use {
    crate::{
        Result, compression,
        instructions::{own_tree, path, threshold_of},
        leaf::{self, Leaf},
        standing,
    },
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_identity_interface::{
        event::NodeSynced,
        instruction::SyncNode,
        state::{Node, status},
    },
    joule_interface::Fault,
};

/// See [`SyncNode`]. Works while the network is paused: it only brings a record up to date.
#[inline(never)]
pub fn sync_node(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, proof, ..) = SyncNode::parse(accounts, data)?;
    let node = account::keep_mut::<Node>(a.node)?;
    let tree = own_tree(a.tree, node)?;
    let threshold = threshold_of(a.class, node)?;
    let handed_over = !guard::eq(a.owner.address(), &node.owner);
    require(!handed_over || a.owner.is_signer(), Fault::MissingSigner)?;
    leaf::check_flags(tree, args.flags)?;
    let leaf = Leaf {
        asset: &node.asset,
        owner: a.owner.address(),
        delegate: a.leaf_delegate.address(),
        nonce: node.nonce,
        data_hash: &args.data_hash,
        creator_hash: &args.creator_hash,
        flags: args.flags,
    };
    compression::verify_leaf(
        tree,
        path(accounts, proof),
        a.compression_program,
        &args.root,
        &leaf.hash(tree),
        node.nonce,
    )?;

    if handed_over {
        node.owner = *a.owner.address();
        node.operator = args.operator;
        standing::renew(node, threshold)?;
    }
    node.synced_at = now()?;
    node.status &= !status::LOST;
    if !node.is_blocked() {
        node.status = status::ACTIVE;
    }

    event::emit(&NodeSynced {
        header: NodeSynced::header(*a.node.address(), event::next(&mut node.sequence)?),
        owner: node.owner,
        operator: node.operator,
        version: node.version as u64,
        status: node.status as u64,
    });
    Ok(())
}

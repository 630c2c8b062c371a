use {
    crate::{
        Result, compression,
        instructions::{own_tree, path},
        leaf::{self, Leaf},
    },
    joule_common::{AccountView, account, event, guard, guard::require, in_range, now},
    joule_identity_interface::{
        IdentityError,
        event::NodeChallenged,
        instruction::ChallengeNode,
        pda,
        state::{Node, Tree, status},
    },
    joule_interface::{Address, SYSTEM_PROGRAM},
};

/// See [`ChallengeNode`]. Works while the network is paused: what is lost must not go on.
#[inline(never)]
pub fn challenge_node(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, proof, ..) = ChallengeNode::parse(accounts, data)?;
    in_range!(args.is_burned <= 1, "is_burned")?;
    let node = account::keep_mut::<Node>(a.node)?;
    // A tree is closed when no leaf stands in it.
    let owner = if args.is_burned == 1 && is_closed(a.tree, node)? {
        Address::default()
    } else {
        let tree = own_tree(a.tree, node)?;
        let (owner, hash) = if args.is_burned == 1 {
            (Address::default(), leaf::GONE)
        } else {
            let (owner, collection) = (a.leaf_owner.address(), args.collection);
            let left = tree.schema == 2 && !guard::eq(&collection, &tree.collection);
            require(left || !guard::eq(owner, &node.owner), IdentityError::SameOwner)?;
            // Of the same asset: what else stands in the tree does not matter.
            let leaf = Leaf {
                asset: &node.asset,
                owner,
                delegate: a.leaf_delegate.address(),
                nonce: node.nonce,
                data_hash: &args.data_hash,
                creator_hash: &args.creator_hash,
                flags: args.flags,
            };
            (*owner, leaf.hash_in(tree.schema, &collection))
        };
        let path = path(accounts, proof);
        compression::verify_leaf(tree, path, a.compression_program, &args.root, &hash, node.nonce)?;
        owner
    };

    if node.status & status::LOST == 0 {
        node.synced_at = now()?;
    }
    node.status = node.status & !status::ACTIVE | status::LOST;

    event::emit(&NodeChallenged {
        header: NodeChallenged::header(*a.node.address(), event::next(&mut node.sequence)?),
        owner,
        status: node.status as u64,
    });
    Ok(())
}

/// The tree of the node's leaf was closed: its record is gone, or is another registry's now.
fn is_closed(tree: &AccountView, node: &Node) -> Result<bool> {
    if guard::eq(tree.owner(), &SYSTEM_PROGRAM) {
        let (address, _) = pda::tree::find(&node.merkle_tree);
        require(guard::eq(tree.address(), &address), IdentityError::WrongTree)?;
        return Ok(true);
    }
    let tree = account::keep::<Tree>(tree)?;
    Ok(guard::eq(&tree.merkle_tree, &node.merkle_tree) && !guard::eq(&tree.registry, &node.registry))
}

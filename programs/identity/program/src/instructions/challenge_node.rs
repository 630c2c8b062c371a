use {
    crate::{
        Result, compression,
        instructions::own_tree,
        leaf::{self, Leaf},
    },
    joule_common::{AccountView, account, event, guard, guard::require, in_range},
    joule_identity_interface::{
        IdentityError,
        event::NodeChallenged,
        instruction::ChallengeNode,
        state::{Node, status},
    },
    joule_interface::Address,
};

/// See [`ChallengeNode`]. Works while the network is paused: what is lost must not go on.
#[inline(never)]
pub fn challenge_node(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, proof, ..) = ChallengeNode::parse(accounts, data)?;
    in_range!(args.is_burned <= 1, "is_burned")?;
    let node = account::keep_mut::<Node>(a.node)?;
    let tree = own_tree(a.tree, node)?;
    let (owner, hash) = if args.is_burned == 1 {
        (Address::new_from_array([0; 32]), leaf::GONE)
    } else {
        let owner = a.leaf_owner.address();
        require(!guard::eq(owner, &node.owner), IdentityError::SameOwner)?;
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
        (*owner, leaf.hash(tree))
    };
    let path = &accounts[accounts.len() - proof.len() - 1..];
    compression::verify_leaf(tree, path, a.compression_program, &args.root, &hash, node.nonce)?;

    node.status = node.status & !status::ACTIVE | status::LOST;

    event::emit(&NodeChallenged {
        header: NodeChallenged::header(*a.node.address(), event::next(&mut node.sequence)?),
        owner,
        status: node.status as u64,
    });
    Ok(())
}

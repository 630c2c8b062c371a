use {
    crate::{
        Result, compression,
        instructions::{class_of, path, take_specification},
        leaf::{self, Leaf},
        standing,
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_identity_interface::{
        IdentityError,
        event::NodeActivated,
        instruction::ActivateNode,
        pda,
        state::{Node, Tree, status},
    },
};

/// See [`ActivateNode`].
#[inline(never)]
pub fn activate_node(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, proof, ..) = ActivateNode::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    account::keep::<Network>(a.network)?.require_unpaused()?;
    let tree = account::keep::<Tree>(a.tree)?;
    guard::network(&tree.network, a.network.address())?;
    let class = class_of(a.class, &tree.registry)?;
    require(class.retired == 0, IdentityError::ClassRetired)?;
    leaf::check_flags(tree, args.flags)?;
    let nonce = args.nonce;
    // Only appends add leaves, and Bubblegum counts them: a leaf's nonce is its index.
    require(nonce < tree.minted_count, IdentityError::LeafIndexOutOfRange)?;
    // The signer stands in the leaf as its owner, the asset as its id: if they are not, there is no such leaf. Bubblegum
    // alone writes leaves into this tree, each with the id that it derived; so it need not be derived again.
    let leaf = Leaf {
        asset: &args.asset,
        owner: a.owner.address(),
        delegate: a.leaf_delegate.address(),
        nonce,
        data_hash: &args.data_hash,
        creator_hash: &args.creator_hash,
        flags: args.flags,
    };
    compression::verify_leaf(tree, path(accounts, proof), a.compression_program, &args.root, &leaf.hash(tree), nonce)?;

    let specification = take_specification(a.specification_claim, &tree.registry, a.owner.address(), a.node.address())?;
    let node = account::kept(account::create::<Node>(a.payer, a.node, &pda::node::seeds(&args.asset))?);
    node.network = tree.network;
    node.operator = args.operator;
    node.class = class.id;
    node.status = status::ACTIVE;
    node.synced_at = now()?;
    node.registry = tree.registry;
    node.merkle_tree = tree.merkle_tree;
    node.asset = args.asset;
    node.owner = *a.owner.address();
    node.specification = specification;
    node.payer = *a.payer.address();
    node.nonce = nonce;
    node.version = 1;
    node.class_expires_at = if class.threshold == 0 { standing::ALWAYS } else { standing::NEVER };

    event::emit(&NodeActivated {
        header: NodeActivated::header(*a.node.address(), event::next(&mut node.sequence)?),
        owner: node.owner,
        operator: node.operator,
        specification: node.specification,
        class: node.class as u64,
    });
    Ok(())
}

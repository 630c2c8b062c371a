use {
    crate::{Result, compression, leaf::Leaf},
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_identity_interface::{
        COMPRESSION_PROGRAM, IdentityError,
        event::NodeActivated,
        instruction::{ActivateNode, ActivateNodeArgs},
        pda,
        state::{Node, Registry, Tree, status},
    },
};

/// See [`ActivateNode`].
pub fn activate_node(accounts: &[AccountView], args: &ActivateNodeArgs) -> Result<()> {
    let (a, proof) = ActivateNode::parse(accounts)?;
    guard::system_program(a.system_program)?;
    guard::program(a.compression_program, &COMPRESSION_PROGRAM)?;
    let registry = account::load::<Registry>(a.registry)?;
    let tree = account::load::<Tree>(a.tree)?;
    require(guard::eq(&tree.registry, a.registry.address()), IdentityError::WrongRegistry)?;
    require(guard::eq(&tree.merkle_tree, a.merkle_tree.address()), IdentityError::WrongTree)?;
    require(args.class != 0, IdentityError::InvalidClass)?;
    let (nonce, index) = (args.nonce, args.index);
    // Only appends add leaves, and Bubblegum counts them: a leaf's nonce is its index.
    require(nonce < tree.minted && nonce == index as u64, IdentityError::LeafIndexOutOfRange)?;
    // With a node too many account compression panics, and says nothing.
    let depth_left = tree.capacity.checked_shr(proof.len() as u32).unwrap_or(0);
    require(depth_left != 0, IdentityError::ProofTooLong)?;

    let asset = pda::asset(a.merkle_tree.address(), nonce);
    // The signer stands in the leaf as its owner: if it is not, there is no such leaf.
    let leaf = Leaf {
        asset: &asset,
        owner: a.owner.address(),
        delegate: a.leaf_delegate.address(),
        nonce,
        data_hash: &args.data_hash,
        creator_hash: &args.creator_hash,
    };
    compression::verify_leaf(a.merkle_tree, proof, &args.root, &leaf.hash(), index)?;

    let mut node = account::create::<Node>(a.payer, a.node, &pda::node::seeds(&asset))?;
    *node = Node {
        header: node.header,
        network: registry.network,
        merkle_tree: tree.merkle_tree,
        asset,
        owner: *a.owner.address(),
        operator: args.operator,
        specification: args.specification,
        nonce,
        index,
        class: args.class,
        status: status::ACTIVE,
        reserved0: [0; 7],
        synced: now()?,
        payer: *a.payer.address(),
        sequence: 0,
        reserved: [0; 48],
    };

    event::emit(&NodeActivated {
        header: NodeActivated::header(*a.node.address(), event::next(&mut node.sequence)?),
        owner: node.owner,
        operator: node.operator,
        specification: node.specification,
        class: node.class as u64,
    });
    Ok(())
}

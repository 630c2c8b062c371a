use {
    crate::{Result, bubblegum, instructions::network_authority, metadata},
    joule_common::{AccountView, account, event, guard, guard::require},
    joule_identity_interface::{
        IdentityError,
        event::NodeMinted,
        instruction::MintNode,
        pda,
        state::{Registry, Tree},
    },
    solana_program::program::set_return_data,
};

/// See [`MintNode`].
pub fn mint_node(accounts: &[AccountView], metadata: &[u8]) -> Result<()> {
    let (a, _) = MintNode::parse(accounts)?;
    guard::system_program(a.system_program)?;
    let programs = bubblegum::Programs::check(a.bubblegum_program, a.compression_program, a.log_wrapper)?;
    network_authority(a.authority, a.network)?;
    let registry = account::load::<Registry>(a.registry)?;
    guard::network(&registry.network, a.network.address())?;
    let mut tree = account::load_mut::<Tree>(a.tree)?;
    require(guard::eq(&tree.registry, a.registry.address()), IdentityError::WrongRegistry)?;
    require(guard::eq(&tree.merkle_tree, a.merkle_tree.address()), IdentityError::WrongTree)?;
    require(guard::eq(&tree.tree_config, a.tree_config.address()), IdentityError::WrongTreeConfig)?;
    let nonce = tree.minted;
    require(nonce < tree.capacity, IdentityError::TreeFull)?;
    bubblegum::tree_config(a.tree_config, a.registry.address(), nonce)?;
    metadata::check(metadata, a.registry.address())?;

    let bump = [registry.header.bump];
    let seeds = pda::registry::signer(&registry.network, &bump);
    bubblegum::MintV1 {
        tree_config: a.tree_config,
        leaf_owner: a.leaf_owner,
        leaf_delegate: a.leaf_delegate,
        merkle_tree: a.merkle_tree,
        payer: a.payer,
        tree_creator: a.registry,
        system_program: a.system_program,
        programs,
    }
    .invoke_signed(metadata, &[(&seeds).into()])?;

    // Bubblegum numbered the leaf as expected, or the asset id below would be another's.
    tree.minted = nonce + 1;
    bubblegum::tree_config(a.tree_config, a.registry.address(), tree.minted)?;
    let asset = pda::asset(a.merkle_tree.address(), nonce);

    event::emit(&NodeMinted {
        header: NodeMinted::header(*a.tree.address(), event::next(&mut tree.sequence)?),
        asset,
        owner: *a.leaf_owner.address(),
        nonce,
    });
    let mut minted = [0; 40];
    minted[..32].copy_from_slice(asset.as_ref());
    minted[32..].copy_from_slice(&nonce.to_le_bytes());
    set_return_data(&minted);
    Ok(())
}

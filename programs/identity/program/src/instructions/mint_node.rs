use {
    crate::{Result, bubblegum, instructions::in_registry, metadata},
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, event, guard, guard::require, system},
    joule_identity_interface::{
        BUBBLEGUM_CORE_SIGNER, BUBBLEGUM_PROGRAM, CORE_PROGRAM, ID, IdentityError,
        event::NodeMinted,
        instruction::MintNode,
        pda,
        state::{Registry, Tree},
    },
    joule_interface::{Address, Fault},
    solana_program::program::set_return_data,
};

/// See [`MintNode`].
#[inline(never)]
pub fn mint_node(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, _, _, metadata) = MintNode::parse(accounts, data)?;
    account::keep::<Network>(a.network)?.require_unpaused()?;
    let registry = account::keep::<Registry>(a.registry)?;
    guard::network(&registry.network, a.network.address())?;
    if !is_zero(&registry.policy.minter) {
        guard::authority(a.minter, &registry.policy.minter)?;
    }
    if registry.policy.mint_fee != 0 {
        guard::system_program(a.programs.system_program)?;
        // The tree's account is looked at below; whatever it is, a failed transaction pays nothing.
        system::transfer(a.payer, a.tree, registry.policy.mint_fee)?;
    }
    let tree = account::keep_mut::<Tree>(a.tree)?;
    in_registry(&tree.registry, a.registry.address())?;
    bubblegum::check_tree(tree, a.merkle_tree, a.tree_config, &a.programs)?;
    let nonce = tree.minted_count;
    let nonce_bytes = nonce.to_le_bytes();
    require(nonce < tree.capacity, IdentityError::TreeFull)?;
    bubblegum::tree_config(a.tree_config, a.registry.address(), tree.schema, nonce)?;
    metadata::check(metadata, tree)?;

    let bump = [registry.header.bump];
    let seeds = pda::registry::signer(&registry.network, &bump);
    let signers = [(&seeds).into()];
    if tree.schema == 1 {
        bubblegum::mint_v1(&a, metadata, &signers)?;
    } else {
        let collection = collection(&a, tree)?;
        guard::program(a.core_program, &CORE_PROGRAM)?;
        bubblegum::mint_v2(&a, metadata, collection, &signers)?;
    }

    // Bubblegum must have numbered the leaf as expected: the asset id below follows from the number.
    tree.minted_count = nonce + 1;
    require(bubblegum::minted(a.tree_config)? == tree.minted_count, IdentityError::WrongTreeConfig)?;
    let seeds = pda::asset_seeds(a.merkle_tree.address(), &nonce_bytes);
    let (asset, _) = account::find_address(&seeds, &BUBBLEGUM_PROGRAM).ok_or(Fault::WrongAddress)?;

    event::emit(&NodeMinted {
        header: NodeMinted::header(*a.tree.address(), event::next(&mut tree.sequence)?),
        asset,
        owner: *a.leaf_owner.address(),
        nonce,
    });
    let mut minted = [0; 40];
    minted[..32].copy_from_slice(asset.as_ref());
    minted[32..].copy_from_slice(&nonce_bytes);
    set_return_data(&minted);
    Ok(())
}

/// The tree's collection, if it has one, with Bubblegum's signer for it.
fn collection<'a>(a: &MintNode<&'a AccountView>, tree: &Tree) -> Result<Option<&'a AccountView>> {
    if is_zero(&tree.collection) {
        require(!guard::present(a.collection, &ID), IdentityError::WrongCollection)?;
        return Ok(None);
    }
    require(guard::eq(a.collection.address(), &tree.collection), IdentityError::WrongCollection)?;
    guard::address(a.core_signer, &BUBBLEGUM_CORE_SIGNER)?;
    Ok(Some(a.collection))
}

#[inline(always)]
fn is_zero(address: &Address) -> bool {
    guard::eq(address, &Address::new_from_array([0; 32]))
}

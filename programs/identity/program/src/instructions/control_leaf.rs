use {
    crate::{
        Result, bubblegum, compression,
        instructions::{in_registry, network_authority},
    },
    joule_common::{AccountView, account, event, guard, guard::require, in_range},
    joule_identity_interface::{
        BUBBLEGUM_CORE_SIGNER, CORE_PROGRAM, IdentityError,
        event::LeafControlled,
        instruction::ControlLeaf,
        pda,
        state::{Registry, Tree, control},
    },
};

/// See [`ControlLeaf`]. Works while the network is paused: what is to be stopped does not wait.
#[inline(never)]
pub fn control_leaf(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, proof, ..) = ControlLeaf::parse(accounts, data)?;
    in_range!(args.action <= control::BURN, "action")?;
    network_authority(a.authority, a.network)?;
    let registry = account::keep::<Registry>(a.registry)?;
    guard::network(&registry.network, a.network.address())?;
    let tree = account::keep_mut::<Tree>(a.tree)?;
    in_registry(&tree.registry, a.registry.address())?;
    require(tree.schema == 2, IdentityError::InvalidSchema)?;
    require(guard::eq(&tree.merkle_tree, a.merkle_tree.address()), IdentityError::WrongTree)?;
    require(guard::eq(&tree.tree_config, a.tree_config.address()), IdentityError::WrongTreeConfig)?;
    require(guard::eq(&tree.collection, a.collection.address()), IdentityError::WrongCollection)?;
    require((args.index as u64) < tree.minted_count, IdentityError::LeafIndexOutOfRange)?;
    require(proof.len() <= tree.depth as usize, IdentityError::ProofTooLong)?;
    if args.action == control::BURN {
        guard::address(a.core_signer, &BUBBLEGUM_CORE_SIGNER)?;
        guard::program(a.core_program, &CORE_PROGRAM)?;
    }
    bubblegum::check_programs(
        tree.schema,
        a.bubblegum_program,
        a.compression_program,
        a.log_wrapper,
        a.system_program,
    )?;
    require(guard::eq(a.merkle_tree.owner(), compression::program(tree.schema)), IdentityError::InvalidTree)?;

    let bump = [registry.header.bump];
    let seeds = pda::registry::signer(&registry.network, &bump);
    bubblegum::control_leaf(&a, proof, args, &[(&seeds).into()])?;

    event::emit(&LeafControlled {
        header: LeafControlled::header(*a.tree.address(), event::next(&mut tree.sequence)?),
        nonce: args.index as u64,
        action: args.action as u64,
    });
    Ok(())
}

use {
    crate::{
        Result, bubblegum, compression,
        instructions::{in_registry, network_authority},
    },
    joule_common::{AccountView, account, event, guard, guard::require, in_range},
    joule_identity_interface::{
        BUBBLEGUM_CORE_SIGNER, CORE_PROGRAM, IdentityError,
        event::LeafControlled,
        instruction::{BubblegumPrograms, ControlLeaf},
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
    let programs = BubblegumPrograms {
        bubblegum_program: a.bubblegum_program,
        compression_program: a.compression_program,
        log_wrapper: a.log_wrapper,
        system_program: a.system_program,
    };
    bubblegum::check_tree(tree, a.merkle_tree, a.tree_config, &programs)?;
    require(guard::eq(&tree.collection, a.collection.address()), IdentityError::WrongCollection)?;
    require((args.index as u64) < tree.minted_count, IdentityError::LeafIndexOutOfRange)?;
    require(proof.len() <= tree.depth as usize, IdentityError::ProofTooLong)?;
    if args.action == control::BURN {
        guard::address(a.core_signer, &BUBBLEGUM_CORE_SIGNER)?;
        guard::program(a.core_program, &CORE_PROGRAM)?;
    }
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

use {
    crate::{Result, bubblegum, collection, compression, instructions::network_authority},
    joule_common::{AccountView, account, event, guard, guard::require, in_range},
    joule_identity_interface::{
        ID, IdentityError,
        event::TreeRegistered,
        instruction::CreateTree,
        pda,
        state::{Registry, Tree},
    },
};

/// See [`CreateTree`].
#[inline(never)]
pub fn create_tree(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = CreateTree::parse(accounts, data)?;
    let (schema, soulbound) = (args.schema, args.soulbound);
    let collects = guard::present(a.collection, &ID);
    require(schema == 2 || schema == 1 && soulbound == 0 && !collects, IdentityError::InvalidSchema)?;
    in_range!(soulbound <= 1, "soulbound")?;
    bubblegum::check_programs(schema, &a.programs)?;
    network_authority(a.authority, a.network)?;
    let bump = {
        let registry = account::load::<Registry>(a.registry)?;
        guard::network(&registry.network, a.network.address())?;
        [registry.header.bump]
    };
    // Only a collection's permanent freeze delegate makes leaves non-transferable.
    require(soulbound == 0 || collects, IdentityError::InvalidCollection)?;
    if collects {
        collection::check(a.collection, a.registry.address())?;
    }
    let tree_config = pda::tree_config(a.merkle_tree.address());
    require(guard::eq(a.tree_config.address(), &tree_config), IdentityError::WrongTreeConfig)?;
    compression::require_empty(a.merkle_tree, schema, args.max_depth, args.max_buffer_size)?;

    let seeds = pda::tree::seeds(a.merkle_tree.address());
    let mut tree = account::create::<Tree>(a.payer, a.tree, &seeds)?;
    let seeds = pda::registry::signer(a.network.address(), &bump);
    bubblegum::create_tree(&a, args, &[(&seeds).into()])?;

    let tree_config = bubblegum::tree_config(a.tree_config, a.registry.address(), schema, 0)?;
    let mut registry = account::load_mut::<Registry>(a.registry)?;
    tree.network = *a.network.address();
    tree.registry = *a.registry.address();
    tree.merkle_tree = *a.merkle_tree.address();
    tree.tree_config = *a.tree_config.address();
    tree.payer = *a.payer.address();
    if collects {
        tree.collection = *a.collection.address();
    }
    tree.capacity = tree_config.total_mint_capacity;
    tree.index = registry.tree_count;
    tree.depth = args.max_depth as u8;
    tree.schema = schema;
    tree.soulbound = soulbound;
    registry.tree_count += 1;
    registry.open_tree_count += 1;

    event::emit(&TreeRegistered {
        header: TreeRegistered::header(*a.registry.address(), event::next(&mut registry.sequence)?),
        merkle_tree: tree.merkle_tree,
        capacity: tree.capacity,
    });
    Ok(())
}

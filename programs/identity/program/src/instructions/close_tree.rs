use {
    crate::{
        Result, bubblegum,
        instructions::{fees, in_registry, network_authority, paid_by},
    },
    joule_common::{AccountView, account, event, guard, guard::require},
    joule_identity_interface::{
        IdentityError,
        event::TreeClosed,
        instruction::CloseTree,
        pda,
        state::{Registry, Tree},
    },
    joule_interface::{Address, Fault},
};

/// See [`CloseTree`]. Works while the network is paused: it only ends.
#[inline(never)]
pub fn close_tree(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CloseTree::parse(accounts, data)?;
    network_authority(a.authority, a.network)?;
    let bump = {
        let registry = account::load::<Registry>(a.registry)?;
        guard::network(&registry.network, a.network.address())?;
        let tree = account::load::<Tree>(a.tree)?;
        in_registry(&tree.registry, a.registry.address())?;
        paid_by(&tree.payer, a.payer)?;
        bubblegum::check_tree(&tree, a.merkle_tree, a.tree_config, &a.programs)?;
        require(tree.schema == 2 || tree.minted_count == 0, IdentityError::TreeNotEmpty)?;
        // Its payer gets what is left in it: that must not be the receiver's.
        let receives = registry.policy.fee_receiver != Address::default();
        require(!receives || fees(a.tree)? == 0, IdentityError::TreeNotEmpty)?;
        (tree.schema == 2).then_some([registry.header.bump])
    };

    // Account compression looks whether a leaf stands there.
    if let Some(bump) = bump {
        let before = a.registry.lamports();
        let seeds = pda::registry::signer(a.network.address(), &bump);
        bubblegum::close_tree(&a, &[(&seeds).into()])?;
        require(a.merkle_tree.lamports() == 0, IdentityError::InvalidTree)?;
        let rent = a.registry.lamports().checked_sub(before).ok_or(Fault::Overflow)?;
        account::pay(a.registry, a.payer, rent)?;
    }
    account::close(a.tree, a.payer)?;
    let mut registry = account::load_mut::<Registry>(a.registry)?;
    registry.open_tree_count = registry.open_tree_count.checked_sub(1).ok_or(Fault::Overflow)?;

    event::emit(&TreeClosed {
        header: TreeClosed::header(*a.registry.address(), event::next(&mut registry.sequence)?),
        merkle_tree: *a.merkle_tree.address(),
    });
    Ok(())
}

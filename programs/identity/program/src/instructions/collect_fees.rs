use {
    crate::{
        Result,
        instructions::{fees, in_registry},
    },
    joule_common::{AccountView, account, event, guard, guard::require},
    joule_identity_interface::{
        IdentityError,
        event::FeesCollected,
        instruction::CollectFees,
        state::{Registry, Tree},
    },
};

/// See [`CollectFees`]. Works while the network is paused: it pays out.
#[inline(never)]
pub fn collect_fees(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CollectFees::parse(accounts, data)?;
    let registry = account::keep::<Registry>(a.registry)?;
    let tree = account::keep_mut::<Tree>(a.tree)?;
    in_registry(&tree.registry, a.registry.address())?;
    guard::address(a.receiver, &registry.policy.fee_receiver)?;
    let amount = fees(a.tree)?;
    require(amount != 0, IdentityError::NoFees)?;

    account::pay(a.tree, a.receiver, amount)?;

    event::emit(&FeesCollected {
        header: FeesCollected::header(*a.tree.address(), event::next(&mut tree.sequence)?),
        amount,
    });
    Ok(())
}

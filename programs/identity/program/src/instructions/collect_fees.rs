use {
    crate::{Result, instructions::in_registry},
    joule_common::{AccountView, account, event, guard, guard::require},
    joule_identity_interface::{
        IdentityError,
        event::FeesCollected,
        instruction::CollectFees,
        state::{Registry, Tree},
    },
    pinocchio::sysvars::{Sysvar, rent::Rent},
};

/// See [`CollectFees`]. Works while the network is paused: it pays out.
#[inline(never)]
pub fn collect_fees(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CollectFees::parse(accounts, data)?;
    let registry = account::keep::<Registry>(a.registry)?;
    let tree = account::keep_mut::<Tree>(a.tree)?;
    in_registry(&tree.registry, a.registry.address())?;
    guard::address(a.receiver, &registry.policy.fee_receiver)?;
    let rent = Rent::get().and_then(|rent| rent.try_minimum_balance(size_of::<Tree>()))?;
    let amount = a.tree.lamports().saturating_sub(rent);
    require(amount != 0, IdentityError::NoFees)?;

    account::pay(a.tree, a.receiver, amount)?;

    event::emit(&FeesCollected {
        header: FeesCollected::header(*a.tree.address(), event::next(&mut tree.sequence)?),
        amount,
    });
    Ok(())
}

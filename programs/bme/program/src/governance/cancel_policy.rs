use {
    crate::Result,
    joule_bme_interface::{
        event::PolicyCancelled,
        instruction::CancelPolicy,
        state::{Network, PolicyChange},
    },
    joule_common::{AccountView, account, event, guard},
};

/// See [`CancelPolicy`].
pub fn cancel_policy(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CancelPolicy::parse(accounts, data)?;
    let network = account::keep_mut::<Network>(a.network)?;
    guard::authority(a.authority, &network.authority)?;
    let change = account::load::<PolicyChange>(a.policy_change)?;
    guard::network(&change.network, a.network.address())?;
    guard::address(a.rent_receiver, &change.payer)?;

    event::emit(&PolicyCancelled {
        header: PolicyCancelled::header(*a.network.address(), event::next(&mut network.sequence)?),
        index: change.index,
    });
    drop(change);
    account::close(a.policy_change, a.rent_receiver)?;
    Ok(())
}

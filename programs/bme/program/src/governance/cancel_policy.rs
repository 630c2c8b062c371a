use {
    crate::Result,
    joule_bme_interface::{
        event::PolicyCancelled,
        instruction::CancelPolicy,
        state::{CHANGE_WINDOW, Network, PolicyChange},
    },
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_interface::Fault,
};

/// See [`CancelPolicy`].
pub fn cancel_policy(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CancelPolicy::parse(accounts, data)?;
    let network = account::keep_mut::<Network>(a.network)?;
    let change = account::load::<PolicyChange>(a.policy_change)?;
    guard::network(&change.network, a.network.address())?;
    guard::address(a.rent_receiver, &change.payer)?;
    let is_void =
        change.base_policy_version != network.policy_version || now()? > change.executable_at.after(CHANGE_WINDOW)?;
    let may = is_void || guard::eq(a.signer.address(), &network.authority);
    require(may, Fault::Unauthorized)?;

    event::emit(&PolicyCancelled {
        header: PolicyCancelled::header(*a.network.address(), event::next(&mut network.sequence)?),
        index: change.index,
    });
    drop(change);
    account::close(a.policy_change, a.rent_receiver)?;
    Ok(())
}

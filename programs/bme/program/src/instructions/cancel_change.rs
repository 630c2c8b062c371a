use {
    crate::Result,
    joule_bme_interface::{
        event::ChangeCancelled,
        instruction::{CancelChange, CancelChangeArgs},
        state::{Network, ParameterChange},
    },
    joule_common::{AccountView, account, event, guard},
};

/// See [`CancelChange`].
pub fn cancel_change(accounts: &[AccountView], _: &CancelChangeArgs) -> Result<()> {
    let (a, _) = CancelChange::parse(accounts)?;
    let network = account::keep_mut::<Network>(a.network)?;
    guard::authority(a.authority, &network.authority)?;
    let change = account::load::<ParameterChange>(a.change)?;
    guard::network(&change.network, a.network.address())?;
    guard::address(a.rent_receiver, &change.payer)?;

    event::emit(&ChangeCancelled {
        header: ChangeCancelled::header(*a.network.address(), event::next(&mut network.sequence)?),
        index: change.index,
    });
    drop(change);
    account::close(a.change, a.rent_receiver)?;
    Ok(())
}

use {
    crate::{
        Result,
        instructions::{in_pool, paid_by},
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, event, guard},
    joule_stake_interface::{
        event::ChangeCancelled,
        instruction::{CancelChange, CancelChangeArgs},
        state::{Change, Pool},
    },
};

/// See [`CancelChange`].
#[inline(never)]
pub fn cancel_change(accounts: &[AccountView], _: &CancelChangeArgs) -> Result<()> {
    let (a, _) = CancelChange::parse(accounts)?;
    guard::authority(a.authority, &account::keep::<Network>(a.network)?.authority)?;
    let pool = account::keep_mut::<Pool>(a.pool)?;
    guard::network(&pool.network, a.network.address())?;
    let change = account::load::<Change>(a.change)?;
    in_pool(&change.pool, a.pool.address())?;
    paid_by(&change.payer, a.rent_receiver)?;

    event::emit(&ChangeCancelled {
        header: ChangeCancelled::header(*a.pool.address(), event::next(&mut pool.sequence)?),
    });
    drop(change);
    account::close(a.change, a.rent_receiver)?;
    Ok(())
}

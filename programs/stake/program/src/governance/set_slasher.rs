use {
    crate::{Result, accounts::in_pool, governance::add_slasher::check_rights},
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, guard},
    joule_stake_interface::{
        instruction::SetSlasher,
        state::{Pool, Slasher},
    },
};

/// See [`SetSlasher`].
#[inline(never)]
pub fn set_slasher(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = SetSlasher::parse(accounts, data)?;
    guard::authority(a.authority, &account::keep::<Network>(a.network)?.authority)?;
    guard::network(&account::keep::<Pool>(a.pool)?.network, a.network.address())?;
    let slasher = account::keep_mut::<Slasher>(a.slasher)?;
    in_pool(&slasher.pool, a.pool.address())?;
    check_rights(args.rights)?;

    slasher.rights = args.rights;
    slasher.window_limit = args.window_limit;
    Ok(())
}

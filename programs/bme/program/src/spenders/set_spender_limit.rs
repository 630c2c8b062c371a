use {
    crate::{Result, spenders},
    joule_bme_interface::{
        instruction::SetSpenderLimit,
        state::{Network, Spender},
    },
    joule_common::{AccountView, account, guard},
};

/// See [`SetSpenderLimit`].
pub fn set_spender_limit(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = SetSpenderLimit::parse(accounts, data)?;
    guard::authority(a.authority, &account::keep::<Network>(a.network)?.authority)?;
    let spender = account::keep_mut::<Spender>(a.spender)?;
    guard::network(&spender.network, a.network.address())?;
    spenders::check_limit(args.epoch_limit)?;
    spender.epoch_limit = args.epoch_limit;
    spenders::emit_changed(a.spender, spender)
}

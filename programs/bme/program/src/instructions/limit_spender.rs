use {
    crate::{Result, instructions::spender_changed},
    joule_bme_interface::{
        instruction::{LimitSpender, LimitSpenderArgs},
        state::{Network, Spender},
    },
    joule_common::{AccountView, account, guard},
};

/// See [`LimitSpender`].
pub fn limit_spender(accounts: &[AccountView], args: &LimitSpenderArgs) -> Result<()> {
    let (a, _) = LimitSpender::parse(accounts)?;
    guard::authority(a.authority, &account::keep::<Network>(a.network)?.authority)?;
    let spender = account::keep_mut::<Spender>(a.spender)?;
    guard::network(&spender.network, a.network.address())?;
    spender.limit = args.limit;
    spender_changed(a.spender, spender)
}

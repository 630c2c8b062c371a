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
    guard::authority(a.authority, &account::load::<Network>(a.network)?.authority)?;
    let mut spender = account::load_mut::<Spender>(a.spender)?;
    guard::network(&spender.network, a.network.address())?;
    spender.limit = args.limit;
    spender_changed(a.spender, &mut spender)
}

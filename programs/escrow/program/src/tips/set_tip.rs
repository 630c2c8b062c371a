use {
    crate::{Result, markets::emit_market_changed},
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, event, guard, in_range},
    joule_escrow_interface::{
        instruction::SetTip,
        state::{MAX_TIP, Market},
    },
};

/// See [`SetTip`].
#[inline(never)]
pub fn set_tip(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = SetTip::parse(accounts, data)?;
    guard::authority(a.authority, &account::load::<Network>(a.network)?.authority)?;
    let mut market = account::load_mut::<Market>(a.market)?;
    guard::network(&market.network, a.network.address())?;
    in_range!({ args.tip } <= MAX_TIP, "tip")?;

    market.tip = args.tip;
    event::next(&mut market.terms_version)?;
    emit_market_changed(a.market, &market);
    Ok(())
}

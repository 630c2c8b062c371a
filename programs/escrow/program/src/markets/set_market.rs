use {
    crate::{
        Result,
        markets::{emit_market_changed, terms},
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, event, guard, in_range},
    joule_escrow_interface::{instruction::SetMarket, state::Market},
};

/// See [`SetMarket`].
#[inline(never)]
pub fn set_market(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = SetMarket::parse(accounts, data)?;
    guard::authority(a.authority, &account::load::<Network>(a.network)?.authority)?;
    let mut market = account::load_mut::<Market>(a.market)?;
    guard::network(&market.network, a.network.address())?;
    let terms = args.terms;
    terms::check(&terms, &market.pool)?;
    terms::check_fee(&terms, a.network.address(), &market.mint, market.lane, a.fee_payee)?;
    terms::check_verifiable(&terms, &market.verification, market.needs_arbiter == 1)?;
    in_range!(args.closed <= 1, "closed")?;

    market.terms = terms;
    market.closed = args.closed;
    event::next(&mut market.terms_version)?;
    emit_market_changed(a.market, &market);
    Ok(())
}

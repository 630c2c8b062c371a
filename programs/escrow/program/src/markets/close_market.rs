use {
    crate::Result,
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_escrow_interface::{EscrowError, instruction::CloseMarket, pda, posting_id, state::Market},
    joule_interface::SYSTEM_PROGRAM,
};

/// See [`CloseMarket`].
#[inline(never)]
pub fn close_market(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CloseMarket::parse(accounts, data)?;
    guard::authority(a.authority, &account::load::<Network>(a.network)?.authority)?;
    let market = account::load::<Market>(a.market)?;
    guard::network(&market.network, a.network.address())?;
    require(guard::eq(a.rent_receiver.address(), &market.payer), EscrowError::WrongPayer)?;
    guard::address(a.queue, &pda::queue::find(a.market.address()).0)?;
    require(guard::eq(a.queue.owner(), &SYSTEM_PROGRAM), EscrowError::NotEmpty)?;
    // Created again at once, it would have a number twice, and who signed for it as it was would have other terms.
    require(posting_id::is_past(market.terms_version, now()?), EscrowError::TooEarly)?;

    drop(market);
    Ok(account::close(a.market, a.rent_receiver)?)
}

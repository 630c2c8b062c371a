//! Markets: created, changed, closed.

use {
    crate::{Result, terms},
    joule_bme_interface::state::{Network, Spender},
    joule_common::{AccountView, account, event, guard, guard::require, token},
    joule_escrow_interface::{
        EscrowError, ID,
        event::MarketChanged,
        instruction::{CloseMarket, CloseMarketArgs, CreateMarket, CreateMarketArgs, SetMarket, SetMarketArgs},
        pda,
        state::{Market, NONE},
    },
    joule_interface::{Address, Fault, SYSTEM_PROGRAM},
    joule_stake_interface::state::Pool,
};

/// The address of an account that may be left out; zero if it is.
fn address_of(view: &AccountView) -> Address {
    if guard::present(view, &ID) { *view.address() } else { NONE }
}

/// Says what a market's terms are now.
pub fn say(view: &AccountView, market: &Market) {
    event::emit(&MarketChanged {
        header: MarketChanged::header(*view.address(), market.terms_version),
        terms: market.terms,
        verification: market.verification,
        closed: market.closed as u64,
    });
}

/// See [`CreateMarket`].
#[inline(never)]
pub fn create_market(accounts: &[AccountView], args: &CreateMarketArgs) -> Result<()> {
    let (a, _) = CreateMarket::parse(accounts)?;
    guard::system_program(a.system_program)?;
    let network = a.network.address();
    guard::authority(a.authority, &account::load::<Network>(a.network)?.authority)?;
    let (authority, bump) = pda::authority::find(network);
    let (pool, mint) = (address_of(a.pool), address_of(a.mint));
    if pool != NONE {
        guard::network(&account::load::<Pool>(a.pool)?.network, network)?;
    }
    if mint == NONE {
        let spender = account::load::<Spender>(a.spender)?;
        guard::network(&spender.network, network)?;
        require(guard::eq(&spender.authority, &authority), Fault::WrongAddress)?;
    } else {
        guard::token_program(a.token_program)?;
        token::mint(a.mint, a.token_program.address())?;
        token::require_harmless(a.mint)?;
    }
    let terms = args.terms;
    terms::check(&terms, &pool)?;
    terms::check_fee(&terms, network, &mint, a.fee_payee)?;

    let id = args.id.to_le_bytes();
    let mut market = account::create::<Market>(a.payer, a.market, &pda::market::seeds(network, &id))?;
    market.network = *network;
    market.id = args.id;
    market.pool = pool;
    market.mint = mint;
    market.payer = *a.payer.address();
    market.terms_version = 1;
    market.terms = terms;
    market.authority_bump = bump;
    say(a.market, &market);
    Ok(())
}

/// See [`SetMarket`].
#[inline(never)]
pub fn set_market(accounts: &[AccountView], args: &SetMarketArgs) -> Result<()> {
    let (a, _) = SetMarket::parse(accounts)?;
    guard::authority(a.authority, &account::load::<Network>(a.network)?.authority)?;
    let mut market = account::load_mut::<Market>(a.market)?;
    guard::network(&market.network, a.network.address())?;
    let terms = args.terms;
    terms::check(&terms, &market.pool)?;
    terms::check_fee(&terms, a.network.address(), &market.mint, a.fee_payee)?;
    terms::check_verifiable(&terms, &market.verification)?;
    require(args.closed <= 1, Fault::InvalidParameter)?;

    market.terms = terms;
    market.closed = args.closed;
    event::next(&mut market.terms_version)?;
    say(a.market, &market);
    Ok(())
}

/// See [`CloseMarket`].
#[inline(never)]
pub fn close_market(accounts: &[AccountView], _: &CloseMarketArgs) -> Result<()> {
    let (a, _) = CloseMarket::parse(accounts)?;
    guard::authority(a.authority, &account::load::<Network>(a.network)?.authority)?;
    let market = account::load::<Market>(a.market)?;
    guard::network(&market.network, a.network.address())?;
    require(guard::eq(a.rent_receiver.address(), &market.payer), EscrowError::WrongPayer)?;
    guard::address(a.queue, &pda::queue::find(a.market.address()).0)?;
    require(guard::eq(a.queue.owner(), &SYSTEM_PROGRAM), EscrowError::NotEmpty)?;

    drop(market);
    Ok(account::close(a.market, a.rent_receiver)?)
}

use {
    crate::{
        Result,
        markets::{emit_market_changed, terms},
    },
    joule_bme_interface::state::{Network, Spender},
    joule_common::{AccountView, account, guard, guard::require, issuer, now, token},
    joule_escrow_interface::{
        EscrowError, ID,
        instruction::CreateMarket,
        pda, posting_id,
        state::{Market, NONE},
    },
    joule_interface::{Address, Fault},
    joule_stake_interface::state::Pool,
};

/// See [`CreateMarket`].
#[inline(never)]
pub fn create_market(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = CreateMarket::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    let network = a.network.address();
    guard::authority(a.authority, &account::load::<Network>(a.network)?.authority)?;
    let (authority, bump) = pda::authority::find(network);
    let (pool, mint) = (address_of(a.pool), address_of(a.mint));
    if pool != NONE {
        guard::network(&account::load::<Pool>(a.pool)?.network, network)?;
    }
    let mut lane = 0;
    let mut issuer_powers = 0;
    if mint == NONE {
        let spender = account::load::<Spender>(a.spender)?;
        guard::network(&spender.network, network)?;
        require(guard::eq(&spender.authority, &authority), Fault::WrongAddress)?;
        lane = spender.lane;
    } else {
        guard::token_program(a.token_program)?;
        token::mint(a.mint, a.token_program.address())?;
        issuer_powers = issuer::powers(a.mint)?;
        require(issuer_powers & !args.issuer_powers == 0, EscrowError::PowersNotNamed)?;
    }
    let terms = args.terms;
    terms::check(&terms, &pool)?;
    terms::check_fee(&terms, network, &mint, lane, a.fee_payee)?;

    let id = args.id.to_le_bytes();
    let mut market = account::create::<Market>(a.payer, a.market, &pda::market::seeds(network, &id))?;
    market.network = *network;
    market.id = args.id;
    market.pool = pool;
    market.mint = mint;
    market.payer = *a.payer.address();
    market.terms_version = posting_id::first(now()?)?;
    market.terms = terms;
    market.authority_bump = bump;
    market.lane = lane;
    market.issuer_powers = issuer_powers;
    emit_market_changed(a.market, &market);
    Ok(())
}

/// The address of an account that can be left out; zero if it is.
fn address_of(view: &AccountView) -> Address {
    if guard::present(view, &ID) { *view.address() } else { NONE }
}

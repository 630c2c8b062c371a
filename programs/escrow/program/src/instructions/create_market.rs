use {
    crate::Result,
    joule_bme_interface::state::{Network, Spender},
    joule_common::{AccountView, account, guard, guard::require},
    joule_escrow_interface::{
        instruction::{CreateMarket, CreateMarketArgs},
        pda,
        state::{Market, Terms},
    },
    joule_interface::Fault,
    joule_math::Seconds,
    joule_stake_interface::state::Pool,
};

const WEEK: Seconds = Seconds(7 * 86_400);

/// See [`CreateMarket`].
pub fn create_market(accounts: &[AccountView], args: &CreateMarketArgs) -> Result<()> {
    let (a, _) = CreateMarket::parse(accounts)?;
    guard::system_program(a.system_program)?;
    let network = a.network.address();
    guard::authority(a.authority, &account::load::<Network>(a.network)?.authority)?;
    guard::network(&account::load::<Pool>(a.pool)?.network, network)?;
    let (authority, bump) = pda::authority::find(network);
    guard::address(a.escrow_authority, &authority)?;
    let spender = account::load::<Spender>(a.spender)?;
    guard::network(&spender.network, network)?;
    require(guard::eq(&spender.authority, &authority), Fault::WrongAddress)?;
    let terms = args.terms;
    check_terms(&terms)?;

    let id = args.id.to_le_bytes();
    let mut market = account::create::<Market>(a.payer, a.market, &pda::market::seeds(network, &id))?;
    market.network = *network;
    market.id = args.id;
    market.pool = *a.pool.address();
    market.spender = *a.spender.address();
    market.terms = terms;
    market.authority_bump = bump;
    Ok(())
}

/// The ranges that the arguments' documentation gives.
fn check_terms(terms: &Terms) -> Result<()> {
    Ok(require(
        !terms.price.is_zero()
            && terms.min_duration >= Seconds(1)
            && terms.min_duration <= terms.max_duration
            && (Seconds(1)..=WEEK).contains(&terms.start_window)
            && terms.price.times(terms.max_duration.0 as u64).is_ok(),
        Fault::InvalidParameter,
    )?)
}

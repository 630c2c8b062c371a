use {
    crate::{
        Result,
        instructions::emit_panel_moved,
        panel::{self, Order},
        purse::Purse,
        wager,
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError,
        instruction::PostPanel,
        pda,
        state::{Market, NONE, Panel},
    },
    joule_interface::Fault,
};

/// See [`PostPanel`].
#[inline(never)]
pub fn post_panel(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = PostPanel::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    require(account::load::<Network>(a.network)?.paused == 0, Fault::Paused)?;
    let market = account::load::<Market>(a.market)?;
    guard::network(&market.network, a.network.address())?;
    require(market.closed == 0, EscrowError::MarketClosed)?;
    require({ args.terms_version } == market.terms_version, EscrowError::TermsChanged)?;
    require(market.verification != NONE, EscrowError::NotVerified)?;
    let verification = wager::verification(a.verification, &market.verification)?;
    let order = Order { price: args.price, duration: args.duration, places: args.replicas, quorum: args.quorum };
    let deposit = panel::cost(&market.terms, &verification, &order)?;
    let purse =
        Purse { purse: a.funding_account, spender: a.spender, authority: a.escrow_authority, program: a.bme_program };
    purse.hold(&market.mint, a.network, market.authority_bump, a.client, deposit, a.panel.address())?;
    let posting = purse.number(&market.mint)?;

    let nonce = args.nonce.to_le_bytes();
    let mut panel =
        account::create::<Panel>(a.payer, a.panel, &pda::panel::seeds(a.funding_account.address(), &nonce))?;
    panel.market = *a.market.address();
    panel.network = market.network;
    panel.client = *a.client.address();
    panel.funding_account = *a.funding_account.address();
    panel.mint = market.mint;
    panel.pool = market.pool;
    panel.payer = *a.payer.address();
    panel.definition = args.definition;
    panel.authority_bump = market.authority_bump;
    panel.posting_id = posting;
    panel::post(&mut panel, &market.terms, &verification, &order, deposit, now()?)?;
    emit_panel_moved(a.panel, &mut panel, &NONE)
}

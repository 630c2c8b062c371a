use {
    crate::{
        Result,
        markets::require_offer,
        money::{burning, funding::Funding},
        tips,
        verification::{
            load_verification,
            panels::{
                emit_panel_moved,
                panel::{self, Order},
            },
        },
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError,
        instruction::PostPanel,
        pda,
        state::{Market, NONE, Panel},
    },
};

/// See [`PostPanel`].
#[inline(never)]
pub fn post_panel(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = PostPanel::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    account::load::<Network>(a.network)?.require_unpaused()?;
    let market = account::load::<Market>(a.market)?;
    require_offer(&market, a.network, args.terms_version)?;
    require(market.verification != NONE, EscrowError::NotVerified)?;
    let verification = load_verification(a.verification, &market.verification)?;
    let order = Order { price: args.price, duration: args.duration, replicas: args.replicas };
    if !panel::client_penalty(&market.terms, args.price)?.is_zero() {
        burning::require_burnable(&market.mint, market.terms.fee_share)?;
    }
    let deposited = panel::cost(&market.terms, &verification, &order)?;

    let funding = Funding::new(a.funding_account, &a.credits);
    let spender_number = funding.hold(&market, a.network, a.client, deposited, a.panel.address())?;
    let posting_id = funding.next_panel_id(&market.mint)?;
    let nonce = args.nonce.to_le_bytes();
    let seeds = pda::panel::seeds(a.funding_account.address(), &nonce);
    let mut panel = account::create::<Panel>(a.payer, a.panel, &seeds)?;
    if market.tip != 0 {
        // An account that is borrowed cannot be paid into.
        drop(panel);
        tips::panel::advance(market.tip, args.replicas, a.panel, a.payer)?;
        panel = account::load_mut::<Panel>(a.panel)?;
    }
    panel.tip = market.tip;
    panel.market = *a.market.address();
    panel.network = market.network;
    panel.client = *a.client.address();
    panel.funding_account = *a.funding_account.address();
    panel.mint = market.mint;
    panel.pool = market.pool;
    panel.payer = *a.payer.address();
    panel.definition = args.definition;
    panel.authority_bump = market.authority_bump;
    panel.posting_id = posting_id;
    panel.spender_number = spender_number;
    panel.lane = market.lane;
    panel::post(&mut panel, &market.terms, &verification, &order, deposited, now()?)?;
    emit_panel_moved(a.panel, &mut panel, &NONE)
}

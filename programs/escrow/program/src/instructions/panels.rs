//! Panels: posted, decided, taken back, closed.

use {
    crate::{
        Result,
        panel::{self, Order},
        purse::Purse,
        wager,
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError,
        event::{PanelDecided, PanelMoved},
        instruction::{
            CancelPanel, CancelPanelArgs, ClosePanel, ClosePanelArgs, PostPanel, PostPanelArgs, TallyPanel,
            TallyPanelArgs,
        },
        pda,
        state::{Market, NONE, Panel},
    },
    joule_interface::{Address, Fault},
    joule_math::{Amount, Timestamp},
};

/// See [`PostPanel`].
#[inline(never)]
pub fn post_panel(accounts: &[AccountView], args: &PostPanelArgs) -> Result<()> {
    let (a, _) = PostPanel::parse(accounts)?;
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
    moved(a.panel, &mut panel, &NONE)
}

/// Says how a panel goes on.
#[inline(always)]
pub fn moved(view: &AccountView, panel: &mut Panel, provider: &Address) -> Result<()> {
    event::emit(&PanelMoved {
        header: PanelMoved::header(*view.address(), event::next(&mut panel.sequence)?),
        state: panel.state as u64,
        provider: *provider,
        deadline_at: panel.deadline_at,
    });
    Ok(())
}

/// See [`TallyPanel`]. Works while the network is paused: it settles and gives back.
#[inline(never)]
pub fn tally_panel(accounts: &[AccountView], _: &TallyPanelArgs) -> Result<()> {
    let (a, _) = TallyPanel::parse(accounts)?;
    let mut panel = account::load_mut::<Panel>(a.panel)?;
    let now = now()?;
    let back = panel::tally(&mut panel, now)?;
    let purse =
        Purse { purse: a.funding_account, spender: a.spender, authority: a.escrow_authority, program: a.bme_program };
    give_back(a.panel, &mut panel, &purse, back, now)
}

/// See [`CancelPanel`]. Works while the network is paused: it gives back.
#[inline(never)]
pub fn cancel_panel(accounts: &[AccountView], _: &CancelPanelArgs) -> Result<()> {
    let (a, _) = CancelPanel::parse(accounts)?;
    let mut panel = account::load_mut::<Panel>(a.panel)?;
    let now = now()?;
    let by_client = guard::eq(a.caller.address(), &panel.client);
    let back = panel::cancel(&mut panel, by_client, now)?;
    let purse =
        Purse { purse: a.funding_account, spender: a.spender, authority: a.escrow_authority, program: a.bme_program };
    give_back(a.panel, &mut panel, &purse, back, now)
}

#[inline(always)]
fn give_back(view: &AccountView, panel: &mut Panel, purse: &Purse, back: Amount, now: Timestamp) -> Result<()> {
    require(guard::eq(purse.purse.address(), &panel.funding_account), EscrowError::WrongClient)?;
    purse.give_back(&panel::as_job(panel, None), view.address(), back, now)?;
    event::emit(&PanelDecided {
        header: PanelDecided::header(*view.address(), event::next(&mut panel.sequence)?),
        state: panel.state as u64,
        result: panel.result,
        refunded: panel.refunded,
        held: panel.held,
    });
    Ok(())
}

/// See [`ClosePanel`]. Works while the network is paused: it gives back.
pub fn close_panel(accounts: &[AccountView], _: &ClosePanelArgs) -> Result<()> {
    let (a, _) = ClosePanel::parse(accounts)?;
    let panel = account::load::<Panel>(a.panel)?;
    require(panel::is_decided(&panel), EscrowError::WrongPanelState)?;
    require(panel.unpaid_count == 0, EscrowError::NotEmpty)?;
    require(panel.unsettled_count == 0, EscrowError::BondUnsettled)?;
    require(guard::eq(a.rent_receiver.address(), &panel.payer), EscrowError::WrongPayer)?;

    drop(panel);
    Ok(account::close(a.panel, a.rent_receiver)?)
}

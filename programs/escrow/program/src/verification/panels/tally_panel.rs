use {
    crate::{
        Result,
        halts::KnownHalts,
        money::funding::{Funding, require_funding},
        verification::panels::{emit_panel_decided, panel},
    },
    joule_common::{AccountView, account, now},
    joule_escrow_interface::{instruction::TallyPanel, state::Panel},
};

/// See [`TallyPanel`]. Works while the network is paused: it settles and gives back.
#[inline(never)]
pub fn tally_panel(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = TallyPanel::parse(accounts, data)?;
    let panel = &mut *account::load_mut::<Panel>(a.panel)?;
    require_funding(panel, a.funding_account)?;
    let now = now()?;

    let funding = Funding::new(a.funding_account, &a.credits);
    let refund = if panel::is_before_results(panel) && funding.is_revoked(panel, now)? {
        panel::revoke(panel)?
    } else {
        panel::tally(panel, now, &KnownHalts(a.halt_clock, now))?
    };
    funding.refund(panel, a.panel.address(), refund, now)?;
    emit_panel_decided(a.panel, panel)
}

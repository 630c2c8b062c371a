use {
    crate::{
        Result,
        halts::KnownHalts,
        money::funding::{Funding, require_funding},
        verification::panels::{emit_panel_decided, panel},
    },
    joule_common::{AccountView, account, guard, now},
    joule_escrow_interface::{instruction::CancelPanel, state::Panel},
};

/// See [`CancelPanel`]. Works while the network is paused: it gives back.
#[inline(never)]
pub fn cancel_panel(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CancelPanel::parse(accounts, data)?;
    let panel = &mut *account::load_mut::<Panel>(a.panel)?;
    require_funding(panel, a.funding_account)?;
    let now = now()?;
    let by_client = guard::eq(a.caller.address(), &panel.client);

    let funding = Funding::new(a.funding_account, &a.credits);
    let refund = if panel::is_before_results(panel) && funding.is_revoked(panel, now)? {
        panel::revoke(panel)?
    } else {
        panel::cancel(panel, by_client, now, &KnownHalts(a.halt_clock, now))?
    };
    funding.refund(panel, a.panel.address(), refund, now)?;
    emit_panel_decided(a.panel, panel)
}

use {
    crate::{Result, money::burning, verification::panels::panel},
    joule_common::{AccountView, account, event, now},
    joule_escrow_interface::{event::PanelPenaltyBurned, instruction::BurnPanelPenalty, state::Panel},
};

/// See [`BurnPanelPenalty`]. Works while the network is paused: it settles.
#[inline(never)]
pub fn burn_panel_penalty(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = BurnPanelPenalty::parse(accounts, data)?;
    let panel = &mut *account::load_mut::<Panel>(a.panel)?;
    let now = now()?;
    let revoked = burning::check(&a.burning, panel, now)?;
    if panel.penalty_owed.is_zero() {
        return Ok(());
    }

    let amount = panel::burn_penalty(panel, args.max_amount, revoked)?;
    if !amount.is_zero() {
        burning::burn(&a.burning, panel, a.panel.address(), amount, now)?;
    }

    event::emit(&PanelPenaltyBurned {
        header: PanelPenaltyBurned::header(*a.panel.address(), event::next(&mut panel.sequence)?),
        burned: amount,
        owed: panel.penalty_owed,
    });
    Ok(())
}

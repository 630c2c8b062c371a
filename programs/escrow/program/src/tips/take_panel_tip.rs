use {
    crate::{
        Result,
        tips::{self, panel},
    },
    joule_common::{AccountView, account, guard, guard::require, now, transaction},
    joule_escrow_interface::{EscrowError, instruction::TakePanelTip, state::Panel},
};

/// See [`TakePanelTip`]. Works while the network is paused: what it pays for does.
#[inline(never)]
pub fn take_panel_tip(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = TakePanelTip::parse(accounts, data)?;
    let panel = account::keep_mut::<Panel>(a.panel)?;
    let keeper = a.keeper.address();
    let is_party = guard::eq(keeper, &panel.client)
        || guard::eq(keeper, &panel.payer)
        || panel.present().any(|(_, replica)| guard::eq(keeper, &replica.provider));
    require(!is_party, EscrowError::OwnTip)?;
    let next = transaction::next(a.instructions_sysvar)?.ok_or(EscrowError::NoTipDue)?;
    let bit = panel::due(panel, a.panel.address(), &next, now()?)?;

    panel.tips_taken |= bit;
    tips::pay(a.panel, a.keeper, panel.tip)
}

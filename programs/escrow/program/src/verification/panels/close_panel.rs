use {
    crate::{Result, verification::panels::panel},
    joule_common::{AccountView, account, guard, guard::require},
    joule_escrow_interface::{EscrowError, instruction::ClosePanel, state::Panel},
};

/// See [`ClosePanel`]. Works while the network is paused: it gives back.
pub fn close_panel(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = ClosePanel::parse(accounts, data)?;
    let panel = account::load::<Panel>(a.panel)?;
    require(panel::is_decided(&panel), EscrowError::WrongPanelState)?;
    require(panel.held.is_zero(), EscrowError::NotEmpty)?;
    require(panel.unsettled_count == 0, EscrowError::BondUnsettled)?;
    require(guard::eq(a.rent_receiver.address(), &panel.payer), EscrowError::WrongPayer)?;

    drop(panel);
    Ok(account::close(a.panel, a.rent_receiver)?)
}

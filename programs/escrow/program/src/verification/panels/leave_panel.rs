use {
    crate::{
        Result,
        verification::panels::{emit_panel_moved, panel, settle_with_stake},
    },
    joule_common::{AccountView, account},
    joule_escrow_interface::{instruction::LeavePanel, state::Panel},
};

/// See [`LeavePanel`]. Works while the network is paused: it gives back.
#[inline(never)]
pub fn leave_panel(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = LeavePanel::parse(accounts, data)?;
    let panel = &mut *account::load_mut::<Panel>(a.panel)?;
    panel::require_provider(panel, args.replica, a.provider_authority.address())?;
    panel::require_can_leave(panel)?;

    settle_with_stake(a.panel, panel, args.replica, &a.settlement)?;
    panel::leave(panel, args.replica);
    emit_panel_moved(a.panel, panel, a.provider_authority.address())
}

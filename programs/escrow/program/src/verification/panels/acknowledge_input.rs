use {
    crate::{
        Result,
        halts::KnownHalts,
        verification::panels::{emit_panel_moved, panel},
    },
    joule_common::{AccountView, account, now},
    joule_escrow_interface::{instruction::AcknowledgeInput, state::Panel},
};

/// See [`AcknowledgeInput`]. Works while the network is paused: who does not acknowledge in time loses a part of its bond.
pub fn acknowledge_input(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = AcknowledgeInput::parse(accounts, data)?;
    let mut panel = account::load_mut::<Panel>(a.panel)?;
    panel::require_provider(&panel, args.replica, a.provider_authority.address())?;

    let now = now()?;
    panel::acknowledge(&mut panel, args.replica, now, &KnownHalts(a.halt_clock, now))?;
    emit_panel_moved(a.panel, &mut panel, a.provider_authority.address())
}

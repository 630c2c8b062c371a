use {
    crate::{
        Result,
        halts::KnownHalts,
        verification::panels::{emit_panel_moved, panel},
    },
    joule_common::{AccountView, account, now},
    joule_escrow_interface::{instruction::CommitResult, state::Panel},
};

/// See [`CommitResult`]. Works while the network is paused: running work goes on.
pub fn commit_result(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = CommitResult::parse(accounts, data)?;
    let mut panel = account::load_mut::<Panel>(a.panel)?;
    panel::require_provider(&panel, args.replica, a.provider_authority.address())?;

    let now = now()?;
    panel::commit(&mut panel, args.replica, &args.commitment, now, &KnownHalts(a.halt_clock, now))?;
    emit_panel_moved(a.panel, &mut panel, a.provider_authority.address())
}

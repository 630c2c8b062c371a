use {
    crate::{
        Result,
        halts::KnownHalts,
        verification::panels::{emit_panel_moved, panel, settle_with_stake},
    },
    joule_common::{AccountView, account, now},
    joule_escrow_interface::{instruction::RemoveReplica, state::Panel},
};

/// See [`RemoveReplica`]. Works while the network is paused: it settles and gives back.
#[inline(never)]
pub fn remove_replica(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = RemoveReplica::parse(accounts, data)?;
    let panel = &mut *account::load_mut::<Panel>(a.panel)?;
    let now = now()?;
    panel::require_removable(panel, args.replica, now, &KnownHalts(a.halt_clock, now))?;
    let provider = panel.replicas[args.replica as usize].provider;

    settle_with_stake(a.panel, panel, args.replica, &a.settlement)?;
    panel::remove(panel, args.replica, now)?;
    emit_panel_moved(a.panel, panel, &provider)
}

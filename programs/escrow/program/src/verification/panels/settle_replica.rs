use {
    crate::{
        Result,
        verification::panels::{panel, settle_with_stake},
    },
    joule_common::{AccountView, account, guard::require},
    joule_escrow_interface::{EscrowError, instruction::SettleReplica, state::Panel},
    joule_interface::Fault,
};

/// See [`SettleReplica`]. Works while the network is paused: it settles and gives back.
#[inline(never)]
pub fn settle_replica(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = SettleReplica::parse(accounts, data)?;
    let panel = &mut *account::load_mut::<Panel>(a.panel)?;
    require(panel::is_decided(panel), EscrowError::WrongPanelState)?;
    if panel::replica_at(panel, args.replica)?.bond_unsettled == 0 {
        return Ok(());
    }

    settle_with_stake(a.panel, panel, args.replica, &a.settlement)?;
    panel.replicas[args.replica as usize].bond_unsettled = 0;
    panel.unsettled_count = panel.unsettled_count.checked_sub(1).ok_or(Fault::Overflow)?;
    Ok(())
}

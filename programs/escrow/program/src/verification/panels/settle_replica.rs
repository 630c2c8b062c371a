use {
    crate::{Result, collateral::settlement, verification::panels::panel},
    joule_common::{AccountView, account, event, guard::require},
    joule_escrow_interface::{
        EscrowError,
        event::ReplicaSettled,
        instruction::SettleReplica,
        state::{NONE, Panel},
    },
    joule_interface::Fault,
};

/// See [`SettleReplica`]. Works while the network is paused: it settles and gives back.
#[inline(never)]
pub fn settle_replica(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = SettleReplica::parse(accounts, data)?;
    let mut panel = account::load_mut::<Panel>(a.panel)?;
    require(panel::is_decided(&panel), EscrowError::WrongPanelState)?;
    let index = args.replica as usize;
    require(index < panel.joined_count as usize, EscrowError::WrongReplica)?;
    if panel.replicas[index].bond_unsettled == 0 {
        return Ok(());
    }
    let engagement = panel::engagement(&panel, args.replica)?;
    let (seized_amount, reported) = settlement::settle(&a.settlement, &engagement, a.panel.address())?;

    let replica = &mut panel.replicas[index];
    let provider = replica.provider;
    replica.bond = NONE;
    replica.bond_unsettled = 0;
    panel.unsettled_count = panel.unsettled_count.checked_sub(1).ok_or(Fault::Overflow)?;

    event::emit(&ReplicaSettled {
        header: ReplicaSettled::header(*a.panel.address(), event::next(&mut panel.sequence)?),
        provider,
        seized_amount,
        outcome: reported as u64,
    });
    Ok(())
}

use {
    crate::{Result, panel, settlement},
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
    let settlement = settlement!(a);
    settlement.slashing.check()?;
    let mut panel = account::load_mut::<Panel>(a.panel)?;
    require(panel::is_decided(&panel), EscrowError::WrongPanelState)?;
    let place = args.replica as usize;
    require(place < panel.joined_count as usize, EscrowError::WrongReplica)?;
    if panel.replicas[place].bond_unsettled == 0 {
        return Ok(());
    }
    let job = panel::as_job(&panel, Some(args.replica));
    let (seized, reported) = settlement.make(&job, a.panel.address())?;
    let replica = &mut panel.replicas[place];
    replica.bond = NONE;
    replica.bond_unsettled = 0;
    panel.unsettled_count = panel.unsettled_count.checked_sub(1).ok_or(Fault::Overflow)?;

    event::emit(&ReplicaSettled {
        header: ReplicaSettled::header(*a.panel.address(), event::next(&mut panel.sequence)?),
        provider: job.provider,
        seized_amount: seized,
        outcome: reported as u64,
    });
    Ok(())
}

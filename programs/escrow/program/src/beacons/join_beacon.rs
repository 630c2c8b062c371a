use {
    crate::{Result, beacons},
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_escrow_interface::{
        instruction::JoinBeacon,
        state::{Beacon, Job},
    },
    joule_interface::Fault,
};

/// See [`JoinBeacon`]. Works while the network is paused: the jobs have started.
#[inline(never)]
pub fn join_beacon(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, _, more, _) = JoinBeacon::parse(accounts, data)?;
    let beacon = account::keep_mut::<Beacon>(a.beacon)?;
    guard::authority(a.provider_authority, &beacon.provider)?;
    let now = now()?;

    // What the jobs note are the sums after this beat.
    beacon.beat(now);
    for view in core::iter::once(a.job).chain(more) {
        require(view.is_writable(), Fault::NotWritable)?;
        beacons::join(beacon, &mut *account::load_mut::<Job>(view)?, now)?;
    }
    Ok(())
}

use {
    crate::{Result, beacons},
    joule_common::{AccountView, account, guard::require},
    joule_escrow_interface::{
        instruction::LeaveBeacon,
        state::{Beacon, Job},
    },
    joule_interface::Fault,
};

/// See [`LeaveBeacon`]. Works while the network is paused: it ends something.
#[inline(never)]
pub fn leave_beacon(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, _, more, _) = LeaveBeacon::parse(accounts, data)?;
    let beacon = account::keep_mut::<Beacon>(a.beacon)?;

    for view in core::iter::once(a.job).chain(more) {
        require(view.is_writable(), Fault::NotWritable)?;
        beacons::leave(beacon, &mut *account::load_mut::<Job>(view)?)?;
    }
    Ok(())
}

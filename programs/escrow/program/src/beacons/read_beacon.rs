use {
    crate::{Result, beacons},
    joule_common::{AccountView, account, guard::require, now},
    joule_escrow_interface::{
        instruction::ReadBeacon,
        state::{Beacon, Job},
    },
    joule_interface::Fault,
};

/// See [`ReadBeacon`]. Works while the network is paused: a running job goes on.
#[inline(never)]
pub fn read_beacon(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, _, more, _) = ReadBeacon::parse(accounts, data)?;
    let beacon = account::keep::<Beacon>(a.beacon)?;
    let now = now()?;

    for view in core::iter::once(a.job).chain(more) {
        require(view.is_writable(), Fault::NotWritable)?;
        beacons::read(beacon, &mut *account::load_mut::<Job>(view)?, now)?;
    }
    Ok(())
}

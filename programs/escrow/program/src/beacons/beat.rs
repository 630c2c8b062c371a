use {
    crate::Result,
    joule_common::{AccountView, account, guard, now},
    joule_escrow_interface::{instruction::Beat, state::Beacon},
};

/// See [`Beat`]. Works while networks are paused: running jobs go on.
pub fn beat(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = Beat::parse(accounts, data)?;
    let beacon = account::keep_mut::<Beacon>(a.beacon)?;
    if !guard::eq(a.machine_key.address(), &beacon.machine_key) {
        guard::authority(a.machine_key, &beacon.provider)?;
    }

    beacon.beat(now()?);
    Ok(())
}

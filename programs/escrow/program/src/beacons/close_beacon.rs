use {
    crate::Result,
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError,
        instruction::CloseBeacon,
        state::{BEACON_CLOSING_DELAY, Beacon},
    },
};

/// See [`CloseBeacon`].
#[inline(never)]
pub fn close_beacon(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CloseBeacon::parse(accounts, data)?;
    let beacon = account::load::<Beacon>(a.beacon)?;
    let is_left = now()?.since(beacon.last_beat_at) > BEACON_CLOSING_DELAY.0 as u64;
    require(is_left || guard::eq(a.caller.address(), &beacon.provider), EscrowError::TooEarly)?;
    require(beacon.jobs == 0, EscrowError::BeaconInUse)?;
    require(guard::eq(a.rent_receiver.address(), &beacon.payer), EscrowError::WrongPayer)?;

    drop(beacon);
    Ok(account::close(a.beacon, a.rent_receiver)?)
}

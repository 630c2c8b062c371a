use {
    crate::{
        Result, beacons,
        collateral::settlement,
        gangs::{self, emit_gang_moved, require_place},
    },
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError, ID,
        instruction::LeaveGang,
        state::{Gang, Job},
    },
};

/// See [`LeaveGang`]. Works while the network is paused: it gives back.
#[inline(never)]
pub fn leave_gang(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = LeaveGang::parse(accounts, data)?;
    let gang = &mut *account::load_mut::<Gang>(a.gang)?;
    let job = &mut *account::load_mut::<Job>(a.job)?;
    let at = require_place(gang, a.job.address(), job)?;
    guard::authority(a.provider_authority, &job.provider)?;

    job.bond_to_seize = gangs::leaving_price(gang, job, now()?)?;
    settlement::settle(&a.settlement, job, a.job.address())?;
    if job.on_beacon != 0 {
        require(guard::present(a.beacon, &ID), EscrowError::OnBeacon)?;
        beacons::leave_by(job, core::slice::from_ref(a.beacon))?;
    }
    gangs::leave(gang, (at, job))?;
    emit_gang_moved(a.gang, gang, a.job.address(), a.provider_authority.address())
}

use {
    crate::{
        Result,
        gangs::{self, require_place},
    },
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError,
        instruction::HeartbeatMember,
        state::{Gang, Job},
    },
};

/// See [`HeartbeatMember`]. Works while the network is paused: a running gang goes on.
#[inline(never)]
pub fn heartbeat_member(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = HeartbeatMember::parse(accounts, data)?;
    let gang = account::keep::<Gang>(a.gang)?;
    let job = account::keep_mut::<Job>(a.job)?;
    require_place(gang, a.job.address(), job)?;
    guard::authority(a.provider_authority, &job.provider)?;
    // One measure: else each would hide what the other shows.
    require(job.on_beacon == 0, EscrowError::OnBeacon)?;

    gangs::heartbeat(gang, job, now()?)
}

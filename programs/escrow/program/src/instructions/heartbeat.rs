use {
    crate::{Result, job},
    joule_common::{AccountView, account, guard, now},
    joule_escrow_interface::{
        instruction::{Heartbeat, HeartbeatArgs},
        state::Job,
    },
};

/// See [`Heartbeat`]. Works while the network is paused: what runs goes on.
pub fn heartbeat(accounts: &[AccountView], _: &HeartbeatArgs) -> Result<()> {
    let (a, _) = Heartbeat::parse(accounts)?;
    let job = account::keep_mut::<Job>(a.job)?;
    job::beat(job, now()?)?;
    Ok(guard::authority(a.provider_authority, &job.provider)?)
}

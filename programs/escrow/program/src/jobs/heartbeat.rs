use {
    crate::{Result, jobs::clock},
    joule_common::{AccountView, account, guard, now},
    joule_escrow_interface::{instruction::Heartbeat, state::Job},
};

/// See [`Heartbeat`]. Works while the network is paused: a running job goes on.
#[inline(never)]
pub fn heartbeat(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = Heartbeat::parse(accounts, data)?;
    let job = account::keep_mut::<Job>(a.job)?;
    guard::authority(a.provider_authority, &job.provider)?;

    clock::heartbeat(job, now()?)
}

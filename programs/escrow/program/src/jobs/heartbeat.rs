use {
    crate::{
        Result,
        jobs::{batch, clock},
    },
    joule_common::{AccountView, account, guard, now},
    joule_escrow_interface::{instruction::Heartbeat, state::Job},
};

/// See [`Heartbeat`]. Works while the network is paused: a running job goes on.
#[inline(never)]
pub fn heartbeat(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, _, more, _) = Heartbeat::parse(accounts, data)?;
    if more.is_empty() {
        let job = account::keep_mut::<Job>(a.job)?;
        guard::authority(a.provider_authority, &job.provider)?;
        return clock::heartbeat(job, now()?);
    }
    let now = now()?;
    batch::each(Heartbeat::DISCRIMINATOR, (a.job, more), usize::MAX, &mut |_, _, mut job| {
        guard::authority(a.provider_authority, &job.provider)?;
        clock::heartbeat(&mut job, now)
    })
}

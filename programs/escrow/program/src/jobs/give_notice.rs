use {
    crate::{Result, jobs::clock},
    joule_common::{AccountView, account, event, guard, now},
    joule_escrow_interface::{event::NoticeGiven, instruction::GiveNotice, state::Job},
};

/// See [`GiveNotice`]. Works while the network is paused: it ends something.
#[inline(never)]
pub fn give_notice(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = GiveNotice::parse(accounts, data)?;
    let job = account::keep_mut::<Job>(a.job)?;
    guard::authority(a.provider_authority, &job.provider)?;

    clock::give_notice(job, now()?)?;

    event::emit(&NoticeGiven {
        header: NoticeGiven::header(*a.job.address(), event::next(&mut job.sequence)?),
        ends_at: job.ends_at,
    });
    Ok(())
}

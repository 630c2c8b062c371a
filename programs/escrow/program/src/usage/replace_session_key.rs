use {
    crate::{Result, halts::KnownHalts, mandates, usage},
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_escrow_interface::{event::SessionKeyReplaced, instruction::ReplaceSessionKey, state::Job},
    joule_interface::Fault,
};

/// See [`ReplaceSessionKey`]. Works while the network is paused: a running job goes on.
#[inline(never)]
pub fn replace_session_key(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, rest, _) = ReplaceSessionKey::parse(accounts, data)?;
    let job = account::keep_mut::<Job>(a.job)?;
    let now = now()?;
    let may = guard::eq(a.client.address(), &job.client) || mandates::acts(job, a.client, rest, now)?;
    require(may, Fault::Unauthorized)?;

    usage::replace_key(job, args.session_key, args.session_scheme, now, &KnownHalts(a.halt_clock, now))?;

    event::emit(&SessionKeyReplaced {
        header: SessionKeyReplaced::header(*a.job.address(), event::next(&mut job.sequence)?),
        session_key: job.session_key,
        session_scheme: job.session_scheme as u64,
        previous_key_ends_at: job.previous_key_ends_at,
    });
    Ok(())
}

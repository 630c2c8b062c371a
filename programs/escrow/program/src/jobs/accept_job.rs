use {
    crate::{
        Result,
        halts::KnownHalts,
        jobs::ending::{self, conclude},
        mandates,
        money::payment,
    },
    joule_common::{AccountView, account, guard, now},
    joule_escrow_interface::{instruction::AcceptJob, state::Job},
};

/// See [`AcceptJob`]. Works while the network is paused: it pays what is owed.
#[inline(never)]
pub fn accept_job(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, rest, _) = AcceptJob::parse(accounts, data)?;
    let job = account::keep_mut::<Job>(a.job)?;
    let now = now()?;
    let obstacle = payment::check(&a.payment, job, Some(a.caller), args.max_amount, now)?;
    let by_client = guard::eq(a.caller.address(), &job.client) || mandates::acts(job, a.caller, rest, now)?;

    let payout = ending::accept(job, by_client, args.max_amount, now, &KnownHalts(a.halt_clock, now))?;
    conclude(a.job.address(), job, &a.payment, payout, obstacle, now)
}

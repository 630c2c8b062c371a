use {
    crate::{Result, instructions::conclude, job, payment},
    joule_common::{AccountView, account, guard, now},
    joule_escrow_interface::{instruction::AcceptJob, state::Job},
};

/// See [`AcceptJob`]. Works while the network is paused: it settles.
pub fn accept_job(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = AcceptJob::parse(accounts, data)?;
    let payment = payment!(a);
    let job = account::keep_mut::<Job>(a.job)?;
    let now = now()?;
    let closed = payment.check(job, now)?;
    let by_client = guard::eq(a.caller.address(), &job.client);

    let payout = job::accept(job, by_client, args.max_amount, now)?;
    conclude(a.job.address(), job, &payment, payout, closed)
}

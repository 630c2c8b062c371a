use {
    crate::{
        Result,
        halts::KnownHalts,
        jobs::ending::{self, conclude},
        money::payment,
    },
    joule_common::{AccountView, account, guard, now},
    joule_escrow_interface::{instruction::ResolveJob, state::Job},
};

/// See [`ResolveJob`]. Works while the network is paused: it pays what is owed.
pub fn resolve_job(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = ResolveJob::parse(accounts, data)?;
    let job = account::keep_mut::<Job>(a.job)?;
    let now = now()?;
    let obstacle = payment::check(&a.payment, job, Some(a.caller), args.max_amount, now)?;
    let by_arbiter = guard::eq(a.caller.address(), &job.terms.arbiter);

    let payout = ending::resolve(
        job,
        by_arbiter,
        (args.pay_share, args.bond_penalty),
        args.max_amount,
        now,
        &KnownHalts(a.halt_clock, now),
    )?;
    conclude(a.job.address(), job, &a.payment, payout, obstacle, now)
}

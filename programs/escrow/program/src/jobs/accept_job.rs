use {
    crate::{
        Result,
        halts::KnownHalts,
        jobs::{
            batch,
            ending::{self, conclude},
        },
        mandates,
        money::payment::{self, Payout},
    },
    joule_common::{AccountView, account, guard, now},
    joule_escrow_interface::{ID, instruction::AcceptJob, state::Job},
    joule_math::{Amount, Timestamp},
};

/// See [`AcceptJob`]. Works while the network is paused: it pays what is owed.
#[inline(never)]
pub fn accept_job(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, rest, _) = AcceptJob::parse(accounts, data)?;
    let now = now()?;
    if let [mandate, more @ ..] = rest
        && !more.is_empty()
    {
        let mandate = if guard::present(mandate, &ID) { core::slice::from_ref(mandate) } else { &[] };
        let (instruction, max_amount) = (AcceptJob::DISCRIMINATOR, args.max_amount);
        let mut end = |_: usize, job: &mut Job, _, most| accept(&a, job, mandate, most, now);
        return batch::end_all(instruction, (a.job, more), &a.payment, a.caller, max_amount, now, &mut end);
    }
    let job = account::keep_mut::<Job>(a.job)?;
    let obstacle = payment::check(&a.payment, job, Some(a.caller), args.max_amount, now)?;
    let payout = accept(&a, job, rest, args.max_amount, now)?;
    conclude(a.job.address(), job, &a.payment, payout, obstacle, now)
}

/// Accepts one.
#[inline(always)]
fn accept(
    a: &AcceptJob<&AccountView>,
    job: &mut Job,
    mandate: &[AccountView],
    max_amount: Amount,
    now: Timestamp,
) -> Result<Payout> {
    let by_client = guard::eq(a.caller.address(), &job.client) || mandates::acts(job, a.caller, mandate, now)?;
    ending::accept(job, by_client, max_amount, now, &KnownHalts(a.halt_clock, now))
}

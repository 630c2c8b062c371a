use {
    crate::{Result, halts::KnownHalts, jobs::ending},
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError,
        event::JobDelivered,
        instruction::DeliverJob,
        state::{Job, NONE},
    },
};

/// See [`DeliverJob`]. Works while the network is paused: a running job goes on.
#[inline(never)]
pub fn deliver_job(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = DeliverJob::parse(accounts, data)?;
    let job = account::keep_mut::<Job>(a.job)?;
    guard::authority(a.provider_authority, &job.provider)?;
    require(guard::eq(&job.verification, &NONE), EscrowError::TraceRequired)?;
    require(args.result != [0; 32], EscrowError::ResultRequired)?;

    let now = now()?;
    ending::deliver(job, now, &KnownHalts(a.halt_clock, now))?;
    job.result = args.result;

    event::emit(&JobDelivered {
        header: JobDelivered::header(*a.job.address(), event::next(&mut job.sequence)?),
        result: job.result,
        deadline_at: job.deadline_at,
    });
    Ok(())
}

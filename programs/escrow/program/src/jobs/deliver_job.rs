use {
    crate::{
        Result,
        halts::KnownHalts,
        jobs::{batch, ending},
    },
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError,
        event::JobDelivered,
        instruction::DeliverJob,
        state::{Job, NONE},
    },
    joule_interface::Address,
    joule_math::Timestamp,
};

/// See [`DeliverJob`]. Works while the network is paused: a running job goes on.
#[inline(never)]
pub fn deliver_job(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, more, tail) = DeliverJob::parse(accounts, data)?;
    let (results, now) = (batch::hashes(tail, more.len())?, now()?);
    if more.is_empty() {
        return deliver(&a, a.job.address(), account::keep_mut(a.job)?, &args.result, now);
    }
    batch::each(DeliverJob::DISCRIMINATOR, (a.job, more), usize::MAX, &mut |index, view, mut job| {
        let result = if index == 0 { &args.result } else { &results[index - 1] };
        deliver(&a, view.address(), &mut job, result, now)
    })
}

/// Delivers one.
#[inline(always)]
fn deliver(
    a: &DeliverJob<&AccountView>,
    address: &Address,
    job: &mut Job,
    result: &[u8; 32],
    now: Timestamp,
) -> Result<()> {
    guard::authority(a.provider_authority, &job.provider)?;
    require(guard::eq(&job.verification, &NONE), EscrowError::TraceRequired)?;
    require(*result != [0; 32], EscrowError::ResultRequired)?;

    ending::deliver(job, now, &KnownHalts(a.halt_clock, now))?;
    job.result = *result;

    event::emit(&JobDelivered {
        header: JobDelivered::header(*address, event::next(&mut job.sequence)?),
        result: job.result,
        deadline_at: job.deadline_at,
    });
    Ok(())
}

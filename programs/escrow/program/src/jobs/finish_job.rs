use {
    crate::{
        Result,
        halts::KnownHalts,
        jobs::{
            batch,
            ending::{self, EndedBy, conclude},
        },
        mandates,
        money::payment::{self, Obstacle, Payout},
        usage,
        verification::proofs::{behind_proof, is_unprovable},
    },
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError,
        instruction::{FinishJob, FinishJobArgs},
        state::{Job, pricing},
    },
    joule_interface::Fault,
    joule_math::{Amount, Timestamp},
};

/// See [`FinishJob`]. Works while the network is paused: it pays what is owed and refunds the rest.
#[inline(never)]
pub fn finish_job(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, rest, results) = FinishJob::parse(accounts, data)?;
    let now = now()?;
    if !results.is_empty() {
        return finish_all(&a, args, rest, results, now);
    }
    let job = account::keep_mut::<Job>(a.job)?;
    let obstacle = payment::check(&a.payment, job, Some(a.caller), args.max_amount, now)?;
    let by = ended_by(&a, job, &args.result, rest, obstacle, now)?;
    if job.terms.pricing == pricing::USAGE {
        return usage::finish_job(&a, job, by, args, obstacle, now);
    }
    let payout = finish(&a, job, by, &args.result, args.max_amount, now)?;
    conclude(a.job.address(), job, &a.payment, payout, obstacle, now)
}

/// Ends several.
#[inline(never)]
fn finish_all(
    a: &FinishJob<&AccountView>,
    args: &FinishJobArgs,
    rest: &[AccountView],
    results: &[u8],
    now: Timestamp,
) -> Result<()> {
    let (more, rest) = rest.split_at_checked(results.len() / 32).ok_or(Fault::NotEnoughAccounts)?;
    let results = batch::hashes(results, more.len())?;
    let (instruction, max_amount) = (FinishJob::DISCRIMINATOR, args.max_amount);
    let mut end = |index: usize, job: &mut Job, obstacle, most| {
        let result = if index == 0 { &args.result } else { &results[index - 1] };
        // A job that is paid by the unit ends in an instruction of its own.
        require(job.terms.pricing != pricing::USAGE, EscrowError::WrongPricing)?;
        let by = ended_by(a, job, result, rest, obstacle, now)?;
        finish(a, job, by, result, most, now)
    };
    batch::end_all(instruction, (a.job, more), &a.payment, a.caller, max_amount, now, &mut end)
}

/// Who ends it.
#[inline(always)]
fn ended_by(
    a: &FinishJob<&AccountView>,
    job: &Job,
    result: &[u8; 32],
    rest: &[AccountView],
    obstacle: Obstacle,
    now: Timestamp,
) -> Result<EndedBy> {
    let (caller, has_result) = (a.caller.address(), *result != [0; 32]);
    let is_provider = guard::eq(caller, &job.provider);
    require(!has_result || is_provider, EscrowError::ResultByProviderOnly)?;
    Ok(if obstacle == Obstacle::Revoked || is_unprovable(job, rest)? {
        EndedBy::Revocation
    } else if is_provider {
        if has_result { EndedBy::Result } else { EndedBy::Provider }
    } else if guard::eq(caller, &job.client) || mandates::stops(job, a.caller, behind_proof(job, rest), now)? {
        EndedBy::Client
    } else {
        EndedBy::Anyone
    })
}

/// Ends one.
#[inline(always)]
fn finish(
    a: &FinishJob<&AccountView>,
    job: &mut Job,
    by: EndedBy,
    result: &[u8; 32],
    max_amount: Amount,
    now: Timestamp,
) -> Result<Payout> {
    let payout = ending::finish(job, by, max_amount, now, &KnownHalts(a.halt_clock, now))?;
    job.result = *result;
    Ok(payout)
}

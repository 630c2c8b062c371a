use {
    crate::{
        Result,
        halts::KnownHalts,
        jobs::ending::{self, EndedBy, conclude},
        mandates,
        money::payment::{self, Obstacle},
        usage,
        verification::proofs::{behind_proof, is_unprovable},
    },
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError,
        instruction::FinishJob,
        state::{Job, pricing},
    },
};

/// See [`FinishJob`]. Works while the network is paused: it pays what is owed and refunds the rest.
#[inline(never)]
pub fn finish_job(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, rest, _) = FinishJob::parse(accounts, data)?;
    let job = account::keep_mut::<Job>(a.job)?;
    let now = now()?;
    let obstacle = payment::check(&a.payment, job, Some(a.caller), args.max_amount, now)?;
    let (caller, has_result) = (a.caller.address(), args.result != [0; 32]);
    let is_provider = guard::eq(caller, &job.provider);
    require(!has_result || is_provider, EscrowError::ResultByProviderOnly)?;
    let by = if obstacle == Obstacle::Revoked || is_unprovable(job, rest)? {
        EndedBy::Revocation
    } else if is_provider {
        if has_result { EndedBy::Result } else { EndedBy::Provider }
    } else if guard::eq(caller, &job.client) || mandates::acts(job, a.caller, behind_proof(job, rest), now)? {
        EndedBy::Client
    } else {
        EndedBy::Anyone
    };

    if job.terms.pricing == pricing::USAGE {
        return usage::finish_job(&a, job, by, args, obstacle, now);
    }
    let payout = ending::finish(job, by, args.max_amount, now, &KnownHalts(a.halt_clock, now))?;
    job.result = args.result;
    conclude(a.job.address(), job, &a.payment, payout, obstacle, now)
}

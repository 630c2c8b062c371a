use {
    crate::{
        Result,
        collateral::bonds::locking,
        jobs::start_job::{Start, emit_job_started},
    },
    joule_common::{AccountView, account, guard},
    joule_escrow_interface::{
        instruction::{StartJob, StartJobWithBond},
        state::{Job, NONE},
    },
};

/// See [`StartJobWithBond`].
#[inline(never)]
pub fn start_job_with_bond(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, more, tail) = StartJobWithBond::parse(accounts, data)?;
    let without_bond = StartJob {
        provider_authority: a.provider_authority,
        job: a.job,
        network: a.bonding.network,
        pool: a.bonding.pool,
        provider: a.bonding.provider,
        queue: a.queue,
        node: a.node,
        spender: a.spender,
        halt_clock: a.halt_clock,
    };
    let start = Start::new(without_bond, more, tail, (args.posting_id, args.allowed_index, args.proof_length), true)?;
    let mut view = start.a.job;
    let job = if more.is_empty() {
        let job = account::keep_mut::<Job>(view)?;
        start.start(view, job, args.posting_id)?;
        job
    } else {
        start.each(StartJobWithBond::DISCRIMINATOR, 1, &mut |started, _| {
            view = started;
            Ok(())
        })?;
        account::keep_mut::<Job>(view)?
    };
    if !job.terms.bond_amount.is_zero() && guard::eq(&job.bond, &NONE) {
        // `stake` makes its own checks of the provider and of the bond.
        let (slashing, lock) = locking(a.provider_authority, &a.bonding);
        slashing.lock(job, view.address(), &lock)?;
        job.bond = *a.bonding.bond.address();
    }
    emit_job_started(view, job)
}

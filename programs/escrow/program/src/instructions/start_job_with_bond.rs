use {
    crate::{
        Result,
        collateral::{Lock, Slashing},
        instructions::start_job::{Start, emit_job_started},
    },
    joule_common::{AccountView, guard},
    joule_escrow_interface::{
        instruction::{StartJob, StartJobWithBond},
        state::NONE,
    },
};

/// See [`StartJobWithBond`].
pub fn start_job_with_bond(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (b, args, more, tail) = StartJobWithBond::parse(accounts, data)?;
    let a = StartJob {
        provider_authority: b.provider_authority,
        job: b.job,
        network: b.network,
        pool: b.pool,
        provider: b.provider,
        queue: b.queue,
        node: b.node,
    };
    let start = Start { a, more, tail, posting: args.posting_id, place: args.allowed_index, hashes: args.proof_length };
    let (view, job) = start.make(true)?;
    if !job.terms.bond_amount.is_zero() && guard::eq(&job.bond, &NONE) {
        let slashing = Slashing { slasher: b.slasher, authority: b.escrow_authority, program: b.stake_program };
        let lock = Lock {
            authority: b.provider_authority,
            network: b.network,
            pool: b.pool,
            provider: b.provider,
            bond: b.bond,
            system_program: b.system_program,
        };
        slashing.lock(job, view.address(), &lock)?;
        job.bond = *b.bond.address();
    }
    emit_job_started(view, job)
}

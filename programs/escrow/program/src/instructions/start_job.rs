//! Starts, of jobs without a bond and with one.

use {
    crate::{
        Result,
        access::Applicant,
        collateral::{Lock, Slashing},
        job, node,
        queue::Ring,
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError, ID,
        event::JobStarted,
        instruction::{StartJob, StartJobArgs, StartJobWithBond, StartJobWithBondArgs},
        state::{Job, NONE, Queue, job_state, matching, side},
    },
    joule_interface::Fault,
    joule_math::Timestamp,
};

/// See [`StartJob`].
pub fn start_job(accounts: &[AccountView], args: &StartJobArgs, tail: &[u8]) -> Result<()> {
    let (a, more) = StartJob::parse(accounts)?;
    let start = Start { a, more, tail, posting: args.posting_id, place: args.allowed_index, hashes: args.proof_length };
    let (view, job) = start.make(false)?;
    require(job.terms.bond_amount.is_zero() || !guard::eq(&job.bond, &NONE), EscrowError::StakeRequired)?;
    emit(view, job)
}

/// See [`StartJobWithBond`].
pub fn start_job_with_bond(accounts: &[AccountView], args: &StartJobWithBondArgs, tail: &[u8]) -> Result<()> {
    let (b, more) = StartJobWithBond::parse(accounts)?;
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
    emit(view, job)
}

#[inline(always)]
fn emit(view: &AccountView, job: &mut Job) -> Result<()> {
    event::emit(&JobStarted {
        header: JobStarted::header(*view.address(), event::next(&mut job.sequence)?),
        provider: job.provider,
        ends_at: job.ends_at,
    });
    Ok(())
}

/// What both have.
struct Start<'a> {
    a: StartJob<&'a AccountView>,
    more: &'a [AccountView],
    tail: &'a [u8],
    posting: u64,
    place: u32,
    hashes: u8,
}

impl<'a> Start<'a> {
    /// Starts the job, or the first of several. `bonds`: what its terms ask for is locked next.
    #[inline(always)]
    fn make(&self, bonds: bool) -> Result<(&'a AccountView, &'a mut Job)> {
        let Self { a, more, tail, .. } = self;
        let (proof, postings) = tail.split_at_checked(32 * self.hashes as usize).ok_or(Fault::InvalidArguments)?;
        require(postings.len() == 8 * more.len(), Fault::InvalidArguments)?;
        let now = now()?;
        let (view, posting) =
            if more.is_empty() { (a.job, self.posting) } else { first_of(a, self.posting, more, postings, now)? };
        let job = account::keep_mut::<Job>(view)?;
        require(posting == job.posting_id, EscrowError::PostingChanged)?;
        guard::network(&job.network, a.network.address())?;
        let (authority, assigned) = (a.provider_authority, job.state == job_state::ASSIGNED);
        let locks = bonds && !job.terms.bond_amount.is_zero() && guard::eq(&job.bond, &NONE);

        job::start(job, now)?;
        // What a provider was promised before the pause it may do, where it needs no bond.
        require(locks || assigned || account::keep::<Network>(a.network)?.paused == 0, Fault::Paused)?;
        if job.matching == matching::QUEUE && !assigned {
            take_first(a, view, job, now)?;
            job.provider = *authority.address();
        } else {
            guard::authority(authority, &job.provider)?;
        }
        let by =
            Applicant { authority: authority.address(), pool: a.pool, provider: a.provider, place: self.place, proof };
        if locks {
            by.check_beside_stake(&job.terms, &job.pool, now)?;
        } else if job.matching != matching::AUCTION {
            // A bidder was looked at when it bid.
            by.check(&job.terms, &job.pool, now)?;
        }
        job.node = node::of_class(job, a.node, now)?;
        Ok((view, job))
    }
}

/// Which of several jobs comes first in the queue, and which posting of it the provider saw.
#[inline(never)]
fn first_of<'a>(
    a: &StartJob<&'a AccountView>,
    posting: u64,
    more: &'a [AccountView],
    postings: &[u8],
    now: Timestamp,
) -> Result<(&'a AccountView, u64)> {
    require(guard::present(a.queue, &ID), EscrowError::QueueRequired)?;
    let mut bytes = account::load_bytes_mut::<Queue>(a.queue)?;
    let first = Ring::of(&mut bytes)?.first(now)?.ok_or(EscrowError::NotFirstInQueue)?;
    let seen = postings.chunks_exact(8).map(|bytes| bytes.try_into().map_or(0, u64::from_le_bytes));
    let mut jobs = core::iter::once((a.job, posting)).chain(more.iter().zip(seen));
    let found = jobs.find(|(job, _)| guard::eq(job.address(), &first.occupant)).ok_or(EscrowError::NotFirstInQueue)?;
    require(found.0.is_writable(), Fault::NotWritable)?;
    Ok(found)
}

/// Takes the job out of its queue, in which it must be the first.
#[inline(always)]
fn take_first(a: &StartJob<&AccountView>, view: &AccountView, job: &Job, now: Timestamp) -> Result<()> {
    require(guard::present(a.queue, &ID), EscrowError::QueueRequired)?;
    let mut bytes = account::load_bytes_mut::<Queue>(a.queue)?;
    let mut ring = Ring::of(&mut bytes)?;
    require(guard::eq(&ring.queue.market, &job.market), EscrowError::WrongMarket)?;
    let first = if ring.queue.side == side::JOBS { ring.first(now)? } else { None };
    let is_first = first
        .is_some_and(|first| guard::eq(&first.occupant, view.address()) && first.posting_or_wait_id == job.posting_id);
    require(is_first, EscrowError::NotFirstInQueue)?;
    ring.drop_first();
    Ok(())
}

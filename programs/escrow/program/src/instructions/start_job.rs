use {
    crate::{Result, access::Applicant, job, node, queue::Ring},
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError, ID,
        event::JobStarted,
        instruction::StartJob,
        state::{Job, NONE, Queue, job_state, matching, side},
    },
    joule_interface::Fault,
    joule_math::Timestamp,
};

/// See [`StartJob`].
pub fn start_job(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, more, tail) = StartJob::parse(accounts, data)?;
    let start = Start { a, more, tail, posting: args.posting_id, place: args.allowed_index, hashes: args.proof_length };
    let (view, job) = start.make(false)?;
    require(job.terms.bond_amount.is_zero() || !guard::eq(&job.bond, &NONE), EscrowError::StakeRequired)?;
    emit_job_started(view, job)
}

/// What both have.
pub struct Start<'a> {
    pub a: StartJob<&'a AccountView>,
    pub more: &'a [AccountView],
    pub tail: &'a [u8],
    pub posting: u64,
    pub place: u32,
    pub hashes: u8,
}

impl<'a> Start<'a> {
    /// Starts the job, or the first of several. `bonds`: what its terms ask for is locked next.
    #[inline(always)]
    pub fn make(&self, bonds: bool) -> Result<(&'a AccountView, &'a mut Job)> {
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

#[inline(always)]
pub fn emit_job_started(view: &AccountView, job: &mut Job) -> Result<()> {
    event::emit(&JobStarted {
        header: JobStarted::header(*view.address(), event::next(&mut job.sequence)?),
        provider: job.provider,
        ends_at: job.ends_at,
    });
    Ok(())
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

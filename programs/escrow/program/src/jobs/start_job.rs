use {
    crate::{
        Result,
        halts::KnownHalts,
        jobs::{batch, clock},
        markets::{access::Applicant, node},
        matching::queue::Ring,
        money::funding::{in_credits, require_payable},
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError, ID,
        event::JobStarted,
        instruction::StartJob,
        state::{Job, NONE, Queue, job_state, matching, side},
    },
    joule_interface::Fault,
    joule_math::{Seconds, Timestamp},
};

/// See [`StartJob`].
#[inline(never)]
pub fn start_job(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, more, tail) = StartJob::parse(accounts, data)?;
    let start = Start::new(a, more, tail, (args.posting_id, args.allowed_index, args.proof_length), false)?;
    if more.is_empty() {
        let job = account::keep_mut::<Job>(start.a.job)?;
        start.start(start.a.job, job, args.posting_id)?;
        return emit_job_started(start.a.job, job);
    }
    start.each(StartJob::DISCRIMINATOR, args.max_jobs as usize, &mut emit_job_started)
}

/// A start, with a bond or without.
pub struct Start<'a> {
    /// The accounts that both instructions have.
    pub a: StartJob<&'a AccountView>,
    /// More jobs.
    more: &'a [AccountView],
    /// Which posting of each of them the provider saw.
    posting_ids: &'a [[u8; 8]],
    /// Likewise, of the first job.
    posting_id: u64,
    /// The provider's index among those that the market allows.
    allowed_index: u32,
    /// Merkle proof of that index.
    proof: &'a [u8],
    /// If the terms ask for a bond that no bid has locked, the caller locks it next.
    locks_bond: bool,
    now: Timestamp,
}

impl<'a> Start<'a> {
    /// Parses what both instructions have.
    #[inline(always)]
    pub fn new(
        a: StartJob<&'a AccountView>,
        more: &'a [AccountView],
        tail: &'a [u8],
        (posting_id, allowed_index, proof_length): (u64, u32, u8),
        locks_bond: bool,
    ) -> Result<Self> {
        let (proof, posting_ids) = tail.split_at_checked(32 * proof_length as usize).ok_or(Fault::InvalidArguments)?;
        let (posting_ids, rest) = posting_ids.as_chunks::<8>();
        require(rest.is_empty() && posting_ids.len() == more.len(), Fault::InvalidArguments)?;
        Ok(Self { a, more, posting_ids, posting_id, allowed_index, proof, locks_bond, now: now()? })
    }

    /// Starts several, up to `most`, and does the rest with each.
    #[inline(never)]
    pub fn each(
        &self,
        instruction: u8,
        most: usize,
        then: &mut dyn FnMut(&'a AccountView, &mut Job) -> Result<()>,
    ) -> Result<()> {
        batch::each(instruction, (self.a.job, self.more), most, &mut |index, view, mut job| {
            let job = &mut *job;
            let other = index.checked_sub(1).map(|index| u64::from_le_bytes(self.posting_ids[index]));
            self.start(view, job, other.unwrap_or(self.posting_id))?;
            then(view, job)
        })
    }

    /// Starts one.
    #[inline(never)]
    pub fn start(&self, view: &AccountView, job: &mut Job, posting_id: u64) -> Result<()> {
        let Self { a, allowed_index, proof, now, .. } = *self;
        require(posting_id == job.posting_id, EscrowError::PostingChanged)?;
        guard::network(&job.network, a.network.address())?;
        let pauses = if now > job.deadline_at {
            clock::pauses(job, account::keep::<Network>(a.network)?, now)
        } else {
            Seconds(0)
        };
        let (authority, assigned) = (a.provider_authority.address(), job.state == job_state::ASSIGNED);
        let is_unbonded = !job.terms.bond_amount.is_zero() && guard::eq(&job.bond, &NONE);
        let locks = self.locks_bond && is_unbonded;
        // `stake` checks the pause where it locks a bond. An assigned job may be started in a pause, because it was promised before.
        if !locks && !assigned {
            account::keep::<Network>(a.network)?.require_unpaused()?;
        }
        let takes = job.matching == matching::QUEUE && !assigned;
        if !takes {
            guard::authority(a.provider_authority, &job.provider)?;
        }
        let applicant = Applicant { authority, pool: a.pool, provider: a.provider, allowed_index, proof };
        if locks {
            applicant.check_beside_stake(&job.terms, &job.pool, now)?;
        } else if job.matching != matching::AUCTION {
            // A bidder was checked when it bid.
            applicant.check(&job.terms, &job.pool, now)?;
        }
        let node = node::of_class(job.terms.class, &job.network, authority, a.node, now)?;

        // Start and removal from the queue each check state and time before they change anything.
        clock::start(job, pauses, now, &KnownHalts(a.halt_clock, now))?;
        if in_credits(&job.mint) {
            require_payable(job, a.spender, decided_at(job, job.ends_at)?)?;
        }
        require(locks || !is_unbonded, EscrowError::StakeRequired)?;
        // Last, because only the job is put back if more jobs are passed and this one fails.
        if takes {
            self.take_first(view, job, now)?;
            job.provider = *authority;
        }
        job.node = node;
        Ok(())
    }

    /// Removes the job from its queue. It must be one of the first there.
    #[inline(always)]
    fn take_first(&self, view: &AccountView, job: &Job, now: Timestamp) -> Result<()> {
        require(guard::present(self.a.queue, &ID), EscrowError::QueueRequired)?;
        let mut bytes = account::load_bytes_mut::<Queue>(self.a.queue)?;
        let mut ring = Ring::of(&mut bytes)?;
        require(guard::eq(&ring.queue.market, &job.market), EscrowError::WrongMarket)?;
        require(ring.queue.side == side::JOBS, EscrowError::NotFirstInQueue)?;
        ring.take(job.queue_slot, view.address(), job.posting_id, now)?;
        if job.terms.offers_hand_back() {
            ring.keep_room(now);
        }
        Ok(())
    }
}

/// When it is decided at the latest what a job pays whose time is over at `ends_at`: delivered late, rejected in the last second, and so
/// judged.
#[inline(always)]
pub fn decided_at(job: &Job, ends_at: Timestamp) -> Result<Timestamp> {
    let terms = &job.terms;
    let last = ends_at.after(terms.late_window)?;
    if terms.acceptance_window == Seconds(0) {
        return Ok(last);
    }
    Ok(last.after(terms.acceptance_window)?.after(terms.arbitration_window)?)
}

/// Emits the start of a job.
#[inline(always)]
pub fn emit_job_started(view: &AccountView, job: &mut Job) -> Result<()> {
    event::emit(&JobStarted {
        header: JobStarted::header(*view.address(), event::next(&mut job.sequence)?),
        provider: job.provider,
        ends_at: job.ends_at,
    });
    Ok(())
}

use {
    crate::{
        Result,
        halts::KnownHalts,
        jobs::clock,
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
    let start = Start {
        a,
        more,
        tail,
        posting_id: args.posting_id,
        allowed_index: args.allowed_index,
        proof_length: args.proof_length,
    };
    let (view, job) = start.start(false)?;
    require(job.terms.bond_amount.is_zero() || !guard::eq(&job.bond, &NONE), EscrowError::StakeRequired)?;
    emit_job_started(view, job)
}

/// A start, with a bond or without.
pub struct Start<'a> {
    /// The accounts that both instructions have.
    pub a: StartJob<&'a AccountView>,
    /// More jobs of the queue.
    pub more: &'a [AccountView],
    /// Proof and posting ids.
    pub tail: &'a [u8],
    /// Posting id of the first job.
    pub posting_id: u64,
    /// The provider's index among those that the market allows.
    pub allowed_index: u32,
    /// Number of hashes of the proof.
    pub proof_length: u8,
}

impl<'a> Start<'a> {
    /// Starts the job, or the first of several that still waits in the queue. `locks_bond`: if the terms ask for a bond that no bid has
    /// locked, the caller locks it next.
    #[inline(always)]
    pub fn start(&self, locks_bond: bool) -> Result<(&'a AccountView, &'a mut Job)> {
        let Self { a, more, tail, .. } = self;
        let (proof, posting_ids) =
            tail.split_at_checked(32 * self.proof_length as usize).ok_or(Fault::InvalidArguments)?;
        require(posting_ids.len() == 8 * more.len(), Fault::InvalidArguments)?;
        let now = now()?;
        let (view, posting_id) =
            if more.is_empty() { (a.job, self.posting_id) } else { self.first_waiting(posting_ids)? };
        let job = account::keep_mut::<Job>(view)?;
        require(posting_id == job.posting_id, EscrowError::PostingChanged)?;
        guard::network(&job.network, a.network.address())?;
        let pauses = if now > job.deadline_at {
            clock::pauses(job, account::keep::<Network>(a.network)?, now)
        } else {
            Seconds(0)
        };
        let (authority, assigned) = (a.provider_authority.address(), job.state == job_state::ASSIGNED);
        let locks = locks_bond && !job.terms.bond_amount.is_zero() && guard::eq(&job.bond, &NONE);
        // `stake` checks the pause where it locks a bond. An assigned job may be started in a pause, because it was promised before.
        if !locks && !assigned {
            account::keep::<Network>(a.network)?.require_unpaused()?;
        }
        let takes = job.matching == matching::QUEUE && !assigned;
        if !takes {
            guard::authority(a.provider_authority, &job.provider)?;
        }
        let applicant =
            Applicant { authority, pool: a.pool, provider: a.provider, allowed_index: self.allowed_index, proof };
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
            require_payable(job, a.spender, decided_at(job)?)?;
        }
        if takes {
            self.take_first(view, job, now)?;
            job.provider = *authority;
        }
        job.node = node;
        Ok((view, job))
    }

    /// The first of several jobs that still waits in the queue, and which posting of it the provider saw.
    #[inline(never)]
    fn first_waiting(&self, posting_ids: &[u8]) -> Result<(&'a AccountView, u64)> {
        let Self { a, more, .. } = self;
        require(guard::present(a.queue, &ID), EscrowError::QueueRequired)?;
        let mut bytes = account::load_bytes_mut::<Queue>(a.queue)?;
        let ring = Ring::of(&mut bytes)?;
        let seen = posting_ids.chunks_exact(8).map(|bytes| bytes.try_into().map_or(0, u64::from_le_bytes));
        for (view, posting_id) in core::iter::once((a.job, self.posting_id)).chain(more.iter().zip(seen)) {
            // A job that was closed meanwhile is passed over like one that was taken.
            let Ok(job) = account::load::<Job>(view) else { continue };
            if ring.waits(job.queue_slot, view.address(), posting_id) {
                require(view.is_writable(), Fault::NotWritable)?;
                return Ok((view, posting_id));
            }
        }
        Err(EscrowError::NotFirstInQueue)
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

/// When it is decided at the latest what a job pays: delivered late, rejected in the last second, and so judged.
#[inline(always)]
fn decided_at(job: &Job) -> Result<Timestamp> {
    let terms = &job.terms;
    let last = job.ends_at.after(terms.late_window)?;
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

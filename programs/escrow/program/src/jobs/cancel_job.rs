use {
    crate::{
        Result,
        halts::KnownHalts,
        jobs::{
            clock,
            ending::{self, CancelledBy, Excuse, emit_job_ended},
        },
        mandates,
        matching::queue::Ring,
        money::funding::{Funding, in_credits, require_funding},
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError, ID,
        instruction::CancelJob,
        pda,
        state::{Job, Queue, job_state, matching},
    },
    joule_interface::SYSTEM_PROGRAM,
    joule_math::{Seconds, Timestamp},
};

/// See [`CancelJob`]. Works while the network is paused: it gives back.
pub fn cancel_job(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, _, rest, _) = CancelJob::parse(accounts, data)?;
    let job = account::keep_mut::<Job>(a.job)?;
    require_funding(job, a.funding_account)?;
    guard::network(&job.network, a.network.address())?;
    let now = now()?;
    let funding = Funding::new(a.funding_account, &a.credits);
    let network = account::keep::<Network>(a.network)?;
    // While the network is paused, anyone may cancel what is late but for this pause.
    let pauses = clock::pauses(job, network, if network.paused == 0 { now } else { network.paused_at });
    let leaves = job.state == job_state::ASSIGNED && job.is_reserved() && guard::eq(a.caller.address(), &job.provider);
    let (assigned, halts) = (job.state == job_state::ASSIGNED, KnownHalts(a.halt_clock, now));
    let excuse = Excuse {
        // A pause that began when the time was over is no excuse.
        paused: assigned
            && network.paused != 0
            && !job.is_reserved()
            && !clock::is_start_past(job, pauses, network.paused_at, &halts)?,
        revoked: assigned && in_credits(&job.mint) && is_revoked(&funding, job, pauses, now, &halts)?,
        // Only who may be late or leaves is asked for the vault.
        blocked: assigned && (leaves || now > job.deadline_at) && funding.is_blocked(job)?,
    };
    let by_client = guard::eq(a.caller.address(), &job.client) || mandates::acts(job, a.caller, rest, now)?;
    let waits = job.state == job_state::POSTED && job.matching == matching::QUEUE;

    let mut by = if by_client {
        CancelledBy::Client
    } else if leaves {
        CancelledBy::Provider
    } else {
        CancelledBy::Anyone
    };
    if waits && !leave_queue(&a, job)? && !by_client {
        by = CancelledBy::Removal;
    }
    let refund = ending::cancel(job, by, excuse, pauses, now, &halts)?;
    funding.refund(job, a.job.address(), refund, now)?;
    emit_job_ended(a.job.address(), job)
}

/// Whether the network revoked the right to the job's credits, or announced to, so that the job cannot start any more: now, or, of a provider
/// that is late, in the last second of its time. What is announced can be taken back, perhaps by a party; so a reserved job is left for
/// nothing before its time to start is over only once nothing can be paid.
#[inline(always)]
fn is_revoked(funding: &Funding, job: &Job, pauses: Seconds, now: Timestamp, halts: &KnownHalts) -> Result<bool> {
    if job.is_reserved() && now <= job.deadline_at {
        return funding.is_revoked(job, now);
    }
    let last = clock::last_start(job, pauses, now, halts)?;
    funding.is_revoked(job, now.max(clock::decided_if_started(job, last)?))
}

/// Removes the job from its market's queue. Returns whether it waited there. A queue that is closed holds nobody up.
#[inline(always)]
fn leave_queue(a: &CancelJob<&AccountView>, job: &Job) -> Result<bool> {
    require(guard::present(a.queue, &ID), EscrowError::QueueRequired)?;
    if guard::eq(a.queue.owner(), &SYSTEM_PROGRAM) {
        guard::address(a.queue, &pda::queue::find(&job.market).0)?;
        return Ok(false);
    }
    let mut bytes = account::load_bytes_mut::<Queue>(a.queue)?;
    let mut ring = Ring::of(&mut bytes)?;
    require(guard::eq(&ring.queue.market, &job.market), EscrowError::WrongMarket)?;
    Ok(ring.leave(job.queue_slot, a.job.address(), job.posting_id))
}

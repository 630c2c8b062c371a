use {
    crate::{
        Result,
        jobs::{
            clock,
            ending::{self, Excuse, emit_job_ended},
        },
        matching::queue::Ring,
        money::funding::{Funding, require_funding},
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
};

/// See [`CancelJob`]. Works while the network is paused: it gives back.
pub fn cancel_job(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CancelJob::parse(accounts, data)?;
    let job = account::keep_mut::<Job>(a.job)?;
    require_funding(job, a.funding_account)?;
    guard::network(&job.network, a.network.address())?;
    let now = now()?;
    let funding = Funding::new(a.funding_account, &a.credits);
    let network = account::keep::<Network>(a.network)?;
    if network.paused == 0 {
        clock::extend_by_pauses(job, network, now)?;
    }
    let excuse = Excuse {
        // A pause that began later is no excuse.
        paused: network.paused != 0 && network.paused_at <= job.deadline_at,
        revoked: job.state == job_state::ASSIGNED && funding.is_revoked(job, now)?,
    };
    let by_client = guard::eq(a.caller.address(), &job.client);
    let waits = job.state == job_state::POSTED && job.matching == matching::QUEUE;

    // The rule checks time and state, so it precedes the removal from the queue, which checks the queue. A failure reverts both.
    let refund = ending::cancel(job, by_client, excuse, now)?;
    if waits {
        leave_queue(&a, job)?;
    }
    funding.refund(job, a.job.address(), refund, now)?;
    emit_job_ended(a.job.address(), job)
}

/// Removes the job from its market's queue, if it still waits there. A queue that is closed holds nobody up.
#[inline(always)]
fn leave_queue(a: &CancelJob<&AccountView>, job: &Job) -> Result<()> {
    require(guard::present(a.queue, &ID), EscrowError::QueueRequired)?;
    if guard::eq(a.queue.owner(), &SYSTEM_PROGRAM) {
        return Ok(guard::address(a.queue, &pda::queue::find(&job.market).0)?);
    }
    let mut bytes = account::load_bytes_mut::<Queue>(a.queue)?;
    let mut ring = Ring::of(&mut bytes)?;
    require(guard::eq(&ring.queue.market, &job.market), EscrowError::WrongMarket)?;
    ring.leave(job.queue_slot, a.job.address(), job.posting_id);
    Ok(())
}

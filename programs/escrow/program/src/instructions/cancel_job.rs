use {
    crate::{
        Result, job,
        purse::{Purse, ended, of_job},
        queue::Ring,
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError, ID,
        event::JobEnded,
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
    of_job(job, a.funding_account)?;
    guard::network(&job.network, a.network.address())?;
    let now = now()?;
    let paused = account::load::<Network>(a.network)?.paused != 0;
    let by_client = guard::eq(a.caller.address(), &job.client);
    let queued = job.state == job_state::POSTED && job.matching == matching::QUEUE;

    let back = job::cancel(job, by_client, paused, now)?;
    if queued {
        leave_queue(&a, job)?;
    }
    let purse =
        Purse { purse: a.funding_account, spender: a.spender, authority: a.escrow_authority, program: a.bme_program };
    purse.give_back(job, a.job.address(), back, now)?;

    let sequence = event::next(&mut job.sequence)?;
    event::emit::<JobEnded>(&ended(job, a.job.address(), sequence));
    Ok(())
}

/// Takes the job out of its market's queue, where it still waits there; a queue that is gone holds nobody up.
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

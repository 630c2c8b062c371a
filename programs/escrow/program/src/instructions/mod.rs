//! One file for each instruction, or for those that make and unmake one thing: its accounts taken apart, checks, effect,
//! event.

mod accept_job;
mod award_job;
mod bid_job;
mod cancel_job;
mod close_job;
mod deliver_job;
mod deposits;
mod extend_job;
mod finish_job;
mod heartbeat;
mod join_queue;
mod leave_queue;
mod markets;
mod post_job;
mod queues;
mod reject_job;
mod resolve_job;
mod settle_bond;
mod settle_job;
mod start_job;
mod sweep_queue;

pub use {
    accept_job::accept_job,
    award_job::award_job,
    bid_job::bid_job,
    cancel_job::cancel_job,
    close_job::close_job,
    deliver_job::deliver_job,
    deposits::{close_deposit, deposit_tokens, open_deposit, withdraw_tokens},
    extend_job::extend_job,
    finish_job::finish_job,
    heartbeat::heartbeat,
    join_queue::join_queue,
    leave_queue::leave_queue,
    markets::{close_market, create_market, set_market},
    post_job::post_job,
    queues::{close_queue, close_seat, create_queue, grow_queue},
    reject_job::reject_job,
    resolve_job::resolve_job,
    settle_bond::settle_bond,
    settle_job::settle_job,
    start_job::start_job,
    sweep_queue::sweep_queue,
};

use {
    crate::{
        Result,
        job::{Payout, forgo},
        purse::{Payment, ended},
    },
    joule_common::event,
    joule_escrow_interface::state::Job,
    joule_interface::Address,
};

/// Pays what a job that ended owes, as far as it can be paid, and says how it ended.
#[inline(always)]
fn conclude(address: &Address, job: &mut Job, payment: &Payment, payout: Payout, closed: bool) -> Result<()> {
    if closed {
        forgo(job, payout)?;
    } else {
        payment.make(job, address, &payout)?;
    }
    let sequence = event::next(&mut job.sequence)?;
    event::emit(&ended(job, address, sequence));
    Ok(())
}

//! One file for each instruction, or for those that make and unmake one thing: its accounts taken apart, checks, effect,
//! event.

mod accept_job;
mod award_job;
mod bid_job;
mod cancel_job;
mod challenge_result;
mod close_game;
mod close_job;
mod deliver_job;
mod deliver_trace;
mod deposits;
mod extend_job;
mod finish_job;
mod heartbeat;
mod join_queue;
mod leave_queue;
mod markets;
mod moves;
mod panels;
mod post_job;
mod propose_game_slash;
mod queues;
mod reject_job;
mod replicas;
mod resolve_job;
mod settle_bond;
mod settle_game;
mod settle_job;
mod start_job;
mod sweep_queue;
mod verifications;

pub use {
    accept_job::accept_job,
    award_job::award_job,
    bid_job::{bid_job, bid_job_with_bond},
    cancel_job::cancel_job,
    challenge_result::challenge_result,
    close_game::{close_game, close_trace},
    close_job::close_job,
    deliver_job::deliver_job,
    deliver_trace::deliver_trace,
    deposits::{close_deposit, deposit_tokens, open_deposit, withdraw_tokens},
    extend_job::extend_job,
    finish_job::finish_job,
    heartbeat::heartbeat,
    join_queue::join_queue,
    leave_queue::leave_queue,
    markets::{close_market, create_market, set_market},
    moves::{choose_subtree, decide_step, open_subtree, prove_step, show_states, start_game, time_out_game},
    panels::{cancel_panel, close_panel, post_panel, tally_panel},
    post_job::post_job,
    propose_game_slash::propose_game_slash,
    queues::{close_queue, close_waiting_provider, create_queue, grow_queue},
    reject_job::reject_job,
    replicas::{commit_result, join_panel, pay_replica, reveal_result, settle_replica},
    resolve_job::resolve_job,
    settle_bond::settle_bond,
    settle_game::settle_game,
    settle_job::settle_job,
    start_job::{start_job, start_job_with_bond},
    sweep_queue::sweep_queue,
    verifications::{create_verification, set_market_verification},
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

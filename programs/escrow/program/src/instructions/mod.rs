//! One file for each instruction: its accounts taken apart, checks, effect, event.

mod accept_job;
mod award_job;
mod bid_job;
mod bid_job_with_bond;
mod cancel_job;
mod cancel_panel;
mod challenge_result;
mod choose_subtree;
mod close_deposit;
mod close_game;
mod close_job;
mod close_market;
mod close_panel;
mod close_queue;
mod close_trace;
mod close_waiting_provider;
mod commit_result;
mod create_market;
mod create_queue;
mod create_verification;
mod decide_step;
mod deliver_job;
mod deliver_trace;
mod deposit_tokens;
mod extend_job;
mod finish_job;
mod grow_queue;
mod heartbeat;
mod join_panel;
mod join_queue;
mod leave_queue;
mod open_deposit;
mod open_subtree;
mod pay_replica;
mod post_job;
mod post_panel;
mod propose_game_slash;
mod prove_step;
mod reject_job;
mod resolve_job;
mod reveal_result;
mod set_market;
mod set_market_verification;
mod settle_bond;
mod settle_game;
mod settle_job;
mod settle_replica;
mod show_states;
mod start_game;
mod start_job;
mod start_job_with_bond;
mod sweep_queue;
mod tally_panel;
mod time_out_game;
mod withdraw_tokens;

joule_interface::dispatch!(joule_escrow_interface);

use {
    crate::{
        Result,
        job::{Payout, forgo},
        panel,
        purse::{Payment, Purse, ended},
    },
    joule_common::{AccountView, event, guard, guard::require},
    joule_escrow_interface::{
        EscrowError,
        event::{GameMoved, MarketChanged, PanelDecided, PanelMoved},
        state::{Deposit, Game, Job, Market, Panel},
        trace::Hash,
    },
    joule_interface::{Address, Fault},
    joule_math::{Amount, Timestamp},
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

/// Emits the game's phase and what is due in it.
#[inline(always)]
fn emit_game_moved(view: &AccountView, game: &mut Game) -> Result<()> {
    event::emit(&GameMoved {
        header: GameMoved::header(*view.address(), event::next(&mut game.sequence)?),
        phase: game.phase as u64,
        subtree_index: game.subtree_index,
        subtree_level: game.subtree_level,
        deadline_at: game.deadline_at,
    });
    Ok(())
}

/// Hashes behind the arguments.
#[inline(always)]
fn hashes(tail: &[u8]) -> Result<&[Hash]> {
    bytemuck::try_cast_slice(tail).map_err(|_| Fault::InvalidArguments.into())
}

/// Emits how the panel goes on.
#[inline(always)]
fn emit_panel_moved(view: &AccountView, panel: &mut Panel, provider: &Address) -> Result<()> {
    event::emit(&PanelMoved {
        header: PanelMoved::header(*view.address(), event::next(&mut panel.sequence)?),
        state: panel.state as u64,
        provider: *provider,
        deadline_at: panel.deadline_at,
    });
    Ok(())
}

/// Gives back to the client what the panel does not pay, and says what it decided.
#[inline(always)]
fn refund_panel(view: &AccountView, panel: &mut Panel, purse: &Purse, back: Amount, now: Timestamp) -> Result<()> {
    require(guard::eq(purse.purse.address(), &panel.funding_account), EscrowError::WrongClient)?;
    purse.give_back(&panel::as_job(panel, None), view.address(), back, now)?;
    event::emit(&PanelDecided {
        header: PanelDecided::header(*view.address(), event::next(&mut panel.sequence)?),
        state: panel.state as u64,
        result: panel.result,
        refunded: panel.refunded,
        held: panel.held,
    });
    Ok(())
}

/// Emits the market's terms.
fn emit_market_changed(view: &AccountView, market: &Market) {
    event::emit(&MarketChanged {
        header: MarketChanged::header(*view.address(), market.terms_version),
        terms: market.terms,
        verification: market.verification,
        closed: market.closed as u64,
    });
}

/// The vault, the mint and its program are the deposit's.
#[inline(always)]
fn of_deposit(deposit: &Deposit, vault: &AccountView, mint: &AccountView, token_program: &AccountView) -> Result<()> {
    guard::address(vault, &deposit.vault)?;
    require(guard::eq(mint.address(), &deposit.mint), Fault::WrongMint)?;
    Ok(require(guard::eq(token_program.address(), &deposit.token_program), Fault::WrongTokenProgram)?)
}

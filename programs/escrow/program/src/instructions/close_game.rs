//! Games and traces: closed.

use {
    crate::{Result, wager::give_back},
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError, ID,
        instruction::{CloseGame, CloseGameArgs, CloseTrace, CloseTraceArgs},
        state::{EVIDENCE, Game, Job, Trace, game_phase, job_state},
    },
    joule_interface::SYSTEM_PROGRAM,
    joule_math::Timestamp,
};

/// See [`CloseGame`]. Works while the network is paused: it gives back.
pub fn close_game(accounts: &[AccountView], _: &CloseGameArgs) -> Result<()> {
    let (a, _) = CloseGame::parse(accounts)?;
    let game = account::load::<Game>(a.game)?;
    require(game.settled_at != Timestamp::default(), EscrowError::GameNotOver)?;
    require(guard::eq(a.rent_receiver.address(), &game.payer), EscrowError::WrongPayer)?;
    // The provider must not make away with the evidence.
    let evidence = game.phase == game_phase::CHALLENGER_WON && game.used_as_evidence == 0;
    if evidence && !guard::eq(a.caller.address(), &game.payer) {
        require(now()? > game.settled_at.after(EVIDENCE)?, EscrowError::TooEarly)?;
    }

    drop(game);
    Ok(account::close(a.game, a.rent_receiver)?)
}

/// See [`CloseTrace`]. Works while the network is paused: it gives back.
pub fn close_trace(accounts: &[AccountView], _: &CloseTraceArgs) -> Result<()> {
    let (a, _) = CloseTrace::parse(accounts)?;
    let trace = account::load::<Trace>(a.trace)?;
    require(guard::eq(&trace.job, a.job.address()), EscrowError::WrongTrace)?;
    require(guard::eq(a.rent_receiver.address(), &trace.payer), EscrowError::WrongPayer)?;
    require(trace.unsettled_games == 0, EscrowError::GameNotOver)?;
    if guard::eq(a.job.owner(), &ID) {
        let job = account::load::<Job>(a.job)?;
        let waits = matches!(job.state, job_state::DELIVERED | job_state::CHALLENGED);
        require(job.posting_id != trace.posting_id || !waits, EscrowError::WrongJobState)?;
    } else {
        require(guard::eq(a.job.owner(), &SYSTEM_PROGRAM), EscrowError::WrongJobState)?;
    }
    // Where it was lost, the deposit may be gone.
    if !trace.dispute_bond.is_zero() {
        give_back(a.deposit, &trace.deposit, trace.dispute_bond)?;
    }

    drop(trace);
    Ok(account::close(a.trace, a.rent_receiver)?)
}

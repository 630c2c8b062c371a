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
    require(game.settled != Timestamp::default(), EscrowError::GameOpen)?;
    require(guard::eq(a.rent_receiver.address(), &game.payer), EscrowError::WrongPayer)?;
    // The provider must not make away with the evidence.
    let evidence = game.phase == game_phase::CHALLENGER_WON && game.cited == 0;
    if evidence && !guard::eq(a.caller.address(), &game.payer) {
        require(now()? > game.settled.after(EVIDENCE)?, EscrowError::TooEarly)?;
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
    require(trace.unsettled == 0, EscrowError::GameOpen)?;
    if guard::eq(a.job.owner(), &ID) {
        let job = account::load::<Job>(a.job)?;
        let waits = matches!(job.state, job_state::DELIVERED | job_state::CHALLENGED);
        require(job.posting != trace.posting || !waits, EscrowError::WrongJobState)?;
    } else {
        require(guard::eq(a.job.owner(), &SYSTEM_PROGRAM), EscrowError::WrongJobState)?;
    }
    // Where it was lost, the deposit may be gone.
    if !trace.wager.is_zero() {
        give_back(a.deposit, &trace.deposit, trace.wager)?;
    }

    drop(trace);
    Ok(account::close(a.trace, a.rent_receiver)?)
}

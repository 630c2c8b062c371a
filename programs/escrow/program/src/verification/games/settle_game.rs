use {
    crate::{
        Result,
        verification::games::dispute_bond::{LostDisputeBond, release},
    },
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError,
        event::GameSettled,
        instruction::SettleGame,
        state::{Game, Job, Trace, game_phase, job_state},
    },
    joule_interface::Fault,
    joule_math::{Amount, Bps, Timestamp},
};

/// See [`SettleGame`]. Works while the network is paused: it settles.
#[inline(never)]
pub fn settle_game(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = SettleGame::parse(accounts, data)?;
    let mut game = account::load_mut::<Game>(a.game)?;
    require(guard::eq(&game.trace, a.trace.address()), EscrowError::WrongGame)?;
    require(game.settled_at == Timestamp::default(), EscrowError::WrongPhase)?;
    let mut trace = account::load_mut::<Trace>(a.trace)?;
    if game.phase == game_phase::QUEUED && trace.decided == 1 {
        game.phase = game_phase::MOOT;
    }
    require(game.is_decided(), EscrowError::GameNotOver)?;
    let provider = (a.provider_deposit, a.provider_vault);
    let challenger = (a.challenger_deposit, a.challenger_vault);
    guard::address(challenger.0, &game.deposit)?;

    // Each way to end checks the deposits that it pays, then pays them.
    let lost = |loser, winner| LostDisputeBond { loser, winner, mint: a.mint, token_program: a.token_program };
    let (won, burned) = match game.phase {
        game_phase::PROVIDER_WON => {
            guard::address(provider.0, &trace.deposit)?;
            lost(challenger, provider).pay(game.dispute_bond, game.burned_share)?
        }
        game_phase::CHALLENGER_WON => {
            guard::address(provider.0, &trace.deposit)?;
            trace.dispute_bond = trace.dispute_bond.minus(game.dispute_bond)?;
            let parts = lost(provider, challenger).pay(game.dispute_bond, game.burned_share)?;
            release(challenger.0, &game.deposit, game.dispute_bond)?;
            parts
        }
        _ => {
            release(challenger.0, &game.deposit, game.dispute_bond)?;
            (Amount::ZERO, Amount::ZERO)
        }
    };
    trace.unsettled_games = trace.unsettled_games.checked_sub(1).ok_or(Fault::Overflow)?;
    game.settled_at = now()?;
    if game.phase != game_phase::MOOT {
        let mut job = account::load_mut::<Job>(a.job)?;
        require(guard::eq(&trace.job, a.job.address()), EscrowError::WrongTrace)?;
        pass_verdict(&game, &mut trace, &mut job)?;
    }

    event::emit(&GameSettled {
        header: GameSettled::header(*a.game.address(), event::next(&mut game.sequence)?),
        phase: game.phase as u64,
        won,
        burned,
    });
    Ok(())
}

/// Applies the verdict to the job. `ResolveJob`, which anyone may call now, closes the job's books as after every verdict.
#[inline(always)]
fn pass_verdict(game: &Game, trace: &mut Trace, job: &mut Job) -> Result<()> {
    // Only this instruction ends the state CHALLENGED, so the job still holds the posting that was challenged.
    require(job.state == job_state::CHALLENGED, EscrowError::WrongJobState)?;
    trace.current_game = trace.current_game.checked_add(1).ok_or(Fault::Overflow)?;
    if game.phase == game_phase::PROVIDER_WON {
        if trace.current_game == trace.games_opened {
            job.state = job_state::DELIVERED;
        }
        return Ok(());
    }
    if game.phase == game_phase::CHALLENGER_WON {
        job.terms.default_pay = Bps(0);
        job.terms.default_bond_penalty = game.bond_penalty;
    }
    // The arbiter had its time in the game, or there was no arbiter: the default verdict counts.
    job.deadline_at = Timestamp::default();
    job.state = job_state::REJECTED;
    trace.decided = 1;
    Ok(())
}

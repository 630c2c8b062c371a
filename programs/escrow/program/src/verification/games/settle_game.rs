use {
    crate::{
        Result,
        verification::games::dispute_bond::{Holder, release, shared_half},
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
    require(game.is_decided(), EscrowError::GameNotOver)?;
    let mut trace = account::load_mut::<Trace>(a.trace)?;
    // While games are unsettled both deposits hold something, so they are there.
    guard::address(a.provider_deposit, &trace.deposit)?;
    guard::address(a.challenger_deposit, &game.deposit)?;
    let provider = (a.provider_deposit, a.provider_vault);
    let challenger = (a.challenger_deposit, a.challenger_vault);
    let holder = |(deposit, vault)| Holder { deposit, vault, mint: a.mint, token_program: a.token_program };

    trace.unsettled_games = trace.unsettled_games.checked_sub(1).ok_or(Fault::Overflow)?;
    game.settled_at = now()?;
    trace.left_at = trace.left_at.max(game.settled_at);
    let counts_as_evidence = game.phase == game_phase::CHALLENGER_WON && trace.provider_lost == 0;
    game.is_evidence &= counts_as_evidence as u8;
    let by_silence = game.ended_by_silence == 1;
    let (mut shared, mut burned) = (Amount::ZERO, Amount::ZERO);
    match game.phase {
        game_phase::PROVIDER_WON => {
            shared = if by_silence { Amount::ZERO } else { shared_half(game.dispute_bond) };
            burned = game.dispute_bond.minus(shared)?;
            trace.pot = trace.pot.plus(shared)?;
            holder(challenger).pay(burned, shared, provider, true)?;
        }
        game_phase::CHALLENGER_WON => {
            trace.provider_lost = 1;
            if by_silence {
                trace.lost_by_silence = 1;
                release(challenger.0, &game.deposit, game.dispute_bond)?;
            } else {
                // Its deposit holds on to its dispute bond until it is paid, so there is an account to pay into.
                trace.unpaid_winners = trace.unpaid_winners.checked_add(1).ok_or(Fault::Overflow)?;
                game.unpaid = 1;
            }
        }
        _ => {
            trace.undecided = 1;
            release(challenger.0, &game.deposit, game.dispute_bond)?;
        }
    }
    if trace.decided == 0 {
        let mut job = account::load_mut::<Job>(a.job)?;
        require(guard::eq(&trace.job, a.job.address()), EscrowError::WrongTrace)?;
        pass_verdict(&game, &mut trace, &mut job)?;
    }
    if trace.provider_lost == 1 && trace.unsettled_games == 0 {
        let (own, lost) = divide(&mut trace)?;
        holder(provider).pay(lost, Amount::ZERO, provider, true)?;
        (shared, burned) = (shared.plus(own)?, burned.plus(lost)?);
    }

    event::emit(&GameSettled {
        header: GameSettled::header(*a.game.address(), event::next(&mut game.sequence)?),
        phase: game.phase as u64,
        shared,
        burned,
    });
    Ok(())
}

/// Applies the verdict to the job. `ResolveJob`, which anyone may call then, closes the job's books as after every verdict.
#[inline(always)]
fn pass_verdict(game: &Game, trace: &mut Trace, job: &mut Job) -> Result<()> {
    // Only this instruction ends the state CHALLENGED, so the job still holds the posting that was challenged.
    require(job.state == job_state::CHALLENGED, EscrowError::WrongJobState)?;
    if trace.provider_lost == 1 {
        job.terms.default_pay = Bps(0);
        job.terms.default_bond_penalty = game.bond_penalty;
    } else if trace.unsettled_games != 0 {
        return Ok(());
    } else if trace.undecided == 0 {
        job.state = job_state::DELIVERED;
        return Ok(());
    }
    // The arbiter had its time in the game: the verdict in the terms counts.
    job.deadline_at = Timestamp::default();
    job.state = job_state::REJECTED;
    trace.decided = 1;
    Ok(())
}

/// Settles the dispute bond of a provider that lost, and divides what there is among the challengers that won by play. Returns what it
/// adds to that, and what is burned of what the provider's deposit holds.
#[inline(always)]
fn divide(trace: &mut Trace) -> Result<(Amount, Amount)> {
    let own = if trace.lost_by_silence == 1 { Amount::ZERO } else { shared_half(trace.dispute_bond) };
    let all = trace.pot.plus(own)?;
    let share = Amount(all.0.checked_div(trace.unpaid_winners as u64).unwrap_or(0));
    let kept = share.times(trace.unpaid_winners as u64)?;
    let burned = trace.dispute_bond.plus(trace.pot)?.minus(kept)?;

    trace.dispute_bond = Amount::ZERO;
    trace.pot = kept;
    trace.share = share;
    Ok((own, burned))
}

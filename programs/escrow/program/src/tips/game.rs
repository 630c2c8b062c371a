//! Tips of games, and of the traces that they are over.

use {
    crate::Result,
    joule_common::{AccountView, guard, guard::require, transaction::Sent},
    joule_escrow_interface::{
        EscrowError,
        instruction::{CloseGame, CloseTrace, PayChallenger, SettleGame, TimeOutGame},
        state::{CLOSING_TIP_DELAY, Game, TIP_DELAY, TIPS_A_GAME, Trace, game_tip},
    },
    joule_interface::Address,
    joule_math::{Seconds, Timestamp},
};

/// Puts what keepers may be paid into a game's account.
pub fn advance(tip: u32, game: &AccountView, payer: &AccountView) -> Result<()> {
    super::advance_to_new(tip, TIPS_A_GAME, game, payer)
}

/// The same for a trace: one tip, to close it.
pub fn advance_to_trace(tip: u32, trace: &AccountView, payer: &AccountView) -> Result<()> {
    super::advance_to_new(tip, 1, trace, payer)
}

/// Which tip an instruction earns for what it does to a game in this state, and from when on; `None` if it ends nothing.
fn step(game: &Game, discriminator: u8) -> Option<(u8, Timestamp)> {
    let is_settled = game.settled_at != Timestamp::default();
    match discriminator {
        TimeOutGame::DISCRIMINATOR if !game.is_decided() => Some((game_tip::END, after(game.deadline_at, TIP_DELAY))),
        SettleGame::DISCRIMINATOR if game.is_decided() && !is_settled => {
            Some((game_tip::SETTLE, after(game.deadline_at, TIP_DELAY)))
        }
        PayChallenger::DISCRIMINATOR if game.unpaid == 1 => Some((game_tip::PAY, after(game.settled_at, TIP_DELAY))),
        CloseGame::DISCRIMINATOR if is_settled && game.unpaid == 0 => {
            Some((game_tip::CLOSE, after(game.kept_until(), CLOSING_TIP_DELAY)))
        }
        _ => None,
    }
}

fn after(at: Timestamp, delay: Seconds) -> Timestamp {
    Timestamp(at.0.saturating_add(delay.0 as i64))
}

/// The tip that is due at `now` for what the next instruction does with the game, if `keeper` is no party.
pub fn due(game: &Game, address: &Address, keeper: &Address, next: &Sent, now: Timestamp) -> Result<u8> {
    let is_party = [&game.provider, &game.challenger, &game.payer].into_iter().any(|party| guard::eq(keeper, party));
    require(!is_party, EscrowError::OwnTip)?;
    let (discriminator, _) = super::call(next)?;
    let (kind, due_at) = step(game, discriminator).ok_or(EscrowError::NoTipDue)?;
    // Each names the game first.
    require(next.names(0, address), EscrowError::NoTipDue)?;
    require(now > due_at && game.tips_taken & kind == 0, EscrowError::NoTipDue)?;
    Ok(kind)
}

/// The same of a trace.
pub fn due_of_trace(trace: &Trace, address: &Address, keeper: &Address, next: &Sent, now: Timestamp) -> Result<u8> {
    let is_party = guard::eq(keeper, &trace.provider) || guard::eq(keeper, &trace.payer);
    require(!is_party, EscrowError::OwnTip)?;
    let (discriminator, _) = super::call(next)?;
    let closes = discriminator == CloseTrace::DISCRIMINATOR && next.names(0, address);
    let is_due = now > after(trace.left_at, CLOSING_TIP_DELAY) && trace.tips_taken == 0;
    require(closes && is_due, EscrowError::NoTipDue)?;
    Ok(game_tip::CLOSE)
}

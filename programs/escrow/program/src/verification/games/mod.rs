//! Games over a delivered result. `game` holds the rules, `dispute_bond` the money. Moves write the game alone.

pub(crate) mod challenge_result;
pub(crate) mod choose_subtree;
pub(crate) mod close_game;
pub(crate) mod close_trace;
pub(crate) mod decide_step;
pub(crate) mod deliver_trace;
pub mod dispute_bond;
pub mod game;
pub(crate) mod open_subtree;
pub(crate) mod pay_challenger;
pub(crate) mod propose_game_slash;
pub(crate) mod prove_step;
pub(crate) mod settle_game;
pub(crate) mod show_states;
pub(crate) mod time_out_game;

use {
    crate::Result,
    joule_common::{AccountView, event},
    joule_escrow_interface::{event::GameMoved, state::Game, trace::Hash},
    joule_interface::Fault,
};

/// Emits which move is due in the game, or how it ended.
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

/// The hashes behind the arguments.
#[inline(always)]
fn hashes(tail: &[u8]) -> Result<&[Hash]> {
    bytemuck::try_cast_slice(tail).map_err(|_| Fault::InvalidArguments.into())
}

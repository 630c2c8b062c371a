use {
    crate::{
        Result,
        verification::games::{emit_game_moved, game},
    },
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError,
        instruction::StartGame,
        state::{Game, Trace},
    },
};

/// See [`StartGame`].
pub fn start_game(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = StartGame::parse(accounts, data)?;
    let mut game = account::load_mut::<Game>(a.game)?;
    let trace = account::load::<Trace>(a.trace)?;
    require(guard::eq(&game.trace, a.trace.address()), EscrowError::WrongGame)?;
    require(trace.decided == 0, EscrowError::WrongPhase)?;
    require(game.number == trace.current_game, EscrowError::GameNotOver)?;

    game::start(&mut game, &trace.root, now()?)?;
    emit_game_moved(a.game, &mut game)
}

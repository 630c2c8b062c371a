use {
    crate::{
        Result,
        halts::KnownHalts,
        verification::games::{emit_game_moved, game},
    },
    joule_common::{AccountView, account, now},
    joule_escrow_interface::{instruction::TimeOutGame, state::Game},
};

/// See [`TimeOutGame`].
pub fn time_out_game(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = TimeOutGame::parse(accounts, data)?;
    let mut game = account::load_mut::<Game>(a.game)?;

    let now = now()?;
    game::time_out(&mut game, now, &KnownHalts(a.halt_clock, now))?;
    emit_game_moved(a.game, &mut game)
}

use {
    crate::{
        Result,
        verification::games::{emit_game_moved, game},
    },
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_escrow_interface::{instruction::DecideStep, state::Game},
    joule_interface::Fault,
};

/// See [`DecideStep`].
pub fn decide_step(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = DecideStep::parse(accounts, data)?;
    let mut game = account::load_mut::<Game>(a.game)?;
    guard::authority(a.arbiter, &game.arbiter)?;
    require(args.valid <= 1, Fault::InvalidParameter)?;
    let now = now()?;
    game::decidable(&game, false, now)?;

    game::decide(&mut game, args.valid == 1, now)?;
    emit_game_moved(a.game, &mut game)
}

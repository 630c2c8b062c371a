use {
    crate::{
        Result,
        halts::KnownHalts,
        verification::games::{emit_game_moved, game},
    },
    joule_common::{AccountView, account, guard, in_range, now},
    joule_escrow_interface::{instruction::DecideStep, state::Game},
};

/// See [`DecideStep`].
pub fn decide_step(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = DecideStep::parse(accounts, data)?;
    let mut game = account::load_mut::<Game>(a.game)?;
    guard::authority(a.arbiter, &game.arbiter)?;
    in_range!(args.valid <= 1, "valid")?;
    let now = now()?;
    game::decidable(&game, false, now, &KnownHalts(a.halt_clock, now))?;

    game::decide(&mut game, args.valid == 1, now)?;
    emit_game_moved(a.game, &mut game)
}

use {
    crate::{
        Result,
        halts::KnownHalts,
        verification::games::{emit_game_moved, game, hashes},
    },
    joule_common::{AccountView, account, guard, now},
    joule_escrow_interface::{instruction::ShowStates, state::Game},
};

/// See [`ShowStates`].
pub fn show_states(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, _, proof) = ShowStates::parse(accounts, data)?;
    let mut game = account::load_mut::<Game>(a.game)?;
    guard::authority(a.provider_authority, &game.provider)?;

    let now = now()?;
    game::show(&mut game, [&args.before, &args.after], hashes(proof)?, now, &KnownHalts(a.halt_clock, now))?;
    emit_game_moved(a.game, &mut game)
}

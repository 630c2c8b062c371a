use {
    crate::{
        Result,
        halts::KnownHalts,
        verification::games::{emit_game_moved, game},
    },
    joule_common::{AccountView, account, guard, now},
    joule_escrow_interface::{instruction::ChooseSubtree, state::Game},
};

/// See [`ChooseSubtree`].
pub fn choose_subtree(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = ChooseSubtree::parse(accounts, data)?;
    let mut game = account::load_mut::<Game>(a.game)?;
    guard::authority(a.challenger, &game.challenger)?;

    let now = now()?;
    game::choose(&mut game, args.choice, now, &KnownHalts(a.halt_clock, now))?;
    emit_game_moved(a.game, &mut game)
}

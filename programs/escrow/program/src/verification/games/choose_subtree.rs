use {
    crate::{
        Result,
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

    game::choose(&mut game, args.choice, now()?)?;
    emit_game_moved(a.game, &mut game)
}

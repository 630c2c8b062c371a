use {
    crate::{
        Result, game,
        instructions::{emit_game_moved, hashes},
    },
    joule_common::{AccountView, account, guard, now},
    joule_escrow_interface::{instruction::OpenSubtree, state::Game},
};

/// See [`OpenSubtree`].
pub fn open_subtree(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, _, _, tail) = OpenSubtree::parse(accounts, data)?;
    let mut game = account::load_mut::<Game>(a.game)?;
    guard::authority(a.provider_authority, &game.provider)?;
    game::open(&mut game, hashes(tail)?, now()?)?;
    emit_game_moved(a.game, &mut game)
}

use {
    crate::{
        Result,
        halts::KnownHalts,
        verification::games::{emit_game_moved, game, hashes},
    },
    joule_common::{AccountView, account, guard, now},
    joule_escrow_interface::{instruction::OpenSubtree, state::Game},
};

/// See [`OpenSubtree`].
pub fn open_subtree(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, _, _, subtrees) = OpenSubtree::parse(accounts, data)?;
    let mut game = account::load_mut::<Game>(a.game)?;
    guard::authority(a.provider_authority, &game.provider)?;

    let now = now()?;
    game::open(&mut game, hashes(subtrees)?, now, &KnownHalts(a.halt_clock, now))?;
    emit_game_moved(a.game, &mut game)
}

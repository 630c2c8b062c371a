use {
    crate::{Result, game, instructions::emit_game_moved},
    joule_common::{AccountView, account, ask, guard, guard::require, now},
    joule_escrow_interface::{EscrowError, instruction::ProveStep, state::Game, verifier},
};

/// See [`ProveStep`].
#[inline(never)]
pub fn prove_step(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, _, shown, witness) = ProveStep::parse(accounts, data)?;
    let mut game = account::load_mut::<Game>(a.game)?;
    let now = now()?;
    game::judgeable(&game, true, now)?;
    require(guard::eq(a.verifier.address(), &game.verifier), EscrowError::WrongVerifier)?;
    let asked = game::asked(&game);
    let answer = verifier::valid(game::sha256, &asked);
    let question = [&[verifier::DISCRIMINATOR], bytemuck::bytes_of(&asked), witness].concat();
    require(ask::answers(&game.verifier, &question, shown, &answer)?, EscrowError::NotProven)?;

    game::judge(&mut game, true, now)?;
    emit_game_moved(a.game, &mut game)
}

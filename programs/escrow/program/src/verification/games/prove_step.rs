use {
    crate::{
        Result,
        halts::KnownHalts,
        verification::games::{emit_game_moved, game},
    },
    joule_common::{AccountView, account, ask, guard, guard::require, now, sha256},
    joule_escrow_interface::{EscrowError, instruction::ProveStep, state::Game, verifier},
};

/// See [`ProveStep`].
#[inline(never)]
pub fn prove_step(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, _, verifier_accounts, witness) = ProveStep::parse(accounts, data)?;
    let mut game = account::load_mut::<Game>(a.game)?;
    let now = now()?;
    game::decidable(&game, true, now, &KnownHalts(a.halt_clock, now))?;
    require(guard::eq(a.verifier.address(), &game.verifier), EscrowError::WrongVerifier)?;
    let statement = game::asked(&game);
    let answer = verifier::valid(sha256, &statement);
    let question = [&[verifier::DISCRIMINATOR], bytemuck::bytes_of(&statement), witness].concat();
    let confirmed = ask::answers(&game.verifier, &question, verifier_accounts, &answer)?;
    require(confirmed, EscrowError::NotProven)?;

    game::decide(&mut game, true, now)?;
    emit_game_moved(a.game, &mut game)
}

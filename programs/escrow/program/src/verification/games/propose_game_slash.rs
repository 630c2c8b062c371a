use {
    crate::{Result, collateral::bonds::Slashing},
    joule_common::{AccountView, account, guard, guard::require, sha256},
    joule_escrow_interface::{
        EscrowError,
        instruction::ProposeGameSlash,
        pda,
        state::{Game, Verification, game_phase},
    },
    joule_interface::Fault,
    joule_math::Timestamp,
    joule_stake_interface::{
        instruction::{ProposeSlash, ProposeSlashArgs},
        state::{Provider, sentence},
    },
};

/// See [`ProposeGameSlash`].
#[inline(never)]
pub fn propose_game_slash(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, _, games, _) = ProposeGameSlash::parse(accounts, data)?;
    let slashing = Slashing { slasher: a.slasher, authority: a.escrow_authority, program: a.stake_program };
    slashing.check()?;
    let terms = account::load::<Verification>(a.verification)?;
    let is_enough = terms.games_per_slash != 0 && games.len() == terms.games_per_slash as usize;
    require(is_enough, EscrowError::NotEnoughLostGames)?;
    let authority = account::load::<Provider>(a.provider)?.authority;

    // Each game is marked once it is checked, so a game that is passed twice fails.
    let mut evidence = [0; 32];
    for view in games {
        require(view.is_writable(), Fault::NotWritable)?;
        let mut game = account::load_mut::<Game>(view)?;
        require(guard::eq(&game.verification, a.verification.address()), EscrowError::WrongVerification)?;
        require(guard::eq(&game.pool, a.pool.address()), EscrowError::WrongPool)?;
        require(guard::eq(&game.provider, &authority), EscrowError::WrongProvider)?;
        let lost = game.phase == game_phase::CHALLENGER_WON && game.settled_at != Timestamp::default();
        let is_evidence = game.is_evidence == 1 && game.used_as_evidence == 0;
        require(lost && is_evidence, EscrowError::NotEnoughLostGames)?;
        game.used_as_evidence = 1;
        evidence = sha256(&[&evidence, view.address().as_ref()]);
    }

    let (_, bump) = pda::authority::find(&terms.network);
    let bump = [bump];
    let seeds = pda::authority::signer(&terms.network, &bump);
    ProposeSlash {
        payer: a.payer,
        slasher_authority: a.escrow_authority,
        slasher: a.slasher,
        pool: a.pool,
        provider: a.provider,
        slash: a.slash,
        system_program: a.system_program,
    }
    .invoke_signed(
        &ProposeSlashArgs { amount: terms.slash_amount, evidence, sentence: sentence::FINE },
        &[(&seeds).into()],
    )?;
    Ok(())
}

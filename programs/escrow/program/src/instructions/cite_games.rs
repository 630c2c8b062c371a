use {
    crate::{Result, collateral::Slashing, game::sha256},
    joule_common::{AccountView, account, guard, guard::require},
    joule_escrow_interface::{
        EscrowError,
        instruction::{CiteGames, CiteGamesArgs},
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

/// See [`CiteGames`].
#[inline(never)]
pub fn cite_games(accounts: &[AccountView], _: &CiteGamesArgs) -> Result<()> {
    let (a, games) = CiteGames::parse(accounts)?;
    let slashing = Slashing { slasher: a.slasher, authority: a.escrow_authority, program: a.stake_program };
    slashing.check()?;
    let terms = account::load::<Verification>(a.verification)?;
    require(terms.slash_games != 0 && games.len() == terms.slash_games as usize, EscrowError::NoGrounds)?;
    let authority = account::load::<Provider>(a.provider)?.authority;

    let mut evidence = [0; 32];
    for view in games {
        require(view.is_writable(), Fault::NotWritable)?;
        let mut game = account::load_mut::<Game>(view)?;
        require(guard::eq(&game.verification, a.verification.address()), EscrowError::WrongVerification)?;
        require(guard::eq(&game.pool, a.pool.address()), EscrowError::WrongPool)?;
        require(guard::eq(&game.provider, &authority), EscrowError::WrongProvider)?;
        let lost = game.phase == game_phase::CHALLENGER_WON && game.settled != Timestamp::default();
        require(lost && game.cited == 0, EscrowError::NoGrounds)?;
        game.cited = 1;
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
    .invoke_signed(&ProposeSlashArgs { amount: terms.slash, evidence, sentence: sentence::FINE }, &[(&seeds).into()])?;
    Ok(())
}

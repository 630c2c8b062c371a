use {
    crate::Result,
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError,
        instruction::CloseGame,
        state::{EVIDENCE, Game, game_phase},
    },
    joule_math::Timestamp,
};

/// See [`CloseGame`]. Works while the network is paused: it gives back.
pub fn close_game(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CloseGame::parse(accounts, data)?;
    let game = account::load::<Game>(a.game)?;
    require(game.settled_at != Timestamp::default(), EscrowError::GameNotOver)?;
    require(guard::eq(a.rent_receiver.address(), &game.payer), EscrowError::WrongPayer)?;
    // Otherwise the provider could remove the evidence against it.
    let is_evidence = game.phase == game_phase::CHALLENGER_WON && game.used_as_evidence == 0;
    if is_evidence && !guard::eq(a.caller.address(), &game.challenger) {
        require(now()? > game.settled_at.after(EVIDENCE)?, EscrowError::TooEarly)?;
    }

    drop(game);
    Ok(account::close(a.game, a.rent_receiver)?)
}

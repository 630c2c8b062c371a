use {
    crate::Result,
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_escrow_interface::{EscrowError, instruction::CloseGame, state::Game},
    joule_math::Timestamp,
};

/// See [`CloseGame`]. Works while the network is paused: it gives back.
pub fn close_game(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CloseGame::parse(accounts, data)?;
    let game = account::load::<Game>(a.game)?;
    require(game.settled_at != Timestamp::default(), EscrowError::GameNotOver)?;
    require(game.unpaid == 0, EscrowError::ChallengerUnpaid)?;
    require(guard::eq(a.rent_receiver.address(), &game.payer), EscrowError::WrongPayer)?;
    // The challenger may be the provider's friend: nobody removes evidence.
    require(!game.is_kept() || now()? > game.kept_until(), EscrowError::TooEarly)?;

    drop(game);
    Ok(account::close(a.game, a.rent_receiver)?)
}

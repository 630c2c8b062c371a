use {
    super::sha256,
    crate::{
        Result, ScoresError,
        accounts::{board_mut, now, require, stake},
        epoch,
        instruction::{Commit, Reveal, commitment},
        state::{phase, status},
    },
    joule_interface::{Fault, address_eq, pinocchio::AccountView},
};

/// See [`Commit`].
pub fn commit(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = Commit::parse(accounts, data)?;
    let mut view = *a.board;
    let mut data = view.try_borrow_mut()?;
    let board = board_mut(a.board, &mut data)?;
    let now = now()?;
    require(board.phase == phase::VOTE, ScoresError::NoEpoch)?;
    require(now < board.reveals_at()?, ScoresError::TooLate)?;
    let place = board.place(a.provider.address())?;
    require(address_eq(a.authority.address(), &board.validators[place].claimant), Fault::Unauthorized)?;
    let stake = stake(board, a.pool, a.provider, now)?;

    let validator = &mut board.validators[place];
    validator.commitment = args.commitment;
    validator.stake = stake;
    validator.status = status::COMMITTED;
    Ok(())
}

/// See [`Reveal`].
pub fn reveal(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, _, weights) = Reveal::parse(accounts, data)?;
    let mut view = *a.board;
    let mut data = view.try_borrow_mut()?;
    let board = board_mut(a.board, &mut data)?;
    let now = now()?;
    require(board.phase == phase::VOTE, ScoresError::NoEpoch)?;
    require(now >= board.reveals_at()?, ScoresError::TooEarly)?;
    require(now < board.scores_at()?, ScoresError::TooLate)?;
    let provider = a.provider.address();
    let place = board.place(provider)?;
    require(board.validators[place].status == status::COMMITTED, ScoresError::NotCommitted)?;
    let said = commitment(sha256, a.board.address(), board.epoch, provider, &args.salt, weights);
    require(said == board.validators[place].commitment, ScoresError::WrongReveal)?;
    let stake = stake(board, a.pool, a.provider, now)?;

    epoch::reveal(board, place, weights, stake)
}

use {
    crate::{
        Result, ScoresError,
        accounts::{board_mut, now, require},
        epoch,
        instruction::{Abandon, BeginEpoch, Score},
        state::{ABANDON_AFTER, phase},
    },
    joule_interface::{Fault, pinocchio::AccountView},
};

/// See [`BeginEpoch`].
pub fn begin_epoch(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = BeginEpoch::parse(accounts, data)?;
    let mut view = *a.board;
    let mut data = view.try_borrow_mut()?;
    let board = board_mut(a.board, &mut data)?;
    let now = now()?;
    board.require_rest()?;
    require(now >= board.ended_at.after(board.parameters.rest_period)?, ScoresError::NotRested)?;

    epoch::begin(board, now);
    Ok(())
}

/// See [`Score`].
pub fn score(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = Score::parse(accounts, data)?;
    let mut view = *a.board;
    let mut data = view.try_borrow_mut()?;
    let board = board_mut(a.board, &mut data)?;
    require(board.phase != phase::REST, ScoresError::NoEpoch)?;
    let now = now()?;
    require(now >= board.scores_at()?, ScoresError::TooEarly)?;
    require(args.columns != 0, Fault::ZeroAmount)?;

    epoch::score(board, args.columns)?;
    if board.phase == phase::SCORED && board.parameters.reward.is_zero() {
        epoch::end(board, now);
    }
    Ok(())
}

/// See [`Abandon`].
pub fn abandon(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = Abandon::parse(accounts, data)?;
    let mut view = *a.board;
    let mut data = view.try_borrow_mut()?;
    let board = board_mut(a.board, &mut data)?;
    let now = now()?;
    require(board.phase != phase::REST, ScoresError::NoEpoch)?;
    require(now >= board.scores_at()?.after(ABANDON_AFTER)?, ScoresError::TooEarly)?;

    epoch::end(board, now);
    Ok(())
}

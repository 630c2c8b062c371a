use {
    crate::{
        Result, ScoresError,
        accounts::{board_mut, load, now, require, stake},
        epoch,
        instruction::{Enroll, SetMiner},
        state::{MAX_MINERS, Validator, status},
    },
    joule_interface::{Address, Fault, address_eq, pinocchio::AccountView},
    joule_stake_interface::state::Provider,
};

/// See [`SetMiner`].
pub fn set_miner(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = SetMiner::parse(accounts, data)?;
    let mut view = *a.board;
    let mut data = view.try_borrow_mut()?;
    let board = board_mut(a.board, &mut data)?;
    require(address_eq(a.registrar.address(), &board.registrar), Fault::Unauthorized)?;
    board.require_rest()?;
    let (place, claimant) = (args.place as usize, args.claimant);
    require(place < MAX_MINERS, ScoresError::NoPlace)?;
    if claimant != Address::default() {
        board.require_new(&claimant)?;
    }

    epoch::set_miner(board, place, &claimant);
    Ok(())
}

/// See [`Enroll`].
pub fn enroll(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = Enroll::parse(accounts, data)?;
    let mut view = *a.board;
    let mut data = view.try_borrow_mut()?;
    let board = board_mut(a.board, &mut data)?;
    board.require_rest()?;
    let stake = stake(board, a.pool, a.provider, now()?)?;
    let claimant = load::<Provider>(a.provider, &a.provider.try_borrow()?)?.authority;
    require(address_eq(a.authority.address(), &claimant), Fault::Unauthorized)?;
    board.require_new(&claimant)?;

    let provider = *a.provider.address();
    let newcomer = Validator { provider, claimant, stake, status: status::ENROLLED, ..Validator::default() };
    epoch::enroll(board, args.place as usize, newcomer)
}

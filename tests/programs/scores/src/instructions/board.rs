use {
    crate::{
        Result,
        accounts::{board_mut, load, now, require},
        instruction::{CloseBoard, OpenBoard},
        pda,
        state::Board,
    },
    joule_interface::{
        Account, Fault, Header, address_eq,
        bytemuck::try_from_bytes_mut,
        pinocchio::{
            AccountView,
            sysvars::{Sysvar, rent::Rent},
        },
    },
    joule_stake_interface::state::Pool,
};

/// See [`OpenBoard`].
pub fn open_board(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = OpenBoard::parse(accounts, data)?;
    let network = load::<Pool>(a.pool, &a.pool.try_borrow()?)?.network;
    require(address_eq(&network, a.network.address()), Fault::WrongNetwork)?;
    let parameters = args.parameters;
    parameters.check()?;

    require(address_eq(a.board.owner(), &crate::ID), Fault::WrongOwner)?;
    require(a.board.lamports() >= Rent::get()?.try_minimum_balance(Board::SIZE)?, Fault::NotRentExempt)?;
    let (oracle, bump) = pda::oracle::find(a.board.address());
    let mut view = *a.board;
    let mut data = view.try_borrow_mut()?;
    let board: &mut Board = try_from_bytes_mut(&mut data).map_err(|_| Fault::WrongAccountType)?;
    require(board.header == Header::default(), Fault::AlreadyInitialized)?;

    board.header = Header { discriminator: Board::DISCRIMINATOR, version: Board::VERSION, bump, reserved: [0; 5] };
    board.network = *a.network.address();
    board.pool = *a.pool.address();
    board.registrar = args.registrar;
    board.oracle = oracle;
    board.parameters = parameters;
    board.ended_at = now()?;
    Ok(())
}

/// See [`CloseBoard`].
pub fn close_board(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CloseBoard::parse(accounts, data)?;
    let (mut view, mut receiver) = (*a.board, *a.rent_receiver);
    let mut data = view.try_borrow_mut()?;
    let board = board_mut(a.board, &mut data)?;
    require(address_eq(a.registrar.address(), &board.registrar), Fault::Unauthorized)?;
    require(!address_eq(a.board.address(), a.rent_receiver.address()), Fault::DuplicateAccount)?;
    board.require_rest()?;

    drop(data);
    receiver.set_lamports(receiver.lamports().checked_add(view.lamports()).ok_or(Fault::Overflow)?);
    view.set_lamports(0);
    Ok(view.close()?)
}

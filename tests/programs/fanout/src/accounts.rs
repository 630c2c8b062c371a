//! Accounts by their bytes, and making and closing them.

use {
    crate::Result,
    joule_interface::{
        Access, Account, Address, Fault, Header, SYSTEM_PROGRAM, address_eq, bytemuck, call,
        pinocchio::{
            AccountView,
            cpi::Signer,
            sysvars::{Sysvar, clock::Clock, rent::Rent},
        },
    },
    joule_math::Timestamp,
};

/// Holds where `fault` does not.
pub fn require(holds: bool, fault: impl Into<crate::FanoutError>) -> Result<()> {
    if holds { Ok(()) } else { Err(fault.into()) }
}

/// Reads an account in place.
pub fn look<T: Account, R>(view: &AccountView, at: impl FnOnce(&T) -> Result<R>) -> Result<R> {
    let data = view.try_borrow()?;
    at(T::read(view.owner(), &data).ok_or(Fault::WrongAccountType)?)
}

/// Changes an account of this program in place.
pub fn edit<T: Account, R>(view: &AccountView, change: impl FnOnce(&mut T) -> Result<R>) -> Result<R> {
    look::<T, _>(view, |_| Ok(()))?;
    let mut view = *view;
    let mut data = view.try_borrow_mut()?;
    change(bytemuck::from_bytes_mut(&mut data[..T::SIZE]))
}

/// That an account lies where it should.
pub fn at(view: &AccountView, address: &Address) -> Result<()> {
    require(address_eq(view.address(), address), Fault::WrongAddress)
}

/// The time.
pub fn now() -> Result<Timestamp> {
    Ok(Timestamp(Clock::get()?.unix_timestamp))
}

/// Creates an account of this program at an address that `signers` have the seeds of. Lamports that somebody sent there before
/// hinder nobody.
pub fn create<T: Account>(payer: &AccountView, view: &AccountView, bump: u8, signers: &[Signer]) -> Result<()> {
    const ASSIGN: u8 = 1;
    const TRANSFER: u8 = 2;
    const ALLOCATE: u8 = 8;
    require(!address_eq(view.owner(), &crate::ID), Fault::AlreadyInitialized)?;
    let missing = Rent::get()?.try_minimum_balance(T::SIZE)?.saturating_sub(view.lamports());
    let transfer = numbered(TRANSFER, missing);
    call!(&SYSTEM_PROGRAM, &transfer, &[], [payer => Access::SIGN_AND_WRITE, view => Access::WRITE])?;
    let allocate = numbered(ALLOCATE, T::SIZE as u64);
    call!(&SYSTEM_PROGRAM, &allocate, signers, [view => Access::SIGN_AND_WRITE])?;
    let mut assign = [0; 36];
    assign[0] = ASSIGN;
    assign[4..].copy_from_slice(crate::ID.as_ref());
    call!(&SYSTEM_PROGRAM, &assign, signers, [view => Access::SIGN_AND_WRITE])?;
    let header = Header { discriminator: T::DISCRIMINATOR, version: T::VERSION, bump, reserved: [0; 5] };
    let mut view = *view;
    view.try_borrow_mut()?[..size_of::<Header>()].copy_from_slice(bytemuck::bytes_of(&header));
    Ok(())
}

/// An instruction of the System program: its number, of four bytes, and another.
fn numbered(instruction: u8, number: u64) -> [u8; 12] {
    let mut data = [0; 12];
    data[0] = instruction;
    data[4..].copy_from_slice(&number.to_le_bytes());
    data
}

/// Closes an account of this program.
pub fn close(view: &AccountView, receiver: &AccountView) -> Result<()> {
    require(!address_eq(view.address(), receiver.address()), Fault::DuplicateAccount)?;
    let (mut view, mut receiver) = (*view, *receiver);
    receiver.set_lamports(receiver.lamports().checked_add(view.lamports()).ok_or(Fault::Overflow)?);
    view.set_lamports(0);
    Ok(view.close()?)
}

//! Accounts by their bytes, and making and closing them.

use {
    crate::Result,
    joule_interface::{
        Access, Account, Address, Fault, SYSTEM_PROGRAM, address_eq, bytemuck, call,
        pinocchio::{
            AccountView,
            cpi::Signer,
            sysvars::{Sysvar, clock::Clock, rent::Rent},
        },
    },
};

/// Holds where `fault` does not.
pub fn require(holds: bool, fault: impl Into<crate::VoterError>) -> Result<()> {
    if holds { Ok(()) } else { Err(fault.into()) }
}

/// Changes an account of this program in place.
pub fn edit<T: Account, R>(view: &AccountView, change: impl FnOnce(&mut T) -> Result<R>) -> Result<R> {
    {
        let data = view.try_borrow()?;
        T::read(view.owner(), &data).ok_or(Fault::WrongAccountType)?;
    }
    let mut view = *view;
    let mut data = view.try_borrow_mut()?;
    change(bytemuck::from_bytes_mut(&mut data[..T::SIZE]))
}

/// A copy of an account of any of the programs whose interface is known.
pub fn read<T: Account>(view: &AccountView) -> Result<Box<T>> {
    let data = view.try_borrow()?;
    Ok(Box::new(*T::read(view.owner(), &data).ok_or(Fault::WrongAccountType)?))
}

/// That an account lies where it should.
pub fn at(view: &AccountView, address: &Address) -> Result<()> {
    require(address_eq(view.address(), address), Fault::WrongAddress)
}

/// Time and slot.
pub fn clock() -> Result<Clock> {
    Ok(Clock::get()?)
}

/// Creates an account of this program at an address that `signers` have the seeds of. Lamports that somebody sent there before
/// hinder nobody.
pub fn create(payer: &AccountView, view: &AccountView, size: usize, signers: &[Signer]) -> Result<()> {
    const ASSIGN: u8 = 1;
    const TRANSFER: u8 = 2;
    const ALLOCATE: u8 = 8;
    require(!address_eq(view.owner(), &crate::ID), Fault::AlreadyInitialized)?;
    let missing = Rent::get()?.try_minimum_balance(size)?.saturating_sub(view.lamports());
    let transfer = numbered(TRANSFER, missing);
    call!(&SYSTEM_PROGRAM, &transfer, &[], [payer => Access::SIGN_AND_WRITE, view => Access::WRITE])?;
    let allocate = numbered(ALLOCATE, size as u64);
    call!(&SYSTEM_PROGRAM, &allocate, signers, [view => Access::SIGN_AND_WRITE])?;
    let mut assign = [0; 36];
    assign[0] = ASSIGN;
    assign[4..].copy_from_slice(crate::ID.as_ref());
    Ok(call!(&SYSTEM_PROGRAM, &assign, signers, [view => Access::SIGN_AND_WRITE])?)
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

//! Accounts of this program and of Joule's, by their bytes.

use {
    crate::{Result, VaultError},
    joule_interface::{
        Account, Address, Fault, SYSTEM_PROGRAM, address_eq, bytemuck,
        pinocchio::{
            AccountView,
            cpi::{Signer, invoke_signed},
            instruction::{InstructionAccount, InstructionView},
            sysvars::{Sysvar, rent::Rent},
        },
    },
};

/// Holds where `fault` does not.
pub fn require(holds: bool, fault: impl Into<VaultError>) -> Result<()> {
    if holds { Ok(()) } else { Err(fault.into()) }
}

// #region read
/// A copy of an account of any of the programs whose interface is known.
pub fn read<T: Account>(view: &AccountView) -> Result<T> {
    let data = view.try_borrow()?;
    Ok(*T::read(view.owner(), &data).ok_or(Fault::WrongAccountType)?)
}
// #endregion

/// Writes an account of this program.
pub fn write<T: Account>(view: &AccountView, state: &T) -> Result<()> {
    require(address_eq(view.owner(), &crate::ID), Fault::WrongOwner)?;
    let mut view = *view;
    view.try_borrow_mut()?.copy_from_slice(bytemuck::bytes_of(state));
    Ok(())
}

/// That an account lies where it should.
pub fn at(view: &AccountView, address: &Address) -> Result<()> {
    require(address_eq(view.address(), address), Fault::WrongAddress)
}

/// Creates an account of this program; `signers` has the seeds of its address.
pub fn create<T: Account>(payer: &AccountView, view: &AccountView, signers: &[Signer]) -> Result<()> {
    let mut data = [0; 52];
    data[4..12].copy_from_slice(&Rent::get()?.try_minimum_balance(T::SIZE)?.to_le_bytes());
    data[12..20].copy_from_slice(&(T::SIZE as u64).to_le_bytes());
    data[20..].copy_from_slice(crate::ID.as_ref());
    let accounts =
        [InstructionAccount::writable_signer(payer.address()), InstructionAccount::writable_signer(view.address())];
    let call = InstructionView { program_id: &SYSTEM_PROGRAM, accounts: &accounts, data: &data };
    Ok(invoke_signed(&call, &[payer, view], signers)?)
}

/// Closes an account of this program.
pub fn close(view: &AccountView, receiver: &AccountView) -> Result<()> {
    require(!address_eq(view.address(), receiver.address()), Fault::DuplicateAccount)?;
    let (mut view, mut receiver) = (*view, *receiver);
    receiver.set_lamports(receiver.lamports().checked_add(view.lamports()).ok_or(Fault::Overflow)?);
    view.set_lamports(0);
    Ok(view.close()?)
}

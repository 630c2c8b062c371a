//! Calls for less: the addresses of an instruction are those of its views by construction, so that they are not compared,
//! and what is only read is not asked who borrows it.

use {
    crate::{AccountView, Signer},
    core::{mem::MaybeUninit, slice::from_raw_parts},
    joule_interface::{Address, Fault},
    pinocchio::{
        cpi::{CpiAccount, invoke_signed_unchecked, invoke_unchecked},
        instruction::{InstructionAccount, InstructionView},
    },
};

/// Most accounts of a call that only reads.
const MAX_READ: usize = 32;

/// Calls `program` with accounts that it only reads, and that do not sign.
#[inline(never)]
pub fn invoke_read_only(program: &Address, data: &[u8], views: &[AccountView]) -> Result<(), Fault> {
    if views.len() > MAX_READ {
        return Err(Fault::InvalidArguments);
    }
    let mut accounts = [const { MaybeUninit::<InstructionAccount>::uninit() }; MAX_READ];
    let mut infos = [const { MaybeUninit::<CpiAccount>::uninit() }; MAX_READ];
    for ((view, account), info) in views.iter().zip(&mut accounts).zip(&mut infos) {
        account.write(InstructionAccount::readonly(view.address()));
        CpiAccount::init_from_account_view(view, info);
    }
    // SAFETY: as many of both as there are views were just initialized. The callee gets no writable account, so whatever
    // is borrowed here does not change.
    unsafe {
        let accounts = from_raw_parts(accounts.as_ptr().cast::<InstructionAccount>(), views.len());
        let infos = from_raw_parts(infos.as_ptr().cast::<CpiAccount>(), views.len());
        invoke_unchecked(&InstructionView { program_id: program, accounts, data }, infos);
    }
    Ok(())
}

/// How a call uses an account: writable, signer.
pub type Flags = (bool, bool);
/// Only reads it.
pub const READ: Flags = (false, false);
/// Writes it.
pub const WRITABLE: Flags = (true, false);
/// It signs.
pub const SIGNER: Flags = (false, true);
/// It signs and is written.
pub const PAYER: Flags = (true, true);

/// Calls `program` with accounts used as the flags say. Fails if one that it writes is borrowed.
#[inline(always)]
pub fn invoke_signed<const N: usize>(
    program: &Address,
    data: &[u8],
    views: &[&AccountView; N],
    flags: &[Flags; N],
    signers: &[Signer],
) -> Result<(), Fault> {
    let mut accounts = [const { MaybeUninit::<InstructionAccount>::uninit() }; N];
    let mut infos = [const { MaybeUninit::<CpiAccount>::uninit() }; N];
    for i in 0..N {
        let (view, (writable, signer)) = (views[i], flags[i]);
        if writable {
            view.check_borrow_mut().map_err(|_| Fault::DuplicateAccount)?;
        }
        accounts[i].write(InstructionAccount::new(view.address(), writable, signer));
        CpiAccount::init_from_account_view(view, &mut infos[i]);
    }
    // SAFETY: all `N` of both were just initialized, and nothing that the callee may write is borrowed.
    unsafe {
        let accounts = from_raw_parts(accounts.as_ptr().cast::<InstructionAccount>(), N);
        let infos = from_raw_parts(infos.as_ptr().cast::<CpiAccount>(), N);
        invoke_signed_unchecked(&InstructionView { program_id: program, accounts, data }, infos, signers);
    }
    Ok(())
}

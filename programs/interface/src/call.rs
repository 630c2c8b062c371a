//! Calls from one program to another.
//!
//! pinocchio's checked call compares each account with its view's address: about 27 CU an account. Here both lists are
//! made from one, so there is nothing to compare, and written out, account by account, where they are passed on.

use {
    crate::{Address, ProgramResult},
    core::{mem::MaybeUninit, slice::from_raw_parts},
    pinocchio::{
        AccountView,
        cpi::{CpiAccount, Signer, invoke_signed_unchecked},
        instruction::{InstructionAccount, InstructionView},
    },
};

/// What a called program may do with an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// Take it as a signer.
    pub signer: bool,
    /// Change it.
    pub writable: bool,
}

impl Access {
    /// Only read it.
    pub const READ: Self = Self { signer: false, writable: false };
    /// Change it.
    pub const WRITE: Self = Self { signer: false, writable: true };
    /// Take it as a signer.
    pub const SIGN: Self = Self { signer: true, writable: false };
    /// Take it as a signer and change it.
    pub const SIGN_AND_WRITE: Self = Self { signer: true, writable: true };
}

/// Calls a program with accounts that it may use as `access` says; [`call!`] names each account beside its access. An error
/// says that an account to be changed is borrowed; whatever the callee returns ends the transaction.
#[inline(always)]
#[allow(unsafe_code)]
pub fn invoke<const N: usize>(
    program_id: &Address,
    data: &[u8],
    views: &[&AccountView; N],
    access: &[Access; N],
    signers: &[Signer],
) -> ProgramResult {
    for i in 0..N {
        if access[i].writable {
            views[i].check_borrow_mut()?;
        }
    }
    let mut accounts = [const { MaybeUninit::<InstructionAccount>::uninit() }; N];
    let mut lent = [const { MaybeUninit::<CpiAccount>::uninit() }; N];
    for i in 0..N {
        accounts[i].write(InstructionAccount::new(views[i].address(), access[i].writable, access[i].signer));
        CpiAccount::init_from_account_view(views[i], &mut lent[i]);
    }
    // SAFETY: all `N` of both were just initialized, and nothing that the callee may change is borrowed.
    unsafe {
        let accounts = from_raw_parts(accounts.as_ptr().cast::<InstructionAccount>(), N);
        let lent = from_raw_parts(lent.as_ptr().cast::<CpiAccount>(), N);
        invoke_signed_unchecked(&InstructionView { program_id, accounts, data }, lent, signers);
    }
    Ok(())
}

/// Calls a program: `call!(program_id, data, signers, [view => access, ...])`, as [`invoke`].
#[macro_export]
macro_rules! call {
    ($program:expr, $data:expr, $signers:expr, [$($view:expr => $access:expr),* $(,)?]) => {
        $crate::invoke($program, $data, &[$($view),*], &[$($access),*], $signers)
    };
}

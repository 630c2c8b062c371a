//! Calls from one program to another.
//!
//! pinocchio's checked call compares each account with its view's address and goes through them in a loop: about 27 CU
//! an account. Here both are made from one list, so there is nothing to compare, and the list is written out.

use {
    crate::{Address, ProgramError},
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

/// An account handed to a called program, which nobody here is reading if it may be changed.
#[doc(hidden)]
#[repr(transparent)]
pub struct Lent<'a>(CpiAccount<'a>);

impl<'a> Lent<'a> {
    /// Fails if the account may be changed and is borrowed.
    #[inline(always)]
    pub fn new(view: &'a AccountView, access: Access) -> Result<Self, ProgramError> {
        if access.writable {
            view.check_borrow_mut()?;
        }
        Ok(Self(CpiAccount::from(view)))
    }

    /// How the instruction names it.
    #[inline(always)]
    pub fn meta(view: &'a AccountView, access: Access) -> InstructionAccount<'a> {
        InstructionAccount::new(view.address(), access.writable, access.signer)
    }
}

/// See [`call!`], which makes both lists from one.
#[doc(hidden)]
#[inline(always)]
#[allow(unsafe_code)]
pub fn invoke<const N: usize>(
    program_id: &Address,
    data: &[u8],
    accounts: &[InstructionAccount; N],
    lent: &[Lent; N],
    signers: &[Signer],
) {
    let instruction = InstructionView { program_id, accounts, data };
    // SAFETY: `Lent` is a `CpiAccount` and nothing else.
    let lent = unsafe { core::slice::from_raw_parts(lent.as_ptr().cast::<CpiAccount>(), N) };
    // SAFETY: nothing that the callee may change was borrowed when it was lent, and only this call lies between.
    unsafe { invoke_signed_unchecked(&instruction, lent, signers) }
}

/// Calls a program: `call!(program_id, data, signers, [view => access, ...])`. Gives a [`Result`] with [`ProgramError`],
/// which says that an account to be changed is borrowed; whatever the callee returns ends the transaction.
#[macro_export]
macro_rules! call {
    ($program:expr, $data:expr, $signers:expr, [$($view:expr => $access:expr),* $(,)?]) => {
        (|| -> $crate::ProgramResult {
            let accounts = [$($crate::Lent::meta($view, $access)),*];
            let lent = [$($crate::Lent::new($view, $access)?),*];
            $crate::invoke($program, $data, &accounts, &lent, $signers);
            Ok(())
        })()
    };
}

//! Calls from one program to another.
//!
//! pinocchio's checked call compares each account with its view's address: about 27 CU an account. [`Call`] makes both lists
//! from the same view, so that there is nothing to compare.

use {
    crate::{AccountSpec, Address, ProgramResult, address_eq},
    alloc::vec::Vec,
    core::{mem::MaybeUninit, slice::from_raw_parts},
    pinocchio::{
        AccountView,
        cpi::{CpiAccount, Signer, invoke_signed_unchecked, invoke_signed_with_slice},
        instruction::{InstructionAccount, InstructionView},
    },
};

/// What a called program may do with an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// The account signs.
    pub signer: bool,
    /// The called program may change it.
    pub writable: bool,
}

impl Access {
    /// The called program only reads it.
    pub const READ: Self = Self { signer: false, writable: false };
    /// The called program may change it.
    pub const WRITE: Self = Self { signer: false, writable: true };
    /// The account signs.
    pub const SIGN: Self = Self { signer: true, writable: false };
    /// The account signs, and the called program may change it.
    pub const SIGN_AND_WRITE: Self = Self { signer: true, writable: true };

    /// What an instruction's declaration asks for. An account that is left out, with the called program's id in its place,
    /// neither signs nor changes.
    #[inline(always)]
    fn declared(view: &AccountView, spec: AccountSpec, program: &Address) -> Self {
        let absent = spec.optional && address_eq(view.address(), program);
        Self { signer: spec.signer && !absent, writable: spec.writable && !absent }
    }
}

/// A call with at most `N` accounts, while the macros make it: they add every account and call at once.
pub struct Call<'a, const N: usize> {
    accounts: [MaybeUninit<InstructionAccount<'a>>; N],
    infos: [MaybeUninit<CpiAccount<'a>>; N],
    /// How many accounts were added: so many of both lists are initialized.
    count: usize,
}

impl<'a, const N: usize> Call<'a, N> {
    /// A call without accounts.
    #[inline(always)]
    #[allow(clippy::new_without_default, reason = "the macros alone make calls")]
    pub fn new() -> Self {
        Self { accounts: [const { MaybeUninit::uninit() }; N], infos: [const { MaybeUninit::uninit() }; N], count: 0 }
    }

    /// Adds an account. Fails if the callee may change it and it is borrowed here. Panics behind the `N`th.
    #[inline(always)]
    pub fn add(&mut self, view: &'a AccountView, access: Access) -> ProgramResult {
        if access.writable {
            view.check_borrow_mut()?;
        }
        self.accounts[self.count].write(InstructionAccount::new(view.address(), access.writable, access.signer));
        CpiAccount::init_from_account_view(view, &mut self.infos[self.count]);
        self.count += 1;
        Ok(())
    }

    /// Adds an account with the flags that an instruction of `program` declares for it.
    #[inline(always)]
    pub fn pass(&mut self, view: &'a AccountView, spec: AccountSpec, program: &Address) -> ProgramResult {
        self.add(view, Access::declared(view, spec, program))
    }

    /// Of each account, whether it signs and whether it may be changed.
    #[cfg(test)]
    #[allow(unsafe_code)]
    pub(crate) fn flags(&self) -> Vec<(bool, bool)> {
        // SAFETY: so many were initialized.
        let accounts = self.accounts[..self.count].iter().map(|account| unsafe { account.assume_init_ref() });
        accounts.map(|account| (account.is_signer, account.is_writable)).collect()
    }

    /// Calls the program. If it fails, the transaction ends.
    #[inline(always)]
    #[allow(unsafe_code)]
    pub fn invoke_signed(&self, program_id: &Address, data: &[u8], signers: &[Signer]) {
        // SAFETY: `count` of both were initialized. Nothing that the callee may change was borrowed when it was added, and
        // nothing runs between that and the call.
        unsafe {
            let accounts = from_raw_parts(self.accounts.as_ptr().cast::<InstructionAccount>(), self.count);
            let infos = from_raw_parts(self.infos.as_ptr().cast::<CpiAccount>(), self.count);
            invoke_signed_unchecked(&InstructionView { program_id, accounts, data }, infos, signers);
        }
    }
}

/// Calls a program with accounts that it may use as `access` says; [`call!`] names each account beside its access. Fails if
/// an account that the callee may change is borrowed here. If the callee fails, the transaction ends.
#[inline(always)]
pub fn invoke<const N: usize>(
    program_id: &Address,
    data: &[u8],
    views: &[&AccountView; N],
    access: &[Access; N],
    signers: &[Signer],
) -> ProgramResult {
    let mut call = Call::<N>::new();
    for i in 0..N {
        call.add(views[i], access[i])?;
    }
    call.invoke_signed(program_id, data, signers);
    Ok(())
}

/// Calls a program with declared accounts and any number of others behind them, each as `remaining` describes.
pub fn invoke_with_remaining(
    program_id: &Address,
    data: &[u8],
    views: &[&AccountView],
    specs: &[AccountSpec],
    remaining: AccountSpec,
    signers: &[Signer],
) -> ProgramResult {
    let specs = specs.iter().copied().chain(core::iter::repeat(remaining));
    let accounts: Vec<_> = views
        .iter()
        .zip(specs)
        .map(|(view, spec)| {
            let access = Access::declared(view, spec, program_id);
            InstructionAccount::new(view.address(), access.writable, access.signer)
        })
        .collect();
    invoke_signed_with_slice(&InstructionView { program_id, accounts: &accounts, data }, views, signers)
}

/// Calls a program: `call!(program_id, data, signers, [view => access, ...])`, as [`invoke`].
#[macro_export]
macro_rules! call {
    ($program:expr, $data:expr, $signers:expr, [$($view:expr => $access:expr),* $(,)?]) => {
        $crate::invoke($program, $data, &[$($view),*], &[$($access),*], $signers)
    };
}

//! Calls from one program to another.
//!
//! pinocchio's checked call compares each account with its view's address: about 27 CU an account. [`invoke`] makes both
//! lists from the same views, so that there is nothing to compare.

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
    /// neither signs nor changes. One that may sign does if it signed for the caller.
    #[inline(always)]
    fn declared(view: &AccountView, spec: AccountSpec, program: &Address) -> Self {
        let absent = spec.optional && address_eq(view.address(), program);
        let signs = spec.signer || spec.may_sign && view.is_signer();
        Self { signer: signs && !absent, writable: spec.writable && !absent }
    }
}

/// The accounts of a call, each with what the callee may do with it.
pub struct CallAccounts<'a, const N: usize> {
    views: [MaybeUninit<&'a AccountView>; N],
    access: [MaybeUninit<Access>; N],
    /// How many were added: so many of both lists are initialized.
    count: usize,
}

impl<'a, const N: usize> CallAccounts<'a, N> {
    /// None yet.
    #[inline(always)]
    #[allow(clippy::new_without_default, reason = "the macros alone make it")]
    pub fn new() -> Self {
        Self { views: [const { MaybeUninit::uninit() }; N], access: [const { MaybeUninit::uninit() }; N], count: 0 }
    }

    /// Adds an account with the flags that an instruction of `program` declares for it. Panics behind the `N`th.
    #[inline(always)]
    pub fn add(&mut self, view: &'a AccountView, spec: AccountSpec, program: &Address) {
        self.views[self.count].write(view);
        self.access[self.count].write(Access::declared(view, spec, program));
        self.count += 1;
    }

    /// Of each account, what the callee may do with it.
    #[inline(always)]
    #[allow(unsafe_code)]
    pub fn access(&self) -> &[Access; N] {
        assert!(self.count == N);
        // SAFETY: all `N` were added.
        unsafe { &*self.access.as_ptr().cast::<[Access; N]>() }
    }

    #[inline(always)]
    #[allow(unsafe_code)]
    fn views(&self) -> &[&'a AccountView; N] {
        assert!(self.count == N);
        // SAFETY: all `N` were added.
        unsafe { &*self.views.as_ptr().cast::<[&AccountView; N]>() }
    }

    /// Calls the program, as [`invoke`]. Panics unless all `N` accounts were added.
    #[inline(always)]
    pub fn invoke_signed(&self, program_id: &Address, data: &[u8], signers: &[Signer]) -> ProgramResult {
        invoke(program_id, data, self.views(), self.access(), signers)
    }
}

/// Calls a program with accounts that it may use as `access` says; [`call!`](crate::call!) names each account beside its
/// access. Fails if an account that the callee may change is borrowed here. If the callee fails, the transaction ends.
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

/// Calls a program with declared accounts and any number of others behind them, each as `remaining` describes. Of the accounts
/// that may sign, those in `signing` do, and those that signed for the caller.
#[allow(clippy::too_many_arguments, reason = "the macros alone call it")]
pub fn invoke_with_remaining(
    program_id: &Address,
    data: &[u8],
    views: &[&AccountView],
    specs: &[AccountSpec],
    remaining: AccountSpec,
    signing: &[&AccountView],
    signers: &[Signer],
) -> ProgramResult {
    let (own, specs) = (specs.len(), specs.iter().copied().chain(core::iter::repeat(remaining)));
    let accounts: Vec<_> = views
        .iter()
        .zip(specs)
        .enumerate()
        .map(|(index, (view, spec))| {
            let mut access = Access::declared(view, spec, program_id);
            // The accounts behind may be of several kinds, such as jobs and a mandate. The called program checks those that it writes.
            if index >= own {
                access.writable &= view.is_writable();
            }
            let named = spec.may_sign && signing.iter().any(|signs| address_eq(signs.address(), view.address()));
            InstructionAccount::new(view.address(), access.writable, access.signer || named)
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

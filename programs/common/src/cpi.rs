//! Calls with as many accounts as the caller was given. Others are made by `joule_interface::invoke`.

use {
    crate::AccountView,
    core::{mem::MaybeUninit, slice::from_raw_parts},
    joule_interface::{Address, Fault, address_eq},
    pinocchio::{
        cpi::{CpiAccount, Signer, invoke_signed_unchecked, invoke_unchecked},
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
    let (mut account, mut info) = (accounts.as_mut_ptr(), infos.as_mut_ptr());
    for view in views {
        // SAFETY: there are as many of both as views, or more.
        unsafe {
            (*account).write(InstructionAccount::readonly(view.address()));
            CpiAccount::init_from_account_view(view, &mut *info);
            (account, info) = (account.add(1), info.add(1));
        }
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

/// Most accounts of a call for an address of the program.
pub const MAX_FOR: usize = 40;

/// Calls `program` with accounts as the program was given them, but `address`, which signs by `signer` and is only read.
#[inline(never)]
pub fn invoke_for(
    address: &Address,
    signer: Signer,
    program: &Address,
    data: &[u8],
    views: &[AccountView],
) -> Result<(), Fault> {
    if views.len() > MAX_FOR {
        return Err(Fault::InvalidArguments);
    }
    let mut accounts = [const { MaybeUninit::<InstructionAccount>::uninit() }; MAX_FOR];
    let mut infos = [const { MaybeUninit::<CpiAccount>::uninit() }; MAX_FOR];
    for (index, view) in views.iter().enumerate() {
        let signs = address_eq(view.address(), address);
        let (is_writable, is_signer) = (view.is_writable() && !signs, view.is_signer() || signs);
        if is_writable {
            view.check_borrow_mut().map_err(|_| Fault::DuplicateAccount)?;
        }
        accounts[index].write(InstructionAccount::new(view.address(), is_writable, is_signer));
        CpiAccount::init_from_account_view(view, &mut infos[index]);
    }
    // SAFETY: as many of both as there are views were just initialized, and nothing that the callee may change is borrowed.
    unsafe {
        let accounts = from_raw_parts(accounts.as_ptr().cast::<InstructionAccount>(), views.len());
        let infos = from_raw_parts(infos.as_ptr().cast::<CpiAccount>(), views.len());
        invoke_signed_unchecked(&InstructionView { program_id: program, accounts, data }, infos, &[signer]);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        crate::entrypoint::tests::account_of,
        joule_interface::{Access, ProgramError, call},
    };

    /// Off chain nothing is called; what would be passed is made all the same, so that Miri sees it.
    #[test]
    fn borrowed_data_can_be_read_but_not_changed_by_others() {
        let mut accounts: Vec<_> = (0..=MAX_READ).map(|index| account_of(&crate::ID, &vec![1; index])).collect();
        let views: Vec<_> = accounts.iter_mut().map(|account| account.as_mut_ptr().cast()).collect();
        // SAFETY: accounts lie there, as the runtime writes them.
        let views: Vec<_> = views.into_iter().map(|raw| unsafe { AccountView::new_unchecked(raw) }).collect();
        assert_eq!(invoke_read_only(&crate::ID, b"data", &views), Err(Fault::InvalidArguments));
        assert_eq!(invoke_read_only(&crate::ID, b"data", &views[..MAX_READ]), Ok(()));
        assert_eq!(invoke_read_only(&crate::ID, b"data", &[]), Ok(()));

        let signed = |address, views| invoke_for(address, (&[]).into(), &crate::ID, b"data", views);
        let nobody = Address::new_from_array([0xff; 32]);
        assert_eq!(signed(&nobody, &views), Ok(()));
        assert_eq!(signed(views[3].address(), &views[..9]), Ok(()));

        let call = |access| call!(&crate::ID, b"data", &[], [&views[0] => Access::SIGN_AND_WRITE, &views[1] => access]);
        assert_eq!(call(Access::WRITE), Ok(()));
        let borrowed = views[1].try_borrow();
        assert_eq!((call(Access::WRITE), call(Access::READ)), (Err(ProgramError::AccountBorrowFailed), Ok(())));
        assert_eq!(invoke_read_only(&crate::ID, b"data", &views[1..2]), Ok(()));
        drop(borrowed);
        assert_eq!(call(Access::WRITE), Ok(()));
    }
}

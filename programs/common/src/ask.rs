//! Questions to programs that are trusted with nothing.

use {
    crate::{AccountView, guard::require},
    joule_interface::{Address, Fault},
    pinocchio::{
        cpi::{get_return_data, invoke_with_slice, set_return_data},
        instruction::{InstructionAccount, InstructionView},
    },
};

/// Most accounts that are passed on.
const MOST: usize = 32;

/// Calls `program` with accounts that are read-only to it and unsigned, whatever they are to the caller. Whether `answer` is
/// what it returned, itself, in this call.
#[inline(never)]
pub fn answers(program: &Address, data: &[u8], accounts: &[AccountView], answer: &[u8]) -> Result<bool, Fault> {
    require(accounts.len() <= MOST, Fault::InvalidArguments)?;
    let metas: alloc::vec::Vec<_> =
        accounts.iter().map(|account| InstructionAccount::readonly(account.address())).collect();
    // What an earlier call left behind is nobody's answer.
    set_return_data(&[]);
    invoke_with_slice(&InstructionView { program_id: program, accounts: &metas, data }, accounts)
        .map_err(|_| Fault::CallFailed)?;
    Ok(get_return_data().is_some_and(|returned| returned.program_id() == program && returned.as_slice() == answer))
}

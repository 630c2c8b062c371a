//! Questions to programs that are trusted with nothing.

use {
    crate::{AccountView, cpi::invoke_read_only},
    joule_interface::{Address, Fault},
    pinocchio::cpi::{get_return_data, set_return_data},
};

/// Calls `program` with accounts that are read-only to it and unsigned, whatever they are to the caller. Whether `answer` is
/// what it returned, itself, in this call.
#[inline(never)]
pub fn answers(program: &Address, data: &[u8], accounts: &[AccountView], answer: &[u8]) -> Result<bool, Fault> {
    // What an earlier call left behind is nobody's answer.
    set_return_data(&[]);
    invoke_read_only(program, data, accounts)?;
    Ok(get_return_data().is_some_and(|returned| returned.program_id() == program && returned.as_slice() == answer))
}

//! From the runtime's bytes to a program's dispatch.

/// Most accounts that an instruction is given views of; the runtime locks at most 64 a transaction.
pub const MAX_ACCOUNTS: usize = 64;

/// Declares the program's entry point: `$process(accounts, data)` with the program's own error type.
///
/// Accounts are read in place (10 compute units each). Running under another id than the crate's own is impossible to
/// reach with accounts of value: every account is checked to be owned by the crate's id.
#[macro_export]
macro_rules! entrypoint {
    ($process:path) => {
        #[cfg(target_os = "solana")]
        mod entry {
            fn process_instruction(
                _program: &$crate::__private::Address,
                accounts: &mut [$crate::AccountView],
                data: &[u8],
            ) -> $crate::__private::ProgramResult {
                $process(accounts, data).map_err(Into::into)
            }
            $crate::__private::pinocchio::program_entrypoint!(process_instruction, {
                $crate::entrypoint::MAX_ACCOUNTS
            });
            $crate::__private::pinocchio::default_allocator!();
            $crate::__private::pinocchio::default_panic_handler!();
        }
    };
}

#[doc(hidden)]
pub mod private {
    pub use {
        joule_interface::{Address, ProgramResult},
        pinocchio,
    };
}

//! What may stand above a protocol that calls Joule: a multisig, or a session key. Its first account is the program to call, the
//! others are that program's, and so is the data.

use solana_address::Address;

/// The program.
pub const ID: Address = Address::from_str_const("JouLeWaLLet11111111111111111111111111111111");

#[cfg(target_os = "solana")]
mod entry {
    use pinocchio::{
        AccountView, Address, ProgramResult,
        cpi::invoke_with_slice,
        error::ProgramError,
        instruction::{InstructionAccount, InstructionView},
    };
    use std::vec::Vec;

    fn process(_program: &Address, accounts: &mut [AccountView], data: &[u8]) -> ProgramResult {
        let [program, accounts @ ..] = &*accounts else { return Err(ProgramError::NotEnoughAccountKeys) };
        let metas: Vec<_> = accounts
            .iter()
            .map(|view| InstructionAccount::new(view.address(), view.is_writable(), view.is_signer()))
            .collect();
        let views: Vec<_> = accounts.iter().collect();
        invoke_with_slice(&InstructionView { program_id: program.address(), accounts: &metas, data }, &views)
    }

    pinocchio::program_entrypoint!(process, 64);
    pinocchio::default_allocator!();
    pinocchio::default_panic_handler!();
}

//! An inference marketplace on top of Joule: users put tokens into a common vault, and spend them on jobs within their own
//! limits. The vault's address is the client of every job.
//!
//! An example for programs that call Joule's: of Joule it depends on the interface crates alone. `buy` and `post` are calls;
//! a provider's stake and a machine's class are read from their accounts' bytes. What touches `escrow` is in [`jobs`].
//!
//! Users' limits are promises: the vault never promises more credits than it owns.
#![forbid(unsafe_code)]

mod accounts;
pub mod instruction;
mod instructions;
mod jobs;
pub mod pda;
pub mod state;

use joule_interface::{Fault, errors, pinocchio::AccountView};

/// The program.
pub const ID: joule_interface::Address =
    joule_interface::Address::from_str_const("JouLeVauLt111111111111111111111111111111111");

errors! {
    /// Errors of the vault.
    pub enum VaultError = 9000 {
        OverLimit = 9100 => "the job may cost more than is left of the user's limit",
        ProviderUnfit = 9101 => "the provider is not of the market's pool, takes no jobs, or is less reliable than asked",
        MachineUnfit = 9102 => "the machine is out of service, another operator's, or of another class than asked",
        StillOpen = 9103 => "the job has not ended",
        WrongRequest = 9104 => "the request is another user's, or of another job",
        Unfunded = 9105 => "the vault does not own the credits that are to be promised",
    }
}

/// Result of a step of the program.
pub type Result<T> = core::result::Result<T, VaultError>;

#[cfg(target_os = "solana")]
mod entry {
    use joule_interface::{Address, ProgramResult, pinocchio::AccountView};

    fn process(_program: &Address, accounts: &mut [AccountView], data: &[u8]) -> ProgramResult {
        crate::process(accounts, data).map_err(Into::into)
    }
    pinocchio::program_entrypoint!(process, 64);
    pinocchio::default_allocator!();
    pinocchio::default_panic_handler!();
}

/// From an instruction's bytes to its function.
pub fn process(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    use instruction::*;
    let (&discriminator, data) = data.split_first().ok_or(Fault::UnknownInstruction)?;
    match discriminator {
        OpenVault::DISCRIMINATOR => instructions::open_vault(accounts, data),
        OpenUser::DISCRIMINATOR => instructions::open_user(accounts, data),
        Fund::DISCRIMINATOR => instructions::fund(accounts, data),
        Request::DISCRIMINATOR => instructions::request(accounts, data),
        Withdraw::DISCRIMINATOR => instructions::withdraw(accounts, data),
        Stop::DISCRIMINATOR => instructions::stop(accounts, data),
        Settle::DISCRIMINATOR => instructions::settle(accounts, data),
        Grant::DISCRIMINATOR => instructions::grant(accounts, data),
        Rebate::DISCRIMINATOR => instructions::rebate(accounts, data),
        Crank::DISCRIMINATOR => instructions::crank(accounts, data),
        _ => Err(Fault::UnknownInstruction.into()),
    }
}

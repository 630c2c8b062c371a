//! Shares the income of a token account among up to 16 receivers: first fixed amounts by period, then the rest by shares. Its
//! address owns the account, so that it can be the treasury of a network or a pool, the fee's receiver of a market, or where a
//! provider has its rewards sent.
//!
//! An example for programs that receive what Joule's pay: of Joule it depends on the interface crates alone. What is whose is
//! decided in [`shares`], which knows no accounts; [`token`] has what it knows of token accounts.
//!
//! What came in is booked for the receivers whenever anything is done, under the shares of that time. What is booked for a
//! receiver that cannot be paid is kept for it, and nobody waits for that.
#![forbid(unsafe_code)]

mod accounts;
pub mod instruction;
mod instructions;
pub mod pda;
pub mod shares;
pub mod state;
pub mod token;

use joule_interface::{Fault, errors, pinocchio::AccountView};

/// The program.
pub const ID: joule_interface::Address =
    joule_interface::Address::from_str_const("JouLeFanout11111111111111111111111111111111");

errors! {
    /// Errors of the fanout.
    pub enum FanoutError = 11000 {
        TooManyReceivers = 11100 => "more than 16 receivers, with those that are still owed something: pay these first with Distribute, or name fewer",
        InvalidReceiver = 11101 => "a receiver is the zero address or the fanout itself: name a wallet, or the address of a program that can spend",
        ReceiverTwice = 11102 => "a receiver is named twice: name it once, with both parts added up",
        InvalidShare = 11103 => "a share is above 10,000, or a receiver has neither a share nor a fixed amount: give each one of them, or leave it out",
        NoPeriod = 11104 => "a fixed amount needs a period: give a period from 60 seconds to 366 days, or no fixed amounts",
        NotAReceiver = 11105 => "a token account is no receiver's associated token account: pass those that the fanout names",
        StillOwed = 11106 => "a receiver is still owed something: pay it with Distribute, or let it claim, before closing",
        Final = 11107 => "the fanout has no authority any more: nobody can change or close it",
        IncomeFrozen = 11108 => "the token account of the income is frozen: its issuer must thaw it first",
    }
}

/// Result of a step of the program.
pub type Result<T> = core::result::Result<T, FanoutError>;

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
        Open::DISCRIMINATOR => instructions::open(accounts, data),
        SetReceivers::DISCRIMINATOR => instructions::set_receivers(accounts, data),
        Distribute::DISCRIMINATOR => instructions::distribute(accounts, data),
        Claim::DISCRIMINATOR => instructions::claim(accounts, data),
        CollectRewards::DISCRIMINATOR => instructions::collect_rewards(accounts, data),
        HandOver::DISCRIMINATOR => instructions::hand_over(accounts, data),
        Close::DISCRIMINATOR => instructions::close(accounts, data),
        _ => Err(Fault::UnknownInstruction.into()),
    }
}

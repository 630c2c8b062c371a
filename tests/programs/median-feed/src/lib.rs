//! A price account in Pyth's layout, made of the reports of several signers or other feeds: for networks whose token has no
//! Pyth feed. `bme` reads it as it reads Pyth's: the policy names this program as `price_receiver`, the feed's address as
//! `feed_id` and the price account as `price_account`.
//!
//! An example on the interface crates alone: the account's layout is `bme`'s interface's, what follows a price no faster than
//! allowed is `joule-math`'s. What the price is, is decided in [`median`], which knows no accounts.
//!
//! More than half of the sources must have reported lately, so that no minority ever makes a price alone.
#![forbid(unsafe_code)]

mod accounts;
pub mod instruction;
mod instructions;
pub mod median;
pub mod pda;
pub mod state;

use joule_interface::{Fault, errors, pinocchio::AccountView};

/// The program.
pub const ID: joule_interface::Address =
    joule_interface::Address::from_str_const("JouLeMedianFeed1111111111111111111111111111");

errors! {
    /// Errors of the feed.
    pub enum FeedError = 12000 {
        NoSource = 12100 => "the signer or the price account is none of the feed's sources: report as one of them, or propose it as one",
        NotNewer = 12101 => "the report is no newer than the source's last one: report what was observed since",
        TooOld = 12102 => "the report is older than the feed's maximum age: report a newer price",
        FromTheFuture = 12103 => "the report is from more than 30 seconds in the future: check the reporter's clock",
        InvalidReport = 12104 => "the price is zero, negative or above 2^53, or its confidence is wider than itself, in units of the feed's exponent",
        InvalidPriceAccount = 12105 => "the account is no fully verified price update in Pyth's layout: pass one of the source's receiver",
        InvalidSources = 12106 => "there are no sources or more than 16, one is named twice, the zero address or the feed itself, or the fewest reports are not more than half of them",
        NothingProposed = 12107 => "nothing is proposed: propose sources first, or none of them to close the feed",
        NotReady = 12108 => "the proposal still waits: execute it once `change_delay` is over",
        Expired = 12109 => "the proposal is older than 14 days: propose again",
        Final = 12110 => "the feed has no authority any more: nobody can change or close it",
    }
}

/// Result of a step of the program.
pub type Result<T> = core::result::Result<T, FeedError>;

#[cfg(target_os = "solana")]
mod entry {
    use joule_interface::{Address, ProgramResult, pinocchio::AccountView};

    fn process(_program: &Address, accounts: &mut [AccountView], data: &[u8]) -> ProgramResult {
        crate::process(accounts, data).map_err(Into::into)
    }
    pinocchio::program_entrypoint!(process, 16);
    pinocchio::default_allocator!();
    pinocchio::default_panic_handler!();
}

/// From an instruction's bytes to its function.
pub fn process(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    use instruction::*;
    let (&discriminator, data) = data.split_first().ok_or(Fault::UnknownInstruction)?;
    match discriminator {
        Report::DISCRIMINATOR => instructions::report(accounts, data),
        Pull::DISCRIMINATOR => instructions::pull(accounts, data),
        Open::DISCRIMINATOR => instructions::open(accounts, data),
        Propose::DISCRIMINATOR => instructions::propose(accounts, data),
        Execute::DISCRIMINATOR => instructions::execute(accounts, data),
        Remove::DISCRIMINATOR => instructions::remove(accounts, data),
        HandOver::DISCRIMINATOR => instructions::hand_over(accounts, data),
        Close::DISCRIMINATOR => instructions::close(accounts, data),
        _ => Err(Fault::UnknownInstruction.into()),
    }
}

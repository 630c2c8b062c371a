//! `escrow`, the program. What it does is documented in its interface; how, in one file for each instruction.
#![forbid(unsafe_code)]

pub mod instructions;
pub mod job;

use {
    joule_common::{AccountView, entrypoint},
    joule_escrow_interface::{EscrowError, instruction::*},
    joule_interface::{Fault, parse},
};

entrypoint!(crate::process);

/// Result of a step of the program.
pub type Result<T> = core::result::Result<T, EscrowError>;

/// From an instruction's bytes to its file. A running job's instructions come first: the fewest comparisons.
pub fn process(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (&discriminant, data) = data.split_first().ok_or(Fault::UnknownInstruction)?;
    match discriminant {
        SettleJob::<()>::DISCRIMINANT => instructions::settle_job(accounts, parse(data)?),
        PostJob::<()>::DISCRIMINANT => instructions::post_job(accounts, parse(data)?),
        StartJob::<()>::DISCRIMINANT => instructions::start_job(accounts, parse(data)?),
        FinishJob::<()>::DISCRIMINANT => instructions::finish_job(accounts, parse(data)?),
        CancelJob::<()>::DISCRIMINANT => instructions::cancel_job(accounts, parse(data)?),
        CloseJob::<()>::DISCRIMINANT => instructions::close_job(accounts, parse(data)?),
        CreateMarket::<()>::DISCRIMINANT => instructions::create_market(accounts, parse(data)?),
        _ => Err(Fault::UnknownInstruction.into()),
    }
}

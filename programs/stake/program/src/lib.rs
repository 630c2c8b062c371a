//! `stake`, the program. What it does is documented in its interface; how, in one file for each instruction.
#![forbid(unsafe_code)]

pub mod instructions;
pub mod pots;

use {
    joule_common::{AccountView, entrypoint},
    joule_interface::{Args, Fault},
    joule_stake_interface::{StakeError, instruction::*},
};

entrypoint!(crate::process);

/// Result of a step of the program.
pub type Result<T> = core::result::Result<T, StakeError>;

/// From an instruction's bytes to its file. Jobs' and users' instructions come first: the fewest comparisons.
pub fn process(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (&discriminant, data) = data.split_first().ok_or(Fault::UnknownInstruction)?;
    match discriminant {
        LockBond::<()>::DISCRIMINANT => instructions::lock_bond(accounts, parse(data)?),
        ReleaseBond::<()>::DISCRIMINANT => instructions::release_bond(accounts, parse(data)?),
        Stake::<()>::DISCRIMINANT => instructions::stake(accounts, parse(data)?),
        Unstake::<()>::DISCRIMINANT => instructions::unstake(accounts, parse(data)?),
        Withdraw::<()>::DISCRIMINANT => instructions::withdraw(accounts, parse(data)?),
        CreatePool::<()>::DISCRIMINANT => instructions::create_pool(accounts, parse(data)?),
        RegisterProvider::<()>::DISCRIMINANT => instructions::register_provider(accounts, parse(data)?),
        OpenDelegation::<()>::DISCRIMINANT => instructions::open_delegation(accounts, parse(data)?),
        AddSlasher::<()>::DISCRIMINANT => instructions::add_slasher(accounts, parse(data)?),
        _ => Err(Fault::UnknownInstruction.into()),
    }
}

/// Arguments of exactly the declared length.
#[inline(always)]
fn parse<A: Args>(data: &[u8]) -> Result<&A> {
    match A::split(data) {
        Some((args, [])) => Ok(args),
        _ => Err(Fault::InvalidArguments.into()),
    }
}

//! `bme`, the program. What it does is documented in its interface; how, in one file for each instruction.
#![forbid(unsafe_code)]

pub mod credits;
pub mod instructions;
pub mod price;
pub mod work;

use {
    joule_bme_interface::{BmeError, instruction::*},
    joule_common::{AccountView, entrypoint},
    joule_interface::{Args, Fault},
};

entrypoint!(crate::process);

/// Result of a step of the program.
pub type Result<T> = core::result::Result<T, BmeError>;

/// From an instruction's bytes to its file. Users' instructions come first: the fewest comparisons.
pub fn process(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (&discriminant, data) = data.split_first().ok_or(Fault::UnknownInstruction)?;
    match discriminant {
        ConsumeCredits::<()>::DISCRIMINANT => instructions::consume_credits(accounts, parse(data)?),
        LockCredits::<()>::DISCRIMINANT => instructions::lock_credits(accounts, parse(data)?),
        UnlockCredits::<()>::DISCRIMINANT => instructions::unlock_credits(accounts, parse(data)?),
        BuyCredits::<()>::DISCRIMINANT => instructions::buy_credits(accounts, parse(data)?),
        ClaimRewards::<()>::DISCRIMINANT => instructions::claim_rewards(accounts, parse(data)?),
        BurnTokens::<()>::DISCRIMINANT => instructions::burn_tokens(accounts, parse(data)?),
        CloseEpoch::<()>::DISCRIMINANT => instructions::close_epoch(accounts, parse(data)?),
        AccrueWork::<()>::DISCRIMINANT => instructions::accrue_work(accounts, parse(data)?),
        CreateNetwork::<()>::DISCRIMINANT => instructions::create_network(accounts, parse(data)?),
        AddShard::<()>::DISCRIMINANT => instructions::add_shard(accounts, parse(data)?),
        AddSpender::<()>::DISCRIMINANT => instructions::add_spender(accounts, parse(data)?),
        OpenCreditAccount::<()>::DISCRIMINANT => instructions::open_credit_account(accounts, parse(data)?),
        OpenProviderWork::<()>::DISCRIMINANT => instructions::open_provider_work(accounts, parse(data)?),
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

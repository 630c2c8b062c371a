//! `bme`, the program. What it does is documented in its interface; how, in one file for each instruction.
#![forbid(unsafe_code)]

pub mod breaker;
pub mod credits;
pub mod instructions;
pub mod minting;
pub mod policy;
pub mod price;
pub mod purchase;
pub mod rewards;
pub mod roots;
pub mod work;

use {
    joule_bme_interface::{BmeError, instruction::*},
    joule_common::{AccountView, entrypoint},
    joule_interface::{Fault, parse},
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
        _ => other(discriminant, accounts, data),
    }
}

/// What is rarer: fewer comparisons for the others.
#[inline(never)]
fn other(discriminant: u8, accounts: &[AccountView], data: &[u8]) -> Result<()> {
    match discriminant {
        BuyCreditsExactOut::<()>::DISCRIMINANT => instructions::buy_credits_exact_out(accounts, parse(data)?),
        ClaimEpochs::<()>::DISCRIMINANT => instructions::claim_epochs(accounts, parse(data)?),
        ReclaimCredits::<()>::DISCRIMINANT => instructions::reclaim_credits(accounts, parse(data)?),
        ClaimRoot::<()>::DISCRIMINANT => instructions::claim_root(accounts, data),
        BurnTokens::<()>::DISCRIMINANT => instructions::burn_tokens(accounts, parse(data)?),
        CloseEpoch::<()>::DISCRIMINANT => instructions::close_epoch(accounts, parse(data)?),
        AccrueWork::<()>::DISCRIMINANT => instructions::accrue_work(accounts, parse(data)?),
        UpdateAverage::<()>::DISCRIMINANT => instructions::update_average(accounts, parse(data)?),
        MintDeferred::<()>::DISCRIMINANT => instructions::mint_deferred(accounts, parse(data)?),
        SweepEpoch::<()>::DISCRIMINANT => instructions::sweep_epoch(accounts, parse(data)?),
        ExecuteChange::<()>::DISCRIMINANT => instructions::execute_change(accounts, parse(data)?),
        ActivateRoot::<()>::DISCRIMINANT => instructions::activate_root(accounts, parse(data)?),
        FundRoots::<()>::DISCRIMINANT => instructions::fund_roots(accounts, parse(data)?),
        CloseRoot::<()>::DISCRIMINANT => instructions::close_root(accounts, parse(data)?),
        CreateNetwork::<()>::DISCRIMINANT => instructions::create_network(accounts, parse(data)?),
        AddShard::<()>::DISCRIMINANT => instructions::add_shard(accounts, parse(data)?),
        AddSpender::<()>::DISCRIMINANT => instructions::add_spender(accounts, parse(data)?),
        OpenCreditAccount::<()>::DISCRIMINANT => instructions::open_credit_account(accounts, parse(data)?),
        OpenProviderWork::<()>::DISCRIMINANT => instructions::open_provider_work(accounts, parse(data)?),
        ProposeAuthority::<()>::DISCRIMINANT => instructions::propose_authority(accounts, parse(data)?),
        AcceptAuthority::<()>::DISCRIMINANT => instructions::accept_authority(accounts, parse(data)?),
        Pause::<()>::DISCRIMINANT => instructions::pause(accounts, parse(data)?),
        Resume::<()>::DISCRIMINANT => instructions::resume(accounts, parse(data)?),
        ProposeChange::<()>::DISCRIMINANT => instructions::propose_change(accounts, parse(data)?),
        CancelChange::<()>::DISCRIMINANT => instructions::cancel_change(accounts, parse(data)?),
        LimitSpender::<()>::DISCRIMINANT => instructions::limit_spender(accounts, parse(data)?),
        RevokeSpender::<()>::DISCRIMINANT => instructions::revoke_spender(accounts, parse(data)?),
        RestoreSpender::<()>::DISCRIMINANT => instructions::restore_spender(accounts, parse(data)?),
        OpenRoots::<()>::DISCRIMINANT => instructions::open_roots(accounts, parse(data)?),
        SetOracles::<()>::DISCRIMINANT => instructions::set_oracles(accounts, parse(data)?),
        PublishRoot::<()>::DISCRIMINANT => instructions::publish_root(accounts, parse(data)?),
        ApproveRoot::<()>::DISCRIMINANT => instructions::approve_root(accounts, parse(data)?),
        StrikeRoot::<()>::DISCRIMINANT => instructions::strike_root(accounts, parse(data)?),
        OpenRootClaim::<()>::DISCRIMINANT => instructions::open_root_claim(accounts, parse(data)?),
        _ => Err(Fault::UnknownInstruction.into()),
    }
}

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
    let (&discriminator, data) = data.split_first().ok_or(Fault::UnknownInstruction)?;
    match discriminator {
        ConsumeCredits::<()>::DISCRIMINATOR => instructions::consume_credits(accounts, parse(data)?),
        LockCredits::<()>::DISCRIMINATOR => instructions::lock_credits(accounts, parse(data)?),
        UnlockCredits::<()>::DISCRIMINATOR => instructions::unlock_credits(accounts, parse(data)?),
        BuyCredits::<()>::DISCRIMINATOR => instructions::buy_credits(accounts, parse(data)?),
        ClaimRewards::<()>::DISCRIMINATOR => instructions::claim_rewards(accounts, parse(data)?),
        _ => other(discriminator, accounts, data),
    }
}

/// What is rarer: fewer comparisons for the others.
#[inline(never)]
fn other(discriminator: u8, accounts: &[AccountView], data: &[u8]) -> Result<()> {
    match discriminator {
        BuyCreditsExactOut::<()>::DISCRIMINATOR => instructions::buy_credits_exact_out(accounts, parse(data)?),
        ClaimEpochs::<()>::DISCRIMINATOR => instructions::claim_epochs(accounts, parse(data)?),
        ReclaimCredits::<()>::DISCRIMINATOR => instructions::reclaim_credits(accounts, parse(data)?),
        ClaimRoot::<()>::DISCRIMINATOR => instructions::claim_root(accounts, data),
        BurnTokens::<()>::DISCRIMINATOR => instructions::burn_tokens(accounts, parse(data)?),
        CloseEpoch::<()>::DISCRIMINATOR => instructions::close_epoch(accounts, parse(data)?),
        AccrueWork::<()>::DISCRIMINATOR => instructions::accrue_work(accounts, parse(data)?),
        UpdateAverage::<()>::DISCRIMINATOR => instructions::update_average(accounts, parse(data)?),
        MintDeferred::<()>::DISCRIMINATOR => instructions::mint_deferred(accounts, parse(data)?),
        SweepEpoch::<()>::DISCRIMINATOR => instructions::sweep_epoch(accounts, parse(data)?),
        ExecutePolicy::<()>::DISCRIMINATOR => instructions::execute_policy(accounts, parse(data)?),
        ActivateRoot::<()>::DISCRIMINATOR => instructions::activate_root(accounts, parse(data)?),
        FundRoots::<()>::DISCRIMINATOR => instructions::fund_roots(accounts, parse(data)?),
        CloseRoot::<()>::DISCRIMINATOR => instructions::close_root(accounts, parse(data)?),
        CreateNetwork::<()>::DISCRIMINATOR => instructions::create_network(accounts, parse(data)?),
        AddShard::<()>::DISCRIMINATOR => instructions::add_shard(accounts, parse(data)?),
        AddSpender::<()>::DISCRIMINATOR => instructions::add_spender(accounts, parse(data)?),
        OpenCreditAccount::<()>::DISCRIMINATOR => instructions::open_credit_account(accounts, parse(data)?),
        OpenProviderWork::<()>::DISCRIMINATOR => instructions::open_provider_work(accounts, parse(data)?),
        ProposeAuthority::<()>::DISCRIMINATOR => instructions::propose_authority(accounts, parse(data)?),
        AcceptAuthority::<()>::DISCRIMINATOR => instructions::accept_authority(accounts, parse(data)?),
        Pause::<()>::DISCRIMINATOR => instructions::pause(accounts, parse(data)?),
        Resume::<()>::DISCRIMINATOR => instructions::resume(accounts, parse(data)?),
        ProposePolicy::<()>::DISCRIMINATOR => instructions::propose_policy(accounts, parse(data)?),
        CancelPolicy::<()>::DISCRIMINATOR => instructions::cancel_policy(accounts, parse(data)?),
        SetSpenderLimit::<()>::DISCRIMINATOR => instructions::set_spender_limit(accounts, parse(data)?),
        RevokeSpender::<()>::DISCRIMINATOR => instructions::revoke_spender(accounts, parse(data)?),
        RestoreSpender::<()>::DISCRIMINATOR => instructions::restore_spender(accounts, parse(data)?),
        OpenRoots::<()>::DISCRIMINATOR => instructions::open_roots(accounts, parse(data)?),
        SetOracles::<()>::DISCRIMINATOR => instructions::set_oracles(accounts, parse(data)?),
        PublishRoot::<()>::DISCRIMINATOR => instructions::publish_root(accounts, parse(data)?),
        ApproveRoot::<()>::DISCRIMINATOR => instructions::approve_root(accounts, parse(data)?),
        VetoRoot::<()>::DISCRIMINATOR => instructions::veto_root(accounts, parse(data)?),
        OpenRootClaim::<()>::DISCRIMINATOR => instructions::open_root_claim(accounts, parse(data)?),
        _ => Err(Fault::UnknownInstruction.into()),
    }
}

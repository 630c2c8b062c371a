//! `stake`, the program. What it does is documented in its interface; how, in one file for each instruction.
#![forbid(unsafe_code)]

pub mod instructions;
pub mod positions;
pub mod pots;
pub mod rewards;
pub mod rules;
pub mod slashing;

use {
    joule_common::{AccountView, entrypoint},
    joule_interface::{Fault, parse},
    joule_stake_interface::{StakeError, instruction::*},
};

entrypoint!(crate::process);

/// Result of a step of the program.
pub type Result<T> = core::result::Result<T, StakeError>;

/// From an instruction's bytes to its file. Jobs' and users' instructions come first: the fewest comparisons. None
/// is inlined: together their frames would exceed the stack's.
pub fn process(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (&discriminator, data) = data.split_first().ok_or(Fault::UnknownInstruction)?;
    match discriminator {
        LockBond::<()>::DISCRIMINATOR => instructions::lock_bond(accounts, parse(data)?),
        ReleaseBond::<()>::DISCRIMINATOR => instructions::release_bond(accounts, parse(data)?),
        SwapBond::<()>::DISCRIMINATOR => instructions::swap_bond(accounts, parse(data)?),
        SeizeBond::<()>::DISCRIMINATOR => instructions::seize_bond(accounts, parse(data)?),
        ReportJob::<()>::DISCRIMINATOR => instructions::report_job(accounts, parse(data)?),
        _ => other(discriminator, accounts, data),
    }
}

/// What is rarer: fewer comparisons for the others.
#[inline(never)]
fn other(discriminator: u8, accounts: &[AccountView], data: &[u8]) -> Result<()> {
    match discriminator {
        Stake::<()>::DISCRIMINATOR => instructions::stake(accounts, parse(data)?),
        Unstake::<()>::DISCRIMINATOR => instructions::unstake(accounts, parse(data)?),
        Withdraw::<()>::DISCRIMINATOR => instructions::withdraw(accounts, parse(data)?),
        CancelUnstake::<()>::DISCRIMINATOR => instructions::cancel_unstake(accounts, parse(data)?),
        Redelegate::<()>::DISCRIMINATOR => instructions::redelegate(accounts, parse(data)?),
        LockStake::<()>::DISCRIMINATOR => instructions::lock_stake(accounts, parse(data)?),
        ClaimRewards::<()>::DISCRIMINATOR => instructions::claim_rewards(accounts, parse(data)?),
        CompoundRewards::<()>::DISCRIMINATOR => instructions::compound_rewards(accounts, parse(data)?),
        ClaimCommission::<()>::DISCRIMINATOR => instructions::claim_commission(accounts, parse(data)?),
        SetCommission::<()>::DISCRIMINATOR => instructions::set_commission(accounts, parse(data)?),
        Unjail::<()>::DISCRIMINATOR => instructions::unjail(accounts, parse(data)?),
        ProposeSlash::<()>::DISCRIMINATOR => instructions::propose_slash(accounts, parse(data)?),
        FundRewards::<()>::DISCRIMINATOR => instructions::fund_rewards(accounts, parse(data)?),
        CollectRewards::<()>::DISCRIMINATOR => instructions::collect_rewards(accounts, parse(data)?),
        CompleteRedelegation::<()>::DISCRIMINATOR => instructions::complete_redelegation(accounts, parse(data)?),
        EndLock::<()>::DISCRIMINATOR => instructions::end_lock(accounts, parse(data)?),
        RefreshProvider::<()>::DISCRIMINATOR => instructions::refresh_provider(accounts, parse(data)?),
        ExecuteSlash::<()>::DISCRIMINATOR => instructions::execute_slash(accounts, parse(data)?),
        VetoSlash::<()>::DISCRIMINATOR => instructions::veto_slash(accounts, parse(data)?),
        ExpireSlash::<()>::DISCRIMINATOR => instructions::expire_slash(accounts, parse(data)?),
        StopRedelegation::<()>::DISCRIMINATOR => instructions::stop_redelegation(accounts, parse(data)?),
        ExecutePolicy::<()>::DISCRIMINATOR => instructions::execute_policy(accounts, parse(data)?),
        CreatePool::<()>::DISCRIMINATOR => instructions::create_pool(accounts, parse(data)?),
        RegisterProvider::<()>::DISCRIMINATOR => instructions::register_provider(accounts, parse(data)?),
        OpenDelegation::<()>::DISCRIMINATOR => instructions::open_delegation(accounts, parse(data)?),
        AddSlasher::<()>::DISCRIMINATOR => instructions::add_slasher(accounts, parse(data)?),
        SetSlasher::<()>::DISCRIMINATOR => instructions::set_slasher(accounts, parse(data)?),
        OpenBond::<()>::DISCRIMINATOR => instructions::open_bond(accounts, parse(data)?),
        CloseBond::<()>::DISCRIMINATOR => instructions::close_bond(accounts, parse(data)?),
        CloseDelegation::<()>::DISCRIMINATOR => instructions::close_delegation(accounts, parse(data)?),
        ProposePolicy::<()>::DISCRIMINATOR => instructions::propose_policy(accounts, parse(data)?),
        CancelPolicy::<()>::DISCRIMINATOR => instructions::cancel_policy(accounts, parse(data)?),
        _ => Err(Fault::UnknownInstruction.into()),
    }
}

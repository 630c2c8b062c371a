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
    let (&discriminant, data) = data.split_first().ok_or(Fault::UnknownInstruction)?;
    match discriminant {
        LockBond::<()>::DISCRIMINANT => instructions::lock_bond(accounts, parse(data)?),
        ReleaseBond::<()>::DISCRIMINANT => instructions::release_bond(accounts, parse(data)?),
        SwapBond::<()>::DISCRIMINANT => instructions::swap_bond(accounts, parse(data)?),
        SeizeBond::<()>::DISCRIMINANT => instructions::seize_bond(accounts, parse(data)?),
        ReportJob::<()>::DISCRIMINANT => instructions::report_job(accounts, parse(data)?),
        _ => other(discriminant, accounts, data),
    }
}

/// What is rarer: fewer comparisons for the others.
#[inline(never)]
fn other(discriminant: u8, accounts: &[AccountView], data: &[u8]) -> Result<()> {
    match discriminant {
        Stake::<()>::DISCRIMINANT => instructions::stake(accounts, parse(data)?),
        Unstake::<()>::DISCRIMINANT => instructions::unstake(accounts, parse(data)?),
        Withdraw::<()>::DISCRIMINANT => instructions::withdraw(accounts, parse(data)?),
        CancelUnstake::<()>::DISCRIMINANT => instructions::cancel_unstake(accounts, parse(data)?),
        Redelegate::<()>::DISCRIMINANT => instructions::redelegate(accounts, parse(data)?),
        LockStake::<()>::DISCRIMINANT => instructions::lock_stake(accounts, parse(data)?),
        ClaimRewards::<()>::DISCRIMINANT => instructions::claim_rewards(accounts, parse(data)?),
        CompoundRewards::<()>::DISCRIMINANT => instructions::compound_rewards(accounts, parse(data)?),
        ClaimCommission::<()>::DISCRIMINANT => instructions::claim_commission(accounts, parse(data)?),
        SetCommission::<()>::DISCRIMINANT => instructions::set_commission(accounts, parse(data)?),
        Unjail::<()>::DISCRIMINANT => instructions::unjail(accounts, parse(data)?),
        ProposeSlash::<()>::DISCRIMINANT => instructions::propose_slash(accounts, parse(data)?),
        FundRewards::<()>::DISCRIMINANT => instructions::fund_rewards(accounts, parse(data)?),
        CollectRewards::<()>::DISCRIMINANT => instructions::collect_rewards(accounts, parse(data)?),
        SettleRedelegation::<()>::DISCRIMINANT => instructions::settle_redelegation(accounts, parse(data)?),
        EndLock::<()>::DISCRIMINANT => instructions::end_lock(accounts, parse(data)?),
        RefreshProvider::<()>::DISCRIMINANT => instructions::refresh_provider(accounts, parse(data)?),
        ExecuteSlash::<()>::DISCRIMINANT => instructions::execute_slash(accounts, parse(data)?),
        VetoSlash::<()>::DISCRIMINANT => instructions::veto_slash(accounts, parse(data)?),
        ExpireSlash::<()>::DISCRIMINANT => instructions::expire_slash(accounts, parse(data)?),
        StopRedelegation::<()>::DISCRIMINANT => instructions::stop_redelegation(accounts, parse(data)?),
        ExecuteChange::<()>::DISCRIMINANT => instructions::execute_change(accounts, parse(data)?),
        CreatePool::<()>::DISCRIMINANT => instructions::create_pool(accounts, parse(data)?),
        RegisterProvider::<()>::DISCRIMINANT => instructions::register_provider(accounts, parse(data)?),
        OpenDelegation::<()>::DISCRIMINANT => instructions::open_delegation(accounts, parse(data)?),
        AddSlasher::<()>::DISCRIMINANT => instructions::add_slasher(accounts, parse(data)?),
        SetSlasher::<()>::DISCRIMINANT => instructions::set_slasher(accounts, parse(data)?),
        OpenBond::<()>::DISCRIMINANT => instructions::open_bond(accounts, parse(data)?),
        CloseBond::<()>::DISCRIMINANT => instructions::close_bond(accounts, parse(data)?),
        CloseDelegation::<()>::DISCRIMINANT => instructions::close_delegation(accounts, parse(data)?),
        ProposeChange::<()>::DISCRIMINANT => instructions::propose_change(accounts, parse(data)?),
        CancelChange::<()>::DISCRIMINANT => instructions::cancel_change(accounts, parse(data)?),
        _ => Err(Fault::UnknownInstruction.into()),
    }
}

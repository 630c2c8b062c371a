//! `stake`, the program. What it does is documented in its interface; how, in one file for each instruction.
#![forbid(unsafe_code)]

pub mod accounts;
pub mod bonds;
pub mod governance;
pub mod instructions;
pub mod rewards;
pub mod slashing;
pub mod staking;

/// Each instruction's file. Its rules are beside it.
pub(crate) mod instructions {
    pub(crate) use crate::bonds::{
        close_bond, lock_bond, open_bond, release_bond, report_job, seize_bond, swap_bond, withdraw_seized,
    };
    pub(crate) use crate::governance::{
        add_slasher, cancel_policy, create_pool, execute_policy, propose_policy, set_slasher,
    };
    pub(crate) use crate::rewards::{
        claim_commission, claim_rewards, collect_rewards, compound_rewards, fund_rewards, refresh_provider,
        set_commission,
    };
    pub(crate) use crate::slashing::{execute_slash, expire_slash, propose_slash, settle_slashed, unjail, veto_slash};
    pub(crate) use crate::staking::{
        cancel_unstake, close_delegation, complete_redelegation, end_lock, lock_stake, open_delegation, redelegate,
        register_provider, stake, stop_redelegation, unstake, withdraw,
    };
}

joule_common::entrypoint!(crate::instructions::process);

/// Result of a step of the program.
pub type Result<T> = core::result::Result<T, StakeError>;

/// From an instruction's bytes to its file. Jobs' and users' instructions come first: the fewest comparisons. None
/// is inlined: together their frames would exceed the stack's.
pub fn process(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (&discriminator, data) = data.split_first().ok_or(Fault::UnknownInstruction)?;
    match discriminator {
        LockBond::<()>::DISCRIMINATOR => instructions::lock_bond::lock_bond(accounts, parse(data)?),
        ReleaseBond::<()>::DISCRIMINATOR => instructions::release_bond::release_bond(accounts, parse(data)?),
        SwapBond::<()>::DISCRIMINATOR => instructions::swap_bond::swap_bond(accounts, parse(data)?),
        SeizeBond::<()>::DISCRIMINATOR => instructions::seize_bond::seize_bond(accounts, parse(data)?),
        ReportJob::<()>::DISCRIMINATOR => instructions::report_job::report_job(accounts, parse(data)?),
        _ => other(discriminator, accounts, data),
    }
}

/// What is rarer: fewer comparisons for the others.
#[inline(never)]
fn other(discriminator: u8, accounts: &[AccountView], data: &[u8]) -> Result<()> {
    match discriminator {
        Stake::<()>::DISCRIMINATOR => instructions::stake::stake(accounts, parse(data)?),
        Unstake::<()>::DISCRIMINATOR => instructions::unstake::unstake(accounts, parse(data)?),
        Withdraw::<()>::DISCRIMINATOR => instructions::withdraw::withdraw(accounts, parse(data)?),
        CancelUnstake::<()>::DISCRIMINATOR => instructions::cancel_unstake::cancel_unstake(accounts, parse(data)?),
        Redelegate::<()>::DISCRIMINATOR => instructions::redelegate::redelegate(accounts, parse(data)?),
        LockStake::<()>::DISCRIMINATOR => instructions::lock_stake::lock_stake(accounts, parse(data)?),
        ClaimRewards::<()>::DISCRIMINATOR => instructions::claim_rewards::claim_rewards(accounts, parse(data)?),
        CompoundRewards::<()>::DISCRIMINATOR => {
            instructions::compound_rewards::compound_rewards(accounts, parse(data)?)
        }
        ClaimCommission::<()>::DISCRIMINATOR => {
            instructions::claim_commission::claim_commission(accounts, parse(data)?)
        }
        SetCommission::<()>::DISCRIMINATOR => instructions::set_commission::set_commission(accounts, parse(data)?),
        Unjail::<()>::DISCRIMINATOR => instructions::unjail::unjail(accounts, parse(data)?),
        ProposeSlash::<()>::DISCRIMINATOR => instructions::propose_slash::propose_slash(accounts, parse(data)?),
        FundRewards::<()>::DISCRIMINATOR => instructions::fund_rewards::fund_rewards(accounts, parse(data)?),
        CollectRewards::<()>::DISCRIMINATOR => instructions::collect_rewards::collect_rewards(accounts, parse(data)?),
        CompleteRedelegation::<()>::DISCRIMINATOR => {
            instructions::complete_redelegation::complete_redelegation(accounts, parse(data)?)
        }
        EndLock::<()>::DISCRIMINATOR => instructions::end_lock::end_lock(accounts, parse(data)?),
        RefreshProvider::<()>::DISCRIMINATOR => {
            instructions::refresh_provider::refresh_provider(accounts, parse(data)?)
        }
        ExecuteSlash::<()>::DISCRIMINATOR => instructions::execute_slash::execute_slash(accounts, parse(data)?),
        SettleSlashed::<()>::DISCRIMINATOR => instructions::settle_slashed::settle_slashed(accounts, parse(data)?),
        WithdrawSeized::<()>::DISCRIMINATOR => instructions::withdraw_seized::withdraw_seized(accounts, parse(data)?),
        VetoSlash::<()>::DISCRIMINATOR => instructions::veto_slash::veto_slash(accounts, parse(data)?),
        ExpireSlash::<()>::DISCRIMINATOR => instructions::expire_slash::expire_slash(accounts, parse(data)?),
        StopRedelegation::<()>::DISCRIMINATOR => {
            instructions::stop_redelegation::stop_redelegation(accounts, parse(data)?)
        }
        ExecutePolicy::<()>::DISCRIMINATOR => instructions::execute_policy::execute_policy(accounts, parse(data)?),
        CreatePool::<()>::DISCRIMINATOR => instructions::create_pool::create_pool(accounts, parse(data)?),
        RegisterProvider::<()>::DISCRIMINATOR => {
            instructions::register_provider::register_provider(accounts, parse(data)?)
        }
        OpenDelegation::<()>::DISCRIMINATOR => instructions::open_delegation::open_delegation(accounts, parse(data)?),
        AddSlasher::<()>::DISCRIMINATOR => instructions::add_slasher::add_slasher(accounts, parse(data)?),
        SetSlasher::<()>::DISCRIMINATOR => instructions::set_slasher::set_slasher(accounts, parse(data)?),
        OpenBond::<()>::DISCRIMINATOR => instructions::open_bond::open_bond(accounts, parse(data)?),
        CloseBond::<()>::DISCRIMINATOR => instructions::close_bond::close_bond(accounts, parse(data)?),
        CloseDelegation::<()>::DISCRIMINATOR => {
            instructions::close_delegation::close_delegation(accounts, parse(data)?)
        }
        ProposePolicy::<()>::DISCRIMINATOR => instructions::propose_policy::propose_policy(accounts, parse(data)?),
        CancelPolicy::<()>::DISCRIMINATOR => instructions::cancel_policy::cancel_policy(accounts, parse(data)?),
        _ => Err(Fault::UnknownInstruction.into()),
    }
}

//! `stake`: providers and their delegators put tokens at risk.
//!
//! A provider's own stake backs its jobs. Its delegators own shares of its delegated pot, which earns. What leaves waits in
//! its unbonding pot, still at risk. The modules are as in `bme`'s interface.
//!
#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

mod error;
pub mod event;
pub mod instruction;
pub mod pda;
pub mod state;

pub use error::StakeError;

/// The program, where [the ids](joule_interface::ids) put it.
pub const ID: joule_interface::Address = joule_interface::ids::STAKE;

joule_interface::program! {
    /// Providers and their delegators put tokens at risk.
    "stake", errors StakeError,
    types [Pot, UnbondingPot, UnbondingPart, Reputation, PoolPolicy, BondReport],
    accounts [Pool, Rewards, Provider, Delegation, UnbondingTicket, Slasher, Bond, Slash, PolicyChange, ProviderStub],
    pdas [pool, rewards, vault, provider, delegation, ticket, slasher, bond, slash, policy_change],
    instructions {
        hot [
            LockBond => lock_bond,
            ReleaseBond => release_bond,
            SwapBond => swap_bond,
            SeizeBond => seize_bond,
            ReportJob => report_job,
        ],
        cold [
            Stake => stake,
            Unstake => unstake,
            Withdraw => withdraw,
            CancelUnstake => cancel_unstake,
            Redelegate => redelegate,
            LockStake => lock_stake,
            ClaimRewards => claim_rewards,
            CompoundRewards => compound_rewards,
            ClaimCommission => claim_commission,
            SetCommission => set_commission,
            Unjail => unjail,
            ProposeSlash => propose_slash,
            FundRewards => fund_rewards,
            CollectRewards => collect_rewards,
            CompleteRedelegation => complete_redelegation,
            EndLock => end_lock,
            RefreshProvider => refresh_provider,
            ExecuteSlash => execute_slash,
            SettleSlashed => settle_slashed,
            WithdrawSeized => withdraw_seized,
            VetoSlash => veto_slash,
            ExpireSlash => expire_slash,
            StopRedelegation => stop_redelegation,
            ExecutePolicy => execute_policy,
            CreatePool => create_pool,
            RegisterProvider => register_provider,
            OpenDelegation => open_delegation,
            AddSlasher => add_slasher,
            SetSlasher => set_slasher,
            OpenBond => open_bond,
            CloseBond => close_bond,
            CloseDelegation => close_delegation,
            ProposePolicy => propose_policy,
            CancelPolicy => cancel_policy,
            CloseProvider => close_provider,
            CloseSlasher => close_slasher,
            ClosePool => close_pool,
            StakeFor => stake_for,
        ],
    },
    events [
        ProviderRegistered, Staked, Unstaked, Withdrawn, BondLocked, BondReleased, BondSwapped, BondSeized,
        SlashProposed, Slashed, SlashSettled, SeizedWithdrawn, SlashClosed, StatusChanged, CommissionChanged,
        UnstakeCancelled, Redelegated, RedelegationCompleted, RedelegationStopped, LockChanged, RewardsFunded,
        RewardsClaimed, CommissionClaimed, JobReported, PoolCreated, PolicyProposed, PolicyChanged,
        PolicyCancelled, ProviderClosed, SlasherChanged,
    ],
    constants state,
    values [status, outcome, rights, seizure, sentence],
}

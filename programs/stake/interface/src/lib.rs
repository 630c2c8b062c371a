//! `stake`: providers and their delegators put tokens at risk.
//!
//! A provider's backers own shares of its pots: the active one earns and backs jobs, the unbonding one waits to leave
//! and is still at risk. Modules as in `bme`'s interface.
#![no_std]
#![forbid(unsafe_code)]

mod error;
pub mod event;
pub mod instruction;
pub mod pda;
pub mod state;

pub use error::StakeError;

/// The program.
pub const ID: joule_interface::Address =
    joule_interface::Address::from_str_const("JouLeStake111111111111111111111111111111111");

joule_interface::program! {
    /// Providers and their delegators put tokens at risk.
    "stake", errors StakeError,
    types [Pot, Reputation, Rules],
    accounts [Pool, Rewards, Provider, Delegation, Unbonding, Slasher, Bond, Slash, Change],
    pdas [pool, rewards, vault, provider, delegation, unbonding, slasher, bond, slash, change],
    instructions [LockBond, ReleaseBond, SwapBond, Stake, Unstake, Withdraw, SeizeBond, ReportJob, CancelUnstake, Redelegate, LockStake, ClaimRewards, CompoundRewards, ClaimCommission, SetCommission, Unjail, ProposeSlash, FundRewards, CollectRewards, SettleRedelegation, EndLock, RefreshProvider, ExecuteSlash, VetoSlash, ExpireSlash, StopRedelegation, ExecuteChange, CreatePool, RegisterProvider, OpenDelegation, AddSlasher, SetSlasher, OpenBond, CloseBond, CloseDelegation, ProposeChange, CancelChange],
    events [ProviderRegistered, Staked, Unstaked, Withdrawn, BondLocked, BondReleased, BondSwapped, BondSeized, SlashProposed, Slashed, SlashClosed, StatusChanged, CommissionChanged, UnstakeCancelled, Redelegated, RedelegationSettled, RedelegationStopped, LockChanged, RewardsFunded, RewardsClaimed, CommissionClaimed, JobReported, PoolCreated, ChangeProposed, ChangeExecuted, ChangeCancelled],
    values [status, outcome, rights, seizure, sentence],
}

//! `stake`: providers and their delegators put tokens at risk.
//!
//! A provider's own stake backs its jobs. Its delegators own shares of its delegated pot, which earns. What leaves waits in
//! its unbonding pot, still at risk. The modules are as in `bme`'s interface.
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
    types [Pot, UnbondingPot, UnbondingPart, Reputation, PoolPolicy],
    accounts [Pool, Rewards, Provider, Delegation, UnbondingTicket, Slasher, Bond, Slash, PolicyChange],
    pdas [pool, rewards, vault, provider, delegation, ticket, slasher, bond, slash, policy_change],
    instructions [LockBond, ReleaseBond, SwapBond, Stake, Unstake, Withdraw, SeizeBond, ReportJob, CancelUnstake, Redelegate, LockStake, ClaimRewards, CompoundRewards, ClaimCommission, SetCommission, Unjail, ProposeSlash, FundRewards, CollectRewards, CompleteRedelegation, EndLock, RefreshProvider, ExecuteSlash, SettleSlashed, WithdrawSeized, VetoSlash, ExpireSlash, StopRedelegation, ExecutePolicy, CreatePool, RegisterProvider, OpenDelegation, AddSlasher, SetSlasher, OpenBond, CloseBond, CloseDelegation, ProposePolicy, CancelPolicy],
    events [ProviderRegistered, Staked, Unstaked, Withdrawn, BondLocked, BondReleased, BondSwapped, BondSeized, SlashProposed, Slashed, SlashSettled, SeizedWithdrawn, SlashClosed, StatusChanged, CommissionChanged, UnstakeCancelled, Redelegated, RedelegationCompleted, RedelegationStopped, LockChanged, RewardsFunded, RewardsClaimed, CommissionClaimed, JobReported, PoolCreated, PolicyProposed, PolicyChanged, PolicyCancelled],
    values [status, outcome, rights, seizure, sentence],
}

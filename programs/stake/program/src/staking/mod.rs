//! Stake: what owners put behind a provider, and how it leaves.

pub(crate) mod cancel_unstake;
pub(crate) mod close_delegation;
pub(crate) mod complete_redelegation;
pub(crate) mod end_lock;
pub(crate) mod lock_stake;
pub(crate) mod open_delegation;
pub mod positions;
pub mod pots;
pub(crate) mod redelegate;
pub(crate) mod register_provider;
pub(crate) mod stake;
pub(crate) mod stop_redelegation;
pub(crate) mod unstake;
pub(crate) mod withdraw;

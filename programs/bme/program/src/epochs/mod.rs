//! Epochs: from work to minted tokens, and from those to providers.

pub(crate) mod accrue_work;
pub mod breaker;
pub(crate) mod claim_epochs;
pub(crate) mod claim_rewards;
pub(crate) mod close_epoch;
pub(crate) mod close_provider_work;
pub(crate) mod mint_deferred;
pub mod minting;
pub(crate) mod open_provider_work;
pub mod rewards;
pub(crate) mod sweep_epoch;
pub mod work;

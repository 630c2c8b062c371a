//! `bme`, burn-mint equilibrium: users burn a network's token at the oracle's dollar price for credits; providers are
//! minted tokens for the credits that they work off.
//!
//! | to | see |
//! |---|---|
//! | build or parse an instruction | [`instruction`] |
//! | call the program from yours | `invoke_signed` of an instruction, feature `cpi` |
//! | read an account | [`state`], with [`Account::read`](joule_interface::Account::read) |
//! | find an address | [`pda`] |
//! | decode an event | [`event`] |
//! | name an error | [`BmeError`] |
#![no_std]
#![forbid(unsafe_code)]

mod error;
pub mod event;
pub mod instruction;
pub mod pda;
pub mod price_update;
pub mod state;

pub use error::BmeError;

/// The program.
pub const ID: joule_interface::Address =
    joule_interface::Address::from_str_const("JouLeBme11111111111111111111111111111111111");

joule_interface::program! {
    "bme", errors BmeError,
    types [EpochWork],
    accounts [Network, CreditAccount, BurnShard, WorkShard, ProviderWork, Epoch, Spender],
    pdas [network, reward_vault, burn_shard, burn_vault, work_shard, credit_account, provider_work, epoch, spender],
    instructions [BuyCredits, LockCredits, UnlockCredits, ConsumeCredits, ClaimRewards, BurnTokens, CloseEpoch, AccrueWork, CreateNetwork, AddShard, AddSpender, OpenCreditAccount, OpenProviderWork],
    events [NetworkCreated, CreditsBought, CreditsLocked, CreditsUnlocked, CreditsConsumed, TokensBurned, EpochSettled, WorkAccrued, RewardsClaimed],
}

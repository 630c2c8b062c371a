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

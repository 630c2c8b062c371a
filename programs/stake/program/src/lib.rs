//! `stake`, the program. What it does is documented in its interface; how, in one file for each instruction.
#![forbid(unsafe_code)]

pub mod accounts;
pub mod bonds;
pub mod governance;
pub mod instructions;
pub mod rewards;
pub mod slashing;
pub mod staking;

use joule_stake_interface::StakeError;

joule_common::entrypoint!(crate::instructions::process, joule_stake_interface);

/// Result of a step of the program.
pub type Result<T> = core::result::Result<T, StakeError>;

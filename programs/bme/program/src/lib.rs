//! `bme`, the program. What it does is documented in its interface; how, in one file for each instruction.
#![forbid(unsafe_code)]

pub mod breaker;
pub mod credits;
pub mod instructions;
pub mod minting;
pub mod policy;
pub mod price;
pub mod purchase;
pub mod rewards;
pub mod roots;
pub mod work;

use joule_bme_interface::BmeError;

joule_common::entrypoint!(crate::instructions::process);

/// Result of a step of the program.
pub type Result<T> = core::result::Result<T, BmeError>;

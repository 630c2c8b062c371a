//! `bme`, the program. Its interface documents what it does. A folder holds each concern: its rules, and one file for each of
//! its instructions: accounts taken apart, checks, effect, event.
#![forbid(unsafe_code)]

pub mod credits;
pub mod dollars;
pub mod epochs;
pub mod governance;
pub mod instructions;
pub mod lanes;
pub mod price;
pub mod roots;
pub mod source;
pub mod spenders;
pub mod upkeep;

use joule_bme_interface::BmeError;

joule_common::entrypoint!(crate::instructions::process, joule_bme_interface);

/// Result of a step of the program.
pub type Result<T> = core::result::Result<T, BmeError>;

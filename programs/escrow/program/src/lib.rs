//! `escrow`, the program. Its interface documents what it does. A folder holds each concern: its rules, and one file for each of
//! its instructions: accounts taken apart, checks, effect, event.
#![forbid(unsafe_code)]

pub mod collateral;
pub mod engagement;
pub mod instructions;
pub mod jobs;
pub mod markets;
pub mod matching;
pub mod money;
pub mod verification;

use joule_escrow_interface::EscrowError;

joule_common::entrypoint!(crate::instructions::process);

/// Result of a step of the program.
pub type Result<T> = core::result::Result<T, EscrowError>;

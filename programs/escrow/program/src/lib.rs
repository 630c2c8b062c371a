//! `escrow`, the program. What it does is documented in its interface; how, in one file for each instruction.
#![forbid(unsafe_code)]

pub mod access;
pub mod collateral;
pub mod game;
pub mod instructions;
pub mod job;
pub mod node;
pub mod panel;
pub mod purse;
pub mod queue;
pub mod terms;
pub mod wager;

use joule_escrow_interface::EscrowError;

joule_common::entrypoint!(crate::instructions::process);

/// Result of a step of the program.
pub type Result<T> = core::result::Result<T, EscrowError>;

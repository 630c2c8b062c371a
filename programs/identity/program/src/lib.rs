//! `identity`, the program. What it does is documented in its interface; how, in one file for each instruction.
#![forbid(unsafe_code)]

pub mod attestors;
pub mod bubblegum;
pub mod collection;
pub mod compression;
pub mod instructions;
pub mod leaf;
pub mod metadata;
pub mod policy;
pub mod standing;

use joule_identity_interface::IdentityError;

joule_common::entrypoint!(crate::instructions::process, joule_identity_interface);

/// Result of a step of the program.
pub type Result<T> = core::result::Result<T, IdentityError>;

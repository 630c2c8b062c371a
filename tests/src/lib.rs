//! Joule in the real SVM: the programs' ELFs, the real Token, Token-2022, Bubblegum and account compression, and the
//! features that mainnet has.
//!
//! [`World`] is a chain of its own. [`fixture`] builds networks, clients and providers in it, so that a test reads as a
//! story.

pub mod actors;
pub mod adversary;
pub mod authorization;
pub mod bench;
pub mod books;
pub mod effects;
pub mod engine;
pub mod example;
pub mod fixture;
pub mod golden;
pub mod keeping;
pub mod logs;
pub mod profile;
pub mod promises;
mod reckoning;
mod tampering;
pub mod telling;
pub mod trace;
pub mod tracked_world;
pub mod verdict;
pub mod world;

pub use {
    fixture::Network,
    logs::Receipt,
    world::{Failure, World, key, units},
};

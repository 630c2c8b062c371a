//! The toolbox of Joule's programs. All `unsafe` of the workspace's on-chain code is here.

extern crate alloc;

pub mod account;
pub mod ask;
pub mod entrypoint;
pub mod event;
pub mod guard;
pub mod system;
pub mod token;

#[doc(hidden)]
pub use entrypoint::private as __private;

pub use pinocchio::{AccountView, cpi::Signer};

use {joule_interface::ProgramError, joule_math::Timestamp, solana_program::sysvar::Sysvar};

/// Now, by the `Clock` sysvar. 140 compute units: ask once an instruction.
#[inline(always)]
pub fn now() -> Result<Timestamp, ProgramError> {
    Ok(Timestamp(solana_program::clock::Clock::get()?.unix_timestamp))
}

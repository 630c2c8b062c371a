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

use {
    joule_interface::ProgramError,
    joule_math::Timestamp,
    pinocchio::sysvars::{clock::CLOCK_ID, get_sysvar},
};

/// Now, by the `Clock` sysvar, of which only the time is read. 110 compute units: ask once an instruction.
#[inline(always)]
pub fn now() -> Result<Timestamp, ProgramError> {
    /// Of `unix_timestamp`: slot, start of the epoch, epoch and epoch of the leader schedule come before it.
    const OFFSET: usize = 32;
    let mut bytes = [0; 8];
    get_sysvar(&mut bytes, &CLOCK_ID, OFFSET)?;
    Ok(Timestamp(i64::from_le_bytes(bytes)))
}

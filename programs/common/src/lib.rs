//! The toolbox of Joule's programs. All `unsafe` of on-chain code is here, but for the call itself, in `joule-interface`.

pub mod account;
pub mod ask;
pub mod cpi;
pub mod entrypoint;
pub mod event;
pub mod guard;
pub mod issuer;
pub mod loader;
pub mod names;
pub mod system;
pub mod token;
pub mod transaction;

#[doc(hidden)]
pub use entrypoint::private as __private;

pub use pinocchio::{
    AccountView,
    cpi::{Seed, Signer},
};

#[cfg(not(target_os = "solana"))]
pub mod native;

#[cfg(not(target_os = "solana"))]
use native::{CLOCK_ID, get_sysvar};
#[cfg(target_os = "solana")]
use pinocchio::sysvars::{clock::CLOCK_ID, get_sysvar};
use {joule_interface::ProgramError, joule_math::Timestamp};

/// SHA-256 by the system call.
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    solana_program::hash::hashv(parts).to_bytes()
}

/// Now, by the `Clock` sysvar, of which only the time is read. 110 compute units: ask once an instruction.
#[inline(always)]
pub fn now() -> Result<Timestamp, ProgramError> {
    /// Of `unix_timestamp`: slot, start of the epoch, epoch and epoch of the leader schedule come before it.
    const OFFSET: usize = 32;
    let mut bytes = [0; 8];
    get_sysvar(&mut bytes, &CLOCK_ID, OFFSET)?;
    Ok(Timestamp(i64::from_le_bytes(bytes)))
}

/// The present slot, by the `Clock` sysvar.
#[inline(always)]
pub fn slot() -> Result<u64, ProgramError> {
    let mut bytes = [0; 8];
    get_sysvar(&mut bytes, &CLOCK_ID, 0)?;
    Ok(u64::from_le_bytes(bytes))
}

/// Owner of the accounts in tests.
#[cfg(test)]
pub(crate) const ID: joule_interface::Address = joule_interface::Address::new_from_array([9; 32]);

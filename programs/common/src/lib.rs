//! The toolbox of Joule's programs. All `unsafe` of on-chain code is here, but for the call itself, in `joule-interface`.

pub mod account;
pub mod entrypoint;
pub mod event;
pub mod guard;
pub mod system;
pub mod token;

#[doc(hidden)]
pub use entrypoint::private as __private;

pub use pinocchio::{
    AccountView,
    cpi::{Seed, Signer},
};

use {joule_interface::ProgramError, joule_math::Timestamp, solana_program::sysvar::Sysvar};

/// Now, by the `Clock` sysvar. 140 compute units: ask once an instruction.
#[inline(always)]
pub fn now() -> Result<Timestamp, ProgramError> {
    Ok(Timestamp(solana_program::clock::Clock::get()?.unix_timestamp))
}

/// Owner of the accounts in tests.
#[cfg(test)]
pub(crate) const ID: joule_interface::Address = joule_interface::Address::new_from_array([9; 32]);

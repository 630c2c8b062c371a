//! What a verifier is: a program that decides on one step of a game.
//!
//! `escrow` calls it with [`DISCRIMINATOR`], a [`Statement`] and a witness. The witness is whatever the verifier needs, usually the
//! state before the step, whose hash the statement contains. All accounts are read-only and nobody signs, so a verifier has
//! authority over nothing. If the statement is valid, the verifier returns [`valid`] of it as its return data. In every other case
//! it fails or returns anything else. A wrong witness therefore proves nothing against anybody.
//!
//! A verifier is deterministic, and so is the computation that it checks. No state has two successors, a final state has none, and
//! a state's hash binds all of the state. [`statement::STEP`]: the state `after` follows `before`. [`statement::END`]: `before` is
//! final.
//!
//! ```text
//! let (statement, witness) = verifier::read(data)?;
//! if follows(statement, witness) { set_return_data(&verifier::valid(sha256, statement)) }
//! ```

pub use crate::state::{Statement, statement};

use {
    crate::trace::{Hash, Sha256},
    joule_interface::bytemuck,
};

/// First byte of the instruction data.
pub const DISCRIMINATOR: u8 = 0;

/// Statement and witness, from the instruction data of a verifier.
#[inline(always)]
pub fn read(data: &[u8]) -> Option<(&Statement, &[u8])> {
    let (&DISCRIMINATOR, data) = data.split_first()? else { return None };
    let (statement, witness) = data.split_at_checked(size_of::<Statement>())?;
    Some((bytemuck::from_bytes(statement), witness))
}

/// What a verifier returns if the statement is valid, and only then. The hash binds the statement, so it cannot answer another one.
#[inline(always)]
pub fn valid(sha256: Sha256, statement: &Statement) -> Hash {
    sha256(&[b"valid", bytemuck::bytes_of(statement)])
}

//! What a program implements that decides on a step of a game: a verifier.
//!
//! `escrow` calls it with [`DISCRIMINATOR`], a [`Statement`] and a witness, which is whatever the verifier asks for: usually the state
//! before, whose hash the claim gives. All accounts are read-only and nobody signs: a verifier has authority over nothing.
//! Where the claim is valid it returns [`valid`] of it as its return data. In every other case it fails, or returns anything
//! else: only a valid claim is ever answered, so that a witness that does not fit proves nothing against anybody.
//!
//! A verifier is deterministic, and so is the step that it knows. No state has two successors, a final one has none, and a
//! state's hash binds all of it. [`statement::STEP`]: the state `after` follows `before`. [`statement::END`]: `before` is final.
//!
//! ```text
//! let (claim, witness) = verifier::read(data)?;
//! if follows(claim, witness) { set_return_data(&verifier::valid(sha256, claim)) }
//! ```

pub use crate::state::{Statement, statement};

use {
    crate::trace::{Hash, Sha256},
    joule_interface::bytemuck,
};

/// First byte of the instruction data.
pub const DISCRIMINATOR: u8 = 0;

/// Claim and witness, from the instruction data of a verifier.
#[inline(always)]
pub fn read(data: &[u8]) -> Option<(&Statement, &[u8])> {
    let (&DISCRIMINATOR, data) = data.split_first()? else { return None };
    let (claim, witness) = data.split_at_checked(size_of::<Statement>())?;
    Some((bytemuck::from_bytes(claim), witness))
}

/// What a verifier returns where the claim is valid, and only there. As it says which claim, it cannot be taken for the answer
/// to another.
#[inline(always)]
pub fn valid(sha256: Sha256, claim: &Statement) -> Hash {
    sha256(&[b"valid", bytemuck::bytes_of(claim)])
}

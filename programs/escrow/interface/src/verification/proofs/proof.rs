//! What a verifier of proofs is: a program that finds out whether a result comes with a proof that it is right.
//!
//! `escrow` calls it with [`DISCRIMINATOR`], a [`ProofStatement`] and the proof. All accounts are read-only and nobody signs. If the proof is
//! valid for the statement, the verifier returns [`valid`] of it as its return data; in every other case it fails or returns
//! anything else.
//!
//! A proof is a proof for one statement. So its public inputs contain [`halves`] of the binding, and what they say of definition and
//! result is what the statement says. Whoever changes a proof into another form of itself still proves that statement, for which a
//! job is paid once. A circuit must constrain all of its public inputs: a verifier does not notice one that nothing depends on.
//!
//! ```text
//! let (statement, proof) = proof::read(data)?;
//! let [high, low] = proof::halves(&statement.binding);
//! if holds(&[high, low, ..], proof) { set_return_data(&proof::valid(sha256, statement)) }
//! ```

pub use crate::state::ProofStatement;

use {
    crate::trace::{Hash, Sha256},
    joule_interface::{Address, bytemuck},
};

/// First byte of the instruction data. A verifier of games has another, so a program can be both.
pub const DISCRIMINATOR: u8 = 1;

/// `sha256("proof" ‖ escrow ‖ job ‖ posting id as u64 LE ‖ provider ‖ definition ‖ result)`: a proof over it is one for nothing else.
#[inline(always)]
pub fn binding(
    sha256: Sha256,
    job: &Address,
    posting_id: u64,
    provider: &Address,
    definition: &Hash,
    result: &Hash,
) -> Hash {
    sha256(&[
        b"proof",
        crate::ID.as_ref(),
        job.as_ref(),
        &posting_id.to_le_bytes(),
        provider.as_ref(),
        definition,
        result,
    ])
}

/// Two public inputs of 128 bits each, big-endian, the higher first: 32 bytes may exceed the field of a proof system.
#[inline(always)]
pub fn halves(hash: &Hash) -> [Hash; 2] {
    let mut halves = [[0; 32]; 2];
    halves[0][16..].copy_from_slice(&hash[..16]);
    halves[1][16..].copy_from_slice(&hash[16..]);
    halves
}

/// Statement and proof, from the instruction data of a verifier.
#[inline(always)]
pub fn read(data: &[u8]) -> Option<(&ProofStatement, &[u8])> {
    let (&DISCRIMINATOR, data) = data.split_first()? else { return None };
    let (statement, proof) = data.split_at_checked(size_of::<ProofStatement>())?;
    Some((bytemuck::from_bytes(statement), proof))
}

/// What a verifier returns if the proof is valid for the statement, and only then.
#[inline(always)]
pub fn valid(sha256: Sha256, statement: &ProofStatement) -> Hash {
    sha256(&[b"proven", bytemuck::bytes_of(statement)])
}

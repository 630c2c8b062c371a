//! A verifier of validity proofs, as a network would write one: Groth16 over BN254, by the runtime's system calls.
//!
//! It knows one circuit: whoever proves knows that `result^3 + result + 5 = definition` in the scalar field, for the result and the
//! definition of a job, both read as numbers of two halves. It stands for any circuit. What a verifier has to do: take all public
//! inputs from the statement, and nothing else; have a key that is part of its code.
#![forbid(unsafe_code)]

use {
    groth16_solana::groth16::{Groth16Verifier, Groth16Verifyingkey, is_less_than_bn254_field_size_be},
    joule_common::{AccountView, entrypoint},
    joule_escrow_interface::{
        proof::{self, ProofStatement},
        trace::Hash,
    },
    joule_interface::ProgramError,
    solana_program::{hash::hashv, program::set_return_data},
};

entrypoint!(crate::process);

/// Public inputs: the halves of binding, definition and result.
pub const INPUTS: usize = 6;
/// Bytes of a proof: A, negated, B and C.
pub const PROOF_SIZE: usize = 64 + 128 + 64;
/// Bytes of the key: alpha, beta, gamma, delta, and a point for each input and one more.
pub const KEY_SIZE: usize = 64 + 3 * 128 + 64 * (INPUTS + 1);
/// The circuit's key, which the test that proves makes. It is made from a known seed, as no key that guards money may be.
pub const KEY: &[u8; KEY_SIZE] = include_bytes!("../key.bin");

/// The public inputs of a statement.
pub fn inputs(statement: &ProofStatement) -> [[u8; 32]; INPUTS] {
    let [[a, b], [c, d], [e, f]] =
        [statement.binding, statement.definition, statement.result].map(|hash| proof::halves(&hash));
    [a, b, c, d, e, f]
}

/// Whether the proof is one for the statement. The circuit counts in the scalar field, where a number and the field's order more are the
/// same: only the smaller is a result, or a definition.
pub fn holds(statement: &ProofStatement, bytes: &[u8]) -> bool {
    if ![statement.definition, statement.result].iter().all(is_less_than_bn254_field_size_be) {
        return false;
    }
    let Ok(bytes) = <&[u8; PROOF_SIZE]>::try_from(bytes) else { return false };
    let part = |bytes: &[u8], at: usize| -> [u8; 128] { bytes[at..at + 128].try_into().expect("128 bytes") };
    let point = |bytes: &[u8], at: usize| -> [u8; 64] { bytes[at..at + 64].try_into().expect("64 bytes") };
    let key = Groth16Verifyingkey {
        nr_pubinputs: INPUTS,
        vk_alpha_g1: point(KEY, 0),
        vk_beta_g2: part(KEY, 64),
        vk_gamma_g2: part(KEY, 192),
        vk_delta_g2: part(KEY, 320),
        vk_ic: bytemuck::cast_slice(&KEY[448..]),
        vk_commitment: None,
    };
    let (a, b, c) = (point(bytes, 0), part(bytes, 64), point(bytes, 192));
    let inputs = inputs(statement);
    Groth16Verifier::new(&a, &b, &c, &inputs, &key).is_ok_and(|mut verifier| verifier.verify().is_ok())
}

/// Answers a question of `escrow`, or of anybody: it needs no account.
pub fn process(_: &[AccountView], data: &[u8]) -> Result<(), ProgramError> {
    let (statement, proof) = proof::read(data).ok_or(ProgramError::InvalidInstructionData)?;
    if holds(statement, proof) {
        set_return_data(&proof::valid(sha256, statement));
    }
    Ok(())
}

fn sha256(parts: &[&[u8]]) -> Hash {
    hashv(parts).to_bytes()
}

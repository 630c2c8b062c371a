//! A verifier, as a network would write one: it knows a machine of 48 bytes and decides whether one of its steps is right.
//!
//! The machine mixes an accumulator with a counter until the counter is at its limit. It stands for any deterministic step
//! function: what a verifier needs of it is a state whose hash binds all of it, one successor at most, and an end that can be
//! told by the state. The witness of both claims is the state before.
#![forbid(unsafe_code)]

use {
    joule_common::{AccountView, entrypoint},
    joule_escrow_interface::{
        proof::{self, ProofStatement},
        trace::Hash,
        verifier::{self, Statement, statement},
    },
    joule_interface::ProgramError,
    solana_program::{hash::hashv, program::set_return_data},
};

entrypoint!(crate::process);

/// A state of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Machine {
    /// What is computed.
    pub accumulator: [u64; 4],
    /// Steps that were taken.
    pub counter: u64,
    /// Steps to take.
    pub limit: u64,
}

impl Machine {
    /// Bytes of a state.
    pub const SIZE: usize = 48;

    /// The first state of a run of `limit` steps.
    pub fn new(seed: u64, limit: u64) -> Self {
        Self { accumulator: [seed, !seed, seed.rotate_left(17), limit], counter: 0, limit }
    }

    /// Whether there is nothing left to do.
    pub fn is_final(&self) -> bool {
        self.counter >= self.limit
    }

    /// The state after this one.
    pub fn step(&self) -> Option<Self> {
        if self.is_final() {
            return None;
        }
        let [a, b, c, d] = self.accumulator;
        let mixed = a.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(self.counter) ^ d.rotate_left(23);
        Some(Self { accumulator: [b ^ mixed, c.wrapping_add(mixed), d, mixed], counter: self.counter + 1, ..*self })
    }

    /// The bytes that are hashed, and shown as a witness.
    pub fn bytes(&self) -> [u8; Self::SIZE] {
        let mut bytes = [0; Self::SIZE];
        let words = self.accumulator.iter().chain([&self.counter, &self.limit]);
        for (place, word) in bytes.chunks_exact_mut(8).zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    /// From these bytes.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; Self::SIZE] = bytes.try_into().ok()?;
        let word = |index: usize| {
            let mut word = [0; 8];
            word.copy_from_slice(&bytes[8 * index..8 * index + 8]);
            u64::from_le_bytes(word)
        };
        Some(Self { accumulator: core::array::from_fn(word), counter: word(4), limit: word(5) })
    }

    /// The hash that stands for the state in a trace.
    pub fn hash(&self) -> Hash {
        sha256(&[&self.bytes()])
    }
}

/// Whether the claim holds, as the witness shows.
pub fn holds(claim: &Statement, witness: &[u8]) -> bool {
    let Some(before) = Machine::read(witness) else { return false };
    if before.hash() != claim.before {
        return false;
    }
    match claim.kind {
        statement::STEP => before.step().is_some_and(|after| after.hash() == claim.after),
        statement::END => before.is_final(),
        _ => false,
    }
}

/// Whether the run from the first state, which is the proof, gives the result. To do a short work again proves it as well.
pub fn gives(statement: &ProofStatement, first: &[u8]) -> bool {
    /// More do not fit the compute units of a transaction.
    const MOST: u64 = 100;
    let Some(first) = Machine::read(first).filter(|first| first.limit <= MOST) else { return false };
    let last = core::iter::successors(Some(first), Machine::step).last();
    first.hash() == statement.definition && last.is_some_and(|last| last.hash() == statement.result)
}

/// What stands for a proof of this statement and no other: tests give it to who did the work.
pub fn token(statement: &ProofStatement) -> Hash {
    sha256(&[b"done", &statement.binding, &statement.definition, &statement.result])
}

/// Answers a question of `escrow`, or of anybody: it needs no account.
pub fn process(_: &[AccountView], data: &[u8]) -> Result<(), ProgramError> {
    if let Some((statement, first)) = proof::read(data) {
        if gives(statement, first) || first == token(statement) {
            set_return_data(&proof::valid(sha256, statement));
        }
        return Ok(());
    }
    let (claim, witness) = verifier::read(data).ok_or(ProgramError::InvalidInstructionData)?;
    if holds(claim, witness) {
        set_return_data(&verifier::valid(sha256, claim));
    }
    Ok(())
}

fn sha256(parts: &[&[u8]]) -> Hash {
    hashv(parts).to_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim_of(kind: u8, before: &Machine, after: Option<&Machine>) -> Statement {
        let after = after.map_or([0; 32], Machine::hash);
        Statement { kind, definition: [7; 32], index: 3, before: before.hash(), after }
    }

    #[test]
    fn a_run_has_one_end_and_every_state_one_successor() {
        let mut machine = Machine::new(9, 50);
        for counter in 0..50 {
            assert_eq!(machine.counter, counter);
            let next = machine.step().expect("not final");
            assert!(holds(&claim_of(statement::STEP, &machine, Some(&next)), &machine.bytes()));
            assert!(!holds(&claim_of(statement::STEP, &machine, Some(&machine)), &machine.bytes()));
            assert!(!holds(&claim_of(statement::STEP, &next, Some(&next)), &machine.bytes()));
            assert!(!holds(&claim_of(statement::END, &machine, None), &machine.bytes()));
            machine = next;
        }
        assert!(machine.is_final() && machine.step().is_none());
        assert!(holds(&claim_of(statement::END, &machine, None), &machine.bytes()));
        assert!(!holds(&claim_of(statement::STEP, &machine, Some(&machine)), &machine.bytes()));
    }

    #[test]
    fn a_short_run_proves_its_result() {
        let first = Machine::new(9, 50);
        let last = core::iter::successors(Some(first), Machine::step).last().unwrap();
        let statement = ProofStatement { binding: [1; 32], definition: first.hash(), result: last.hash() };
        assert!(gives(&statement, &first.bytes()));
        assert!(!gives(&statement, &last.bytes()) && !gives(&statement, &[]));
        assert!(!gives(&ProofStatement { result: first.hash(), ..statement }, &first.bytes()));
    }

    #[test]
    fn no_bit_of_a_state_is_free() {
        let before = Machine::new(3, 10).step().unwrap();
        let claim = claim_of(statement::STEP, &before, before.step().as_ref());
        assert_eq!(Machine::read(&before.bytes()), Some(before));
        for bit in 0..8 * Machine::SIZE {
            let mut bytes = before.bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(!holds(&claim, &bytes));
        }
        assert!(!holds(&claim, &[]) && !holds(&claim, &[&before.bytes()[..], &[0]].concat()));
        assert!(!holds(&Statement { kind: 2, ..claim }, &before.bytes()));
    }
}

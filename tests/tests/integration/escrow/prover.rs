//! Real proofs of a small circuit: Groth16 over BN254, for the verifier of tests/programs/groth16.

use {
    ark_bn254::{Bn254, Fq, Fr, G1Affine, G2Affine},
    ark_ff::{BigInteger, Field, PrimeField},
    ark_groth16::{Groth16, Proof, ProvingKey},
    ark_relations::{
        lc,
        r1cs::{ConstraintSynthesizer, ConstraintSystemRef, SynthesisError, Variable},
    },
    ark_std::rand::{SeedableRng, rngs::StdRng},
    joule_escrow_interface::proof,
};

type Hash = [u8; 32];

/// `result^3 + result + 5 = definition`, for public halves of binding, definition and result.
struct Cubic([Fr; 6]);

impl ConstraintSynthesizer<Fr> for Cubic {
    fn generate_constraints(self, cs: ConstraintSystemRef<Fr>) -> Result<(), SynthesisError> {
        let values = self.0;
        let mut inputs = [Variable::One; 6];
        for (input, value) in inputs.iter_mut().zip(values) {
            *input = cs.new_input_variable(|| Ok(value))?;
        }
        let [a, b, c, d, e, f] = inputs;
        // Nothing depends on the binding but this: an input that no constraint has would be free.
        let product = cs.new_witness_variable(|| Ok(values[0] * values[1]))?;
        cs.enforce_constraint(lc!() + a, lc!() + b, lc!() + product)?;
        let high = Fr::from(2u64).pow([128]);
        let result = values[4] * high + values[5];
        let square = cs.new_witness_variable(|| Ok(result * result))?;
        let (of_result, zero) = (lc!() + (high, e) + f, Fr::from(0u64));
        cs.enforce_constraint(of_result.clone(), of_result, lc!() + square)?;
        let cube = lc!()
            + (high, c)
            + d
            + (zero - high, e)
            + (zero - Fr::from(1u64), f)
            + (zero - Fr::from(5u64), Variable::One);
        cs.enforce_constraint(lc!() + square, lc!() + (high, e) + f, cube)
    }
}

/// What proves, with the key that the verifier knows.
pub struct Prover(pub ProvingKey<Bn254>);

fn number(of: Fq) -> Vec<u8> {
    of.into_bigint().to_bytes_be()
}

pub fn g1(point: &G1Affine) -> Vec<u8> {
    [number(point.x), number(point.y)].concat()
}

pub fn g2(point: &G2Affine) -> Vec<u8> {
    [number(point.x.c1), number(point.x.c0), number(point.y.c1), number(point.y.c0)].concat()
}

/// A proof as the verifier reads it.
pub fn bytes_of(proof: &Proof<Bn254>) -> Vec<u8> {
    [g1(&-proof.a), g2(&proof.b), g1(&proof.c)].concat()
}

/// 32 bytes that are this number.
pub fn small(number: u64) -> Hash {
    let mut bytes = [0; 32];
    bytes[24..].copy_from_slice(&number.to_be_bytes());
    bytes
}

/// What has this result: `result^3 + result + 5`.
pub fn definition_of(result: u64) -> Hash {
    small(result.pow(3) + result + 5)
}

impl Prover {
    pub fn new() -> Self {
        let mut random = StdRng::seed_from_u64(7);
        let circuit = Cubic([Fr::from(1u64); 6]);
        let key = Groth16::<Bn254>::generate_random_parameters_with_reduction(circuit, &mut random).expect("a key");
        Self(key)
    }

    /// A proof, if these are what the circuit asks for.
    pub fn prove(&self, binding: Hash, definition: Hash, result: Hash) -> Proof<Bn254> {
        let halves = [binding, definition, result].map(|hash| proof::halves(&hash));
        let inputs: Vec<Fr> = halves.concat().iter().map(|half| Fr::from_be_bytes_mod_order(half)).collect();
        let mut random = StdRng::seed_from_u64(8);
        let circuit = Cubic(inputs.try_into().expect("six"));
        Groth16::<Bn254>::create_random_proof_with_reduction(circuit, &self.0, &mut random).expect("a proof")
    }
}

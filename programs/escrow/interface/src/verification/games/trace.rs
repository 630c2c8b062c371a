//! The Merkle tree of an execution trace. It is built like that of `bme`'s reward roots, with other leaves.
//!
//! A trace of `n` steps has the states 0 to `n`, each a hash of 32 bytes. Provider and verifier agree on how a state is hashed.
//! State 0 is the job's definition, state `n` its result. A leaf is `sha256(0 ‖ "trace" ‖ state)`. The tree has the least height
//! with a leaf for each state; leaves beyond the last state are [`PADDING`].

pub use joule_bme_interface::merkle::{Hash, Sha256, node};

/// Leaves beyond the last state.
pub const PADDING: Hash = [0; 32];
/// Most steps of a trace.
pub const MAX_STEPS: u32 = 1 << 31;

/// The leaf of a state.
#[inline(always)]
pub fn leaf(sha256: Sha256, state: &Hash) -> Hash {
    sha256(&[&[joule_bme_interface::merkle::LEAF], b"trace", state])
}

/// Height of the tree over a trace of `steps`.
#[inline(always)]
pub fn height(steps: u32) -> u32 {
    u32::BITS - steps.leading_zeros()
}

/// The root above the last leaf of a tree, by the nodes to the left of its path, from the leaf up.
#[inline(always)]
pub fn root_of_last(sha256: Sha256, leaf: Hash, proof: &[Hash]) -> Hash {
    proof.iter().fold(leaf, |hash, sibling| node(sha256, sibling, &hash))
}

/// The root above `nodes`, whose number is a power of two. Overwrites them.
#[inline(always)]
pub fn fold(sha256: Sha256, nodes: &mut [Hash]) -> Hash {
    let mut width = nodes.len();
    while width > 1 {
        width /= 2;
        for index in 0..width {
            nodes[index] = node(sha256, &nodes[2 * index], &nodes[2 * index + 1]);
        }
    }
    nodes[0]
}

//! The Merkle tree of a reward root.
//!
//! A leaf is `sha256(0 ‖ network ‖ claimant ‖ previous total as u64 LE ‖ total as u64 LE)`, a node `sha256(1 ‖ left ‖ right)`. The first byte keeps
//! the two apart: no node can be passed off as a leaf, nor a leaf as a node. Each side of a node counts, so that a proof
//! is bound to the place of its leaf.

use joule_interface::Address;

/// First byte of what a leaf's hash is taken of.
pub const LEAF: u8 = 0;
/// First byte of what a node's hash is taken of.
pub const NODE: u8 = 1;

/// A hash.
pub type Hash = [u8; 32];
/// SHA-256 over the parts in a row: on chain the system call, elsewhere whatever the caller has.
pub type Sha256 = fn(&[&[u8]]) -> Hash;

/// The leaf that says what `claimant` had earned in `network` by the root before, and has by this one. Totals that a root
/// before stated and did not pay, because it was stopped, are stated again as an addition.
#[inline(always)]
pub fn leaf(sha256: Sha256, network: &Address, claimant: &Address, previous_total: u64, total: u64) -> Hash {
    sha256(&[&[LEAF], network.as_ref(), claimant.as_ref(), &previous_total.to_le_bytes(), &total.to_le_bytes()])
}

/// The node above two others.
#[inline(always)]
pub fn node(sha256: Sha256, left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[NODE], left, right])
}

/// The root above `leaf` at place `index`, by its siblings from below; `None` if no tree of that height has the place.
#[inline(always)]
pub fn root(sha256: Sha256, leaf: Hash, index: u32, proof: &[Hash]) -> Option<Hash> {
    if (index as u64) >> proof.len().min(63) != 0 {
        return None;
    }
    let (mut hash, mut place) = (leaf, index);
    for sibling in proof {
        hash = match place & 1 {
            0 => node(sha256, &hash, sibling),
            _ => node(sha256, sibling, &hash),
        };
        place >>= 1;
    }
    Some(hash)
}

//! Account compression: what a Merkle tree's account must be like, and the call that proves a leaf.
//!
//! There are two programs, spl's for Bubblegum's first schema and mpl's for its second; what is said here holds for both.
//! Sources: `spl-account-compression` 0.2 and `mpl-account-compression` 2.0, `state/concurrent_merkle_tree_header.rs`;
//! `spl-concurrent-merkle-tree` 0.2.

use {
    crate::Result,
    joule_common::{AccountView, cpi, guard, guard::require},
    joule_identity_interface::{
        COMPRESSION_PROGRAM, COMPRESSION_PROGRAM_2, IdentityError, LOG_WRAPPER, LOG_WRAPPER_2, state::Tree,
    },
    joule_interface::{Address, Fault},
};

const HEADER: usize = 56;
const MAX_DEPTH: u32 = 30;

/// The program that keeps trees of a schema.
#[inline(always)]
pub fn program(schema: u8) -> &'static Address {
    if schema == 1 { &COMPRESSION_PROGRAM } else { &COMPRESSION_PROGRAM_2 }
}

/// Its log wrapper.
#[inline(always)]
pub fn log_wrapper(schema: u8) -> &'static Address {
    if schema == 1 { &LOG_WRAPPER } else { &LOG_WRAPPER_2 }
}

/// Bytes of a tree's account without a canopy: header, three counters, the changes, the rightmost proof. A change is a
/// root, a path and an index; the proof is as long.
pub const fn size(max_depth: u32, max_buffer_size: u32) -> u64 {
    let change = 32 + 32 * max_depth as u64 + 8;
    HEADER as u64 + 24 + (max_buffer_size as u64 + 1) * change
}

/// Most nodes of a proof for which Bubblegum makes a tree: what is above is in the canopy.
const MAX_PROOF: u32 = 17;

/// Bytes of a canopy of so many levels.
const fn canopy_size(levels: u32) -> u64 {
    ((2 << levels) - 2) * 32
}

/// The account is account compression's, was never a tree, and has room for one of this shape, with the canopy that Bubblegum
/// asks for. Account compression checks the canopy itself, and whether it knows the shape.
pub fn require_empty(merkle_tree: &AccountView, schema: u8, max_depth: u32, max_buffer_size: u32) -> Result<()> {
    require(guard::eq(merkle_tree.owner(), program(schema)), IdentityError::InvalidTree)?;
    let data = merkle_tree.try_borrow().map_err(|_| Fault::DuplicateAccount)?;
    let fits = (1..=MAX_DEPTH).contains(&max_depth)
        && data.len() as u64 >= size(max_depth, max_buffer_size) + canopy_size(max_depth.saturating_sub(MAX_PROOF));
    require(fits, IdentityError::InvalidTreeShape)?;
    // A program is given an account only when it is zero, and this one writes the header whenever it writes.
    require(data[..HEADER].iter().all(|&byte| byte == 0), IdentityError::InvalidTree)
}

/// Proves that `leaf` stands at `index` of a registered tree, now: fails the transaction if it does not. `path` is the
/// Merkle tree's account and, behind it, the proof's nodes.
#[inline(always)]
pub fn verify_leaf(
    tree: &Tree,
    path: &[AccountView],
    compression_program: &AccountView,
    root: &[u8; 32],
    leaf: &[u8; 32],
    index: u64,
) -> Result<()> {
    let program = program(tree.schema);
    guard::program(compression_program, program)?;
    let merkle_tree = &path[0];
    require(guard::eq(merkle_tree.address(), &tree.merkle_tree), IdentityError::WrongTree)?;
    require(guard::eq(merkle_tree.owner(), program), IdentityError::InvalidTree)?;
    // With a node too many account compression panics, and says nothing.
    require(path.len() - 1 <= tree.depth as usize, IdentityError::ProofTooLong)?;
    const VERIFY_LEAF: [u8; 8] = [124, 220, 22, 223, 104, 10, 250, 224];
    let mut data = [0; 76];
    data[..8].copy_from_slice(&VERIFY_LEAF);
    data[8..40].copy_from_slice(root);
    data[40..72].copy_from_slice(leaf);
    data[72..].copy_from_slice(&(index as u32).to_le_bytes());
    Ok(cpi::invoke_read_only(program, &data, path)?)
}

#[cfg(test)]
mod tests {
    use super::size;

    /// As `spl-account-compression` measures its structs.
    #[test]
    fn tree_sizes_are_those_of_account_compression() {
        assert_eq!(size(14, 64), 31_800);
        assert_eq!(size(3, 8), 56 + 1_248);
        assert_eq!(size(30, 2_048), 56 + 2_049_024);
    }
}

//! Account compression: what a Merkle tree's account must be like, and the call that proves a leaf.
//!
//! Source: `spl-account-compression` 0.2, `state/concurrent_merkle_tree_header.rs`; `spl-concurrent-merkle-tree` 0.2.

use {
    crate::Result,
    joule_common::{AccountView, guard, guard::require},
    joule_identity_interface::{COMPRESSION_PROGRAM, IdentityError},
    joule_interface::Fault,
    pinocchio::{
        cpi::invoke_signed_with_slice,
        instruction::{InstructionAccount, InstructionView},
    },
};

const HEADER: usize = 56;
const MAX_DEPTH: u32 = 30;

/// Bytes of a tree's account without a canopy: header, three counters, the changes, the rightmost proof. A change is a
/// root, a path and an index; the proof is as long.
pub const fn size(max_depth: u32, max_buffer_size: u32) -> u64 {
    let change = 32 + 32 * max_depth as u64 + 8;
    HEADER as u64 + 24 + (max_buffer_size as u64 + 1) * change
}

/// The account is account compression's, was never a tree, and has room for one of this shape. What lies behind is the
/// canopy, which account compression checks, as it does whether it knows the shape.
pub fn require_empty(merkle_tree: &AccountView, max_depth: u32, max_buffer_size: u32) -> Result<()> {
    require(guard::eq(merkle_tree.owner(), &COMPRESSION_PROGRAM), IdentityError::InvalidTree)?;
    let data = merkle_tree.try_borrow().map_err(|_| Fault::DuplicateAccount)?;
    let fits = (1..=MAX_DEPTH).contains(&max_depth) && data.len() as u64 >= size(max_depth, max_buffer_size);
    require(fits, IdentityError::InvalidTreeShape)?;
    // A program is given an account only when it is zero, and this one writes the header whenever it writes.
    require(data[..HEADER].iter().all(|&byte| byte == 0), IdentityError::InvalidTree)
}

/// Proves that `leaf` stands at `index` of the tree, now: fails the transaction if it does not.
#[inline(never)]
pub fn verify_leaf(
    merkle_tree: &AccountView,
    proof: &[AccountView],
    root: &[u8; 32],
    leaf: &[u8; 32],
    index: u32,
) -> Result<()> {
    const VERIFY_LEAF: [u8; 8] = [124, 220, 22, 223, 104, 10, 250, 224];
    require(guard::eq(merkle_tree.owner(), &COMPRESSION_PROGRAM), IdentityError::InvalidTree)?;
    let mut data = [0; 76];
    data[..8].copy_from_slice(&VERIFY_LEAF);
    data[8..40].copy_from_slice(root);
    data[40..72].copy_from_slice(leaf);
    data[72..].copy_from_slice(&index.to_le_bytes());
    let views: Vec<&AccountView> = [merkle_tree].into_iter().chain(proof).collect();
    let accounts: Vec<_> = views.iter().map(|view| InstructionAccount::readonly(view.address())).collect();
    let instruction = InstructionView { program_id: &COMPRESSION_PROGRAM, accounts: &accounts, data: &data };
    Ok(invoke_signed_with_slice(&instruction, &views, &[])?)
}

#[cfg(test)]
mod tests {
    use super::size;

    /// As `spl-account-compression` measures its structs.
    #[test]
    fn sizes() {
        assert_eq!(size(14, 64), 31_800);
        assert_eq!(size(3, 8), 56 + 1_248);
        assert_eq!(size(30, 2_048), 56 + 2_049_024);
    }
}

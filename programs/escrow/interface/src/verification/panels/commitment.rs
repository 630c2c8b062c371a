//! How replicas hide their results until all have committed.

use {
    crate::trace::{Hash, Sha256},
    joule_interface::Address,
};

/// What a replica commits to: `sha256("replica" ‖ panel ‖ posting id as u64 LE ‖ provider ‖ salt ‖ result)`. The provider is part
/// of it, so a copied commitment cannot be opened. The salt, 32 random bytes, keeps others from guessing the result.
#[inline(always)]
pub fn commitment(
    sha256: Sha256,
    panel: &Address,
    posting_id: u64,
    provider: &Address,
    salt: &Hash,
    result: &Hash,
) -> Hash {
    sha256(&[b"replica", panel.as_ref(), &posting_id.to_le_bytes(), provider.as_ref(), salt, result])
}

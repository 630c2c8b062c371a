//! How replicas hide their results until all have one.

use {
    crate::trace::{Hash, Sha256},
    joule_interface::Address,
};

/// What a replica commits to: `sha256("replica" ‖ panel ‖ posting as u64 LE ‖ provider ‖ salt ‖ result)`. The provider is part of
/// it, so that who copies it cannot open it; the salt, 32 random bytes, keeps others from trying results out.
#[inline(always)]
pub fn commitment(
    sha256: Sha256,
    panel: &Address,
    posting: u64,
    provider: &Address,
    salt: &Hash,
    result: &Hash,
) -> Hash {
    sha256(&[b"replica", panel.as_ref(), &posting.to_le_bytes(), provider.as_ref(), salt, result])
}

//! The Merkle tree of the providers that a market allows. It is built like that of `bme`'s reward roots, with other leaves.
//!
//! A leaf is `sha256(0 ‖ "escrow" ‖ authority of the provider)`.

use joule_interface::Address;

pub use joule_bme_interface::merkle::{Hash, Sha256, node, root};

/// The leaf that allows `provider`.
#[inline(always)]
pub fn leaf(sha256: Sha256, provider: &Address) -> Hash {
    sha256(&[&[joule_bme_interface::merkle::LEAF], b"escrow", provider.as_ref()])
}

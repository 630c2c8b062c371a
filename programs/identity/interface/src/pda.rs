//! Addresses that the program derives, and those that Bubblegum derives.

use {
    crate::BUBBLEGUM_PROGRAM,
    joule_interface::{Address, pda},
};

pda! {
    /// A network's registry: creator and delegate of its trees.
    registry = ["registry", network: Address]
}
pda! {
    /// A class of machines. `id` is a little-endian `u32`.
    class = ["class", registry: Address, id: [u8; 4]]
}
pda! {
    /// A registered tree.
    tree = ["tree", merkle_tree: Address]
}
pda! {
    /// A machine in service.
    node = ["node", asset: Address]
}
pda! {
    /// What an attestor with a bond said of a node. `attestor` is a little-endian `u32`, `expires_at` a little-endian `i64`.
    statement = ["statement", node: Address, attestor: [u8; 4], expires_at: [u8; 8]]
}
pda! {
    /// A commitment to reserve a specification.
    commitment = ["commitment", hash: [u8; 32]]
}
pda! {
    /// A specification that is used or reserved.
    specification_claim = ["claim", registry: Address, specification: [u8; 32]]
}

/// Bubblegum's configuration of a tree.
pub fn tree_config(merkle_tree: &Address) -> Address {
    bubblegum(&[merkle_tree.as_ref()])
}

/// The asset id of a tree's NFT.
#[inline(always)]
pub fn asset(merkle_tree: &Address, nonce: u64) -> Address {
    bubblegum(&asset_seeds(merkle_tree, &nonce.to_le_bytes()))
}

/// The seeds of [`asset`], of Bubblegum's.
#[inline(always)]
pub fn asset_seeds<'a>(merkle_tree: &'a Address, nonce: &'a [u8; 8]) -> [&'a [u8]; 3] {
    [b"asset", merkle_tree.as_ref(), nonce]
}

/// A hash and a curve check a bump, 350 compute units, where the runtime's own derivation takes 1,500.
#[inline(always)]
fn bubblegum<const N: usize>(seeds: &[&[u8]; N]) -> Address {
    // One in 2^256 seeds has no address.
    Address::derive_program_address(seeds, &BUBBLEGUM_PROGRAM).unwrap_or_default().0
}

//! Hashes that owners, attestors and registries state, each with its one way to be made.

use {
    crate::state::Description,
    joule_interface::{Address, bytemuck::bytes_of},
};

/// SHA-256 over the parts in a row: on chain the system call, elsewhere whatever the caller has.
pub type Sha256 = fn(&[&[u8]]) -> [u8; 32];

/// What a registry's list of classes hashes to after one more: SHA-256 of what it was before, the class's id and
/// threshold (little-endian), and its description's bytes. It starts with 32 zeros; who has the list can make it again.
pub fn class_hash(sha256: Sha256, before: &[u8; 32], id: u32, threshold: u32, description: &Description) -> [u8; 32] {
    sha256(&[before, &id.to_le_bytes(), &threshold.to_le_bytes(), bytes_of(description)])
}

/// The specification that stands for one machine: SHA-256 of `"joule-specification"`, the registry, the SHA-256 of the
/// document that describes it, and the SHA-256 of what only this machine has: the serial numbers of its GPUs, sorted and
/// each followed by a line feed. Attestors make it again on the spot; who does not know the serial numbers cannot.
pub fn specification_hash(sha256: Sha256, registry: &Address, document: &[u8; 32], hardware: &[u8; 32]) -> [u8; 32] {
    sha256(&[b"joule-specification", registry.as_ref(), document, hardware])
}

/// What commits to reserve a specification for an owner: SHA-256 of `"joule-commitment"`, the registry, the specification, the
/// owner and 32 random bytes, which keep others from trying specifications that they know. It is made for one owner, so that a
/// copy is of no use to another.
pub fn commitment_hash(
    sha256: Sha256,
    registry: &Address,
    specification: &[u8; 32],
    owner: &Address,
    salt: &[u8; 32],
) -> [u8; 32] {
    sha256(&[b"joule-commitment", registry.as_ref(), specification, owner.as_ref(), salt])
}

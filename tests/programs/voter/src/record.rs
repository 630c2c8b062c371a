//! The bytes of a voter's weight as SPL Governance reads them: `VoterWeightRecord` of its add-in interface, in Borsh.

use joule_interface::Address;

/// First eight bytes: of the hash of "account:VoterWeightRecord".
pub const DISCRIMINATOR: [u8; 8] = [46, 249, 155, 75, 153, 248, 116, 9];
/// Bytes of a record that expires and is for any action.
pub const SIZE: usize = 131;

/// A voter's weight, which counts in the slot in which it was written and no later.
pub fn record(realm: &Address, governing_mint: &Address, owner: &Address, weight: u64, slot: u64) -> [u8; SIZE] {
    const SOME: [u8; 1] = [1];
    // No action and no target: for any.
    const NONES: [u8; 2] = [0, 0];
    let parts: [&[u8]; 9] = [
        &DISCRIMINATOR,
        realm.as_ref(),
        governing_mint.as_ref(),
        owner.as_ref(),
        &weight.to_le_bytes(),
        &SOME,
        &slot.to_le_bytes(),
        &NONES,
        &[0; 8],
    ];
    let mut bytes = [0; SIZE];
    let mut at = 0;
    for part in parts {
        bytes[at..at + part.len()].copy_from_slice(part);
        at += part.len();
    }
    bytes
}

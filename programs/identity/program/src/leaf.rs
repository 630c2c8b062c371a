//! What Bubblegum's trees hold: of each NFT the hash of its leaf.

use {joule_interface::Address, solana_program::keccak};

/// A leaf of Bubblegum's first schema.
pub struct Leaf<'a> {
    /// Asset id.
    pub asset: &'a Address,
    /// Owner.
    pub owner: &'a Address,
    /// Delegate; the owner where there is none.
    pub delegate: &'a Address,
    /// Nonce.
    pub nonce: u64,
    /// Hash of the metadata.
    pub data_hash: &'a [u8; 32],
    /// Hash of the creators.
    pub creator_hash: &'a [u8; 32],
}

impl Leaf<'_> {
    /// What stands in the tree.
    #[inline(always)]
    pub fn hash(&self) -> [u8; 32] {
        const VERSION: u8 = 1;
        keccak::hashv(&[
            &[VERSION],
            self.asset.as_ref(),
            self.owner.as_ref(),
            self.delegate.as_ref(),
            &self.nonce.to_le_bytes(),
            self.data_hash,
            self.creator_hash,
        ])
        .to_bytes()
    }
}

#[cfg(test)]
mod tests {
    use {super::*, joule_identity_interface::pda, mpl_bubblegum::types::LeafSchema, proptest::prelude::*};

    proptest! {
        #[test]
        fn hashes_as_bubblegum(keys: [[u8; 32]; 3], nonce: u64, data_hash: [u8; 32], creator_hash: [u8; 32]) {
            let [tree, owner, delegate] = keys.map(Address::new_from_array);
            let id = mpl_bubblegum::utils::get_asset_id(&tree, nonce);
            let theirs = LeafSchema::V1 { id, owner, delegate, nonce, data_hash, creator_hash };
            let asset = pda::asset(&tree, nonce);
            let ours = Leaf {
                asset: &asset,
                owner: &owner,
                delegate: &delegate,
                nonce,
                data_hash: &data_hash,
                creator_hash: &creator_hash,
            };
            prop_assert_eq!(ours.hash(), theirs.hash());
        }
    }
}

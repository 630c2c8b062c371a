//! What Bubblegum's trees hold: of each NFT the hash of its leaf, in one of two schemas.
//!
//! Source: `mpl-bubblegum` 4.0, `traits.rs` and `hash.rs`; the tests compare with it.

use {
    crate::Result,
    joule_common::guard::require,
    joule_identity_interface::{IdentityError, state::Tree},
    joule_interface::Address,
    mpl_bubblegum::{Flags, hash::DEFAULT_ASSET_DATA_HASH},
    solana_program::keccak,
};

/// Stands in the tree where an NFT was burned or redeemed.
pub const GONE: [u8; 32] = [0; 32];

/// A leaf of either schema. Not the crate's `LeafSchema`: it owns its fields, and to copy them costs 69 to 87 compute
/// units, 1.3 % of a `SyncNode` in schema 2.
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
    /// Flags; of no meaning in schema 1.
    pub flags: u8,
}

impl Leaf<'_> {
    /// What stands in the tree.
    #[inline(always)]
    pub fn hash(&self, tree: &Tree) -> [u8; 32] {
        self.hash_in(tree.schema, &tree.collection)
    }

    /// What stands in a tree of the schema, if the leaf is in this collection.
    #[inline(always)]
    pub fn hash_in(&self, schema: u8, collection: &Address) -> [u8; 32] {
        if schema == 1 { self.hash_1() } else { self.hash_2(collection) }
    }

    #[inline(always)]
    fn hash_1(&self) -> [u8; 32] {
        keccak::hashv(&[
            &[1],
            self.asset.as_ref(),
            self.owner.as_ref(),
            self.delegate.as_ref(),
            &self.nonce.to_le_bytes(),
            self.data_hash,
            self.creator_hash,
        ])
        .to_bytes()
    }

    #[inline(never)]
    fn hash_2(&self, collection: &Address) -> [u8; 32] {
        keccak::hashv(&[
            &[2],
            self.asset.as_ref(),
            self.owner.as_ref(),
            self.delegate.as_ref(),
            &self.nonce.to_le_bytes(),
            self.data_hash,
            self.creator_hash,
            keccak::hash(collection.as_ref()).as_ref(),
            &DEFAULT_ASSET_DATA_HASH,
            &[self.flags],
        ])
        .to_bytes()
    }
}

/// A leaf with these flags may be in service.
#[inline(always)]
pub fn check_flags(tree: &Tree, flags: u8) -> Result<()> {
    let allowed = if tree.schema == 1 {
        flags == 0
    } else {
        let flags = Flags::from_bytes([flags]);
        let frozen = flags.asset_lvl_frozen() || flags.permanent_lvl_frozen();
        !frozen && (tree.soulbound == 0 || flags.non_transferable())
    };
    require(allowed, IdentityError::InvalidFlags)
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        joule_identity_interface::pda,
        mpl_bubblegum::{hash::hash_collection_option, types::LeafSchema},
        proptest::prelude::*,
    };

    proptest! {
        #[test]
        fn hashes_as_bubblegum(
            keys: [[u8; 32]; 4], nonce: u64, data_hash: [u8; 32], creator_hash: [u8; 32], flags: u8, collects: bool,
        ) {
            let [merkle_tree, owner, delegate, key] = keys.map(Address::new_from_array);
            let collection = collects.then_some(key);
            let id = mpl_bubblegum::utils::get_asset_id(&merkle_tree, nonce);
            let asset = pda::asset(&merkle_tree, nonce);
            let ours = Leaf {
                asset: &asset,
                owner: &owner,
                delegate: &delegate,
                nonce,
                data_hash: &data_hash,
                creator_hash: &creator_hash,
                flags,
            };
            let mut tree = Tree { schema: 1, ..Tree::default() };
            let theirs = LeafSchema::V1 { id, owner, delegate, nonce, data_hash, creator_hash };
            prop_assert_eq!(ours.hash(&tree), theirs.hash());

            (tree.schema, tree.collection) = (2, collection.unwrap_or_default());
            let theirs = LeafSchema::V2 {
                id,
                owner,
                delegate,
                nonce,
                data_hash,
                creator_hash,
                collection_hash: hash_collection_option(collection).unwrap(),
                asset_data_hash: DEFAULT_ASSET_DATA_HASH,
                flags,
            };
            prop_assert_eq!(ours.hash(&tree), theirs.hash());
        }

        #[test]
        fn flags_are_bubblegums(bytes: u8, soulbound: bool) {
            let theirs = Flags::from_bytes([bytes]);
            let allowed = !theirs.asset_lvl_frozen()
                && !theirs.permanent_lvl_frozen()
                && (theirs.non_transferable() || !soulbound);
            let tree = Tree { schema: 2, soulbound: soulbound as u8, ..Tree::default() };
            prop_assert_eq!(check_flags(&tree, bytes).is_ok(), allowed);
            prop_assert_eq!(check_flags(&Tree { schema: 1, ..tree }, bytes).is_ok(), bytes == 0);
        }
    }
}

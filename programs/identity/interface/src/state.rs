//! Account layouts. Little-endian, in place, no implicit padding; `reserved` bytes are zero.

use {
    joule_interface::{Address, Header, account, constants},
    joule_math::Timestamp,
};

account! {
    /// A network's machines.
    pub struct Registry: kind 1, size 128 {
        /// Kind 1.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// Trees ever registered.
        pub trees: u64,
        /// Counts this account's events.
        pub sequence: u64,
        /// Zero.
        pub reserved: [u8; 72],
    }
}

account! {
    /// A Bubblegum tree in which only its registry mints.
    pub struct Tree: kind 2, size 192 {
        /// Kind 2.
        pub header: Header,
        /// Registry.
        pub registry: Address,
        /// The Merkle tree.
        pub merkle_tree: Address,
        /// Its configuration in Bubblegum.
        pub tree_config: Address,
        /// Leaves that fit.
        pub capacity: u64,
        /// Leaves minted: index and nonce of the next.
        pub minted: u64,
        /// Counts this account's events.
        pub sequence: u64,
        /// Zero.
        pub reserved: [u8; 64],
    }
}

constants! {
    /// Values of [`Node::status`].
    pub mod status {
        /// In service.
        pub const ACTIVE: u8 = 1;
    }
}

account! {
    /// A machine in service: what the hot path reads without a proof.
    ///
    /// | offset | bytes | what others read |
    /// |---|---|---|
    /// | 8 | 32 | network |
    /// | 136 | 32 | operator |
    /// | 212 | 4 | class |
    /// | 216 | 1 | status |
    pub struct Node: kind 3, size 320 {
        /// Kind 3.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// Merkle tree of its leaf.
        pub merkle_tree: Address,
        /// Asset id of the NFT.
        pub asset: Address,
        /// Owner of the NFT, as last proved.
        pub owner: Address,
        /// Who runs it, and takes jobs with it.
        pub operator: Address,
        /// Hash of its specification, as the owner states it.
        pub specification: [u8; 32],
        /// Nonce of its leaf.
        pub nonce: u64,
        /// Index of its leaf.
        pub index: u32,
        /// Hardware class, as the owner states it.
        pub class: u32,
        /// One of [`status`].
        pub status: u8,
        /// Zero.
        pub reserved0: [u8; 7],
        /// When the leaf was last proved.
        pub synced: Timestamp,
        /// Who paid the rent.
        pub payer: Address,
        /// Counts this account's events.
        pub sequence: u64,
        /// Zero.
        pub reserved: [u8; 48],
    }
}
const _: () = assert!(core::mem::offset_of!(Node, operator) == 136 && core::mem::offset_of!(Node, class) == 212);

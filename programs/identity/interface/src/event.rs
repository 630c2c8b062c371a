//! Events.

use joule_interface::{Address, event};

event! {
    /// A tree was registered. Source: the registry.
    pub struct TreeRegistered = 1 {
        /// The Merkle tree.
        pub merkle_tree: Address,
        /// Leaves that fit.
        pub capacity: u64,
    }
}
event! {
    /// A machine's NFT was minted. Source: the tree.
    pub struct NodeMinted = 2 {
        /// Its asset id.
        pub asset: Address,
        /// Its owner.
        pub owner: Address,
        /// Its nonce.
        pub nonce: u64,
    }
}
event! {
    /// A machine was put into service. Source: the node.
    pub struct NodeActivated = 3 {
        /// Its owner.
        pub owner: Address,
        /// Its operator.
        pub operator: Address,
        /// Hash of its specification.
        pub specification: [u8; 32],
        /// Its class.
        pub class: u64,
    }
}

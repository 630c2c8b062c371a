//! Instructions. Discriminants: users 0 to 15, set-up from 32.

use joule_interface::{Address, instruction};

instruction! {
    /// Mints a machine's NFT into a registered tree, by a call to Bubblegum (`mint_v1`) that the registry signs. Creates
    /// no account. Returns the asset id and the nonce, little-endian (40 bytes of return data).
    ///
    /// Mints into one tree run one after the other, for each appends to it: spread them over several trees.
    pub MintNode(MintNodeArgs) = 0 {
        accounts {
            /// Pays.
            payer: [signer, writable],
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The registry.
            registry: [],
            /// The registered tree.
            tree: [writable],
            /// The Merkle tree.
            merkle_tree: [writable],
            /// The tree's configuration in Bubblegum.
            tree_config: [writable],
            /// Owner of the NFT.
            leaf_owner: [],
            /// Delegate of the NFT; the owner where there is none.
            leaf_delegate: [],
            /// Bubblegum.
            bubblegum_program: [],
            /// Account compression.
            compression_program: [],
            /// The log wrapper.
            log_wrapper: [],
            /// System program.
            system_program: [],
        }
        args {}
        tail {
            /// Bubblegum's `MetadataArgs` in borsh: non-fungible, within Bubblegum's limits. Of the creators only the registry
            /// may be verified; a collection may not.
            metadata: [u8],
        }
    }
}
instruction! {
    /// Puts a machine into service: proves its leaf by a call to account compression, and creates its [`Node`]. The
    /// proof's nodes, without those that the tree's canopy holds, are the remaining accounts. A proof that is older than
    /// the newest changes holds as long as the tree's buffer remembers them.
    ///
    /// [`Node`]: crate::state::Node
    pub ActivateNode(ActivateNodeArgs) = 1 {
        accounts {
            /// Pays the node's rent.
            payer: [signer, writable],
            /// Owner of the NFT.
            owner: [signer],
            /// Delegate in the leaf; the owner where there is none.
            leaf_delegate: [],
            /// The registry.
            registry: [],
            /// The registered tree.
            tree: [],
            /// The Merkle tree.
            merkle_tree: [],
            /// The node to create.
            node: [writable],
            /// Account compression.
            compression_program: [],
            /// System program.
            system_program: [],
        }
        remaining {
            /// A node of the proof, from the leaf up, as an address.
            proof: [],
        }
        args {
            /// Root that the proof leads to.
            root: [u8; 32],
            /// Hash of the NFT's metadata.
            data_hash: [u8; 32],
            /// Hash of its creators.
            creator_hash: [u8; 32],
            /// Nonce of the leaf.
            nonce: u64,
            /// Index of the leaf: as its nonce.
            index: u32,
            /// Who runs the machine.
            operator: Address,
            /// Hash of its specification.
            specification: [u8; 32],
            /// Its class; not zero.
            class: u32,
        }
    }
}
instruction! {
    /// Opens a network's registry.
    pub CreateRegistry(CreateRegistryArgs) = 32 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The registry to create.
            registry: [writable],
            /// System program.
            system_program: [],
        }
        args {}
    }
}
instruction! {
    /// Makes an empty account of the compression program a Bubblegum tree whose creator is the registry, public minting
    /// off, and registers it. Allocate the account in the same transaction: until then anyone could make it their tree.
    pub CreateTree(CreateTreeArgs) = 33 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The registry.
            registry: [writable],
            /// The tree to register.
            tree: [writable],
            /// The Merkle tree: allocated, zero, and owned by the compression program.
            merkle_tree: [writable],
            /// The tree's configuration to create in Bubblegum.
            tree_config: [writable],
            /// Bubblegum.
            bubblegum_program: [],
            /// Account compression.
            compression_program: [],
            /// The log wrapper.
            log_wrapper: [],
            /// System program.
            system_program: [],
        }
        args {
            /// Depth: `2^depth` leaves. 1 to 30, and with the buffer one of the pairs that account compression knows.
            max_depth: u32,
            /// Changes that a proof may be behind.
            max_buffer_size: u32,
        }
    }
}

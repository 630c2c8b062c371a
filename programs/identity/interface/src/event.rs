//! Events.

use {
    crate::state::{Description, Policy},
    joule_interface::{Address, event},
    joule_math::{Timestamp, Tokens},
};

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
event! {
    /// A machine's leaf was proved again. Source: the node.
    pub struct NodeSynced = 4 {
        /// Its owner.
        pub owner: Address,
        /// Its operator.
        pub operator: Address,
        /// What attestors vouch for now: one more than before if the owner is new.
        pub version: u64,
        /// Its status.
        pub status: u64,
    }
}
event! {
    /// A machine's leaf was proved to be gone or another's. Source: the node.
    pub struct NodeChallenged = 5 {
        /// The leaf's owner; zero: the leaf is gone.
        pub owner: Address,
        /// The machine's status now.
        pub status: u64,
    }
}
event! {
    /// A machine was taken out of service, and its node closed. Source: the node.
    pub struct NodeDeactivated = 6 {
        /// Its owner.
        pub owner: Address,
    }
}
event! {
    /// A machine has another operator. Source: the node.
    pub struct OperatorChanged = 7 {
        /// The operator.
        pub operator: Address,
    }
}
event! {
    /// A machine is another, or in another class or at another site. Source: the node.
    pub struct SpecificationChanged = 8 {
        /// Hash of its specification.
        pub specification: [u8; 32],
        /// Its class.
        pub class: u64,
        /// What attestors vouch for now.
        pub version: u64,
        /// Its site.
        pub site: [u8; 32],
    }
}
event! {
    /// An attestor vouches for a machine. Source: the node.
    pub struct Attested = 9 {
        /// The attestor.
        pub authority: Address,
        /// Hash of the evidence.
        pub evidence: [u8; 32],
        /// When it ends.
        pub expires_at: Timestamp,
        /// The attestor's number.
        pub attestor: u64,
        /// What it counts.
        pub weight: u64,
        /// Until when the machine's class stands now.
        pub class_expires_at: Timestamp,
    }
}
event! {
    /// An attestation was withdrawn, or struck by the network. Source: the node.
    pub struct AttestationEnded = 10 {
        /// The attestor's number.
        pub attestor: u64,
        /// 1: the network struck it.
        pub struck: u64,
        /// Until when the machine's class stands now.
        pub class_expires_at: Timestamp,
    }
}
event! {
    /// A machine's standing follows its registry's attestors again. Source: the node.
    pub struct NodeRefreshed = 11 {
        /// Until when its class stands now.
        pub class_expires_at: Timestamp,
    }
}
event! {
    /// The network suspended, reinstated or revoked a machine. Source: the node.
    pub struct StatusChanged = 12 {
        /// Its status now.
        pub status: u64,
    }
}
event! {
    /// A registry's rules came into force. Source: the registry.
    pub struct PolicyChanged = 13 {
        /// They.
        pub policy: Policy,
    }
}
event! {
    /// A registry is to have other rules; or not, if they wait for nothing. Source: the registry.
    pub struct PolicyProposed = 18 {
        /// From when they can be put in force; zero: they were forgotten.
        pub executable_at: Timestamp,
        /// They.
        pub policy: Policy,
    }
}
event! {
    /// A class was added. Source: the registry.
    pub struct ClassAdded = 14 {
        /// What it is.
        pub description: Description,
        /// Its number.
        pub id: u64,
        /// Weight that it asks for.
        pub threshold: u64,
        /// Hash of all classes now.
        pub classes_hash: [u8; 32],
    }
}
event! {
    /// A class takes no more machines. Source: the registry.
    pub struct ClassRetired = 15 {
        /// Its number.
        pub id: u64,
    }
}
event! {
    /// An attestor was added, removed, or looked at. Source: the registry.
    pub struct AttestorChanged = 16 {
        /// Who signs.
        pub authority: Address,
        /// Its provider.
        pub provider: Address,
        /// Its number.
        pub id: u64,
        /// What it counts from now on; none when it was removed, or while its bond is not there.
        pub weight: u64,
    }
}
event! {
    /// A tree's fees went to their receiver. Source: the tree.
    pub struct FeesCollected = 17 {
        /// Lamports.
        pub amount: u64,
    }
}
event! {
    /// An NFT was bound, frozen, thawed or burned. Source: the tree.
    pub struct LeafControlled = 19 {
        /// Its nonce.
        pub nonce: u64,
        /// What was done: one of [`control`](crate::state::control).
        pub action: u64,
    }
}
event! {
    /// The slash of an attestor was proposed in stake. Source: the statement.
    pub struct AttestorPunished = 20 {
        /// The node of which it said it.
        pub node: Address,
        /// The attestor's provider.
        pub provider: Address,
        /// The attestor's number.
        pub attestor: u64,
        /// Tokens to slash.
        pub amount: Tokens,
    }
}
event! {
    /// A specification is reserved, for an owner or for a machine. Source: the specification claim.
    pub struct SpecificationReserved = 21 {
        /// The specification.
        pub specification: [u8; 32],
        /// The owner; zero: it is reserved for a machine.
        pub owner: Address,
        /// The machine's node; zero: it is reserved for an owner.
        pub node: Address,
        /// Until when.
        pub reservation_ends_at: Timestamp,
    }
}
event! {
    /// A tree was closed. Source: the registry.
    pub struct TreeClosed = 22 {
        /// The Merkle tree.
        pub merkle_tree: Address,
    }
}

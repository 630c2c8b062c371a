//! Instructions. Discriminators: users 0 to 15, set-up from 32, punishment from 48.

use {
    crate::state::{Description, Policy},
    joule_interface::{Address, instruction},
    joule_math::{Timestamp, Tokens},
};

instruction! {
    /// Mints a machine's NFT into a registered tree, by a call to Bubblegum (`mint_v1` or `mint_v2`, as the tree's schema
    /// says) that the registry signs. Creates no account. Returns the asset id, and nonce and index in one, little-endian
    /// (40 bytes of return data).
    ///
    /// Mints into one tree run one after the other, for each appends to it: spread them over several trees, and go on to
    /// the next when one is full. The fee waits in the tree's own account, so that it joins nothing else.
    pub MintNode(MintNodeArgs) = 0 {
        accounts {
            /// Pays the fee.
            payer: [signer, writable],
            /// The registry's minter; anyone where it has none.
            minter: [signer],
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
            /// Account compression of the tree's schema.
            compression_program: [],
            /// Its log wrapper.
            log_wrapper: [],
            /// System program.
            system_program: [],
            /// The tree's collection; absent where it has none.
            collection: [writable, optional],
            /// Bubblegum's signer for Core; absent where the tree has no collection.
            core_signer: [optional],
            /// Core; absent with schema 1.
            core_program: [optional],
        }
        args {}
        tail {
            /// Bubblegum's `MetadataArgs` of the tree's schema in borsh, non-fungible, within Bubblegum's limits. Of the creators
            /// only the registry may be verified. A collection of schema 1 may not; that of schema 2 is the tree's.
            metadata: [u8],
        }
    }
}
instruction! {
    /// Puts a machine into service: proves its leaf by a call to account compression, takes its specification, and creates
    /// its [`Node`]. The proof lacks the nodes that the tree's canopy holds. One that is older than the newest changes holds
    /// as long as the tree's buffer remembers them.
    ///
    /// [`Node`]: crate::state::Node
    pub ActivateNode(ActivateNodeArgs) = 1 {
        accounts {
            /// Pays the rent of node and claim.
            payer: [signer, writable],
            /// Owner of the NFT.
            owner: [signer],
            /// Delegate in the leaf; the owner where there is none.
            leaf_delegate: [],
            /// The network.
            network: [],
            /// The machine's class.
            class: [],
            /// The registered tree.
            tree: [],
            /// The node to create.
            node: [writable],
            /// The claim of the specification, to create.
            specification_claim: [writable],
            /// Account compression of the tree's schema.
            compression_program: [],
            /// System program.
            system_program: [],
            /// The Merkle tree.
            merkle_tree: [],
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
            /// Asset id. It is part of the leaf: the proof vouches for it.
            asset: Address,
            /// Nonce and index of the leaf.
            nonce: u64,
            /// Who runs the machine.
            operator: Address,
            /// Hash of its specification.
            specification: [u8; 32],
            /// Flags of the leaf; zero with schema 1.
            flags: u8,
        }
    }
}
instruction! {
    /// Proves a machine's leaf again. After a transfer the new owner signs and names the operator, and what attestors said
    /// ends: it was said of a machine in other hands. With the owner unchanged anyone may call, and only the time of the
    /// proof changes; a machine that was challenged is back. Suspensions and revocations stay. Proof as in activation.
    pub SyncNode(SyncNodeArgs) = 2 {
        accounts {
            /// Owner of the NFT; signs if it is not the node's.
            owner: [may_sign],
            /// Delegate in the leaf; the owner where there is none.
            leaf_delegate: [],
            /// The registered tree.
            tree: [],
            /// The machine's class.
            class: [],
            /// The node.
            node: [writable],
            /// Account compression of the tree's schema.
            compression_program: [],
            /// The Merkle tree.
            merkle_tree: [],
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
            /// Who runs the machine for a new owner; of no meaning with the old one.
            operator: Address,
            /// Flags of the leaf; zero with schema 1.
            flags: u8,
        }
    }
}
instruction! {
    /// Proves that a machine's leaf is another owner's, or gone, and takes it out of service. Anyone may. Proof as in
    /// activation.
    pub ChallengeNode(ChallengeNodeArgs) = 3 {
        accounts {
            /// Owner in the leaf; of no meaning for one that is gone.
            leaf_owner: [],
            /// Delegate in the leaf; of no meaning for one that is gone.
            leaf_delegate: [],
            /// The registered tree.
            tree: [],
            /// The node.
            node: [writable],
            /// Account compression of the tree's schema.
            compression_program: [],
            /// The Merkle tree.
            merkle_tree: [],
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
            /// Flags of the leaf; zero with schema 1.
            flags: u8,
            /// 1: the leaf is gone (burned, or redeemed), and the proof is of the empty place.
            is_burned: u8,
        }
    }
}
instruction! {
    /// Takes a machine out of service, sets its specification free, and closes both accounts. Its owner may; anyone, after
    /// a challenge. Not one that is suspended or revoked: what the registry said of it would be forgotten.
    pub DeactivateNode(DeactivateNodeArgs) = 4 {
        accounts {
            /// The node's owner; need not sign after a challenge.
            owner: [may_sign],
            /// The node.
            node: [writable],
            /// The claim of its specification.
            specification_claim: [writable],
            /// Who paid the node's rent, and gets it back.
            node_payer: [writable],
            /// Who paid the claim's rent, and gets it back.
            specification_claim_payer: [writable],
        }
        args {}
    }
}
instruction! {
    /// Names who runs the machine. Its owner only. Attestations stay: they are of the machine.
    pub SetOperator(SetOperatorArgs) = 5 {
        accounts {
            /// The node's owner.
            owner: [signer],
            /// The node.
            node: [writable],
        }
        args {
            /// Who runs it.
            operator: Address,
        }
    }
}
instruction! {
    /// The machine became another, or goes to another class: a new version, for which nobody vouches yet. The old
    /// specification is free again. Not while it is suspended or revoked. Where only the class changes, the claim stays, and
    /// `claim` and `claim_payer` have no meaning.
    pub ChangeSpecification(ChangeSpecificationArgs) = 6 {
        accounts {
            /// Pays the new claim's rent.
            payer: [signer, writable],
            /// The node's owner.
            owner: [signer],
            /// The class that it is to have.
            class: [],
            /// The node.
            node: [writable],
            /// The claim of its specification.
            old_specification_claim: [writable],
            /// The claim of the new one, to create.
            specification_claim: [writable],
            /// Who paid the old claim's rent, and gets it back.
            specification_claim_payer: [writable],
            /// System program.
            system_program: [],
        }
        args {
            /// Hash of its specification.
            specification: [u8; 32],
        }
    }
}
instruction! {
    /// An attestor vouches for a machine of this owner, class and specification. It counts at once.
    pub Attest(AttestArgs) = 7 {
        accounts {
            /// The attestor.
            authority: [signer],
            /// The registry.
            registry: [],
            /// The machine's class.
            class: [],
            /// The node.
            node: [writable],
            /// The attestor's provider; absent where the registry asks for no bond.
            provider: [optional],
        }
        args {
            /// Hash of the evidence.
            evidence: [u8; 32],
            /// When it ends.
            expires_at: Timestamp,
            /// The attestor's number.
            attestor: u32,
            /// The machine's class, owner and specification, as the attestor saw them.
            class: u32,
            /// See `class`.
            owner: Address,
            /// See `class`.
            specification: [u8; 32],
        }
    }
}
instruction! {
    /// An attestor takes its word back. Its entry stays, without weight, until another needs the place: what was said can
    /// still be punished.
    pub WithdrawAttestation(WithdrawAttestationArgs) = 8 {
        accounts {
            /// The attestor.
            authority: [signer],
            /// The registry.
            registry: [],
            /// The machine's class.
            class: [],
            /// The node.
            node: [writable],
        }
        args {
            /// The attestor's number.
            attestor: u32,
        }
    }
}
instruction! {
    /// Weighs a machine's attestations anew: those of attestors that were removed, or whose bond is gone, count nothing.
    /// Anyone may.
    pub RefreshNode(RefreshNodeArgs) = 9 {
        accounts {
            /// The registry.
            registry: [],
            /// The machine's class.
            class: [],
            /// The node.
            node: [writable],
        }
        args {}
    }
}
instruction! {
    /// Looks whether an attestor's bond is there, now. Anyone may.
    pub RefreshAttestor(RefreshAttestorArgs) = 10 {
        accounts {
            /// The registry.
            registry: [writable],
            /// The attestor's provider.
            provider: [],
        }
        args {
            /// The attestor's number.
            attestor: u32,
        }
    }
}
instruction! {
    /// Pays a tree's fees to the registry's receiver. Anyone may.
    pub CollectFees(CollectFeesArgs) = 11 {
        accounts {
            /// The registry.
            registry: [],
            /// The registered tree.
            tree: [writable],
            /// The receiver.
            receiver: [writable],
        }
        args {}
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
            /// The policy's pool; absent where it has none.
            pool: [optional],
        }
        args {
            /// Its rules.
            policy: Policy,
        }
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
            /// Account compression of the schema.
            compression_program: [],
            /// Its log wrapper.
            log_wrapper: [],
            /// System program.
            system_program: [],
        }
        args {
            /// Depth: `2^depth` leaves. 1 to 30, and with the buffer one of the pairs that account compression knows.
            max_depth: u32,
            /// Changes that a proof may be behind.
            max_buffer_size: u32,
            /// Bubblegum's schema: 1 or 2.
            schema: u8,
            /// 1: only NFTs that cannot be transferred are put into service. Zero with schema 1.
            soulbound: u8,
            /// Core collection of the NFTs, whose authority is the registry; zero: none. Zero with schema 1.
            collection: Address,
        }
    }
}
instruction! {
    /// Proposes other rules for a registry: they can be put in force after the network's delay, for 14 days. Rules that wait
    /// already are forgotten.
    pub ProposePolicy(ProposePolicyArgs) = 34 {
        accounts {
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The registry.
            registry: [writable],
            /// The policy's pool; absent where it has none.
            pool: [optional],
        }
        args {
            /// Its rules.
            policy: Policy,
        }
    }
}
instruction! {
    /// Puts proposed rules in force. Anyone may.
    pub ExecutePolicy(ExecutePolicyArgs) = 12 {
        accounts {
            /// The registry.
            registry: [writable],
        }
        args {}
    }
}
instruction! {
    /// Forgets proposed rules. The network's authority or guardian.
    pub CancelPolicy(CancelPolicyArgs) = 39 {
        accounts {
            /// The network's authority or guardian.
            authority: [signer],
            /// The network.
            network: [],
            /// The registry.
            registry: [writable],
        }
        args {}
    }
}
instruction! {
    /// Adds a class of machines, for good.
    pub AddClass(AddClassArgs) = 35 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The registry.
            registry: [writable],
            /// The class to create.
            class: [writable],
            /// System program.
            system_program: [],
        }
        args {
            /// What it is.
            description: Description,
            /// Its number: any but zero.
            id: u32,
            /// Weight of attestations with which a machine serves it; zero: none is needed.
            threshold: u32,
        }
    }
}
instruction! {
    /// Lets no more machines into a class. Those in it stay.
    pub RetireClass(RetireClassArgs) = 36 {
        accounts {
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The registry.
            registry: [writable],
            /// The class.
            class: [writable],
        }
        args {}
    }
}
instruction! {
    /// Adds an attestor. Neither its authority nor its provider may be an attestor's already: a bond backs one word.
    pub AddAttestor(AddAttestorArgs) = 37 {
        accounts {
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The registry.
            registry: [writable],
            /// Who signs as the attestor, and runs the provider.
            attestor: [],
            /// Its provider in the policy's pool; absent where the registry asks for no bond.
            provider: [optional],
        }
        args {
            /// What its attestations count: not zero.
            weight: u16,
        }
    }
}
instruction! {
    /// Removes an attestor. What it said counts until a node is refreshed, which anyone may do.
    pub RemoveAttestor(RemoveAttestorArgs) = 38 {
        accounts {
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The registry.
            registry: [writable],
        }
        args {
            /// Its number.
            attestor: u32,
        }
    }
}
instruction! {
    /// Takes a machine out of service. The network's authority or guardian.
    pub SuspendNode(SuspendNodeArgs) = 48 {
        accounts {
            /// The network's authority or guardian.
            authority: [signer],
            /// The network.
            network: [],
            /// The node.
            node: [writable],
        }
        args {}
    }
}
instruction! {
    /// Ends a machine's suspension or revocation.
    pub ReinstateNode(ReinstateNodeArgs) = 49 {
        accounts {
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The node.
            node: [writable],
            /// The claim of its specification.
            specification_claim: [writable],
        }
        args {}
    }
}
instruction! {
    /// Takes a machine out of service for good. Its node stays, and with it its NFT is used up. Its claim stays as well, so
    /// that its specification does not come back under another NFT; or it is closed, because the specification was never
    /// this machine's, and free for the one whose it is. The network can reinstate a machine that has its claim.
    ///
    /// Suspend it first: a suspended machine cannot change its specification, or leave.
    pub RevokeNode(RevokeNodeArgs) = 50 {
        accounts {
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The node.
            node: [writable],
            /// The claim of its specification.
            specification_claim: [writable],
            /// Who paid the claim's rent, and gets it back; of no meaning where it stays.
            specification_claim_payer: [writable],
        }
        args {
            /// 1: the specification was another's.
            free_specification: u8,
        }
    }
}
instruction! {
    /// Strikes a wrong attestation, and proposes to slash who made it, in stake's name of the registry: the pool must have
    /// the registry as a slasher. Whether and when it is executed, vetoed or expires is stake's rule.
    pub PunishAttestor(PunishAttestorArgs) = 51 {
        accounts {
            /// Pays the proposal's rent.
            payer: [signer, writable],
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The registry.
            registry: [],
            /// The machine's class.
            class: [],
            /// The node with the attestation; it may have expired, or be withdrawn.
            node: [writable],
            /// The pool.
            pool: [],
            /// The registry's slasher in it.
            slasher: [writable],
            /// The attestor's provider.
            provider: [writable],
            /// The proposal to create.
            slash: [writable],
            /// Stake.
            stake_program: [],
            /// System program.
            system_program: [],
        }
        args {
            /// How much.
            amount: Tokens,
            /// Hash of the evidence against it.
            evidence: [u8; 32],
            /// The attestor's number.
            attestor: u32,
            /// One of stake's sentences.
            sentence: u8,
        }
    }
}
instruction! {
    /// Binds, freezes, thaws or burns an NFT of a tree's collection, by a call to Bubblegum that the registry signs: it must be
    /// the collection's permanent freeze delegate, or permanent burn delegate. Trees of schema 2 only. Proof as in activation.
    ///
    /// It acts on the NFT alone. The node of a burned one is lost when someone proves it ([`ChallengeNode`]).
    pub ControlLeaf(ControlLeafArgs) = 52 {
        accounts {
            /// Pays Bubblegum.
            payer: [signer, writable],
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The registry.
            registry: [],
            /// The registered tree.
            tree: [writable],
            /// The tree's configuration in Bubblegum.
            tree_config: [writable],
            /// Owner in the leaf.
            leaf_owner: [],
            /// Delegate in the leaf; the owner where there is none.
            leaf_delegate: [],
            /// The tree's collection.
            collection: [writable],
            /// Bubblegum's signer for Core.
            core_signer: [],
            /// Bubblegum.
            bubblegum_program: [],
            /// Account compression.
            compression_program: [],
            /// Its log wrapper.
            log_wrapper: [],
            /// Core.
            core_program: [],
            /// System program.
            system_program: [],
            /// The Merkle tree.
            merkle_tree: [writable],
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
            /// Nonce and index of the leaf.
            nonce: u64,
            /// Its flags as they are.
            flags: u8,
            /// One of [`control`](crate::state::control).
            action: u8,
        }
    }
}

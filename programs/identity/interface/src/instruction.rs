//! Instructions. Discriminators: users 0 to 31, set-up from 32, punishment from 48.

use {
    crate::state::{Description, Policy},
    joule_interface::{Address, accounts, instruction},
    joule_math::{Timestamp, Tokens},
};

accounts! {
    /// Bubblegum, and the programs that it calls.
    pub struct BubblegumPrograms {
        /// Bubblegum.
        bubblegum_program: [],
        /// Account compression of the tree's schema.
        compression_program: [],
        /// Its log wrapper.
        log_wrapper: [],
        /// System program.
        system_program: [],
    }
}
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
            ..programs: BubblegumPrograms,
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
    /// Puts a machine into service: proves its leaf by a call to account compression, takes the specification that is reserved
    /// for its owner or for itself ([`ReserveSpecification`]), and creates its [`Node`]. The proof lacks the nodes that the
    /// tree's canopy holds. One that is older than the newest changes holds as long as the tree's buffer remembers them.
    ///
    /// [`Node`]: crate::state::Node
    pub ActivateNode(ActivateNodeArgs) = 1 {
        accounts {
            /// Pays the rent of the node.
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
            /// The claim of its specification: reserved for the owner, or for this node.
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
            /// The machine's class, or its address if it was closed.
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
    /// Proves that a machine's leaf is another owner's, is not in its tree's collection, or is gone, and takes it out of
    /// service. Anyone may. Proof as in activation. Of a tree that was closed all leaves are gone, and nothing is
    /// proved: also if another registry made a tree at its address since.
    pub ChallengeNode(ChallengeNodeArgs) = 3 {
        accounts {
            /// Owner in the leaf; of no meaning for one that is gone.
            leaf_owner: [],
            /// Delegate in the leaf; of no meaning for one that is gone.
            leaf_delegate: [],
            /// The registered tree, or its address if it was closed.
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
            /// Collection in the leaf; zero: none. Of no meaning with schema 1.
            collection: Address,
            /// Flags of the leaf; zero with schema 1.
            flags: u8,
            /// 1: the leaf is gone (burned, or redeemed), and the proof is of the empty place.
            is_burned: u8,
        }
    }
}
instruction! {
    /// Takes a machine out of service and closes its node. Its owner may, and proves that the leaf still is its own: then the
    /// specification is reserved for the owner. Anyone may a day after it was lost, with nothing to prove: then it is reserved for
    /// this machine, so that whoever has the leaf puts it into service again. Before, that owner syncs it ([`SyncNode`]) and it
    /// keeps its place, also in a class that is retired. Not one that is suspended or revoked: what the registry
    /// said of it would be forgotten.
    ///
    /// The specification's rent returns with [`ReleaseSpecification`].
    pub DeactivateNode(DeactivateNodeArgs) = 4 {
        accounts {
            /// The node's owner; need not sign a day after it was lost.
            owner: [may_sign],
            /// The node.
            node: [writable],
            /// The claim of its specification.
            specification_claim: [writable],
            /// Who paid the node's rent, and gets it back.
            node_payer: [writable],
            /// Delegate in the leaf; the owner where there is none. Absent a day after it was lost.
            leaf_delegate: [optional],
            /// The registered tree. Absent a day after it was lost.
            tree: [optional],
            /// Account compression of the tree's schema. Absent a day after it was lost.
            compression_program: [optional],
            /// The Merkle tree. Absent a day after it was lost.
            merkle_tree: [optional],
        }
        remaining {
            /// A node of the proof, from the leaf up, as an address.
            proof: [],
        }
        args {
            /// Root that the proof leads to; zero a day after it was lost, as the other arguments.
            root: [u8; 32],
            /// Hash of the NFT's metadata.
            data_hash: [u8; 32],
            /// Hash of its creators.
            creator_hash: [u8; 32],
            /// Flags of the leaf; zero with schema 1.
            flags: u8,
        }
    }
}
instruction! {
    /// Names who runs the machine. Its owner only, who proves that the leaf still is its own. Attestations stay: they are of the
    /// machine. Proof as in activation.
    pub SetOperator(SetOperatorArgs) = 5 {
        accounts {
            /// The node's owner.
            owner: [signer],
            /// Delegate in the leaf; the owner where there is none.
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
            /// Who runs it.
            operator: Address,
            /// Flags of the leaf; zero with schema 1.
            flags: u8,
        }
    }
}
instruction! {
    /// The machine became another, or goes to another class or site: a new version, for which nobody vouches yet. Its owner only, who
    /// proves that the leaf still is its own. Not while it is suspended or revoked. Proof as in activation.
    ///
    /// The new specification is one that is reserved for the owner or for this machine ([`ReserveSpecification`]). The old one is
    /// reserved for the owner then.
    pub ChangeSpecification(ChangeSpecificationArgs) = 6 {
        accounts {
            /// The node's owner.
            owner: [signer],
            /// Delegate in the leaf; the owner where there is none.
            leaf_delegate: [],
            /// The registered tree.
            tree: [],
            /// The class that it is to have.
            class: [],
            /// The node.
            node: [writable],
            /// The claim of its specification.
            old_specification_claim: [writable],
            /// The claim of the new one; absent where only class or site changes.
            specification_claim: [writable, optional],
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
            /// Where it stands from now on: see [`Node::site`](crate::state::Node::site); zero: not stated.
            site: [u8; 32],
        }
    }
}
instruction! {
    /// Commits to reserve a specification, without saying which. Anyone may. After 60 seconds and for a day it can be revealed
    /// ([`ReserveSpecification`]): so whoever sees a specification revealed is too late to take it.
    pub CommitSpecification(CommitSpecificationArgs) = 13 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// The commitment to create.
            commitment: [writable],
            /// System program.
            system_program: [],
        }
        args {
            /// See [`commitment_hash`](crate::commitment_hash).
            hash: [u8; 32],
        }
    }
}
instruction! {
    /// Reveals a commitment, and reserves the specification for its owner, for 30 days. Closes the commitment. Anyone who knows
    /// the salt may. A specification that a machine uses, or that is reserved, is refused.
    pub ReserveSpecification(ReserveSpecificationArgs) = 14 {
        accounts {
            /// Pays the rent of the claim.
            payer: [signer, writable],
            /// The registry.
            registry: [],
            /// The commitment.
            commitment: [writable],
            /// Who paid the commitment's rent, and gets it back.
            commitment_payer: [writable],
            /// The claim of the specification, to create.
            specification_claim: [writable],
            /// System program.
            system_program: [],
        }
        args {
            /// The specification.
            specification: [u8; 32],
            /// Owner for whom it is reserved.
            owner: Address,
            /// The salt of the commitment.
            salt: [u8; 32],
        }
    }
}
instruction! {
    /// Closes a commitment that can be revealed no more. Anyone may.
    pub CloseCommitment(CloseCommitmentArgs) = 15 {
        accounts {
            /// The commitment.
            commitment: [writable],
            /// Who paid its rent, and gets it back.
            payer: [writable],
        }
        args {}
    }
}
instruction! {
    /// Sets a reserved specification free, and closes its claim. The owner for whom it is reserved may at any time, and the
    /// network's authority, because it was never that owner's; anyone when the reservation is over.
    pub ReleaseSpecification(ReleaseSpecificationArgs) = 16 {
        accounts {
            /// The owner for whom it is reserved, or the network's authority; need not sign when the reservation is over.
            authority: [may_sign],
            /// The claim of the specification.
            specification_claim: [writable],
            /// Who paid its rent, and gets it back.
            payer: [writable],
            /// The network; absent unless its authority signs.
            network: [optional],
            /// The registry; absent unless the network's authority signs.
            registry: [optional],
        }
        args {}
    }
}
instruction! {
    /// An attestor vouches for a machine of this owner, class, specification and site. It counts at once. Where the registry asks for a
    /// bond, an account of its own keeps the statement: it can be punished until its time is over, whatever becomes of the node.
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
            /// The policy's pool; absent where the registry asks for no bond.
            pool: [optional],
            /// Pays the rent of the statement; absent where the registry asks for no bond.
            payer: [signer, writable, optional],
            /// The statement to create; absent where the registry asks for no bond.
            statement: [writable, optional],
            /// System program; absent where the registry asks for no bond.
            system_program: [optional],
        }
        args {
            /// Hash of the evidence.
            evidence: [u8; 32],
            /// When it ends: at most the policy's longest period ahead. With a bond, it and
            /// [`liability_period`](Policy::liability_period) are over before the stake that is there now could be withdrawn. Another
            /// end than that of any statement of this attestor on this node that is not closed.
            expires_at: Timestamp,
            /// The attestor's number.
            attestor: u32,
            /// The machine's class, owner, specification and site, as the attestor saw them.
            class: u32,
            /// See `class`.
            owner: Address,
            /// See `class`.
            specification: [u8; 32],
            /// See `class`. Zero vouches for no site.
            site: [u8; 32],
        }
    }
}
instruction! {
    /// An attestor takes its word back. Its statement stays: what was said can still be punished.
    pub WithdrawAttestation(WithdrawAttestationArgs) = 8 {
        accounts {
            /// The attestor.
            authority: [signer],
            /// The registry.
            registry: [],
            /// The machine's class, or its address if it was closed.
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
            /// The machine's class, or its address if it was closed.
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
    /// Closes a statement that can be punished no more. Anyone may.
    pub CloseStatement(CloseStatementArgs) = 17 {
        accounts {
            /// The statement.
            statement: [writable],
            /// Who paid its rent, and gets it back.
            payer: [writable],
        }
        args {}
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
    ///
    /// A collection belongs to Core, was made for Bubblegum (plugin `BubblegumV2`), and has the registry as update authority and
    /// as permanent freeze and burn delegate. Nobody else may be its permanent transfer delegate, and it has no update delegate:
    /// they could take leaves from their owners, or out of the collection.
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
            /// The Merkle tree: allocated, zero, owned by the compression program, and with a canopy of at least depth - 17 levels.
            merkle_tree: [writable],
            /// The tree's configuration to create in Bubblegum.
            tree_config: [writable],
            ..programs: BubblegumPrograms,
            /// Core collection of the NFTs; absent: none. Absent with schema 1.
            collection: [optional],
        }
        args {
            /// Depth: `2^depth` leaves. 1 to 30, and with the buffer one of the pairs that account compression knows.
            max_depth: u32,
            /// Changes that a proof may be behind.
            max_buffer_size: u32,
            /// Bubblegum's schema: 1 or 2.
            schema: u8,
            /// 1: only NFTs that cannot be transferred are put into service, for which the tree has a collection. Zero with
            /// schema 1.
            soulbound: u8,
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
    /// Closes a tree in which no leaf stands, by a call to Bubblegum (`close_tree_v2`) that the registry signs, and its record.
    /// The rent of all three accounts goes to who paid that of the record. Machines of its leaves, if there were any, are lost
    /// when someone challenges them. Collect its fees before ([`CollectFees`]), in the same transaction: while there are any, and
    /// a receiver, it is not closed.
    ///
    /// With schema 1 the record alone is closed, while nothing was minted: Bubblegum closes no tree of that schema.
    pub CloseTree(CloseTreeArgs) = 40 {
        accounts {
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The registry.
            registry: [writable],
            /// The registered tree.
            tree: [writable],
            /// Who paid the record's rent.
            payer: [writable],
            /// The Merkle tree.
            merkle_tree: [writable],
            /// The tree's configuration in Bubblegum.
            tree_config: [writable],
            ..programs: BubblegumPrograms,
            /// Who gets Bubblegum's own fees, as a newer Bubblegum than 0.12 asks; absent otherwise.
            fee_recipient: [writable, optional],
        }
        args {}
    }
}
instruction! {
    /// Closes a class that has been retired for 90 days. Nobody vouches for machines in it any more, and none serves
    /// it from its next refresh on; the rest goes on: attestations end, owners change, and move them to another class. Its id is
    /// not used again.
    pub CloseClass(CloseClassArgs) = 41 {
        accounts {
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The registry.
            registry: [writable],
            /// The class.
            class: [writable],
            /// Who paid its rent, and gets it back.
            payer: [writable],
        }
        args {}
    }
}
instruction! {
    /// Closes a registry that has no attestors, trees and classes any more, for good: its header stays at its address, so that
    /// none is opened there that gives the same numbers again. Statements of its attestors can be punished no more, for the
    /// registry is their slasher: close it when their time is over.
    pub CloseRegistry(CloseRegistryArgs) = 42 {
        accounts {
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The registry.
            registry: [writable],
            /// Who paid its rent, and gets back all but that of the header.
            payer: [writable],
        }
        args {}
    }
}
instruction! {
    /// Adds a class of machines.
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
            /// Its number: greater than that of any class before.
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
    /// Takes a machine out of service, for 30 days. The network's authority, which may renew that, or its guardian: once it was
    /// not suspended for 30 days.
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
    /// Ends a machine's suspension or revocation: the network's authority at any time; anyone a suspension whose time is over.
    pub ReinstateNode(ReinstateNodeArgs) = 49 {
        accounts {
            /// Authority of the network; anyone from `suspension_ends_at`, unless the machine is revoked.
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
    /// Ends a wrong attestation at once. The network's authority or guardian. It needs nothing of stake: the attestor is punished
    /// by [`PunishAttestor`], before or after. Remove it as well ([`RemoveAttestor`]), lest it say the same again.
    pub StrikeAttestation(StrikeAttestationArgs) = 53 {
        accounts {
            /// The network's authority or guardian.
            authority: [signer],
            /// The network.
            network: [],
            /// The machine's class, or its address if it was closed.
            class: [],
            /// The node with the attestation.
            node: [writable],
        }
        args {
            /// The attestor's number.
            attestor: u32,
        }
    }
}
instruction! {
    /// Proposes to slash who made a wrong statement, in stake's name of the registry: the pool must have the registry as a
    /// slasher. Once for each statement, until its time is over, whatever became of node and attestor. Whether and when it is
    /// executed, vetoed or expires is stake's rule. It ends no attestation: see [`StrikeAttestation`].
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
            /// The statement.
            statement: [writable],
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
            /// How much: at most the statement's bond.
            amount: Tokens,
            /// Hash of the evidence against it.
            evidence: [u8; 32],
            /// One of stake's sentences.
            sentence: u8,
        }
    }
}
instruction! {
    /// Binds, freezes, thaws or burns an NFT of a tree's collection, by a call to Bubblegum that the registry signs: it must be
    /// the collection's permanent freeze delegate, or permanent burn delegate. Trees of schema 2 only. Proof as in activation.
    /// Leave out what only burning needs: then a proof of 14 nodes fits a transaction of 1,232 bytes with room to spare.
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
            /// Bubblegum's signer for Core; absent unless it is burned.
            core_signer: [optional],
            /// Bubblegum.
            bubblegum_program: [],
            /// Account compression.
            compression_program: [],
            /// Its log wrapper.
            log_wrapper: [],
            /// Core; absent unless it is burned.
            core_program: [optional],
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
            /// Index and nonce of the leaf.
            index: u32,
            /// Its flags as they are.
            flags: u8,
            /// One of [`control`](crate::state::control).
            action: u8,
        }
    }
}

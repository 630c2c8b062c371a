use joule_interface::errors;

errors! {
    /// Errors of `identity`. A leaf that does not stand where it should fails in account compression, with its error 6001
    /// (`ConcurrentMerkleTreeError`): a foreign, burned, sold or forged leaf, a proof of another, or one too old.
    pub enum IdentityError = 4000 {
        WrongRegistry = 4100 => "the account belongs to another registry: pass accounts of one registry only",
        WrongTree = 4101 => "the Merkle tree is not the registered one, or does not hold the machine's leaf: pass the tree that the node names",
        InvalidTree = 4102 => "the Merkle tree account does not belong to account compression, or is already in use: create an empty account of the right size for it",
        TreeFull = 4103 => "all leaves of the tree are minted: create another tree and mint there",
        WrongTreeConfig = 4104 => "the tree's configuration does not belong to Bubblegum, or lets others than the registry mint: register a tree that CreateTree made",
        InvalidMetadata = 4105 => "the metadata does not decode, exceeds Bubblegum's limits, or has a verified creator or collection: correct it",
        ProofTooLong = 4106 => "the proof has more nodes than the tree has levels: pass fewer nodes",
        LeafIndexOutOfRange = 4107 => "the tree has no minted leaf with that nonce",
        WrongClass = 4108 => "the class is not the node's, or not the one in the arguments: pass the node's class",
        InvalidTreeShape = 4109 => "the depth is not between 1 and 30, or the Merkle tree account is too small for depth and buffer: choose another shape or size",
        ClassRetired = 4110 => "the class is retired and takes no more machines: choose another class",
        SpecificationTaken = 4111 => "another machine of the registry has this specification: use a specification that is unique to the machine",
        SpecificationRevoked = 4112 => "the machine with this specification was revoked: its specification cannot be used again",
        NodeBlocked = 4113 => "the machine is suspended or revoked: the network must reinstate it first",
        NotBlocked = 4114 => "the machine is neither suspended nor revoked: there is nothing to reinstate",
        SameOwner = 4115 => "the leaf still belongs to the recorded owner: there is nothing to challenge",
        NotLost = 4116 => "only the owner can take this machine out of service: challenge it first if its leaf changed hands",
        InvalidFlags = 4117 => "the leaf is frozen, or is transferable in a soulbound tree: thaw it or make it non-transferable first",
        WrongClaim = 4118 => "the specification claim is not this machine's: pass the one that is derived from the node's specification",
        WrongPayer = 4119 => "the rent returns only to the account that paid it: pass that account",
        UnknownAttestor = 4120 => "the registry has no attestor with this number: read attestors of the registry",
        AttestorListed = 4121 => "the attestor or its provider is already in the registry",
        TooManyAttestors = 4122 => "the registry has no slot for another attestor: remove one first",
        NotBonded = 4123 => "the attestor is not an active provider of the registry's pool with enough stake of its own: stake more, or unjail it",
        InvalidExpiry = 4124 => "the attestation would have expired already, or last longer than the policy allows: choose another expires_at",
        AlreadyAttested = 4125 => "the attestor already vouches for this machine: withdraw that attestation first",
        AttestationsFull = 4126 => "all attestation slots of the machine are in use: wait until one expires",
        NoAttestation = 4127 => "the attestor has no attestation for this machine",
        MachineChanged = 4128 => "the machine's owner, class or specification is not the one in the arguments: inspect the machine again",
        WrongProvider = 4129 => "the provider is not the attestor's: pass the provider that the attestor entry names",
        NoFees = 4130 => "the tree holds no fees to collect",
        InvalidSchema = 4131 => "the schema is neither 1 nor 2, or a collection or soulbound is given with schema 1: correct the arguments",
        WrongCollection = 4132 => "the collection is not the tree's: pass the collection that the tree names",
        NoChange = 4133 => "no policy is proposed",
        ChangeNotReady = 4134 => "the proposed policy's delay has not ended: wait until next_policy_at",
        ChangeExpired = 4135 => "the proposed policy was not executed in time: propose it again",
    }
}

use joule_interface::errors;

errors! {
    /// Errors of `identity`. A leaf that does not stand where it should fails in account compression, with its error 6001
    /// (`ConcurrentMerkleTreeError`): a foreign, burned, sold or forged leaf, a proof of another, or one too old.
    pub enum IdentityError = 4000 {
        WrongRegistry = 4100 => "the account belongs to another registry",
        WrongTree = 4101 => "the Merkle tree is not the registered one, or not that of the machine's leaf",
        InvalidTree = 4102 => "the Merkle tree's account does not belong to its account compression, or is to be created and in use already",
        TreeFull = 4103 => "all leaves of the tree are minted: use the next one",
        WrongTreeConfig = 4104 => "the tree's configuration is not Bubblegum's, or says that others than the registry may mint or have minted",
        InvalidMetadata = 4105 => "the metadata does not decode, or exceeds Bubblegum's limits, or verifies what the registry does not vouch for",
        ProofTooLong = 4106 => "the proof has more nodes than the tree is deep",
        LeafIndexOutOfRange = 4107 => "the tree has no minted leaf of that nonce",
        WrongClass = 4108 => "the class is not the machine's, or not the one that was asked for",
        InvalidTreeShape = 4109 => "the depth is zero or over 30, or the Merkle tree's account is too small for it and the buffer",
        ClassRetired = 4110 => "the class takes no more machines",
        SpecificationTaken = 4111 => "another machine of the registry has this specification",
        SpecificationRevoked = 4112 => "the machine of this specification was revoked",
        NodeBlocked = 4113 => "the machine is suspended or revoked",
        NotBlocked = 4114 => "the machine is neither suspended nor revoked",
        SameOwner = 4115 => "the leaf is still the recorded owner's: there is nothing to challenge",
        NotLost = 4116 => "only its owner takes a machine out of service whose leaf was not proved to be lost",
        InvalidFlags = 4117 => "the leaf has flags that its tree does not allow: frozen, or transferable where machines are soulbound",
        WrongClaim = 4118 => "the specification is not this machine's",
        WrongPayer = 4119 => "rent returns to who paid it",
        UnknownAttestor = 4120 => "there is no such attestor in the registry",
        AttestorListed = 4121 => "the attestor, or its provider, is in the registry already",
        TooManyAttestors = 4122 => "the registry has no place for another attestor",
        NotBonded = 4123 => "the attestor is no active provider of the registry's pool with enough stake of its own",
        InvalidExpiry = 4124 => "the attestation would have expired already, or last longer than the registry allows",
        AlreadyAttested = 4125 => "the attestor vouches for this machine already",
        AttestationsFull = 4126 => "as many attestors as a machine has places for vouch for it already",
        NoAttestation = 4127 => "the attestor does not vouch for this machine",
        MachineChanged = 4128 => "the machine's owner, class or specification is not what the attestor vouches for",
        WrongProvider = 4129 => "the provider is not the attestor's",
        NoFees = 4130 => "there are no fees to collect",
        InvalidSchema = 4131 => "the schema is neither 1 nor 2, or collection or soulbound are given with schema 1",
        WrongCollection = 4132 => "the collection is not the tree's",
        NoChange = 4133 => "no rules wait to be put in force",
        ChangeNotReady = 4134 => "the rules' time has not come",
        ChangeExpired = 4135 => "the rules were not put in force in time: propose them again",
    }
}

use joule_interface::errors;

errors! {
    /// Errors of `identity`.
    pub enum IdentityError = 4000 {
        WrongRegistry = 4100 => "the account belongs to another registry",
        WrongTree = 4101 => "the Merkle tree is not the registered one",
        InvalidTree = 4102 => "the Merkle tree's account does not belong to account compression, or is to be created and in use already",
        TreeFull = 4103 => "all leaves of the tree are minted",
        WrongTreeConfig = 4104 => "the tree's configuration is not Bubblegum's, or says that others than the registry may mint or have minted",
        InvalidMetadata = 4105 => "the metadata does not decode, or exceeds Bubblegum's limits",
        ProofTooLong = 4106 => "the proof has more nodes than the tree is deep",
        LeafIndexOutOfRange = 4107 => "the tree has no minted leaf of that nonce at that index",
        InvalidClass = 4108 => "class zero is no class",
        InvalidTreeShape = 4109 => "the depth is zero or over 30, or the Merkle tree's account is too small for it and the buffer",
    }
}

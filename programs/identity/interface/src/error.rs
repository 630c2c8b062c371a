use joule_interface::errors;

errors! {
    /// Errors of `identity`.
    pub enum IdentityError = 4000 {
        WrongRegistry = 4100 => "the account belongs to another registry",
        WrongTree = 4101 => "the Merkle tree is not the registered one",
        InvalidTree = 4102 => "the Merkle tree is not one of the compression program, or not empty",
        TreeFull = 4103 => "all leaves of the tree are minted",
        WrongTreeConfig = 4104 => "the tree's configuration is not Bubblegum's with the registry as creator",
        InvalidMetadata = 4105 => "the metadata does not decode, or exceeds Bubblegum's limits",
        WrongLeafOwner = 4106 => "the signer is not the owner in the leaf",
        LeafIndexOutOfRange = 4107 => "the tree has no minted leaf at that index",
        InvalidClass = 4108 => "class zero is no class",
        InvalidTreeShape = 4109 => "account compression knows no tree of that depth and buffer size",
    }
}

//! Addresses that the program derives.

use joule_interface::pda;

pda! {
    /// A network's registry: creator and delegate of its trees.
    registry = ["registry", network: Address]
}
pda! {
    /// A registered tree.
    tree = ["tree", merkle_tree: Address]
}
pda! {
    /// A machine in service.
    node = ["node", asset: Address]
}

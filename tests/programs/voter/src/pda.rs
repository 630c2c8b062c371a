//! Addresses that the program derives.

use joule_interface::pda;

pda! {
    /// A council: the weigher of a network. `id` is a little-endian `u64`.
    council = ["council", network: Address, id: [u8; 8]]
}
pda! {
    /// What a delegation voted.
    vote = ["vote", council: Address, delegation: Address]
}
pda! {
    /// What an owner weighs in SPL Governance.
    record = ["voter-weight-record", council: Address, owner: Address]
}

//! Addresses that the program derives.

use joule_interface::pda;

pda! {
    /// A vault: owner of its credits, and client of its jobs.
    vault = ["vault", network: Address, authority: Address]
}
pda! {
    /// A user of a vault.
    user = ["user", vault: Address, owner: Address]
}
pda! {
    /// A job that a user asked for. `nonce` is a little-endian `u64`.
    request = ["request", vault: Address, nonce: [u8; 8]]
}

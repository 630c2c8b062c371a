//! Addresses that the program derives.

use joule_interface::pda;

pda! {
    /// What signs for the program in a network: a spender of `bme`, a slasher of `stake`. Holds no data.
    authority = ["authority", network: Address]
}
pda! {
    /// A market of a network. `id` is a little-endian `u64` that the network chooses.
    market = ["market", network: Address, id: [u8; 8]]
}
pda! {
    /// A client's job. `nonce` is a little-endian `u64` that the client chooses.
    job = ["job", client: Address, nonce: [u8; 8]]
}

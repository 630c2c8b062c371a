//! Addresses that the program derives.

use joule_interface::pda;

pda! {
    /// A fanout: owner of the token account whose income it shares. `id` is a little-endian `u64`.
    fanout = ["fanout", creator: Address, mint: Address, id: [u8; 8]]
}

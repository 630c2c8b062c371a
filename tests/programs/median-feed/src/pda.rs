//! Addresses that the program derives.

use joule_interface::pda;

pda! {
    /// A feed. Its address is the id of its price. `id` is a little-endian `u64`.
    feed = ["feed", creator: Address, id: [u8; 8]]
}
pda! {
    /// A feed's price account, in Pyth's layout.
    price = ["price", feed: Address]
}

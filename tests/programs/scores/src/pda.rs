//! Addresses that the program derives.

use joule_interface::pda;

pda! {
    /// A board's oracle: the address that signs for its roots. No account lies there.
    oracle = ["oracle", board: Address]
}

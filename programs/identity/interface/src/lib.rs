//! `identity`: every machine is a compressed NFT. Modules as in `bme`'s interface.
#![no_std]
#![forbid(unsafe_code)]

mod error;
pub mod event;
pub mod instruction;
pub mod pda;
pub mod state;

pub use error::IdentityError;

/// The program.
pub const ID: joule_interface::Address =
    joule_interface::Address::from_str_const("JouLeNode1111111111111111111111111111111111");

/// Bubblegum.
pub const BUBBLEGUM_PROGRAM: joule_interface::Address =
    joule_interface::Address::from_str_const("BGUMAp9Gq7iTEuizy4pqaxsTyUCBK68MDfK752saRPUY");
/// Account compression, as Bubblegum's first version calls it.
pub const COMPRESSION_PROGRAM: joule_interface::Address =
    joule_interface::Address::from_str_const("cmtDvXumGCrqC1Age74AVPhSRVXJMd8PJS91L8KbNCK");
/// Its log wrapper.
pub const LOG_WRAPPER: joule_interface::Address =
    joule_interface::Address::from_str_const("noopb9bkMVfRPU8AsbpTUg8AQkHtKwMYZiFUjNRtMmV");

joule_interface::program! {
    /// Every machine is a compressed NFT.
    "identity", errors IdentityError,
    types [],
    accounts [Registry, Tree, Node],
    pdas [registry, tree, node],
    instructions [MintNode, ActivateNode, CreateRegistry, CreateTree],
    events [TreeRegistered, NodeMinted, NodeActivated],
    values [status],
}

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

//! What the interface crates of Joule's programs share.
//!
//! A program's interface is declared, not written twice: [`instruction!`] names an instruction's accounts and arguments
//! once, and both sides of the call, the builder that a client uses and the parser that the program uses, follow from
//! it. [`errors!`], [`event!`], [`account!`], [`pda!`] and [`constants!`] do the same for their kinds.
//!
#![doc = include_str!("../README.md")]
#![no_std]
#![deny(unsafe_code)]

extern crate alloc;
// What the macros expand to names this crate, here as elsewhere.
extern crate self as joule_interface;

mod account;
mod account_list;
#[cfg(feature = "cpi")]
mod call;
mod constant;
pub mod derive;
mod error;
mod event;
pub mod ids;
mod instruction;
mod layout;
mod pda;
mod program;
#[cfg(all(test, feature = "cpi"))]
#[allow(dead_code, unsafe_code, reason = "not all that is declared is used; views are made of accounts")]
mod tests;

/// Of what tests declare.
#[cfg(test)]
const ID: Address = Address::new_from_array([9; 32]);

pub use {
    account::{Account, Header},
    account_list::{AccountSpec, DerivedAddress},
    bytemuck,
    constant::{ConstantSpec, ValuesSpec},
    error::{ErrorSpec, Fault},
    event::{Event, EventHeader},
    instruction::InstructionSpec,
    layout::{FieldSpec, Layout, LayoutSpec, TailSpec},
    pda::PdaSpec,
    program::ProgramSpec,
    solana_address::{self, Address, address_eq},
    solana_instruction::{AccountMeta, Instruction},
    solana_program_error::{ProgramError, ProgramResult},
    thiserror,
};

#[cfg(feature = "cpi")]
pub use {
    call::{Access, invoke},
    instruction::Parsed,
    pinocchio,
};

/// What the macros expand to.
#[doc(hidden)]
pub mod private {
    #[cfg(feature = "cpi")]
    pub use crate::{
        account_list::take,
        call::{CallAccounts, invoke_with_remaining},
    };
    pub use crate::{
        account_list::{concat, total},
        constant::constant_bytes,
        instruction::{build, data, split_args},
        program::by_discriminator,
    };
    pub extern crate alloc;
}

/// The System program.
pub const SYSTEM_PROGRAM: Address = Address::from_str_const("11111111111111111111111111111111");
/// The instructions sysvar.
pub const INSTRUCTIONS_SYSVAR: Address = Address::from_str_const("Sysvar1nstructions1111111111111111111111111");
/// The classic Token program.
pub const TOKEN_PROGRAM: Address = Address::from_str_const("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
/// The Token-2022 program.
pub const TOKEN_2022_PROGRAM: Address = Address::from_str_const("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");

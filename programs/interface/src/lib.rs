//! What the interface crates of Joule's programs share.
//!
//! A program's interface is declared, not written twice: [`instruction!`] names an instruction's accounts and arguments
//! once, and both sides of the call, the builder that a client uses and the parser that the program uses, follow from
//! it. [`errors!`], [`event!`], [`account!`], [`pda!`] and [`constants!`] do the same for their kinds.
#![no_std]
#![deny(unsafe_code)]

#[doc(hidden)]
pub extern crate alloc;
// What the macros expand to names this crate, here as elsewhere.
extern crate self as joule_interface;

mod account;
#[cfg(feature = "cpi")]
mod call;
mod constant;
mod error;
mod event;
mod instruction;
mod layout;
mod pda;
mod spec;

pub use {
    account::{Account, Header},
    bytemuck,
    constant::{ConstantSpec, ValuesSpec, constant_bytes},
    error::{ErrorSpec, Fault},
    event::{Event, EventHeader},
    instruction::{AccountSpec, Args, InstructionSpec, Place, parse},
    layout::{FieldSpec, Layout, LayoutSpec, TailSpec},
    pda::PdaSpec,
    solana_address::{self, Address, address_eq},
    solana_instruction::{AccountMeta, Instruction},
    solana_program_error::{ProgramError, ProgramResult},
    spec::ProgramSpec,
    thiserror,
};

#[cfg(feature = "cpi")]
pub use {
    call::{Access, invoke},
    instruction::check_flags,
    pinocchio,
};

/// The System program.
pub const SYSTEM_PROGRAM: Address = Address::from_str_const("11111111111111111111111111111111");
/// The classic Token program.
pub const TOKEN_PROGRAM: Address = Address::from_str_const("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
/// The Token-2022 program.
pub const TOKEN_2022_PROGRAM: Address = Address::from_str_const("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");

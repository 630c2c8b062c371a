//! `identity`, the program. What it does is documented in its interface; how, in one file for each instruction.
#![forbid(unsafe_code)]

pub mod bubblegum;
pub mod compression;
pub mod instructions;
pub mod leaf;
pub mod metadata;

use {
    joule_common::{AccountView, entrypoint},
    joule_identity_interface::{IdentityError, instruction::*},
    joule_interface::{Fault, parse},
};

entrypoint!(crate::process);

/// Result of a step of the program.
pub type Result<T> = core::result::Result<T, IdentityError>;

/// From an instruction's bytes to its file. Users' instructions come first: the fewest comparisons.
pub fn process(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (&discriminant, data) = data.split_first().ok_or(Fault::UnknownInstruction)?;
    match discriminant {
        MintNode::<()>::DISCRIMINANT => instructions::mint_node(accounts, data),
        ActivateNode::<()>::DISCRIMINANT => instructions::activate_node(accounts, parse(data)?),
        CreateRegistry::<()>::DISCRIMINANT => instructions::create_registry(accounts, parse(data)?),
        CreateTree::<()>::DISCRIMINANT => instructions::create_tree(accounts, parse(data)?),
        _ => Err(Fault::UnknownInstruction.into()),
    }
}

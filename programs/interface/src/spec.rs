//! A program's whole interface as data: what the IDL and the golden tests are made from.

use crate::{ConstantSpec, ErrorSpec, InstructionSpec, LayoutSpec, PdaSpec, ValuesSpec};

/// Everything that a program promises.
#[derive(Clone, Copy, Debug)]
pub struct ProgramSpec {
    /// Name.
    pub name: &'static str,
    /// What it is for.
    pub docs: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Where it is deployed.
    pub id: crate::Address,
    /// Structs within accounts and arguments.
    pub types: &'static [LayoutSpec],
    /// Accounts, with their kinds.
    pub accounts: &'static [(u8, LayoutSpec)],
    /// Derived addresses.
    pub pdas: &'static [PdaSpec],
    /// Instructions.
    pub instructions: &'static [InstructionSpec],
    /// Events, with their tags.
    pub events: &'static [(u8, LayoutSpec)],
    /// Errors.
    pub errors: &'static [ErrorSpec],
    /// Constants.
    pub constants: &'static [ConstantSpec],
    /// What fields of few values may be.
    pub values: &'static [ValuesSpec],
}

/// Declares a program's [`ProgramSpec`] as `SPEC`, from its modules `state`, `pda`, `instruction` and `event`. `constants
/// state` and `values [status]` at its end add the modules' [`constants!`](crate::constants!).
#[macro_export]
#[allow(clippy::crate_in_macro_def, reason = "the interface is that of the crate that declares")]
macro_rules! program {
    (
        $(#[doc = $doc:literal])* $name:literal, errors $errors:ident,
        types [$($type:ident),* $(,)?],
        accounts [$($account:ident),* $(,)?],
        pdas [$($pda:ident),* $(,)?],
        instructions [$($instruction:ident),* $(,)?],
        events [$($event:ident),* $(,)?]
        $(, constants $constants:ident)?
        $(, values [$($values:ident),* $(,)?])?
        $(,)?
    ) => {
        /// The whole interface as data.
        pub const SPEC: $crate::ProgramSpec = $crate::ProgramSpec {
            name: $name,
            docs: concat!("", $($doc, "\n"),*),
            version: env!("CARGO_PKG_VERSION"),
            id: crate::ID,
            types: &[$(<crate::state::$type as $crate::Layout>::SPEC),*],
            accounts: &[$((
                <crate::state::$account as $crate::Account>::DISCRIMINATOR,
                <crate::state::$account as $crate::Layout>::SPEC,
            )),*],
            pdas: &[$(crate::pda::$pda::SPEC),*],
            instructions: &[$(crate::instruction::$instruction::<()>::SPEC),*],
            events: &[$((
                <crate::event::$event as $crate::Event>::DISCRIMINATOR,
                <crate::event::$event as $crate::Layout>::SPEC,
            )),*],
            errors: crate::$errors::ALL,
            constants: [$(crate::$constants::CONSTANTS,)? &[]][0],
            values: &[$($(crate::state::$values::SPEC),*)?],
        };
    };
}

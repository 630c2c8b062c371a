//! A program's whole interface as data: what the IDL and the golden tests are made from.

use crate::{ErrorSpec, InstructionSpec, LayoutSpec, PdaSpec};

/// Everything that a program promises.
#[derive(Clone, Copy, Debug)]
pub struct ProgramSpec {
    /// Name.
    pub name: &'static str,
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
}

/// Declares a program's [`ProgramSpec`] as `SPEC`, from its modules `state`, `pda`, `instruction` and `event`.
#[macro_export]
#[allow(clippy::crate_in_macro_def, reason = "the interface is that of the crate that declares")]
macro_rules! program {
    (
        $name:literal, errors $errors:ident,
        types [$($type:ident),* $(,)?],
        accounts [$($account:ident),* $(,)?],
        pdas [$($pda:ident),* $(,)?],
        instructions [$($instruction:ident),* $(,)?],
        events [$($event:ident),* $(,)?] $(,)?
    ) => {
        /// The whole interface as data.
        pub const SPEC: $crate::ProgramSpec = $crate::ProgramSpec {
            name: $name,
            id: crate::ID,
            types: &[$(<crate::state::$type as $crate::Layout>::SPEC),*],
            accounts: &[$((
                <crate::state::$account as $crate::Account>::KIND,
                <crate::state::$account as $crate::Layout>::SPEC,
            )),*],
            pdas: &[$(crate::pda::$pda::SPEC),*],
            instructions: &[$(crate::instruction::$instruction::<()>::SPEC),*],
            events: &[$((
                <crate::event::$event as $crate::Event>::TAG,
                <crate::event::$event as $crate::Layout>::SPEC,
            )),*],
            errors: crate::$errors::ALL,
        };
    };
}

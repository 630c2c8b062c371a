//! A program's whole interface as data, from which the IDL and the golden tests are made; and its dispatch.

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
    /// Accounts, with their discriminators.
    pub accounts: &'static [(u8, LayoutSpec)],
    /// Of each of these the layout version that is written, and the other that is read ([`Account::ALSO_READ`](crate::Account)).
    pub account_versions: &'static [(u8, u8)],
    /// Derived addresses.
    pub pdas: &'static [PdaSpec],
    /// Instructions, by discriminator.
    pub instructions: &'static [InstructionSpec],
    /// Events, with their discriminators.
    pub events: &'static [(u8, LayoutSpec)],
    /// Errors.
    pub errors: &'static [ErrorSpec],
    /// Constants.
    pub constants: &'static [ConstantSpec],
    /// The values of fields that have few.
    pub values: &'static [ValuesSpec],
}

/// Instructions by discriminator. The compiler refuses a discriminator that stands twice.
pub const fn by_discriminator<const N: usize>(mut instructions: [InstructionSpec; N]) -> [InstructionSpec; N] {
    let mut sorted = 1;
    while sorted < N {
        let mut index = sorted;
        while index > 0 && instructions[index - 1].discriminator >= instructions[index].discriminator {
            assert!(
                instructions[index - 1].discriminator != instructions[index].discriminator,
                "a discriminator stands twice"
            );
            (instructions[index - 1], instructions[index]) = (instructions[index], instructions[index - 1]);
            index -= 1;
        }
        sorted += 1;
    }
    instructions
}

/// Declares a program's [`ProgramSpec`] as `SPEC`, from its modules `state`, `pda`, `instruction` and `event`. `constants
/// state` and `values [status]` at its end add the modules' [`constants!`](crate::constants!).
///
/// `instructions` is the only list of the program's instructions: each beside the function that handles it. `SPEC` and, by
/// [`dispatch!`](crate::dispatch!), the program's dispatch follow from it. `hot` instructions are those that save compute units
/// most; the program compares with them first, and with the `cold` ones in a second function.
#[macro_export]
#[allow(clippy::crate_in_macro_def, reason = "the interface is that of the crate that declares")]
macro_rules! program {
    (
        $(#[doc = $doc:literal])* $name:literal, errors $errors:ident,
        types [$($type:ident),* $(,)?],
        accounts [$($account:ident),* $(,)?],
        pdas [$($pda:ident),* $(,)?],
        instructions {
            hot [$($hot:ident => $hot_handler:ident),* $(,)?],
            cold [$($cold:ident => $cold_handler:ident),* $(,)?] $(,)?
        },
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
            account_versions: &[$((
                <crate::state::$account as $crate::Account>::VERSION,
                <crate::state::$account as $crate::Account>::ALSO_READ,
            )),*],
            pdas: &[$(crate::pda::$pda::SPEC),*],
            instructions: &$crate::private::by_discriminator([
                $(<crate::instruction::$hot>::SPEC,)*
                $(<crate::instruction::$cold>::SPEC,)*
            ]),
            events: &[$((
                <crate::event::$event as $crate::Event>::DISCRIMINATOR,
                <crate::event::$event as $crate::Layout>::SPEC,
            )),*],
            errors: crate::$errors::ALL,
            constants: [$(crate::$constants::CONSTANTS,)? &[]][0],
            values: &[$($(crate::state::$values::SPEC),*)?],
        };

        /// Calls a macro with the program's instructions, each beside the function that handles it, after `$given`.
        #[macro_export]
        macro_rules! for_each_instruction {
            ($callback:path, $given:tt) => {
                $callback! {
                    $given
                    hot [$($hot => $hot_handler),*]
                    cold [$($cold => $cold_handler),*]
                }
            };
        }
    };
}

/// Declares a program's dispatch, the function `process`, from the instructions of its interface, the crate `$interface`
/// ([`program!`](crate::program!)). It stands in the module whose submodules are the instructions' files; the crate's `Result`
/// is that of its error. The instruction `FinishJob => finish_job` is in `finish_job.rs`:
///
/// ```text
/// pub fn finish_job(accounts: &[AccountView], data: &[u8]) -> Result<()> {
///     let (a, args, remaining, tail) = FinishJob::parse(accounts, data)?;
/// ```
#[macro_export]
#[allow(clippy::crate_in_macro_def, reason = "the result is that of the program that declares")]
macro_rules! dispatch {
    ($interface:ident) => { $interface::for_each_instruction! { $crate::dispatch, $interface } };
    (
        $interface:ident
        hot [$($hot:ident => $hot_handler:ident),*]
        cold [$($cold:ident => $cold_handler:ident),*]
    ) => {
        /// Calls the function of an instruction, by the first byte of its data. The interface says which come first.
        pub fn process(accounts: &[$crate::pinocchio::AccountView], data: &[u8]) -> crate::Result<()> {
            let (&discriminator, data) = data.split_first().ok_or($crate::Fault::UnknownInstruction)?;
            match discriminator {
                $($interface::instruction::$hot::DISCRIMINATOR => $hot_handler::$hot_handler(accounts, data),)*
                _ => cold(discriminator, accounts, data),
            }
        }

        /// The other instructions.
        #[inline(never)]
        fn cold(discriminator: u8, accounts: &[$crate::pinocchio::AccountView], data: &[u8]) -> crate::Result<()> {
            match discriminator {
                $($interface::instruction::$cold::DISCRIMINATOR => $cold_handler::$cold_handler(accounts, data),)*
                _ => Err($crate::Fault::UnknownInstruction.into()),
            }
        }
    };
}

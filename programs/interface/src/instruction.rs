//! Instructions: one discriminator byte, then fixed-size little-endian arguments.

#[cfg(feature = "cpi")]
use pinocchio::AccountView;

use crate::{Fault, Layout, LayoutSpec, PdaSpec, TailSpec};

/// One account of an instruction, for clients, the IDL and the program's own check of its flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountSpec {
    /// Name.
    pub name: &'static str,
    /// What it is.
    pub docs: &'static str,
    /// Must sign.
    pub signer: bool,
    /// Signs in some uses, in which its documentation says so; the builder leaves that to the caller.
    pub may_sign: bool,
    /// Must be writable.
    pub writable: bool,
    /// May be left out: the program's own id stands in its place.
    pub optional: bool,
    /// Where it lies, if that is said here; otherwise its name may say it.
    pub place: Option<Place>,
}

/// A derived address, as an account of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The address.
    pub pda: PdaSpec,
    /// Seeds that are not called like the account or argument that they are: name, and what it is. One that is neither is
    /// asked of the caller.
    pub seeds: &'static [(&'static str, &'static str)],
}

impl AccountSpec {
    /// An account that is only read.
    pub const fn new(name: &'static str, docs: &'static str) -> Self {
        Self { name, docs, signer: false, may_sign: false, writable: false, optional: false, place: None }
    }

    /// The same, and where it lies.
    pub const fn at(self, pda: PdaSpec, seeds: &'static [(&'static str, &'static str)]) -> Self {
        Self { place: Some(Place { pda, seeds }), ..self }
    }

    /// The same, and it must sign.
    pub const fn signer(self) -> Self {
        Self { signer: true, ..self }
    }

    /// The same, and it may sign.
    pub const fn may_sign(self) -> Self {
        Self { may_sign: true, ..self }
    }

    /// The same, and it must be writable.
    pub const fn writable(self) -> Self {
        Self { writable: true, ..self }
    }

    /// The same, and it may be left out.
    pub const fn optional(self) -> Self {
        Self { optional: true, ..self }
    }
}

/// One instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstructionSpec {
    /// Name.
    pub name: &'static str,
    /// What it does.
    pub docs: &'static str,
    /// First byte of its data.
    pub discriminator: u8,
    /// Its accounts, in order.
    pub accounts: &'static [AccountSpec],
    /// What each of the accounts behind them is, if there may be any.
    pub remaining: Option<AccountSpec>,
    /// What follows the discriminator.
    pub args: LayoutSpec,
    /// What follows the arguments, if anything may.
    pub tail: Option<TailSpec>,
}

/// Fixed arguments of an instruction, read in place.
pub trait Args: Layout {
    /// Arguments from the bytes behind the discriminator, and what follows them (borsh, where an instruction has it).
    #[inline(always)]
    fn split(data: &[u8]) -> Option<(&Self, &[u8])> {
        let (args, rest) = data.split_at_checked(size_of::<Self>())?;
        Some((bytemuck::from_bytes(args), rest))
    }
}

/// Arguments of exactly the declared length.
#[inline(always)]
pub fn parse<A: Args>(data: &[u8]) -> Result<&A, Fault> {
    match A::split(data) {
        Some((args, [])) => Ok(args),
        _ => Err(Fault::InvalidArguments),
    }
}

/// The flags that an instruction's declaration asks of an account.
#[cfg(feature = "cpi")]
#[inline(always)]
pub fn check_flags(account: &AccountView, spec: AccountSpec, program: &crate::Address) -> Result<(), Fault> {
    if spec.optional && crate::address_eq(account.address(), program) {
        return Ok(());
    }
    if spec.signer && !account.is_signer() {
        return Err(Fault::MissingSigner);
    }
    if spec.writable && !account.is_writable() {
        return Err(Fault::NotWritable);
    }
    Ok(())
}

/// Declares an instruction: its discriminator, its accounts in order with their flags (`signer`, `may_sign`,
/// `writable`, `optional`), and its arguments.
///
/// Where an account is a derived address that its name does not say, `= pda::of(seed: source)` says it, for clients. What may
/// stand behind the accounts is declared in `remaining { /// docs name: [flags] }`, what behind the arguments in
/// `tail { /// docs name: [u8] }`; `invoke_signed_with` passes them.
///
/// `$name<A>` holds the accounts: as `$name<Address>` it builds an instruction, as `$name<&AccountView>` it is what the
/// program parses and what another program calls it with. `$args` are the arguments.
#[macro_export]
#[allow(clippy::crate_in_macro_def, reason = "the program's id is that of the crate that declares")]
macro_rules! instruction {
    (
        $(#[doc = $doc:literal])*
        pub $name:ident($args:ident) = $discriminator:literal {
            accounts { $(
                $(#[doc = $account_doc:literal])+
                $account:ident: [$($flag:ident),*] $(= $($pda:ident)::+ ($($seed:ident: $source:ident),*))?,
            )* }
            $(remaining { $(#[doc = $remaining_doc:literal])+ $remaining:ident: [$($remaining_flag:ident),*] $(,)? })?
            args { $($(#[doc = $arg_doc:literal])* $arg:ident: $type:ty,)* }
            $(tail { $(#[doc = $tail_doc:literal])+ $tail:ident: $tail_kind:ty $(,)? })?
        }
    ) => {
        $(#[doc = $doc])*
        ///
        /// Accounts, in order:
        $(#[doc = concat!("- `", stringify!($account), "` `[", stringify!($($flag),*), "]`:", $($account_doc),+)])*
        $(#[doc = concat!(
            "- and any number of `", stringify!($remaining), "` `[", stringify!($($remaining_flag),*), "]`:",
            $($remaining_doc),+
        )])?
        $(
            #[doc = ""]
            #[doc = concat!(
                "Behind the arguments: `", stringify!($tail), "`, `", stringify!($tail_kind), "`:", $($tail_doc),+
            )]
        )?
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name<A = $crate::Address> {
            $($(#[doc = $account_doc])+ pub $account: A,)*
        }

        $crate::layout! {
            #[doc = "Arguments of the instruction of like name: little-endian, in this order, without padding."]
            #[repr(C, packed)]
            pub struct $args { $($(#[doc = $arg_doc])* pub $arg: $type,)* }
        }

        impl $crate::Args for $args {}

        impl<A> $name<A> {
            /// First byte of the instruction data.
            pub const DISCRIMINATOR: u8 = $discriminator;

            /// Its description.
            pub const SPEC: $crate::InstructionSpec = $crate::InstructionSpec {
                name: stringify!($name),
                docs: concat!($($doc, "\n"),*),
                discriminator: $discriminator,
                accounts: Self::ACCOUNTS,
                remaining: [
                    $(Some(
                        $crate::AccountSpec::new(stringify!($remaining), concat!($($remaining_doc),+))$(.$remaining_flag())*
                    ),)?
                    None,
                ][0],
                args: <$args as $crate::Layout>::SPEC,
                tail: [
                    $(Some($crate::TailSpec {
                        name: stringify!($tail),
                        docs: concat!($($tail_doc),+),
                        kind: stringify!($tail_kind),
                    }),)?
                    None,
                ][0],
            };

            /// The accounts, in order.
            pub const ACCOUNTS: &'static [$crate::AccountSpec] = &[$(
                $crate::AccountSpec::new(stringify!($account), concat!($($account_doc),+))
                    $(.$flag())*
                    $(.at($($pda)::+::SPEC, &[$((stringify!($seed), stringify!($source))),*]))?,
            )*];
        }

        impl $name {
            /// The instruction. Accounts that its documentation calls remaining are appended by the caller.
            pub fn instruction(&self, args: &$args) -> $crate::Instruction {
                self.instruction_with(args, &[])
            }

            /// The instruction, with bytes behind the fixed arguments.
            pub fn instruction_with(&self, args: &$args, tail: &[u8]) -> $crate::Instruction {
                let mut data = $crate::alloc::vec![$discriminator];
                data.extend_from_slice($crate::bytemuck::bytes_of(args));
                data.extend_from_slice(tail);
                let keys = [$(self.$account),*];
                let accounts = keys
                    .into_iter()
                    .zip(Self::ACCOUNTS)
                    .map(|(pubkey, spec)| {
                        let absent = spec.optional && pubkey == crate::ID;
                        $crate::AccountMeta {
                            pubkey,
                            is_signer: spec.signer && !absent,
                            is_writable: spec.writable && !absent,
                        }
                    })
                    .collect();
                $crate::Instruction { program_id: crate::ID, accounts, data }
            }
        }

        #[cfg(feature = "cpi")]
        impl<'a> $name<&'a $crate::pinocchio::AccountView> {
            /// Takes the accounts apart and checks their flags; returns what remains.
            #[inline(always)]
            pub fn parse(
                accounts: &'a [$crate::pinocchio::AccountView],
            ) -> Result<(Self, &'a [$crate::pinocchio::AccountView]), $crate::Fault> {
                let [$($account,)* remaining @ ..] = accounts else {
                    return Err($crate::Fault::NotEnoughAccounts);
                };
                $($crate::check_flags(
                    $account,
                    const { $crate::AccountSpec::new("", "")$(.$flag())* },
                    &crate::ID,
                )?;)*
                Ok((Self { $($account),* }, remaining))
            }

            /// Calls the program.
            #[inline(always)]
            pub fn invoke(&self, args: &$args) -> $crate::ProgramResult {
                self.invoke_signed(args, &[])
            }

            /// Calls the program, signed by addresses of the caller.
            #[inline(always)]
            pub fn invoke_signed(&self, args: &$args, signers: &[$crate::pinocchio::cpi::Signer]) -> $crate::ProgramResult {
                let mut data = [$discriminator; 1 + size_of::<$args>()];
                data[1..].copy_from_slice($crate::bytemuck::bytes_of(args));
                $($crate::access!($account = self.$account $(, $flag)*);)*
                $crate::call!(&crate::ID, &data, signers, [$(self.$account => $account),*])
            }

            $crate::instruction! { @with [$($account)*] $args, $discriminator, $([$($remaining_flag)*])? $($tail)? }
        }
    };

    // Nothing may follow: `invoke_signed` does it.
    (@with [$($account:ident)*] $args:ident, $discriminator:literal,) => {};
    (@with [$($account:ident)*] $args:ident, $discriminator:literal, $([$($flag:ident)*])? $($tail:ident)?) => {
        /// Calls the program with more behind the accounts and the arguments, signed by addresses of the caller.
        pub fn invoke_signed_with(
            &self,
            args: &$args,
            tail: &[u8],
            remaining: &[&$crate::pinocchio::AccountView],
            signers: &[$crate::pinocchio::cpi::Signer],
        ) -> $crate::ProgramResult {
            use $crate::pinocchio::instruction::{InstructionAccount, InstructionView};

            let mut data = $crate::alloc::vec![$discriminator];
            data.extend_from_slice($crate::bytemuck::bytes_of(args));
            data.extend_from_slice(tail);
            let own = [$(self.$account),*];
            let views: $crate::alloc::vec::Vec<_> = own.iter().chain(remaining).copied().collect();
            let each = const { $crate::AccountSpec::new("", "")$($(.$flag())*)? };
            let specs = Self::ACCOUNTS.iter().copied().chain(core::iter::repeat(each));
            let accounts: $crate::alloc::vec::Vec<_> = views
                .iter()
                .zip(specs)
                .map(|(view, spec)| {
                    let absent = spec.optional && $crate::address_eq(view.address(), &crate::ID);
                    InstructionAccount::new(view.address(), spec.writable && !absent, spec.signer && !absent)
                })
                .collect();
            $crate::pinocchio::cpi::invoke_signed_with_slice(
                &InstructionView { program_id: &crate::ID, accounts: &accounts, data: &data },
                &views,
                signers,
            )
        }
    };
}

/// What a called program may do with an account of its flags. One that is left out is the program itself.
#[doc(hidden)]
#[macro_export]
#[allow(clippy::crate_in_macro_def, reason = "the program's id is that of the crate that declares")]
macro_rules! access {
    ($name:ident = $view:expr $(, $flag:ident)*) => {
        let spec = const { $crate::AccountSpec::new("", "")$(.$flag())* };
        let absent = spec.optional && $crate::address_eq($view.address(), &crate::ID);
        let $name = $crate::Access { signer: spec.signer && !absent, writable: spec.writable && !absent };
    };
}

//! Instructions: one discriminator byte, then fixed-size little-endian arguments.

use {
    crate::{AccountSpec, Address, Fault, Layout, LayoutSpec, TailSpec},
    alloc::{vec, vec::Vec},
    solana_instruction::{AccountMeta, Instruction},
};

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
    /// What each account behind them is, if there can be any.
    pub remaining: Option<AccountSpec>,
    /// What follows the discriminator.
    pub args: LayoutSpec,
    /// What follows the arguments, if anything can.
    pub tail: Option<TailSpec>,
}

/// An instruction, taken apart: its accounts, its arguments, the accounts behind its own, and the bytes behind its arguments.
#[cfg(feature = "cpi")]
pub type Parsed<'a, Accounts, Args> = (Accounts, &'a Args, &'a [pinocchio::AccountView], &'a [u8]);

/// Arguments from the bytes behind the discriminator, and the bytes behind the arguments: none, unless `has_tail`.
#[inline(always)]
pub fn split_args<A: Layout>(data: &[u8], has_tail: bool) -> Result<(&A, &[u8]), Fault> {
    let (args, tail) = data.split_at_checked(size_of::<A>()).ok_or(Fault::InvalidArguments)?;
    if !has_tail && !tail.is_empty() {
        return Err(Fault::InvalidArguments);
    }
    Ok((bytemuck::from_bytes(args), tail))
}

/// Instruction data: the discriminator, the arguments, and what follows them.
pub fn data<A: Layout>(discriminator: u8, args: &A, tail: &[u8]) -> Vec<u8> {
    let mut data = vec![discriminator];
    data.extend_from_slice(bytemuck::bytes_of(args));
    data.extend_from_slice(tail);
    data
}

/// An instruction with the flags that its declaration asks for. An account that is left out, with the program's id in its
/// place, has none.
pub fn build(program_id: Address, accounts: &[Address], specs: &[AccountSpec], data: Vec<u8>) -> Instruction {
    let accounts = accounts
        .iter()
        .zip(specs)
        .map(|(&pubkey, spec)| {
            let absent = spec.optional && pubkey == program_id;
            AccountMeta { pubkey, is_signer: spec.signer && !absent, is_writable: spec.writable && !absent }
        })
        .collect();
    Instruction { program_id, accounts, data }
}

/// Declares an instruction: its discriminator, its accounts in order, and its arguments.
///
/// ```
/// # use joule_interface::Address;
/// # pub const ID: Address = joule_interface::SYSTEM_PROGRAM;
/// # joule_interface::accounts! {
/// #     /// What pays the provider.
/// #     pub struct PaymentAccounts {
/// #         /// The token account that pays.
/// #         source: [writable],
/// #     }
/// # }
/// # mod pda {
/// #     joule_interface::pda! {
/// #         /// A job.
/// #         job = ["job", client: Address, number: [u8; 8]]
/// #     }
/// # }
/// joule_interface::instruction! {
///     /// Ends jobs.
///     pub FinishJobs(FinishJobsArgs) = 3 {
///         accounts {
///             /// The provider.
///             caller: [signer],
///             /// The first job.
///             job: [writable] = pda::job(client: caller),
///             ..payment: PaymentAccounts,
///         }
///         remaining {
///             /// Another job.
///             jobs: [writable],
///         }
///         args {
///             /// Number of the first job.
///             number: u64,
///         }
///         tail {
///             /// Content hash of each job's result.
///             results: [[u8; 32]],
///         }
///     }
/// }
///
/// # fn main() {
/// assert_eq!(FinishJobs::DISCRIMINATOR, 3);
/// assert_eq!(FinishJobs::ACCOUNTS.iter().map(|account| account.name).collect::<Vec<_>>(), ["caller", "job", "source"]);
/// # }
/// ```
///
/// - `accounts`: each with its flags, `signer`, `may_sign`, `writable`, `optional` ([`AccountSpec`]). `..field: Group` includes
///   the accounts of a group ([`accounts!`](crate::accounts!)). If an account lies at a derived address that has another name,
///   `= pda::name(seed: source)` says so to clients, with the seeds that have another name than their source.
/// - `remaining`, optional: what each account behind these is. Any number can follow.
/// - `args`: fixed-size arguments, in `FinishJobsArgs`.
/// - `tail`, optional: what can follow the arguments, a slice of one type.
///
/// `FinishJobs<A>` has a field for each account or group:
///
/// - A client fills `FinishJobs<Address>` and calls `instruction(&args)` or `instruction_with(&args, tail)`.
/// - The program calls `FinishJobs::parse(accounts, data)`, which returns `FinishJobs<&AccountView>` with the rest ([`Parsed`]).
/// - Another program fills `FinishJobs<&AccountView>` and calls `invoke`, `invoke_signed` or `invoke_signed_with`. An account
///   marked `may_sign` signs if it signed for that program; `invoke_signed_by` names others, for which the program signs.
#[macro_export]
#[allow(clippy::crate_in_macro_def, reason = "the program's id is that of the crate that declares")]
macro_rules! instruction {
    (
        $(#[doc = $doc:literal])*
        pub $name:ident($args:ident) = $discriminator:literal {
            accounts { $($accounts:tt)* }
            $(remaining { $(#[doc = $remaining_doc:literal])+ $remaining:ident: [$($remaining_flag:ident),*] $(,)? })?
            args { $($(#[doc = $arg_doc:literal])* $arg:ident: $type:ty,)* }
            $(tail { $(#[doc = $tail_doc:literal])+ $tail:ident: $tail_type:ty $(,)? })?
        }
    ) => {
        $crate::account_list! {
            [$(#[doc = $doc])*]
            pub struct $name { $($accounts)* }
            [
                $(#[doc = concat!(
                    "- any number of ",
                    $crate::account_doc!(@account [$($remaining_doc),+] $remaining [$($remaining_flag),*])
                )])?
                $(
                    #[doc = ""]
                    #[doc = concat!(
                        "Behind the arguments: `", stringify!($tail), "`, `", stringify!($tail_type), "`:", $($tail_doc),+
                    )]
                )?
            ]
        }

        $crate::layout! {
            #[doc = "Arguments of the instruction of the same name: little-endian, in this order, without padding."]
            #[repr(C, packed)]
            pub struct $args { $($(#[doc = $arg_doc])* pub $arg: $type,)* }
        }

        impl $name {
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
                        type_name: stringify!($tail_type),
                    }),)?
                    None,
                ][0],
            };

            /// The instruction. The caller appends the accounts that its documentation has any number of.
            pub fn instruction(&self, args: &$args) -> $crate::Instruction {
                self.instruction_with(args, &[])
            }

            /// The instruction, with bytes behind the fixed arguments.
            pub fn instruction_with(&self, args: &$args, tail: &[u8]) -> $crate::Instruction {
                let mut accounts = $crate::private::alloc::vec::Vec::with_capacity(Self::ACCOUNTS.len());
                self.append_to(&mut accounts);
                $crate::private::build(crate::ID, &accounts, Self::ACCOUNTS, $crate::private::data($discriminator, args, tail))
            }
        }

        #[cfg(feature = "cpi")]
        impl<'a> $name<&'a $crate::pinocchio::AccountView> {
            /// Takes the instruction apart, `data` without its first byte, and checks the accounts' flags.
            #[inline(always)]
            pub fn parse(
                accounts: &'a [$crate::pinocchio::AccountView],
                data: &'a [u8],
            ) -> Result<$crate::Parsed<'a, Self, $args>, $crate::Fault> {
                let (args, tail) = $crate::private::split_args(data, const { <$name>::SPEC.tail.is_some() })?;
                // One comparison: from here on the number of accounts is known.
                let (accounts, remaining) =
                    accounts.split_at_checked(<$name>::ACCOUNTS.len()).ok_or($crate::Fault::NotEnoughAccounts)?;
                let (accounts, _) = Self::take(accounts)?;
                Ok((accounts, args, remaining, tail))
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
                let mut accounts = $crate::private::CallAccounts::<{ <$name>::ACCOUNTS.len() }>::new();
                self.add_to(&mut accounts);
                accounts.invoke_signed(&crate::ID, &data, signers)
            }

            /// Calls the program with more behind the accounts and the arguments, where the instruction has any. Of the accounts
            /// marked `may_sign` those in `signing` sign as well: addresses of the caller, for which it signs with `signers`.
            pub fn invoke_signed_by(
                &self,
                args: &$args,
                tail: &[u8],
                remaining: &[&$crate::pinocchio::AccountView],
                signing: &[&$crate::pinocchio::AccountView],
                signers: &[$crate::pinocchio::cpi::Signer],
            ) -> $crate::ProgramResult {
                let mut views = $crate::private::alloc::vec::Vec::with_capacity(<$name>::ACCOUNTS.len() + remaining.len());
                self.append_to(&mut views);
                views.extend_from_slice(remaining);
                $crate::private::invoke_with_remaining(
                    &crate::ID,
                    &$crate::private::data(<$name>::DISCRIMINATOR, args, tail),
                    &views,
                    <$name>::ACCOUNTS,
                    const {
                        match <$name>::SPEC.remaining {
                            Some(remaining) => remaining,
                            None => $crate::AccountSpec::new("", ""),
                        }
                    },
                    signing,
                    signers,
                )
            }

            $crate::instruction! { @with $name($args), $([$($remaining_flag)*])? $($tail)? }
        }
    };

    // Nothing can follow: `invoke_signed` will do.
    (@with $name:ident($args:ident),) => {};
    (@with $name:ident($args:ident), $([$($flag:ident)*])? $($tail:ident)?) => {
        /// Calls the program with more behind the accounts and the arguments, signed by addresses of the caller.
        pub fn invoke_signed_with(
            &self,
            args: &$args,
            tail: &[u8],
            remaining: &[&$crate::pinocchio::AccountView],
            signers: &[$crate::pinocchio::cpi::Signer],
        ) -> $crate::ProgramResult {
            self.invoke_signed_by(args, tail, remaining, &[], signers)
        }
    };
}

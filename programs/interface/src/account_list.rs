//! The accounts of instructions: what each must be, and lists of them with names in place of positions.

#[cfg(feature = "cpi")]
use pinocchio::AccountView;

use crate::PdaSpec;

/// One account of an instruction, for clients, for the IDL, and for the program's check of its flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountSpec {
    /// Name.
    pub name: &'static str,
    /// What it is.
    pub docs: &'static str,
    /// It must sign.
    pub signer: bool,
    /// It signs in some uses, which its documentation names. The builder leaves this flag to the caller.
    pub may_sign: bool,
    /// It must be writable.
    pub writable: bool,
    /// It can be left out: the caller then passes the program's own id in its place.
    pub optional: bool,
    /// The seeds of its address, if the declaration gives them. Otherwise the account's name can be that of a derived address.
    pub derived: Option<DerivedAddress>,
}

/// A derived address, with the accounts and arguments that are its seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DerivedAddress {
    /// The address.
    pub pda: PdaSpec,
    /// The seeds whose name differs from the account or argument that they are: the seed's name, then the account's or the
    /// argument's. A client asks its user for a seed that is neither.
    pub seeds: &'static [(&'static str, &'static str)],
}

/// `==` at compile time.
const fn is_same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut index = 0;
    while index < one.len() {
        if one[index] != other[index] {
            return false;
        }
        index += 1;
    }
    true
}

impl AccountSpec {
    /// An account that the instruction only reads.
    pub const fn new(name: &'static str, docs: &'static str) -> Self {
        Self { name, docs, signer: false, may_sign: false, writable: false, optional: false, derived: None }
    }

    /// Where the account of this name stands among an instruction's.
    pub const fn place(accounts: &[Self], name: &str) -> Option<usize> {
        let mut index = 0;
        while index < accounts.len() {
            if is_same(accounts[index].name.as_bytes(), name.as_bytes()) {
                return Some(index);
            }
            index += 1;
        }
        None
    }

    /// Adds the seeds of its address.
    pub const fn derived(self, pda: PdaSpec, seeds: &'static [(&'static str, &'static str)]) -> Self {
        Self { derived: Some(DerivedAddress { pda, seeds }), ..self }
    }

    /// Sets [`signer`](Self::signer).
    pub const fn signer(self) -> Self {
        Self { signer: true, ..self }
    }

    /// Sets [`may_sign`](Self::may_sign).
    pub const fn may_sign(self) -> Self {
        Self { may_sign: true, ..self }
    }

    /// Sets [`writable`](Self::writable).
    pub const fn writable(self) -> Self {
        Self { writable: true, ..self }
    }

    /// Sets [`optional`](Self::optional).
    pub const fn optional(self) -> Self {
        Self { optional: true, ..self }
    }
}

/// How many accounts several lists have together.
pub const fn total(lists: &[&[AccountSpec]]) -> usize {
    let (mut total, mut list) = (0, 0);
    while list < lists.len() {
        total += lists[list].len();
        list += 1;
    }
    total
}

/// Several lists as one, of `N` accounts.
pub const fn concat<const N: usize>(lists: &[&[AccountSpec]]) -> [AccountSpec; N] {
    let mut all = [AccountSpec::new("", ""); N];
    let (mut next, mut list) = (0, 0);
    while list < lists.len() {
        let mut index = 0;
        while index < lists[list].len() {
            all[next] = lists[list][index];
            (next, index) = (next + 1, index + 1);
        }
        list += 1;
    }
    assert!(next == N);
    all
}

/// Takes the first account and checks the flags that its declaration asks for.
#[cfg(feature = "cpi")]
#[inline(always)]
pub fn take<'a>(
    accounts: &'a [AccountView],
    spec: AccountSpec,
    program: &crate::Address,
) -> Result<(&'a AccountView, &'a [AccountView]), crate::Fault> {
    use crate::Fault;

    let (account, rest) = accounts.split_first().ok_or(Fault::NotEnoughAccounts)?;
    if spec.optional && crate::address_eq(account.address(), program) {
        return Ok((account, rest));
    }
    if spec.signer && !account.is_signer() {
        return Err(Fault::MissingSigner);
    }
    if spec.writable && !account.is_writable() {
        return Err(Fault::NotWritable);
    }
    Ok((account, rest))
}

/// Declares a group: accounts that stand together in several instructions.
///
/// ```
/// # pub const ID: joule_interface::Address = joule_interface::SYSTEM_PROGRAM;
/// joule_interface::accounts! {
///     /// What pays the provider.
///     pub struct PaymentAccounts {
///         /// The network, if the job is paid in credits.
///         network: [optional],
///         /// The token account that pays.
///         source: [writable],
///     }
/// }
/// # fn main() {}
/// ```
///
/// `PaymentAccounts<A>` has a field of type `A` for each account. An instruction or another group includes it with
/// `..payment: PaymentAccounts,` among its accounts: `payment` is then a field of type `PaymentAccounts<A>`, and the group's
/// accounts stand at this point of the list. `PaymentAccounts::ACCOUNTS` describes them.
///
/// The syntax of an account is that of [`instruction!`](crate::instruction!).
#[macro_export]
macro_rules! accounts {
    ($(#[doc = $doc:literal])* pub struct $name:ident { $($accounts:tt)* }) => {
        $crate::account_list! { [$(#[doc = $doc])*] pub struct $name { $($accounts)* } [] }
    };
}

/// A struct of accounts: a group's or an instruction's. Its documentation starts with the first list of attributes and ends
/// with the second; between them stand the accounts.
#[doc(hidden)]
#[macro_export]
#[allow(clippy::crate_in_macro_def, reason = "the program's id is that of the crate that declares")]
macro_rules! account_list {
    (
        [$(#[$before:meta])*]
        pub struct $name:ident {$(
            $(#[doc = $doc:literal])*
            $(..$group:ident: $of:ident)?
            $($account:ident: [$($flag:ident),*] $(= $($pda:ident)::+ ($($seed:ident: $source:ident),*))?)?
            ,
        )*}
        [$(#[$after:meta])*]
    ) => {
        $(#[$before])*
        ///
        /// Accounts, in order:
        $(#[doc = $crate::account_doc!([$($doc),*] $($of)? $($account [$($flag),*])?)])*
        $(#[$after])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name<A = $crate::Address> {$(
            $(#[doc = $doc])*
            $(#[doc = concat!("Accounts of [`", stringify!($of), "`].")] pub $group: $of<A>,)?
            $(pub $account: A,)?
        )*}

        impl $name {
            /// The accounts, in order, with those of groups in their place.
            pub const ACCOUNTS: &'static [$crate::AccountSpec] =
                &$crate::private::concat::<{ $crate::private::total(Self::LISTS) }>(Self::LISTS);

            const LISTS: &'static [&'static [$crate::AccountSpec]] = &[$(
                $crate::account_specs!(
                    [$($doc),*] $($of)? $($account [$($flag)*] $([$($pda)::+ $($seed $source)*])?)?
                ),
            )*];
        }

        impl<A: Copy> $name<A> {
            #[doc(hidden)]
            pub fn append_to(&self, list: &mut $crate::private::alloc::vec::Vec<A>) {
                $($(self.$group.append_to(list);)? $(list.push(self.$account);)?)*
            }
        }

        #[cfg(feature = "cpi")]
        impl<'a> $name<&'a $crate::pinocchio::AccountView> {
            #[doc(hidden)]
            #[inline(always)]
            pub fn take(
                accounts: &'a [$crate::pinocchio::AccountView],
            ) -> Result<(Self, &'a [$crate::pinocchio::AccountView]), $crate::Fault> {
                $(
                    $(let ($group, accounts) = $of::take(accounts)?;)?
                    $(let ($account, accounts) =
                        $crate::private::take(accounts, $crate::account_flags!($($flag)*), &crate::ID)?;)?
                )*
                Ok((Self { $($($group,)? $($account,)?)* }, accounts))
            }

            #[doc(hidden)]
            #[inline(always)]
            pub fn add_to<const N: usize>(&self, call: &mut $crate::private::CallAccounts<'a, N>) {
                $(
                    $(self.$group.add_to(call);)?
                    $(call.add(self.$account, $crate::account_flags!($($flag)*), &crate::ID);)?
                )*
            }
        }
    };
}

/// One line of documentation for an account or a group.
#[doc(hidden)]
#[macro_export]
macro_rules! account_doc {
    ([$($doc:literal),*] $of:ident) => { concat!("- the accounts of [`", stringify!($of), "`]") };
    ([$($doc:literal),+] $account:ident $flags:tt) => {
        concat!("- ", $crate::account_doc!(@account [$($doc),+] $account $flags))
    };
    (@account [$($doc:literal),+] $account:ident []) => { concat!("`", stringify!($account), "`:", $($doc),+) };
    (@account [$($doc:literal),+] $account:ident [$($flag:ident),+]) => {
        concat!("`", stringify!($account), "` (", stringify!($($flag),+), "):", $($doc),+)
    };
}

/// The descriptions of an account or of a group.
#[doc(hidden)]
#[macro_export]
macro_rules! account_specs {
    ([$($doc:literal),+] $account:ident [$($flag:ident)*] $([$($pda:ident)::+ $($seed:ident $source:ident)*])?) => {
        &[
            $crate::AccountSpec::new(stringify!($account), concat!($($doc),+))
                $(.$flag())*
                $(.derived($($pda)::+::SPEC, &[$((stringify!($seed), stringify!($source))),*]))?
        ]
    };
    ([$($doc:literal),*] $of:ident) => { <$of>::ACCOUNTS };
}

/// A description that has nothing but flags.
#[doc(hidden)]
#[macro_export]
macro_rules! account_flags {
    ($($flag:ident)*) => { const { $crate::AccountSpec::new("", "")$(.$flag())* } };
}

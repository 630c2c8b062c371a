//! Program-derived addresses.

use solana_address::Address;

/// One derived address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PdaSpec {
    /// Name.
    pub name: &'static str,
    /// What lies there.
    pub docs: &'static str,
    /// The program that derives it.
    pub program: Address,
    /// Name of the account type that lies there, where the address is not called after it.
    pub account: Option<&'static str>,
    /// First seed: bytes of this text.
    pub prefix: &'static str,
    /// The other seeds: name and type. `[u8; 1]`, `[u8; 2]`, `[u8; 4]` and `[u8; 8]` are little-endian integers.
    pub seeds: &'static [(&'static str, &'static str)],
}

/// Declares an address of the program by its seeds: a module with `seeds`, `find` and, for programs, `signer`. The account
/// that lies there is named where it is not called like the address: `change: PolicyChange = [...]`.
#[macro_export]
#[allow(clippy::crate_in_macro_def, reason = "the program's id is that of the crate that declares")]
macro_rules! pda {
    ($(#[doc = $doc:literal])* $name:ident $(: $account:ident)? = [$prefix:literal $(, $seed:ident: $type:ty)*]) => {
        $(#[doc = $doc])*
        #[doc = concat!("\n\nSeeds: `\"", $prefix, "\"`", $(", `", stringify!($seed), "`",)* ".")]
        pub mod $name {
            #[allow(unused_imports, reason = "not every address has one as a seed")]
            use $crate::Address;

            /// Its description.
            pub const SPEC: $crate::PdaSpec = $crate::PdaSpec {
                name: stringify!($name),
                docs: concat!($($doc, "\n"),*),
                program: crate::ID,
                account: [$(Some(stringify!($account)),)? None][0],
                prefix: $prefix,
                seeds: &[$((stringify!($seed), stringify!($type)),)*],
            };

            const SEEDS: usize = 1 $(+ { let _ = stringify!($seed); 1 })*;

            /// The seeds, without the bump.
            #[inline(always)]
            #[allow(clippy::needless_lifetimes, reason = "several seeds need it, one does not")]
            pub fn seeds<'a>($($seed: &'a $type),*) -> [&'a [u8]; SEEDS] {
                [$prefix.as_bytes() $(, $seed.as_ref())*]
            }

            /// The address and its bump. Costs a program 1,500 compute units and more: derive at creation only.
            #[inline(always)]
            pub fn find($($seed: &$type),*) -> (Address, u8) {
                Address::find_program_address(&seeds($($seed),*), &crate::ID)
            }

            /// The seeds with the bump, for a call that the address signs.
            #[cfg(feature = "cpi")]
            #[inline(always)]
            pub fn signer<'a>($($seed: &'a $type,)* bump: &'a [u8; 1]) -> [$crate::pinocchio::cpi::Seed<'a>; SEEDS + 1] {
                [$prefix.as_bytes().into() $(, AsRef::<[u8]>::as_ref($seed).into())*, bump.into()]
            }
        }
    };
}

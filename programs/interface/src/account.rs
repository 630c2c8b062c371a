//! Accounts that are read in place.

use {
    crate::{Layout, layout},
    solana_address::Address,
};

layout! {
    /// The first eight bytes of every account.
    #[repr(C)]
    pub struct Header {
        /// What the account is; 0 is not initialized.
        pub discriminator: u8,
        /// Layout version.
        pub version: u8,
        /// Bump seed of the account's address; 0 where the address is not derived.
        pub bump: u8,
        /// Zero.
        pub reserved: [u8; 5],
    }
}

/// An account of one of Joule's programs. Declare with [`account!`](crate::account!).
pub trait Account: Layout {
    /// Value of [`Header::discriminator`].
    const DISCRIMINATOR: u8;
    /// Value of [`Header::version`] that the program writes.
    const VERSION: u8;
    /// The other version that is read as well, of the same size; [`VERSION`](Self::VERSION): there is none.
    const ALSO_READ: u8 = Self::VERSION;
    /// The program that owns it.
    const PROGRAM: Address;
    /// Bytes.
    const SIZE: usize = size_of::<Self>();

    /// Whether accounts of a version are read.
    #[inline(always)]
    fn reads(version: u8) -> bool {
        version == Self::VERSION || version == Self::ALSO_READ
    }

    /// Reads an account of `owner` in place; `None` if it is another program's, another discriminator or version, too short, or
    /// not aligned to eight bytes (account data on chain always is).
    fn read<'a>(owner: &Address, data: &'a [u8]) -> Option<&'a Self> {
        let [discriminator, version, ..] = data else { return None };
        if *owner != Self::PROGRAM || *discriminator != Self::DISCRIMINATOR || !Self::reads(*version) {
            return None;
        }
        bytemuck::try_from_bytes(data.get(..Self::SIZE)?).ok()
    }
}

/// Declares an account: a [`layout!`](crate::layout!) that starts with a [`Header`], its discriminator, and its size in bytes,
/// which the compiler verifies. One that grows says what follows: `then { /// docs name: [Type] }`.
///
/// The version is 1. A later layout says which it is, and which other one it reads: `discriminator 3, version 2 reads 1,
/// size 768`. See "How a layout may change" in `programs/README.md`.
#[macro_export]
#[allow(clippy::crate_in_macro_def, reason = "the program's id is that of the crate that declares")]
macro_rules! account {
    (
        $(#[doc = $doc:literal])*
        pub struct $name:ident: discriminator $discriminator:literal,
            $(version $version:literal reads $other:literal,)? size $size:literal { $($fields:tt)* }
        $(then { $($tail:tt)* })?
    ) => {
        $crate::layout! {
            $(#[doc = $doc])*
            #[repr(C)]
            pub struct $name { $($fields)* }
            $(then { $($tail)* })?
        }

        impl $crate::Account for $name {
            const DISCRIMINATOR: u8 = $discriminator;
            const VERSION: u8 = [$($version,)? 1][0];
            $(const ALSO_READ: u8 = $other;)?
            const PROGRAM: $crate::Address = crate::ID;
        }

        const _: () = assert!(size_of::<$name>() == $size && align_of::<$name>() <= 8 && $discriminator != 0);
        $(const _: () = assert!($version != $other && $version != 0 && $other != 0, "two versions, from 1 on");)?
        const _: () = assert!(core::mem::offset_of!($name, header) == 0);
    };
}

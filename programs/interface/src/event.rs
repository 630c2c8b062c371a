//! Events: `sol_log_data` records of one field, a plain struct that starts with an [`EventHeader`].

use {
    crate::{Layout, layout},
    solana_address::Address,
};

layout! {
    /// The first 48 bytes of every event.
    #[repr(C)]
    pub struct EventHeader {
        /// Which event of the program it is.
        pub discriminator: u8,
        /// Layout version.
        pub version: u8,
        /// Zero.
        pub reserved: [u8; 6],
        /// Counts the events of `source` from 1, without a gap: an indexer that misses a number missed an event. Zero: the event
        /// belongs to no account's count, and `source` only names an account.
        pub sequence: u64,
        /// The account that the sequence belongs to.
        pub source: Address,
    }
}

/// An event of one of Joule's programs. Declare with [`event!`](crate::event!).
pub trait Event: Layout {
    /// Value of [`EventHeader::discriminator`].
    const DISCRIMINATOR: u8;

    /// Decodes what `sol_log_data` logged; `None` if it is another event. Trust it only from the program's own log
    /// lines: any program can log any bytes.
    fn decode(data: &[u8]) -> Option<Self> {
        (data.len() == size_of::<Self>() && data[0] == Self::DISCRIMINATOR).then(|| bytemuck::pod_read_unaligned(data))
    }
}

/// Declares an event: a [`layout!`](crate::layout!) whose first field, `header`, is added.
#[macro_export]
macro_rules! event {
    ($(#[doc = $doc:literal])* pub struct $name:ident = $discriminator:literal { $($fields:tt)* }) => {
        $crate::layout! {
            $(#[doc = $doc])*
            #[repr(C)]
            pub struct $name {
                /// Tag and sequence.
                pub header: $crate::EventHeader,
                $($fields)*
            }
        }

        impl $crate::Event for $name {
            const DISCRIMINATOR: u8 = $discriminator;
        }

        impl $name {
            /// A header for the `sequence`th event of `source`.
            #[inline(always)]
            pub const fn header(source: $crate::Address, sequence: u64) -> $crate::EventHeader {
                $crate::EventHeader { discriminator: $discriminator, version: 1, reserved: [0; 6], sequence, source }
            }
        }
    };
}

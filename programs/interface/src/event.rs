//! Events: `sol_log_data` records of one field, a plain struct that starts with an [`EventHeader`].

use {
    bytemuck::{Pod, Zeroable},
    solana_address::Address,
};

/// The first 48 bytes of every event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct EventHeader {
    /// Which event of the program it is.
    pub tag: u8,
    /// Layout version.
    pub version: u8,
    /// Zero.
    pub reserved: [u8; 6],
    /// Counts the events of `source` from 1, without a gap: an indexer that misses a number missed an event.
    pub sequence: u64,
    /// The account that the sequence belongs to.
    pub source: Address,
}

/// An event of one of Joule's programs. Declare with [`event!`](crate::event!).
pub trait Event: Pod {
    /// Value of [`EventHeader::tag`].
    const TAG: u8;

    /// Decodes what `sol_log_data` logged; `None` if it is another event. Trust it only from the program's own log
    /// lines: any program can log any bytes.
    fn decode(data: &[u8]) -> Option<Self> {
        (data.len() == size_of::<Self>() && data[0] == Self::TAG).then(|| bytemuck::pod_read_unaligned(data))
    }
}

/// Declares an event: a struct whose first field, `header`, is added.
#[macro_export]
macro_rules! event {
    ($(#[$meta:meta])* pub struct $name:ident = $tag:literal { $($(#[$field_meta:meta])* pub $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, $crate::bytemuck::Pod, $crate::bytemuck::Zeroable)]
        #[bytemuck(crate = "joule_interface::bytemuck")]
        #[repr(C)]
        pub struct $name {
            /// Tag and sequence.
            pub header: $crate::EventHeader,
            $($(#[$field_meta])* pub $field: $type,)*
        }

        impl $crate::Event for $name {
            const TAG: u8 = $tag;
        }

        impl $name {
            /// A header for the `sequence`th event of `source`.
            #[inline(always)]
            pub const fn header(source: $crate::Address, sequence: u64) -> $crate::EventHeader {
                $crate::EventHeader { tag: $tag, version: 1, reserved: [0; 6], sequence, source }
            }
        }
    };
}

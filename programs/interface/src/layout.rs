//! Plain structs that are read in place, and their description.

use bytemuck::Pod;

/// One field of a struct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldSpec {
    /// Name.
    pub name: &'static str,
    /// What it is.
    pub docs: &'static str,
    /// Its Rust type, as written.
    pub type_name: &'static str,
    /// Bytes before it.
    pub offset: usize,
    /// Bytes of it.
    pub size: usize,
}

/// One struct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayoutSpec {
    /// Name.
    pub name: &'static str,
    /// What it is.
    pub docs: &'static str,
    /// Its fields, in order.
    pub fields: &'static [FieldSpec],
    /// Bytes of it.
    pub size: usize,
    /// What follows it, if anything may: as many as there is room for.
    pub tail: Option<TailSpec>,
}

/// What stands behind a struct, or behind an instruction's arguments: any number of one type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TailSpec {
    /// Name.
    pub name: &'static str,
    /// What it is.
    pub docs: &'static str,
    /// A slice of the type, as Rust writes it.
    pub type_name: &'static str,
}

/// A struct whose bytes are its value. Declare with [`layout!`](crate::layout!).
pub trait Layout: Pod {
    /// Its description.
    const SPEC: LayoutSpec;
}

/// Declares a struct whose bytes are its value: no implicit padding (the compiler refuses it), any bytes are valid. What
/// follows it is said behind it: `then { /// docs name: [Type] }`.
#[macro_export]
macro_rules! layout {
    (
        $(#[doc = $doc:literal])*
        #[repr($($repr:tt)+)]
        pub struct $name:ident { $($(#[doc = $field_doc:literal])* pub $field:ident: $type:ty,)* }
        $(then { $(#[doc = $tail_doc:literal])+ $tail:ident: $tail_type:ty $(,)? })?
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, $crate::bytemuck::Pod, $crate::bytemuck::Zeroable)]
        #[bytemuck(crate = "joule_interface::bytemuck")]
        #[repr($($repr)+)]
        pub struct $name {
            $($(#[doc = $field_doc])* pub $field: $type,)*
        }

        impl Default for $name {
            /// All bytes zero.
            fn default() -> Self {
                $crate::bytemuck::Zeroable::zeroed()
            }
        }

        impl $crate::Layout for $name {
            const SPEC: $crate::LayoutSpec = $crate::LayoutSpec {
                name: stringify!($name),
                docs: concat!($($doc, "\n"),*),
                fields: &[$($crate::FieldSpec {
                    name: stringify!($field),
                    docs: concat!($($field_doc, "\n"),*),
                    type_name: stringify!($type),
                    offset: core::mem::offset_of!($name, $field),
                    size: size_of::<$type>(),
                },)*],
                size: size_of::<$name>(),
                tail: [
                    $(Some($crate::TailSpec {
                        name: stringify!($tail),
                        docs: concat!($($tail_doc, "\n"),+),
                        type_name: stringify!($tail_type),
                    }),)?
                    None,
                ][0],
            };
        }
    };
}

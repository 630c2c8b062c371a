//! Constants that clients need.

use alloc::vec::Vec;

/// One constant.
#[derive(Clone, Copy, Debug)]
pub struct ConstantSpec {
    /// Name.
    pub name: &'static str,
    /// What it is.
    pub docs: &'static str,
    /// Its Rust type, as written.
    pub type_name: &'static str,
    /// Its value's bytes.
    pub value: fn() -> Vec<u8>,
}

/// The values that a field may have.
#[derive(Clone, Copy, Debug)]
pub struct ValuesSpec {
    /// Name.
    pub name: &'static str,
    /// Which field's.
    pub docs: &'static str,
    /// The values.
    pub values: &'static [ConstantSpec],
}

/// A constant's bytes.
pub fn constant_bytes<T: bytemuck::NoUninit>(value: T) -> Vec<u8> {
    bytemuck::bytes_of(&value).to_vec()
}

/// Declares a module's constants, or a module of the values that a field may have. Both are items as one would write them;
/// the description is added: `CONSTANTS`, or `SPEC` within the module.
#[macro_export]
macro_rules! constants {
    ($(#[doc = $doc:literal])* pub mod $name:ident {
        $($(#[doc = $value_doc:literal])* pub const $value:ident: $type:ty = $is:expr;)*
    }) => {
        $(#[doc = $doc])*
        pub mod $name {
            $($(#[doc = $value_doc])* pub const $value: $type = $is;)*

            /// Their description.
            pub const SPEC: $crate::ValuesSpec = $crate::ValuesSpec {
                name: stringify!($name),
                docs: concat!($($doc, "\n"),*),
                values: &[$($crate::constants!(@spec $value, $type, $($value_doc)*),)*],
            };
        }
    };
    ($($(#[doc = $doc:literal])* pub const $name:ident: $type:ty = $is:expr;)*) => {
        $($(#[doc = $doc])* pub const $name: $type = $is;)*

        /// Description of the module's constants.
        pub const CONSTANTS: &[$crate::ConstantSpec] = &[$($crate::constants!(@spec $name, $type, $($doc)*),)*];
    };
    (@spec $name:ident, $type:ty, $($doc:literal)*) => {
        $crate::ConstantSpec {
            name: stringify!($name),
            docs: concat!($($doc, "\n"),*),
            type_name: stringify!($type),
            value: || $crate::private::constant_bytes($name),
        }
    };
}

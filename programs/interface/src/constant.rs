//! Constants that clients need.

/// One constant.
#[derive(Clone, Copy, Debug)]
pub struct ConstantSpec {
    /// Name.
    pub name: &'static str,
    /// What it is.
    pub docs: &'static str,
    /// Its Rust type, as written.
    pub kind: &'static str,
    /// Its value.
    pub value: fn() -> u64,
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

/// The integer that a constant's bytes are.
#[doc(hidden)]
pub fn integer<T: bytemuck::NoUninit>(value: T) -> u64 {
    let mut bytes = [0; 8];
    bytes[..size_of::<T>()].copy_from_slice(bytemuck::bytes_of(&value));
    u64::from_le_bytes(bytes)
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
            kind: stringify!($type),
            value: || $crate::integer($name),
        }
    };
}

//! Errors: a numeric range a program, a name, and a sentence that says what the caller did wrong.

/// One error, for clients and the IDL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorSpec {
    /// The custom program error.
    pub code: u32,
    /// The variant's name.
    pub name: &'static str,
    /// What the caller did wrong.
    pub message: &'static str,
}

/// Declares a program's errors. The first hundred of its range are the faults that all programs share, under the same
/// names ([`Fault`]); its own start at `base + 100`.
#[macro_export]
macro_rules! errors {
    ($(#[$meta:meta])* pub enum $name:ident = $base:literal { $($variant:ident = $code:literal => $message:literal,)* }) => {
        $crate::errors! { @faults $(#[$meta])* $name, $base, { $($variant = $code => $message,)* } }

        impl From<$crate::Fault> for $name {
            #[inline(always)]
            fn from(fault: $crate::Fault) -> Self {
                Self::from_fault(fault)
            }
        }
    };

    (@faults $(#[$meta:meta])* $name:ident, $base:literal, { $($own:tt)* }) => {
        $crate::errors! { @define $(#[$meta])* $name, $base, {
            UnknownInstruction = 0 => "the first byte names no instruction of this program",
            InvalidArguments = 1 => "the instruction data is not of the length that its arguments have",
            NotEnoughAccounts = 2 => "the instruction needs more accounts",
            MissingSigner = 3 => "an account that must sign did not",
            NotWritable = 4 => "an account that must be writable is read-only",
            DuplicateAccount = 5 => "an account was passed twice, and one use of it changes it",
            WrongOwner = 6 => "an account belongs to another program than expected",
            WrongAccountType = 7 => "an account is not initialized, or of another kind or version than expected",
            WrongAddress = 8 => "an account's address is not the one that the instruction requires",
            AlreadyInitialized = 9 => "the account to create exists already",
            Unauthorized = 10 => "the signer is not the authority of what is to be changed",
            WrongNetwork = 11 => "an account belongs to another network",
            WrongTokenProgram = 12 => "the token program is neither Token nor Token-2022, or not the one of the mint",
            WrongMint = 13 => "a mint or a token account's mint is not the expected one",
            WrongTokenOwner = 14 => "a token account belongs to another owner than expected",
            InvalidTokenAccount = 15 => "an account is not an initialized token account or mint, or is frozen",
            MintNotAllowed = 16 => "the mint has an authority or extension that could take, freeze, tax or hide what a vault holds",
            WrongProgram = 17 => "a program account is not the expected program",
            InvalidParameter = 18 => "a parameter is outside the range that its documentation gives",
            ZeroAmount = 19 => "an amount is zero, or rounds to zero",
            Overflow = 20 => "an amount does not fit, or exceeds what it is taken from",
            Paused = 21 => "the network is paused for deposits and new work",
            CallFailed = 22 => "an inner call failed",
        }, $($own)* }
    };

    (@define $(#[$meta:meta])* $name:ident, $base:literal,
        { $($fault:ident = $fault_code:literal => $fault_message:literal,)* },
        $($variant:ident = $code:literal => $message:literal,)*
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, $crate::thiserror::Error)]
        #[repr(u32)]
        pub enum $name {
            $(#[doc = $fault_message] #[error($fault_message)] $fault = $base + $fault_code,)*
            $(#[doc = $message] #[error($message)] $variant = $code,)*
        }

        impl $name {
            /// Every error of the program.
            pub const ALL: &'static [$crate::ErrorSpec] = &[
                $($crate::ErrorSpec { code: $base + $fault_code, name: stringify!($fault), message: $fault_message },)*
                $($crate::ErrorSpec { code: $code, name: stringify!($variant), message: $message },)*
            ];

            #[inline(always)]
            #[allow(dead_code, reason = "not used by Fault itself")]
            fn from_fault(fault: $crate::Fault) -> Self {
                match fault { $($crate::Fault::$fault => Self::$fault,)* }
            }
        }

        $(const _: () = assert!($code >= $base + 100 && $code < $base + 1000);)*

        impl From<$crate::ProgramError> for $name {
            #[inline(always)]
            fn from(_: $crate::ProgramError) -> Self {
                // The runtime ends the transaction when an inner call fails; this is for the compiler.
                Self::CallFailed
            }
        }

        impl From<joule_math::Overflow> for $name {
            #[inline(always)]
            fn from(_: joule_math::Overflow) -> Self {
                Self::Overflow
            }
        }

        impl From<$name> for $crate::ProgramError {
            #[inline(always)]
            fn from(error: $name) -> Self {
                Self::Custom(error as u32)
            }
        }
    };
}

errors! { @faults
    /// What can be wrong with any instruction. Each program reports these in its own range.
    Fault, 0, {}
}

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
            UnknownInstruction = 0 => "the first data byte is no instruction of this program: check the program id and the discriminator",
            InvalidArguments = 1 => "the instruction data has the wrong length for its arguments: build it with a client of the same version",
            NotEnoughAccounts = 2 => "accounts are missing: pass every account of the instruction, with the program id in place of an optional one that is left out",
            MissingSigner = 3 => "a required signer did not sign: add its signature",
            NotWritable = 4 => "an account that the instruction changes is read-only: mark it writable",
            DuplicateAccount = 5 => "one account was passed twice and the instruction changes it: pass two different accounts",
            WrongOwner = 6 => "an account does not exist yet, was left out, or belongs to another program: create it first, or pass the right one",
            WrongAccountType = 7 => "an account is not initialized, or is of another type or layout version: pass the account that the instruction names",
            WrongAddress = 8 => "an account has another address than the one that the instruction requires, or was left out: derive it from its seeds, or read it from the account that names it",
            AlreadyInitialized = 9 => "the account to create exists already: use it, or choose another address",
            Unauthorized = 10 => "the signer is not the authority of the account to be changed: sign with the authority that the account names",
            WrongNetwork = 11 => "an account belongs to another network: pass accounts of one network only",
            WrongTokenProgram = 12 => "the token program is neither Token nor Token-2022, or does not own the mint: pass the program that owns the mint",
            WrongMint = 13 => "the mint, or the mint of a token account, is not the expected one: pass accounts of the expected mint",
            WrongTokenOwner = 14 => "a token account belongs to another owner: pass a token account of the expected owner",
            InvalidTokenAccount = 15 => "an account is not an initialized token account or mint, or is frozen: initialize or thaw it, or pass another",
            MintNotAllowed = 16 => "the mint has an authority or extension that could take, freeze, tax or hide tokens in a vault: use another mint",
            WrongProgram = 17 => "a program account is not the expected program, or was left out: pass the program that the instruction names",
            InvalidParameter = 18 => "a parameter is outside its documented range: the log names it, and its documentation gives the range",
            ZeroAmount = 19 => "the amount is zero, or rounds to zero: use a larger amount",
            Overflow = 20 => "an amount does not fit in 64 bits, or is larger than the amount that it is taken from: use a smaller amount",
            Paused = 21 => "the network is paused for deposits and new work: wait until its authority resumes it",
            CallFailed = 22 => "a called program failed: the log says which, and its error",
            NotRentExempt = 23 => "the account to begin does not hold its rent, so it would vanish: fund it with the rent-exempt minimum",
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

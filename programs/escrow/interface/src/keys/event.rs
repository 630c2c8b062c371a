//! Events of keys.

use {
    joule_interface::{Address, event},
    joule_math::{Timestamp, Tokens},
};

event! {
    /// Keys were opened or changed, or a change began to wait or was cancelled.
    pub struct KeysChanged = 60 {
        /// The manager.
        pub manager: Address,
        /// The hot key; zero: none.
        pub hot_key: Address,
        /// Who is paid.
        pub payee: Address,
        /// The recovery key; zero: none.
        pub recovery: Address,
        /// From when a waiting change can be executed; 0: none waits.
        pub executable_at: Timestamp,
        /// What the hot key may do.
        pub rights: u64,
    }
}
event! {
    /// Tokens of the identity were paid to its payee.
    pub struct PaidOut = 61 {
        /// The payee.
        pub payee: Address,
        /// Mint of the tokens.
        pub mint: Address,
        /// Tokens.
        pub tokens: Tokens,
    }
}

//! Events of payments and deposits.

use {joule_interface::event, joule_math::Amount};

event! {
    /// What the provider had earned was paid.
    pub struct JobSettled = 3 {
        /// Paid now.
        pub paid: Amount,
        /// Still held.
        pub held: Amount,
    }
}
event! {
    /// Tokens were put into a deposit.
    pub struct TokensDeposited = 11 {
        /// By how much `free` rose. Zero if it fell, because the mint's issuer took tokens out of the vault, or if what was put in
        /// replaces such tokens.
        pub amount: Amount,
        /// Free tokens of the deposit.
        pub free: Amount,
    }
}
event! {
    /// Tokens were withdrawn from a deposit.
    pub struct TokensWithdrawn = 12 {
        /// Tokens withdrawn.
        pub amount: Amount,
        /// Free tokens of the deposit.
        pub free: Amount,
    }
}

//! Deposits of tokens.

use {
    joule_interface::{Address, Header, account},
    joule_math::{Amount, Timestamp},
};

account! {
    /// The tokens of one client in one mint, for all markets. Its vault holds `free + held`, and possibly tokens that were sent there
    /// directly, which the next `DepositTokens` counts.
    pub struct Deposit: discriminator 3, size 256 {
        /// Discriminator 3.
        pub header: Header,
        /// Owner.
        pub client: Address,
        /// Mint.
        pub mint: Address,
        /// The deposit's token account.
        pub vault: Address,
        /// The mint's token program.
        pub token_program: Address,
        /// Whoever paid the rent.
        pub payer: Address,
        /// Tokens that no job holds.
        pub free: Amount,
        /// Tokens that jobs, panels and dispute bonds hold.
        pub held: Amount,
        /// [`Panel::posting_id`](crate::state::Panel::posting_id) of the last panel.
        pub panels_posted: u64,
        /// Counts this account's events.
        pub sequence: u64,
        /// When it was opened.
        pub opened_at: Timestamp,
        /// Ever paid to providers and as fees, modulo 2^64. With this an indexer finds payments whose events were cut from the logs.
        pub paid: Amount,
        /// Decimals of the mint.
        pub decimals: u8,
        /// Zero.
        pub reserved: [u8; 39],
    }
}

//! Deposits of tokens.

use {
    joule_interface::{Address, Header, account, constants},
    joule_math::{Amount, Timestamp},
};

constants! {
    /// Powers of a mint's issuer over accounts that are not its own: a sum of these. A power counts if the mint has an authority or an
    /// extension for it, whatever was made of it so far. A mint that can be closed has all of them: another may be made in its place.
    pub mod issuer_power {
        /// It may freeze an account.
        pub const FREEZE: u8 = 1;
        /// It may take a fee of each transfer. While it does, nothing is transferred.
        pub const FEE: u8 = 2;
        /// It may have a program of its own asked at each transfer. While there is one, nothing is transferred.
        pub const HOOK: u8 = 4;
        /// It may stop all transfers and burns.
        pub const PAUSE: u8 = 8;
        /// It may move or burn what is in any account.
        pub const TAKE: u8 = 16;
    }
}

account! {
    /// The tokens of one client in one mint, for all markets. Its vault holds `free + held`, and possibly tokens that were sent there
    /// directly, which the next `DepositTokens` counts. If the mint's issuer took some, it holds less until then.
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
        /// What the mint's issuer may do, a sum of [`issuer_power`]. The client named all of it when the deposit was opened.
        pub issuer_powers: u8,
        /// Zero.
        pub reserved: [u8; 38],
    }
}

//! Account layouts.

use {
    joule_interface::{Address, Header, account, layout},
    joule_math::{Seconds, Timestamp, Tokens},
};

/// Most receivers of a fanout.
pub const MAX_RECEIVERS: usize = 16;

layout! {
    /// Who has a part of the income.
    #[repr(C)]
    pub struct Receiver {
        /// The receiver: a wallet, or a program's address.
        pub address: Address,
        /// Its associated token account: where anyone can pay it.
        pub account: Address,
        /// Its share of what is left after all fixed amounts, as a part of the sum of all shares; 0 to 10,000.
        pub share: u32,
        /// Of its share, what was less than a base unit: a numerator over the sum of all shares.
        pub remainder: u32,
        /// What it gets each period before anything is shared, base units.
        pub fixed: Tokens,
        /// Of its fixed amounts, what no income has covered yet.
        pub due: Tokens,
        /// What is kept for it in the token account.
        pub owed: Tokens,
        /// What it was ever paid. Wraps at 2^64.
        pub paid: Tokens,
    }
}

account! {
    /// A token account's income, and who shares it.
    pub struct Fanout: discriminator 1, size 1896 {
        /// Discriminator 1.
        pub header: Header,
        /// Who names the receivers; zero if nobody does any more.
        pub authority: Address,
        /// Its first authority: a seed of its address.
        pub creator: Address,
        /// Mint of the income.
        pub mint: Address,
        /// The mint's token program.
        pub token_program: Address,
        /// Where the income arrives: the fanout's associated token account.
        pub income: Address,
        /// Who paid the rent, and gets it back.
        pub payer: Address,
        /// Number among the creator's fanouts of the mint: a seed of its address.
        pub id: u64,
        /// Of the token account's balance, what is the receivers': all that is owed, and what of their shares was less than a
        /// base unit.
        pub booked: Tokens,
        /// When the next fixed amounts are due.
        pub next_due_at: Timestamp,
        /// Length of a period; zero without fixed amounts.
        pub period: Seconds,
        /// The mint's decimals.
        pub decimals: u8,
        /// How many receivers there are.
        pub count: u8,
        /// Zero.
        pub reserved: [u8; 2],
        /// The receivers, in the order in which their fixed amounts are covered.
        pub receivers: [Receiver; MAX_RECEIVERS],
    }
}

impl Fanout {
    /// Its receivers.
    pub fn receivers(&self) -> &[Receiver] {
        &self.receivers[..self.count as usize]
    }
}

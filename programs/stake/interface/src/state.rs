//! Account layouts. Little-endian, in place, no implicit padding; `reserved` bytes are zero.

use {
    joule_interface::{Address, Header, account, layout},
    joule_math::{Bps, Overflow, Seconds, Shares, Timestamp, Tokens},
};

account! {
    /// Stake of one mint in a network, and its rules.
    pub struct Pool: kind 1, size 256 {
        /// Kind 1.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// What is staked.
        pub mint: Address,
        /// Holds all of the pool's tokens.
        pub vault: Address,
        /// The mint's token program.
        pub token_program: Address,
        /// Least stake of its own with which a provider may take jobs.
        pub min_self_stake: Tokens,
        /// How long stake stays at risk after it left.
        pub unbonding: Seconds,
        /// Decimals of the mint.
        pub decimals: u8,
        /// Zero.
        pub reserved: [u8; 107],
    }
}

layout! {
    /// Tokens and the shares that own them.
    #[repr(C)]
    pub struct Pot {
        /// Tokens.
        pub tokens: Tokens,
        /// Shares.
        pub shares: Shares,
    }
}

account! {
    /// A provider and the pots that back it.
    ///
    /// | offset | bytes | what others read |
    /// |---|---|---|
    /// | 8 | 32 | pool |
    /// | 40 | 32 | authority |
    /// | 72 | 8 | active tokens |
    /// | 104 | 8 | bonded tokens |
    /// | 112 | 1 | status |
    /// | 128 | 8 | self shares |
    pub struct Provider: kind 2, size 512 {
        /// Kind 2.
        pub header: Header,
        /// Pool.
        pub pool: Address,
        /// Who runs it, and takes jobs.
        pub authority: Address,
        /// Backs jobs and earns.
        pub active: Pot,
        /// On its way out, still at risk.
        pub unbonding: Pot,
        /// Part of the active tokens that running jobs hold.
        pub bonded: Tokens,
        /// One of [`status`].
        pub status: u8,
        /// Zero.
        pub reserved0: [u8; 5],
        /// The provider's part of its delegators' rewards.
        pub commission: Bps,
        /// Counts this account's events.
        pub sequence: u64,
        /// Part of the active shares that the authority itself owns.
        pub self_shares: Shares,
        /// Zero.
        pub reserved: [u8; 376],
    }
}

/// Values of [`Provider::status`].
pub mod status {
    /// Takes jobs.
    pub const ACTIVE: u8 = 1;
}

impl Provider {
    /// Active tokens that no job holds: what may still be bonded, or leave.
    pub fn free(&self) -> Result<Tokens, Overflow> {
        self.active.tokens.minus(self.bonded)
    }
}

account! {
    /// What an owner has put behind a provider.
    pub struct Delegation: kind 3, size 192 {
        /// Kind 3.
        pub header: Header,
        /// Provider.
        pub provider: Address,
        /// Owner.
        pub owner: Address,
        /// Who paid the rent.
        pub payer: Address,
        /// Shares of the provider's active pot.
        pub shares: Shares,
        /// Unbonding tickets ever made: the index of the next.
        pub tickets: u64,
        /// Zero.
        pub reserved: [u8; 72],
    }
}

account! {
    /// Stake on its way out.
    pub struct Unbonding: kind 4, size 128 {
        /// Kind 4.
        pub header: Header,
        /// Provider.
        pub provider: Address,
        /// Owner.
        pub owner: Address,
        /// Who paid the rent.
        pub payer: Address,
        /// Shares of the provider's unbonding pot.
        pub shares: Shares,
        /// When it may be withdrawn.
        pub ripe: Timestamp,
        /// Zero.
        pub reserved: [u8; 8],
    }
}

account! {
    /// Who may lock, release and slash a pool's stake: usually another program's address.
    pub struct Slasher: kind 5, size 128 {
        /// Kind 5.
        pub header: Header,
        /// Pool.
        pub pool: Address,
        /// Who must sign.
        pub authority: Address,
        /// Zero.
        pub reserved: [u8; 56],
    }
}

account! {
    /// Collateral that one job holds.
    pub struct Bond: kind 6, size 192 {
        /// Kind 6.
        pub header: Header,
        /// Provider whose stake it is.
        pub provider: Address,
        /// What it is for, as the slasher says: a job.
        pub job: Address,
        /// The slasher that locked it, the only one that releases it.
        pub slasher: Address,
        /// Who paid the rent.
        pub payer: Address,
        /// Tokens.
        pub amount: Tokens,
        /// Zero.
        pub reserved: [u8; 48],
    }
}

//! Account layouts.

use {
    joule_interface::{Address, Header, account},
    joule_math::Credits,
};

account! {
    /// Credits of many users.
    pub struct Vault: discriminator 1, size 128 {
        /// Discriminator 1.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// Who grants what nobody is promised.
        pub authority: Address,
        /// Its credits in `bme`.
        pub credit_account: Address,
        /// Sum of the users' limits, and of the deposits of open requests: never more than the credits that it owns.
        pub promised: Credits,
        /// Jobs ever posted: the nonce of the next.
        pub requests: u64,
        /// Zero.
        pub reserved: [u8; 8],
    }
}

account! {
    /// A user of a vault.
    pub struct User: discriminator 2, size 96 {
        /// Discriminator 2.
        pub header: Header,
        /// Vault.
        pub vault: Address,
        /// Who asks for jobs.
        pub owner: Address,
        /// Credits that it may still spend.
        pub limit: Credits,
        /// Credits that its jobs consumed.
        pub spent: Credits,
        /// Zero.
        pub reserved: [u8; 8],
    }
}

account! {
    /// A job that runs for a user.
    pub struct Request: discriminator 3, size 160 {
        /// Discriminator 3.
        pub header: Header,
        /// Vault.
        pub vault: Address,
        /// [`User`] that it is for.
        pub user: Address,
        /// The job.
        pub job: Address,
        /// Who paid the rent.
        pub payer: Address,
        /// Credits that were taken from the limit.
        pub deposit: Credits,
        /// Which posting of the job it is: its address can be used again.
        pub posting_id: u64,
        /// Zero.
        pub reserved: [u8; 8],
    }
}

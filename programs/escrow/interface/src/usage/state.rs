//! What a client signs for units that it used.

use joule_interface::{Address, constants, layout};

layout! {
    /// What the session key of a job signs: these bytes, and nothing around them. A voucher says how many units its job has delivered
    /// in all, so that of many only the last one matters, and it counts for one posting of one job, one provider, one program and one
    /// chain; see [`voucher`](crate::voucher).
    #[repr(C, packed)]
    pub struct Voucher {
        /// [`voucher::DOMAIN`](crate::voucher::DOMAIN): no transaction and no other message begins so.
        pub domain: [u8; 16],
        /// This program.
        pub program: Address,
        /// [`Job::chain`](crate::state::Job::chain).
        pub chain: u64,
        /// The job.
        pub job: Address,
        /// [`Job::posting_id`](crate::state::Job::posting_id).
        pub posting_id: u64,
        /// [`Job::provider`](crate::state::Job::provider).
        pub provider: Address,
        /// Units delivered since the start: from 0 to [`Job::max_units`](crate::state::Job::max_units).
        pub units: u64,
    }
}

constants! {
    /// How a session key signs. One of secp256r1 is stored without its first byte, which is 2 or 3 and stands here.
    pub mod scheme {
        /// Ed25519.
        pub const ED25519: u8 = 0;
        /// ECDSA over secp256r1 (P-256) with SHA-256; the key's y is even.
        pub const P256_EVEN: u8 = 2;
        /// The same; the key's y is odd.
        pub const P256_ODD: u8 = 3;
    }
}

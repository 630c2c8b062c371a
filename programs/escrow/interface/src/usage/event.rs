//! Events of jobs that are paid by the unit.

use {
    joule_interface::event,
    joule_math::{Amount, Timestamp},
};

event! {
    /// A voucher was redeemed.
    pub struct VoucherRedeemed = 100 {
        /// Units that the job has delivered in all.
        pub units: u64,
        /// Paid to the provider now.
        pub paid: Amount,
        /// What the provider has earned in all, the fee included.
        pub earned: Amount,
        /// What the job still holds.
        pub held: Amount,
    }
}
event! {
    /// A job that is paid by the unit ended: its provider has time to redeem its last voucher. [`JobEnded`](crate::event::JobEnded)
    /// follows.
    pub struct UsageEnded = 101 {
        /// When the time to redeem vouchers is over.
        pub deadline_at: Timestamp,
        /// One of [`outcome`](crate::state::outcome).
        pub outcome: u64,
    }
}
event! {
    /// The client replaced the session key.
    pub struct SessionKeyReplaced = 102 {
        /// The new key.
        pub session_key: [u8; 32],
        /// One of [`scheme`](crate::state::scheme).
        pub session_scheme: u64,
        /// Until when vouchers of the key before it can be redeemed.
        pub previous_key_ends_at: Timestamp,
    }
}

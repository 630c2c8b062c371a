//! The bytes of Pyth's `PriceUpdateV2` account (receiver program), which the program reads without Pyth's crates.
//!
//! Source: `pyth-solana-receiver-sdk` 2.0, `price_update.rs`; `pythnet-sdk` 3.0, `messages.rs`. Borsh, fully verified
//! updates only: in a partial one a byte for the number of signatures shifts all that follows.

use joule_interface::layout;

pub use crate::state::{PRICE_FULLY_VERIFIED as FULL, PRICE_UPDATE_DISCRIMINATOR as DISCRIMINATOR};

layout! {
    /// A fully verified price update of Pyth: data of an account of the policy's `price_receiver`, which has one byte more
    /// behind it. Publishers post it; a network of a test may write it itself.
    #[repr(C, packed)]
    pub struct PriceUpdate {
        /// PRICE_UPDATE_DISCRIMINATOR of the constants.
        pub discriminator: [u8; 8],
        /// Who may overwrite the account.
        pub write_authority: [u8; 32],
        /// Verification level: PRICE_FULLY_VERIFIED of the constants, or the update is refused.
        pub verification: u8,
        /// Which price: `feed_id` of the policy.
        pub feed_id: [u8; 32],
        /// Dollars for a token: `price * 10^exponent`.
        pub price: i64,
        /// Half width of its confidence interval.
        pub conf: u64,
        /// Power of ten of all four numbers, such as -8.
        pub exponent: i32,
        /// When it was published, Unix seconds.
        pub publish_time: i64,
        /// When the one before was published.
        pub prev_publish_time: i64,
        /// Exponential moving average of the price.
        pub ema_price: i64,
        /// Half width of its confidence interval.
        pub ema_conf: u64,
        /// Slot in which it was posted.
        pub posted_slot: u64,
    }
}

/// Bytes of the account.
pub const ACCOUNT_SIZE: usize = 134;
const _: () = assert!(size_of::<PriceUpdate>() + 1 == ACCOUNT_SIZE);

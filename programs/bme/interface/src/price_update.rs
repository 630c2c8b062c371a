//! The bytes of Pyth's `PriceUpdateV2` account (receiver program), which the program reads without Pyth's crates.
//!
//! Source: `pyth-solana-receiver-sdk` 2.0, `price_update.rs`; `pythnet-sdk` 3.0, `messages.rs`. Borsh, fully verified
//! updates only: in a partial one a byte for the number of signatures shifts all that follows.

use bytemuck::{Pod, Zeroable};

/// `sha256("account:PriceUpdateV2")[..8]`.
pub const DISCRIMINATOR: [u8; 8] = [0x22, 0xf1, 0x23, 0x63, 0x9d, 0x7e, 0xf4, 0xcd];
/// Verification level of an update whose signatures were all checked.
pub const FULL: u8 = 1;

/// A fully verified price update. The account has one byte more.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C, packed)]
pub struct PriceUpdate {
    /// [`DISCRIMINATOR`].
    pub discriminator: [u8; 8],
    /// Who may overwrite the account.
    pub write_authority: [u8; 32],
    /// [`FULL`].
    pub verification: u8,
    /// Which price.
    pub feed_id: [u8; 32],
    /// Price.
    pub price: i64,
    /// Half width of its confidence interval.
    pub conf: u64,
    /// Power of ten of all four numbers.
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

/// Bytes of the account.
pub const ACCOUNT_SIZE: usize = 134;
const _: () = assert!(size_of::<PriceUpdate>() + 1 == ACCOUNT_SIZE);

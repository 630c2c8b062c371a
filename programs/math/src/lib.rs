//! Joule's money arithmetic. Pure integers: no Solana, no allocation, no floating point, no panic.
//!
//! Every function that rounds says in its name which way, and callers choose the way that is against whoever asked.
//! Every function that can leave its range returns [`Overflow`].
//!
#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

pub mod auction;
pub mod average;
mod breaker;
mod decay;
mod emission;
mod index;
mod lockup;
mod muldiv;
mod price;
mod shares;
mod units;

pub use {
    breaker::{MintLimit, MintWindow},
    decay::decay_floor,
    emission::{Emission, Schedule, demand, divide_by_weights},
    index::{earned_floor, earned_of_shares_floor, fraction_floor, index_step_floor, part_floor, whole},
    lockup::{LOCK_MAX, LOCK_MIN, multiplier_floor},
    muldiv::{mul_div_ceil, mul_div_floor, part_of},
    price::{PowerOfTen, Price, PriceError},
    shares::{
        PRICE_ONE, price_after_loss_floor, shares_for_deposit, shares_for_withdrawal, tokens_for_shares,
        weight_at_price_floor, weight_floor, weight_of_shares_floor,
    },
    units::{Amount, Bps, Credits, Seconds, Timestamp, Tokens, U128, Weight},
};

/// A result that does not fit its type, or a division by zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("arithmetic overflow")]
pub struct Overflow;

/// Result of arithmetic that can leave its range.
pub type Result<T> = core::result::Result<T, Overflow>;

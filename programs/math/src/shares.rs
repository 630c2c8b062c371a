//! Shares of a pot whose price only slashing changes.
//!
//! A price is a fraction of what a share cost at first: [`PRICE_ONE`] is the whole. Deposits and withdrawals do not move it,
//! so nobody can raise the price that the next depositor pays, and a slash lowers it for all owners alike.

use crate::{
    Bps, Overflow, Result, Tokens, Weight, mul_div_floor,
    muldiv::{divide, narrow},
};

/// The price of a share that was never slashed: a token.
pub const PRICE_ONE: u64 = 1 << 63;
/// Bits behind the point of a price.
const BITS: u32 = 63;

/// Shares for `deposit` tokens; rounded down, against the depositor. [`Overflow`] at a price of zero.
#[inline(always)]
pub const fn shares_for_deposit(deposit: Tokens, price: u64) -> Result<u128> {
    match price {
        PRICE_ONE => Ok(deposit.0 as u128),
        0 => Err(Overflow),
        _ => Ok(((deposit.0 as u128) << BITS) / price as u128),
    }
}

/// Shares that must be given up for `withdrawal` tokens; rounded up, against the owner. [`Overflow`] at a price of zero.
#[inline(always)]
pub const fn shares_for_withdrawal(withdrawal: Tokens, price: u64) -> Result<u128> {
    match price {
        PRICE_ONE => Ok(withdrawal.0 as u128),
        0 => Err(Overflow),
        _ => Ok(((withdrawal.0 as u128) << BITS).div_ceil(price as u128)),
    }
}

/// Tokens that shares are worth; rounded down, against the owner. [`Overflow`] above 64 bits.
#[inline(always)]
pub const fn tokens_for_shares(shares: u128, price: u64) -> Result<Tokens> {
    if price == PRICE_ONE {
        return match narrow(shares) {
            Ok(tokens) => Ok(Tokens(tokens)),
            Err(Overflow) => Err(Overflow),
        };
    }
    // Of at most 127 bits each: the upper word's part has to fit the result.
    let (upper, lower) = ((shares >> 64) as u64 as u128 * price as u128, shares as u64 as u128 * price as u128);
    if upper >> 64 != 0 {
        return Err(Overflow);
    }
    match narrow((upper << 1) + (lower >> BITS)) {
        Ok(tokens) => Ok(Tokens(tokens)),
        Err(Overflow) => Err(Overflow),
    }
}

/// A price after a loss that left `left` of `held` tokens; rounded down, against the owners.
#[inline(always)]
pub const fn price_after_loss_floor(price: u64, left: Tokens, held: Tokens) -> Result<u64> {
    mul_div_floor(price, left.0, held.0)
}

/// Weight of tokens under a lock: tokens times the multiplier, of which the highest, four, counts once. Rounded down. So all
/// tokens of a supply weigh no more than it.
#[inline(always)]
pub const fn weight_floor(tokens: Tokens, multiplier: Bps) -> Result<Weight> {
    match narrow(weight_of_shares_floor(tokens.0 as u128, multiplier)) {
        Ok(weight) => Ok(Weight(weight)),
        Err(Overflow) => Err(Overflow),
    }
}

/// The same for shares; they weigh at most what [`weight_at_price_floor`] makes of it.
#[inline(always)]
pub const fn weight_of_shares_floor(shares: u128, multiplier: Bps) -> u128 {
    const HIGHEST: u32 = 4 * Bps::WHOLE.0 as u32;
    let (quotient, remainder) = divide(shares, HIGHEST);
    quotient * multiplier.0 as u128 + (remainder as u64 * multiplier.0 as u64 / HIGHEST as u64) as u128
}

/// What a weight of shares weighs at their price; rounded down.
#[inline(always)]
pub const fn weight_at_price_floor(weight: u128, price: u64) -> Result<Weight> {
    match tokens_for_shares(weight, price) {
        Ok(tokens) => Ok(Weight(tokens.0)),
        Err(Overflow) => Err(Overflow),
    }
}

#[cfg(test)]
mod tests {
    use {super::*, num_bigint::BigUint, proptest::prelude::*};

    fn price() -> impl Strategy<Value = u64> {
        prop_oneof![Just(PRICE_ONE), 1..=PRICE_ONE, (0u32..64).prop_map(|bits| PRICE_ONE >> bits)]
    }

    proptest! {
        #[test]
        fn agree_with_big_integers(tokens in any::<u64>(), shares in any::<u128>(), shift in 0u32..128, price in price()) {
            let (big, one) = (BigUint::from(tokens) << 63, BigUint::from(price));
            prop_assert_eq!(BigUint::from(shares_for_deposit(Tokens(tokens), price).unwrap()), &big / &one);
            let up = (&big + price - 1u32) / &one;
            prop_assert_eq!(BigUint::from(shares_for_withdrawal(Tokens(tokens), price).unwrap()), up);
            let shares = shares >> shift;
            let worth = u64::try_from((BigUint::from(shares) * price) >> 63).map(Tokens).map_err(|_| Overflow);
            prop_assert_eq!(tokens_for_shares(shares, price), worth);
        }

        #[test]
        fn a_round_trip_never_gains(tokens in any::<u64>(), price in price()) {
            let shares = shares_for_deposit(Tokens(tokens), price).unwrap();
            prop_assert!(tokens_for_shares(shares, price).unwrap().0 <= tokens);
        }

        #[test]
        fn what_a_withdrawal_costs_is_worth_at_least_as_much(tokens in any::<u64>(), price in price()) {
            let shares = shares_for_withdrawal(Tokens(tokens), price).unwrap();
            prop_assert!(tokens_for_shares(shares, price).is_ok_and(|worth| worth.0 >= tokens) || tokens == u64::MAX);
        }

        #[test]
        fn weights_are_tokens_times_multiplier(tokens in any::<u64>(), multiplier in 10_000u16..=40_000, price in price()) {
            let exact = (tokens as u128 * multiplier as u128 / 40_000) as u64;
            prop_assert_eq!(weight_floor(Tokens(tokens), Bps(multiplier)), Ok(Weight(exact)));
            // Bought at a price and weighed at it, shares weigh as the tokens do, or a unit or two less.
            let shares = shares_for_deposit(Tokens(tokens), price).unwrap();
            let now = weight_at_price_floor(weight_of_shares_floor(shares, Bps(multiplier)), price).unwrap().0;
            prop_assert!(now <= exact && now as u128 + 2 >= exact as u128, "{} {}", now, exact);
        }
    }

    #[test]
    fn ends() {
        assert_eq!(shares_for_deposit(Tokens(1), 0), Err(Overflow));
        assert_eq!(shares_for_withdrawal(Tokens(1), 0), Err(Overflow));
        assert_eq!(tokens_for_shares(u128::MAX, PRICE_ONE), Err(Overflow));
        assert_eq!(tokens_for_shares(u128::MAX, 0), Ok(Tokens(0)));
        assert_eq!(tokens_for_shares(u64::MAX as u128, PRICE_ONE), Ok(Tokens::MAX));
        assert_eq!(price_after_loss_floor(PRICE_ONE, Tokens(1), Tokens(4)), Ok(PRICE_ONE / 4));
        assert_eq!(price_after_loss_floor(PRICE_ONE, Tokens(0), Tokens(0)), Err(Overflow));
    }
}

//! Splitting an amount among many in one step: an index of what each unit of weight has earned.
//!
//! Indexes and what they give are tokens with 64 fractional bits. An index wraps: only differences are used, and a
//! difference times a weight is what that weight earned, which fits because the tokens exist.

use crate::{Bps, Overflow, Result, Tokens, Weight, muldiv::divide};

/// `amount / weight`, by which the index rises when `amount` comes in; rounded down. [`Overflow`] without any weight.
#[inline(always)]
pub const fn index_step_floor(amount: Tokens, weight: Weight) -> Result<u128> {
    fraction_floor((amount.0 as u128) << 64, weight)
}

/// The same for an amount that already has 64 fractional bits.
#[inline(always)]
pub const fn fraction_floor(amount: u128, weight: Weight) -> Result<u128> {
    match amount.checked_div(weight.0 as u128) {
        Some(step) => Ok(step),
        None => Err(Overflow),
    }
}

/// What `weight` earned while the index went from `from` to `to`.
#[inline(always)]
pub const fn earned_floor(weight: Weight, from: u128, to: u128) -> Result<u128> {
    let step = to.wrapping_sub(from);
    // A unit of weight seldom earns a whole token. On chain a product of words costs a fifth of one that is checked.
    if step >> 64 == 0 {
        return Ok(step as u64 as u128 * weight.0 as u128);
    }
    match step.checked_mul(weight.0 as u128) {
        Some(earned) => Ok(earned),
        None => Err(Overflow),
    }
}

/// This part of an amount with 64 fractional bits, rounded down.
#[inline(always)]
pub const fn part_floor(amount: u128, part: Bps) -> u128 {
    const WHOLE: u32 = Bps::WHOLE.0 as u32;
    // Below `amount`: the quotient's part, and less than one step of the remainder's.
    let (quotient, remainder) = divide(amount, WHOLE);
    quotient * part.0 as u128 + (remainder as u64 * part.0 as u64 / WHOLE as u64) as u128
}

/// The whole tokens of an amount with 64 fractional bits, and the fraction that is left.
#[inline(always)]
pub const fn whole(amount: u128) -> (Tokens, u128) {
    (Tokens((amount >> 64) as u64), amount & u64::MAX as u128)
}

#[cfg(test)]
mod tests {
    use {super::*, num_bigint::BigUint, proptest::prelude::*};

    proptest! {
        #[test]
        fn all_backers_together_earn_at_most_the_amount(
            amount in any::<u64>(), weights in prop::collection::vec(1u64..1 << 58, 1..20), start in any::<u128>(),
        ) {
            let total = Weight(weights.iter().sum());
            let end = start.wrapping_add(index_step_floor(Tokens(amount), total).unwrap());
            let mut sum = BigUint::ZERO;
            for weight in weights {
                let earned = earned_floor(Weight(weight), start, end).unwrap();
                // At most the exact part, and less than a unit of the fraction for each unit of weight below it.
                let exact = (BigUint::from(amount) << 64) * weight;
                prop_assert!(BigUint::from(earned) * total.0 <= exact);
                prop_assert!((BigUint::from(earned) + weight) * total.0 > exact);
                sum += earned;
            }
            prop_assert!(sum <= BigUint::from(amount) << 64);
        }

        #[test]
        fn parts_agree_with_big_integers(amount in any::<u128>(), part in 0u16..=10_000) {
            let exact = BigUint::from(amount) * part / 10_000u32;
            prop_assert_eq!(BigUint::from(part_floor(amount, Bps(part))), exact);
        }
    }

    #[test]
    fn the_extremes_are_exact_or_overflow() {
        assert_eq!(index_step_floor(Tokens(1), Weight(0)), Err(Overflow));
        assert_eq!(index_step_floor(Tokens::MAX, Weight(1)), Ok((u64::MAX as u128) << 64));
        assert_eq!(earned_floor(Weight(2), 0, u128::MAX), Err(Overflow));
        assert_eq!(earned_floor(Weight(3), u128::MAX, 1), Ok(6));
        assert_eq!(part_floor(u128::MAX, Bps::WHOLE), u128::MAX);
        assert_eq!(whole((7 << 64) + 5), (Tokens(7), 5));
    }
}

//! `a * b / d` without losing the middle.

use crate::{Overflow, Result};

/// `floor(a * b / d)`. [`Overflow`] when `d` is zero or the result needs more than 64 bits.
#[inline]
pub const fn mul_div_floor(a: u64, b: u64, d: u64) -> Result<u64> {
    if d == 0 {
        return Err(Overflow);
    }
    match product(a, b) {
        // A 64-bit division is one instruction on chain, a 128-bit one hundreds.
        Some(product) => Ok(product / d),
        None => wide_floor(a, b, d),
    }
}

#[cold]
#[inline(never)]
const fn wide_floor(a: u64, b: u64, d: u64) -> Result<u64> {
    narrow(a as u128 * b as u128 / d as u128)
}

/// `ceil(a * b / d)`. [`Overflow`] when `d` is zero or the result needs more than 64 bits.
#[inline]
pub const fn mul_div_ceil(a: u64, b: u64, d: u64) -> Result<u64> {
    if d == 0 {
        return Err(Overflow);
    }
    match product(a, b) {
        Some(product) => Ok(product.div_ceil(d)),
        None => wide_ceil(a, b, d),
    }
}

#[cold]
#[inline(never)]
const fn wide_ceil(a: u64, b: u64, d: u64) -> Result<u64> {
    narrow((a as u128 * b as u128).div_ceil(d as u128))
}

/// `floor(whole * part / of)` for a part of `of`; all of `whole` for all of it, and nothing where `of` is zero.
///
/// For the hot path: a division of 128 bits, which costs more than all the rest, only where `of` is above 2^48.
#[inline(always)]
pub const fn part_of(whole: u64, part: u64, of: u64) -> u64 {
    if part >= of {
        return if of == 0 { 0 } else { whole };
    }
    // The quotient by `of` first: times `part`, which is below `of`, it is at most `whole`. What is left is below `of` too.
    let (each, rest) = (whole / of, whole % of);
    each * part
        + match product(rest, part) {
            Some(product) => product / of,
            None => wide_part(rest, part, of),
        }
}

/// `floor(rest * part / of)`, both below `of`, by long division in digits of 16 bits.
#[inline(never)]
const fn wide_part(rest: u64, part: u64, of: u64) -> u64 {
    let product = rest as u128 * part as u128;
    if of >> 48 != 0 {
        return (product / of as u128) as u64;
    }
    // Of 96 bits. The upper half is below `of`, and so is each remainder: with another digit it still fits a word.
    let (mut left, low) = ((product >> 48) as u64, product as u64);
    let mut quotient = 0;
    let mut shift = 48;
    while shift > 0 {
        shift -= 16;
        let dividend = (left << 16) | ((low >> shift) & 0xffff);
        quotient = (quotient << 16) | (dividend / of);
        left = dividend % of;
    }
    quotient
}

/// `a * b`, if it is below `u64::MAX - b`: a division tells, one instruction on chain, where a product over 128 bits takes
/// twenty. The compiler would make such a product of the exact comparison.
#[inline(always)]
pub(crate) const fn product(a: u64, b: u64) -> Option<u64> {
    if b == 0 || a < u64::MAX / b { Some(a.wrapping_mul(b)) } else { None }
}

#[inline(always)]
pub(crate) const fn narrow(wide: u128) -> Result<u64> {
    if wide > u64::MAX as u128 { Err(Overflow) } else { Ok(wide as u64) }
}

/// Quotient and remainder by a number of 32 bits, not zero: in three divisions of words, where a general one of 128 bits
/// takes hundreds of instructions on chain.
#[inline(always)]
pub(crate) const fn divide(amount: u128, by: u32) -> (u128, u32) {
    let (high, low, by) = ((amount >> 64) as u64, amount as u64, by as u64);
    let middle = ((high % by) << 32) | (low >> 32);
    let last = ((middle % by) << 32) | (low & u32::MAX as u64);
    // The remainders are below `by`, so the two lower quotients are of 32 bits.
    let quotient = (((high / by) as u128) << 64) | (((middle / by) << 32) | (last / by)) as u128;
    (quotient, (last % by) as u32)
}

#[cfg(test)]
mod tests {
    use {super::*, num_bigint::BigUint, proptest::prelude::*};

    fn reference(a: u64, b: u64, d: u64, up: bool) -> Result<u64> {
        if d == 0 {
            return Err(Overflow);
        }
        let product = BigUint::from(a) * b;
        let quotient = if up { (product + (d - 1)) / d } else { product / d };
        u64::try_from(quotient).map_err(|_| Overflow)
    }

    /// Values near the ends and powers of two, where carries happen, as well as uniform ones.
    fn edge() -> impl Strategy<Value = u64> {
        prop_oneof![any::<u64>(), (0u32..64, -2i64..=2).prop_map(|(bit, off)| (1u64 << bit).wrapping_add_signed(off)),]
    }

    proptest! {
        #[test]
        fn agrees_with_big_integers(a in edge(), b in edge(), d in edge()) {
            prop_assert_eq!(mul_div_floor(a, b, d), reference(a, b, d, false));
            prop_assert_eq!(mul_div_ceil(a, b, d), reference(a, b, d, true));
        }
    }

    proptest! {
        #[test]
        fn a_short_product_is_the_product(a in edge(), b in edge()) {
            let (short, exact) = (product(a, b), a.checked_mul(b));
            prop_assert!(short == exact || short.is_none() && a as u128 * b as u128 + b as u128 >= u64::MAX as u128);
        }

        #[test]
        fn small_divisors(amount in any::<u128>(), shift in 0u32..128, by in 1u32..) {
            let amount = amount >> shift;
            prop_assert_eq!(divide(amount, by), (amount / by as u128, (amount % by as u128) as u32));
        }
    }

    proptest! {
        #[test]
        fn a_part_agrees_with_big_integers(whole in edge(), part in edge(), of in edge(), shift in 0u32..32) {
            let (part, of) = (part >> shift, of >> shift);
            let expected = if of == 0 { 0 } else { reference(whole, part.min(of), of, false).unwrap() };
            prop_assert_eq!(part_of(whole, part, of), expected);
        }
    }

    #[test]
    fn all_of_it_for_all_of_it() {
        assert_eq!((part_of(7, 3, 3), part_of(7, 4, 3), part_of(7, 0, 3), part_of(7, 0, 0)), (7, 7, 0, 0));
        assert_eq!(part_of(u64::MAX, u64::MAX - 1, u64::MAX), u64::MAX - 1);
    }

    #[test]
    fn the_extremes_are_exact_or_overflow() {
        assert_eq!(mul_div_floor(u64::MAX, u64::MAX, u64::MAX), Ok(u64::MAX));
        assert_eq!(mul_div_floor(u64::MAX, 2, 1), Err(Overflow));
        assert_eq!(mul_div_ceil(1, 1, u64::MAX), Ok(1));
        assert_eq!(mul_div_floor(0, 0, 0), Err(Overflow));
    }
}

//! Exponential decay with time.

use crate::Seconds;

/// One, as a fixed-point number of 32 fractional bits.
const ONE: u64 = 1 << 32;

/// `2^-(1/2), 2^-(1/4), ..., 2^-(1/65536)`: each the square root of the one before, rounded down.
const ROOTS: [u64; 16] = {
    let mut roots = [0; 16];
    let mut last = ONE / 2;
    let mut i = 0;
    while i < roots.len() {
        last = ((last as u128) << 32).isqrt() as u64;
        roots[i] = last;
        i += 1;
    }
    roots
};

/// `value * 2^-(age / half_life)`; each step rounds down. A half-life of zero leaves nothing of what has any age.
///
/// The age counts in 65,536ths of the half-life, rounded down.
pub const fn decay_floor(value: u64, age: u64, half_life: Seconds) -> u64 {
    if age == 0 {
        return value;
    }
    if half_life.0 == 0 {
        return 0;
    }
    let halvings = age / half_life.0 as u64;
    if halvings >= 64 {
        return 0;
    }
    // Below the half-life, which has 32 bits.
    let fraction = ((age % half_life.0 as u64) << 16) / half_life.0 as u64;
    let mut value = value >> halvings;
    let mut bit = 0;
    while bit < ROOTS.len() {
        if fraction >> (ROOTS.len() - 1 - bit) & 1 == 1 {
            value = ((value as u128 * ROOTS[bit] as u128) >> 32) as u64;
        }
        bit += 1;
    }
    value
}

#[cfg(test)]
mod tests {
    use {super::*, proptest::prelude::*};

    const DAY: Seconds = Seconds(86_400);

    #[test]
    fn halves_at_each_half_life() {
        let at = |age| decay_floor(1 << 40, age, DAY);
        assert_eq!([at(0), at(86_400), at(2 * 86_400)], [1 << 40, 1 << 39, 1 << 38]);
        assert_eq!(at(63 * 86_400), 0);
        assert_eq!(decay_floor(u64::MAX, 64 * 86_400, DAY), 0);
        assert_eq!(decay_floor(u64::MAX, u64::MAX, Seconds(1)), 0);
        assert_eq!((decay_floor(9, 0, Seconds(0)), decay_floor(9, 1, Seconds(0))), (9, 0));
    }

    proptest! {
        #[test]
        fn agrees_with_floating_point(value in 1u64 << 40..1 << 52, age in 0u64..86_400 * 8) {
            let exact = value as f64 * (-(age as f64) / 86_400.0).exp2();
            let ours = decay_floor(value, age, DAY) as f64;
            prop_assert!((ours - exact).abs() <= exact * 2e-5 + 16.0, "{ours} {exact}");
        }

        #[test]
        fn never_rises_and_never_beyond_the_value(value in any::<u64>(), age in any::<u32>(), half in 1u32..u32::MAX) {
            let at = |age: u64| decay_floor(value, age, Seconds(half));
            prop_assert!(at(age as u64) <= value);
            // A second is less than a step where the half-life is long; over a whole step it never rises.
            prop_assert!(at(age as u64 + half as u64) <= at(age as u64));
        }
    }
}

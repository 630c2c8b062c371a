//! What an epoch mints: a schedule of geometric decay, burned tokens given back, and bounds.

use crate::{Bps, Credits, Overflow, Result, Tokens};

/// A schedule of emission: `initial * (1 - decay)^floor(period / step)` in each period.
///
/// Source: the halving schedules of Helium (HIP 20) and Render (RNP-001), generalized to any step and rate.
///
/// What is minted for a span of periods is the difference of one cumulative function at its ends, so that it does not
/// matter into how many epochs the span was cut: a late epoch mints what the epochs in its place would have. That
/// function is never above the exact series, and below it by less than `step` units and 2^-44 of the series' limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Emission of period 0.
    pub initial: Tokens,
    /// Part of the emission lost at each step.
    pub decay: Bps,
    /// Periods between two steps; none counts as one.
    pub step: u32,
}

impl Schedule {
    /// Tokens scheduled for the periods `from..to`, at most [`Tokens::MAX`]. `O(log(to))`.
    pub fn between(&self, from: u64, to: u64) -> Result<Tokens> {
        let periods = to.checked_sub(from).ok_or(Overflow)?;
        if self.decay.0 == 0 {
            return Ok(saturate(self.initial.0 as u128 * periods as u128));
        }
        let step = self.step.max(1) as u64;
        // Within one step, as almost always: what is before it is the same at both ends.
        if periods <= step - from % step {
            return Ok(saturate(self.term(from / step)? * periods as u128));
        }
        Ok(saturate(self.until(to)?.saturating_sub(self.until(from)?)))
    }

    /// Tokens scheduled for all periods before `period`.
    fn until(&self, period: u64) -> Result<u128> {
        let step = self.step.max(1) as u64;
        let (steps, rest) = (period / step, period % step);
        let whole = self.first(steps)?;
        let term = self.first(steps.saturating_add(1))?.saturating_sub(whole);
        // At most 2^78 tokens in a geometric series, times a step of 32 bits.
        Ok(whole * step as u128 + term * rest as u128)
    }

    /// Emission of each period after `steps` steps.
    fn term(&self, steps: u64) -> Result<u128> {
        Ok(self.first(steps.saturating_add(1))?.saturating_sub(self.first(steps)?))
    }

    /// Sum of the first `steps` terms: `floor(initial * (1 - ratio^steps) / decay)`.
    fn first(&self, steps: u64) -> Result<u128> {
        // What is left is rounded up, and so what is gone down.
        let gone = ONE - power_ceil(Bps::WHOLE.minus(self.decay)?, steps);
        // 64 + 63 bits; 14 of them make room for the basis points.
        let product = (self.initial.0 as u128 * gone as u128) >> 14;
        Ok((product * Bps::WHOLE.0 as u128 / self.decay.0 as u128) >> (FRACTION - 14))
    }
}

/// How a network decides what an epoch mints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Emission {
    /// By time.
    pub schedule: Schedule,
    /// Of the burned tokens that may be given back, most for one period.
    pub remint_cap: Tokens,
    /// Providers' part of what is minted.
    pub providers: Bps,
    /// Reward roots' part of the schedule, before anything else.
    pub roots: Bps,
}

impl Emission {
    /// Reward roots' part of what is scheduled.
    pub fn roots_of(&self, scheduled: Tokens) -> Result<Tokens> {
        Ok(Tokens(self.roots.of_floor(scheduled.0)?))
    }

    /// The largest amount up to `total` of which the providers' part is at most `demand`; all of it if nothing bounds that.
    pub fn bound(&self, total: Tokens, demand: Option<Tokens>) -> Tokens {
        let Some(demand) = demand else { return total };
        let whole = demand.0 as u128 * Bps::WHOLE.0 as u128;
        total.min(if self.providers.0 == 0 { demand } else { saturate(whole / self.providers.0 as u128) })
    }
}

/// Divides an amount by weights. The parts add up to the amount, and none differs from its exact value by a unit; without any
/// weight, all are zero.
pub fn divide_by_weights<const N: usize>(amount: Tokens, weights: &[u16; N]) -> [Tokens; N] {
    let whole = weights.iter().map(|weight| *weight as u128).sum::<u128>();
    let (mut weighed, mut given) = (0, 0);
    weights.map(|weight| {
        if weight == 0 {
            return Tokens::ZERO;
        }
        weighed += weight as u128;
        let until = if weighed == whole { amount.0 } else { (amount.0 as u128 * weighed / whole) as u64 };
        let part = until - given;
        given = until;
        Tokens(part)
    })
}

/// Tokens worth `payout` of the dollars worked, at `price * 10^exponent` dollars a whole token; rounded down.
pub fn demand(worked: Credits, payout: Bps, price: u64, exponent: i32, decimals: u8) -> Result<Tokens> {
    let dollars = worked.0 as u128 * payout.0 as u128 / Bps::WHOLE.0 as u128;
    // A payout above the whole may leave 64 bits; what it asks for then bounds nothing.
    let Ok(dollars) = u64::try_from(dollars) else { return Ok(Tokens::MAX) };
    Ok(Credits(dollars).to_tokens_floor(price, exponent, decimals).unwrap_or(Tokens::MAX))
}

fn saturate(wide: u128) -> Tokens {
    Tokens(u64::try_from(wide).unwrap_or(u64::MAX))
}

const FRACTION: u32 = 63;
/// One, as a fixed-point number of 63 fractional bits.
const ONE: u64 = 1 << FRACTION;

/// `ratio^exponent` by squaring, of a ratio up to one; each step rounds up.
fn power_ceil(ratio: Bps, mut exponent: u64) -> u64 {
    let times = |a: u64, b: u64| (a as u128 * b as u128).div_ceil(ONE as u128) as u64;
    let mut base = (ratio.0 as u128 * ONE as u128).div_ceil(Bps::WHOLE.0 as u128) as u64;
    let mut result = ONE;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = times(result, base);
        }
        base = times(base, base);
        exponent >>= 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use {super::*, num_bigint::BigUint, proptest::prelude::*};

    const HALVING: Schedule = Schedule { initial: Tokens(1_000_000), decay: Bps(5_000), step: 10 };

    fn at(schedule: Schedule, period: u64) -> u64 {
        schedule.between(period, period + 1).unwrap().0
    }

    #[test]
    fn halves_every_ten_periods() {
        let emissions = [0, 9, 10, 19, 20, 30].map(|period| at(HALVING, period));
        assert_eq!(emissions, [1_000_000, 1_000_000, 500_000, 500_000, 250_000, 125_000]);
        assert_eq!(at(HALVING, 10 * 33), 0);
        assert_eq!(HALVING.between(u64::MAX - 1, u64::MAX), Ok(Tokens(0)));
        assert_eq!(HALVING.between(0, u64::MAX), Ok(Tokens(19_999_990)), "a unit of each below the series' limit");
    }

    /// Found by fuzzing: what is left was rounded down, and these were six units above the series.
    #[test]
    fn never_above_the_exact_series() {
        let schedule = Schedule { initial: Tokens(1 << 56), decay: Bps(8), step: 1 };
        let (whole, ratio) = (BigUint::from(10_000u32), BigUint::from(9_992u32));
        for steps in [1, 2, 3, 100, 1_000, 5_000] {
            let (all, kept) = (whole.pow(steps), ratio.pow(steps));
            let exact = (BigUint::from(1u64 << 56) * (&all - kept) * 10_000u32 / (all * 8u32)).min(u64::MAX.into());
            assert!(BigUint::from(schedule.between(0, steps as u64).unwrap().0) <= exact, "{steps}");
        }
    }

    #[test]
    fn without_decay_it_never_ends() {
        let constant = Schedule { decay: Bps(0), ..HALVING };
        assert_eq!(constant.between(7, 10), Ok(Tokens(3_000_000)));
        assert_eq!(constant.between(0, u64::MAX), Ok(Tokens::MAX));
    }

    #[test]
    fn senseless_input_is_refused() {
        assert!(Schedule { decay: Bps(10_001), ..HALVING }.between(0, 1).is_err());
        assert!(HALVING.between(2, 1).is_err());
        assert_eq!(Schedule { decay: Bps(10_000), ..HALVING }.between(0, 50), Ok(Tokens(10_000_000)));
    }

    #[test]
    fn demand_bounds_what_providers_get() {
        let rule = Emission { schedule: HALVING, remint_cap: Tokens(100), providers: Bps(8_000), roots: Bps(1_000) };
        let bound = |demand| rule.bound(Tokens(2_000_000), demand);
        assert_eq!([bound(None), bound(Some(Tokens::MAX))], [Tokens(2_000_000); 2]);
        assert_eq!(bound(Some(Tokens(80))), Tokens(100));
        assert_eq!(rule.roots_of(Tokens(2_000_009)), Ok(Tokens(200_000)));
        let unpaid = Emission { providers: Bps(0), ..rule };
        assert_eq!(unpaid.bound(Tokens(2_000_000), Some(Tokens(80))), Tokens(80));
    }

    #[test]
    fn demand_is_dollars_at_a_price() {
        // 90 % of 100 dollars, at 2.50 dollars a token of nine decimals.
        assert_eq!(demand(Credits(100_000_000), Bps(9_000), 250_000_000, -8, 9), Ok(Tokens(36_000_000_000)));
        assert_eq!(demand(Credits(u64::MAX), Bps(u16::MAX), 1, -12, 9), Ok(Tokens::MAX));
        assert_eq!(demand(Credits::MAX, Bps(1), 1, -12, 13), Ok(Tokens::MAX));
    }

    proptest! {
        /// Wherever a span is cut, the parts are the whole.
        #[test]
        fn cuts_do_not_matter(
            initial in any::<u64>(), decay in 1u16..=10_000, step in 1u32..5_000,
            a in 0u64..100_000, b in 0u64..100_000, c in 0u64..100_000,
        ) {
            let schedule = Schedule { initial: Tokens(initial), decay: Bps(decay), step };
            let mut cuts = [a, b, c];
            cuts.sort();
            let part = |from: usize, to: usize| schedule.between(cuts[from], cuts[to]).unwrap().0 as u128;
            if part(0, 2) < u64::MAX as u128 {
                prop_assert_eq!(part(0, 1) + part(1, 2), part(0, 2));
            }
        }

        /// Against the exact series, in big integers.
        #[test]
        fn agrees_with_the_exact_series(
            initial in 1u64..1 << 60, decay in 1u16..=9_999, step in 1u32..100, steps in 1u32..60,
        ) {
            let ours = Schedule { initial: Tokens(initial), decay: Bps(decay), step }
                .between(0, step as u64 * steps as u64).unwrap();
            let (whole, ratio) = (BigUint::from(10_000u32), BigUint::from(10_000u32 - decay as u32));
            let (all, kept) = (whole.pow(steps), ratio.pow(steps));
            let exact = BigUint::from(initial) * (&all - kept) * 10_000u32 / (all * decay as u32) * step;
            let exact = u64::try_from(exact).unwrap_or(u64::MAX);
            // The power of `steps` is above by at most two units of its last place for each, blown up by the series' length.
            let power = (initial as u128 * (2 * steps as u128 + 2) * 10_000 / decay as u128) >> FRACTION;
            let error = step as u64 * (2 + power as u64);
            prop_assert!(ours.0 <= exact && exact - ours.0 <= error, "{} {exact} {error}", ours.0);
        }

        #[test]
        fn hardly_rises(initial in any::<u64>(), decay in 0u16..=10_000, step in 1u32..1_000, period in 0u64..100_000) {
            let schedule = Schedule { initial: Tokens(initial), decay: Bps(decay), step };
            // Rounding the sum instead of its parts moves units between neighbours.
            let length = 10_000 / decay.max(1) as u128;
            let rounding = 2 + ((initial as u128 * length * length) >> (FRACTION - 1)) as u64;
            prop_assert!(at(schedule, period + 1) <= at(schedule, period).saturating_add(rounding));
        }

        #[test]
        fn parts_by_weight_are_exact(amount in any::<u64>(), weights in any::<[u16; 4]>()) {
            let parts = divide_by_weights(Tokens(amount), &weights);
            let whole = weights.iter().map(|weight| *weight as u128).sum::<u128>();
            prop_assert_eq!(parts.iter().map(|part| part.0 as u128).sum::<u128>(), if whole == 0 { 0 } else { amount as u128 });
            for (part, weight) in parts.iter().zip(weights) {
                let (part, exact) = (part.0 as u128 * whole, amount as u128 * weight as u128);
                prop_assert!(part.abs_diff(exact) <= whole, "{part} {exact}");
            }
        }

        #[test]
        fn providers_have_no_more_than_the_demand(
            total in any::<u64>(), demand in proptest::option::of(any::<u64>()), providers in 0u16..=10_000,
        ) {
            let rule = Emission { schedule: HALVING, remint_cap: Tokens(0), providers: Bps(providers), roots: Bps(0) };
            let bounded = rule.bound(Tokens(total), demand.map(Tokens));
            prop_assert!(bounded.0 <= total);
            if let Some(demand) = demand {
                prop_assert!(Bps(providers).of_floor(bounded.0).unwrap() <= demand);
            }
        }
    }
}

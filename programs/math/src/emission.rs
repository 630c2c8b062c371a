//! The emission schedule: geometric decay under a hard maximum supply.

use crate::{Bps, Result, Tokens, mul_div_floor};

/// What an epoch may mint: `initial * (1 - decay)^floor(epoch / step)`, never past `max_supply`.
///
/// Source: the halving schedules of Helium (HIP 20) and Render (RNP-001), generalized to any step and rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Emission of epoch 0.
    pub initial: Tokens,
    /// Part of the emission lost at each step.
    pub decay: Bps,
    /// Epochs between two steps; at least 1.
    pub step: u32,
    /// Supply that is never exceeded.
    pub max_supply: Tokens,
}

impl Schedule {
    /// Tokens scheduled for `epoch` when `supply` exist, rounded down. `O(log(epoch))`.
    pub fn at(&self, epoch: u64, supply: Tokens) -> Result<Tokens> {
        let steps = epoch / self.step.max(1) as u64;
        let kept = power_floor(Bps::WHOLE.minus(self.decay)?, steps);
        let scheduled = mul_div_floor(self.initial.0, kept, ONE)?;
        let room = self.max_supply.0.saturating_sub(supply.0);
        Ok(Tokens(scheduled.min(room)))
    }
}

/// One, as a fixed-point number of 32 fractional bits.
const ONE: u64 = 1 << 32;

/// `ratio^exponent` by squaring; each step rounds down.
fn power_floor(ratio: Bps, mut exponent: u64) -> u64 {
    let mut base = ratio.0 as u64 * ONE / Bps::WHOLE.0 as u64;
    let mut result = ONE;
    while exponent > 0 && result > 0 {
        if exponent & 1 == 1 {
            result = ((result as u128 * base as u128) >> 32) as u64;
        }
        base = ((base as u128 * base as u128) >> 32) as u64;
        exponent >>= 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use {super::*, proptest::prelude::*};

    const HALVING: Schedule =
        Schedule { initial: Tokens(1_000_000), decay: Bps(5_000), step: 10, max_supply: Tokens(u64::MAX) };

    #[test]
    fn halves_every_ten_epochs() {
        let at = |epoch| HALVING.at(epoch, Tokens(0)).unwrap().0;
        assert_eq!(
            [at(0), at(9), at(10), at(19), at(20), at(30)],
            [1_000_000, 1_000_000, 500_000, 500_000, 250_000, 125_000]
        );
        assert_eq!(at(10 * 33), 0);
        assert_eq!(at(u64::MAX), 0);
    }

    #[test]
    fn stops_at_the_maximum_supply() {
        let schedule = Schedule { max_supply: Tokens(1_500), initial: Tokens(1_000), ..HALVING };
        assert_eq!(schedule.at(0, Tokens(1_000)), Ok(Tokens(500)));
        assert_eq!(schedule.at(0, Tokens(1_500)), Ok(Tokens(0)));
        assert_eq!(schedule.at(0, Tokens(9_999)), Ok(Tokens(0)));
    }

    #[test]
    fn a_decay_of_more_than_the_whole_is_refused() {
        assert!(Schedule { decay: Bps(10_001), ..HALVING }.at(1, Tokens(0)).is_err());
    }

    proptest! {
        #[test]
        fn never_rises(initial in any::<u64>(), decay in 0u16..=10_000, step in 1u32..1_000, epoch in 0u64..100_000) {
            let schedule = Schedule { initial: Tokens(initial), decay: Bps(decay), step, max_supply: Tokens::MAX };
            prop_assert!(schedule.at(epoch + 1, Tokens(0)).unwrap() <= schedule.at(epoch, Tokens(0)).unwrap());
        }
    }
}

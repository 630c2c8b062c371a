//! What a lock multiplies a reward weight with.

use crate::{Bps, Overflow, Result, Seconds};

/// The shortest lock: 14 days.
pub const LOCK_MIN: Seconds = Seconds(14 * 86_400);
/// The longest lock: 365 days.
pub const LOCK_MAX: Seconds = Seconds(365 * 86_400);

/// Once at the shortest lock, four times at the longest, on a line between; rounded down. [`Overflow`] outside.
///
/// Source: Nosana staking's xNOS, whose multiplier goes from 1 to 4 over the same days.
pub const fn multiplier_floor(lock: Seconds) -> Result<Bps> {
    if lock.0 < LOCK_MIN.0 || lock.0 > LOCK_MAX.0 {
        return Err(Overflow);
    }
    const WHOLE: u64 = Bps::WHOLE.0 as u64;
    let more = (lock.0 - LOCK_MIN.0) as u64 * 3 * WHOLE / (LOCK_MAX.0 - LOCK_MIN.0) as u64;
    Ok(Bps((WHOLE + more) as u16))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_multiplier_goes_from_one_to_four() {
        let days = |days: u32| multiplier_floor(Seconds(days * 86_400)).map(|multiplier| multiplier.0);
        assert_eq!([days(14), days(131), days(248), days(365)], [Ok(10_000), Ok(20_000), Ok(30_000), Ok(40_000)]);
        assert_eq!([days(13), days(366), days(0)], [Err(Overflow); 3]);
        assert_eq!(multiplier_floor(Seconds(LOCK_MIN.0 - 1)), Err(Overflow));
        assert_eq!(multiplier_floor(Seconds(LOCK_MAX.0 + 1)), Err(Overflow));
    }

    #[test]
    fn a_longer_lock_never_weighs_less() {
        let mut last = Bps(0);
        for lock in (LOCK_MIN.0..=LOCK_MAX.0).step_by(3_600) {
            let multiplier = multiplier_floor(Seconds(lock)).unwrap();
            assert!(multiplier >= last);
            last = multiplier;
        }
    }
}

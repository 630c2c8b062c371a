//! A slow average of a price, and the band around it.
//!
//! The average follows the price no faster than a part of itself an hour. No single update, however wrong, moves it
//! further than one hour's worth; a market that really moved is caught up with in a time that can be told beforehand.

use crate::{
    Bps, Overflow, PowerOfTen, Result,
    muldiv::{divide, narrow, product},
    price::exceeds,
};

/// Longest time that one update may make up for, in seconds.
const HOUR: u64 = 3_600;

/// The average after `elapsed` seconds at `price`: nearer by at most `speed` of itself an hour, one hour at most. Second, of
/// the seconds those that moved nothing yet, because what they move is less than a unit: the next update has them too. If they
/// were lost, frequent updates would halve the speed.
pub fn follow(average: u64, price: u64, speed: Bps, elapsed: u64) -> (u64, u64) {
    const WHOLE: u32 = Bps::WHOLE.0 as u32 * HOUR as u32;
    let elapsed = elapsed.min(HOUR);
    let part = speed.0 as u64 * elapsed;
    let most = match product(average, part) {
        Some(product) => (product / WHOLE as u64) as u128,
        None => divide(average as u128 * part as u128, WHOLE).0,
    };
    let distance = average.abs_diff(price) as u128;
    let (step, unused) = if most >= distance {
        (distance, 0)
    } else if elapsed == HOUR && speed.0 > 0 {
        // So small a number that its part an hour rounds to nothing must not stand still.
        (most.max(1), 0)
    } else {
        let pace = average as u128 * speed.0 as u128;
        let used = if pace == 0 { elapsed as u128 } else { (most * WHOLE as u128).div_ceil(pace) };
        (most, elapsed - used.min(elapsed as u128) as u64)
    };
    let step = narrow(step).unwrap_or(u64::MAX);
    (if price >= average { average + step } else { average - step }, unused)
}

/// Whether `price` is within `band` of `average`, on either side.
#[inline(always)]
pub fn within(average: u64, price: u64, band: Bps) -> bool {
    !exceeds(average.abs_diff(price), average, band)
}

/// `value * 10^from` in units of `10^to`, rounded down but not to nothing.
pub fn rescale(value: u64, from: i32, to: i32) -> Result<u64> {
    let shift = from.checked_sub(to).ok_or(Overflow)?;
    let power = PowerOfTen::new(shift.unsigned_abs())?.get();
    if shift >= 0 { value.checked_mul(power).ok_or(Overflow) } else { Ok((value / power).max(1)) }
}

#[cfg(test)]
mod tests {
    use {super::*, num_bigint::BigUint, proptest::prelude::*};

    #[test]
    fn follows_at_its_speed() {
        // A tenth an hour.
        let hour = |average, price| follow(average, price, Bps(1_000), 3_600).0;
        assert_eq!(
            [hour(1_000, 2_000), hour(1_000, 1_050), hour(1_000, 500), hour(1_000, 1_000)],
            [1_100, 1_050, 900, 1_000]
        );
        assert_eq!(follow(1_000, 2_000, Bps(1_000), 1_800), (1_050, 0));
        assert_eq!(follow(1_000, 2_000, Bps(1_000), 1 << 40), (1_100, 0), "time nobody watched counts as an hour");
        assert_eq!(follow(1_000, 2_000, Bps(1_000), 35), (1_000, 35), "0.97 of a unit");
        assert_eq!(follow(1_000, 2_000, Bps(1_000), 71), (1_001, 35), "1.97 of a unit: 36 seconds a unit");
        assert_eq!(hour(5, 9), 6, "half a unit an hour is one");
        assert_eq!(hour(1, 0), 0);
        assert_eq!(follow(1_000, 2_000, Bps(0), 1 << 40).0, 1_000);
    }

    #[test]
    fn a_tenfold_rise_is_caught_up_with_in_a_day() {
        let mut average = 100_000_000;
        let hours = (1..).find(|_| {
            average = follow(average, 1_000_000_000, Bps(1_000), 3_600).0;
            within(average, 1_000_000_000, Bps(1_000))
        });
        assert_eq!(hours, Some(24));
    }

    #[test]
    fn averages_are_rescaled_between_exponents() {
        assert_eq!(rescale(250_000_000, -8, -6), Ok(2_500_000));
        assert_eq!(rescale(2_500_000, -6, -8), Ok(250_000_000));
        assert_eq!(rescale(99, -8, -6), Ok(1));
        assert_eq!(rescale(u64::MAX, -6, -8), Err(Overflow));
        assert_eq!(rescale(1, i32::MIN, i32::MAX), Err(Overflow));
    }

    proptest! {
        #[test]
        fn never_overshoots_nor_speeds(
            average in 1u64.., price in any::<u64>(), speed in any::<u16>(), elapsed in any::<u64>(),
        ) {
            let (next, unused) = follow(average, price, Bps(speed), elapsed);
            prop_assert!(unused <= elapsed.min(3_600));
            prop_assert!((average.min(price)..=average.max(price)).contains(&next));
            let most = BigUint::from(average) * speed * elapsed.min(3_600) / 36_000_000u32;
            prop_assert!(BigUint::from(average.abs_diff(next)) <= most.max(BigUint::from(1u32)));
        }

        /// What one update moves stays in the band of the one before, if the band is as wide as an hour's speed.
        #[test]
        fn one_update_cannot_leave_the_band(
            average in 1_000u64.., price in any::<u64>(), speed in 1u16..10_000, elapsed in any::<u64>(),
        ) {
            prop_assert!(within(average, follow(average, price, Bps(speed), elapsed).0, Bps(speed)) || average < 10_000);
        }

        #[test]
        fn the_band_agrees_with_big_integers(average in any::<u64>(), price in any::<u64>(), band in any::<u16>()) {
            let exact = BigUint::from(average.abs_diff(price)) * 10_000u32 <= BigUint::from(average) * band;
            prop_assert_eq!(within(average, price, Bps(band)), exact);
        }
    }
}

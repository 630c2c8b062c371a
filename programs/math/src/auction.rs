//! A Dutch auction that never ends: a discount that opens by what was filled, and closes with time.
//!
//! One number tells all: the level of a leaky bucket. What is bought raises it, by its worth at the oracle's price; it falls by the
//! limit each window. The discount goes with the level: none of it, and a premium, where the bucket is empty; the highest where it
//! is full. Each unit of a sale is paid by the level that the units before it left, so that a sale is an integral over the level, and
//! whoever sells in parts is paid no more than at once.
//!
//! Source: leaky bucket as a meter, ITU-T I.371, annex A; gradual Dutch auctions, Paradigm 2022, with a linear price instead of an
//! exponential one, so that it is exact in integers.

use crate::{Bps, Overflow, Result, Seconds, Tokens};

/// An auction's rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DutchAuction {
    /// Where the bucket is full. At most 2^52, so that products fit.
    pub limit: Tokens,
    /// In what time a full one empties.
    pub window: Seconds,
    /// Discount where it is full: less than the whole.
    pub max_discount: Bps,
    /// Premium where it is empty: at most the discount, so that a bucket pays no more than its limit.
    pub premium: Bps,
}

impl DutchAuction {
    /// The level after `elapsed` seconds: rounded up, so that each call loses less than a unit of what leaks.
    pub fn level_after(&self, level: Tokens, elapsed: u64) -> Tokens {
        let leaked = self.limit.0 as u128 * elapsed as u128 / self.window.0.max(1) as u128;
        Tokens(level.0.saturating_sub(u64::try_from(leaked).unwrap_or(u64::MAX)))
    }

    /// What `worth` is paid at this level, rounded down: `worth * (1 + premium) - slope * ((level + worth)^2 - level^2) / (2 * limit)`,
    /// with `slope = max_discount + premium`. [`Overflow`] beyond the limit.
    pub fn payment_floor(&self, level: Tokens, worth: Tokens) -> Result<Tokens> {
        let next = level.plus(worth)?;
        if next > self.limit || self.limit.0 >> 52 != 0 {
            return Err(Overflow);
        }
        if worth.is_zero() {
            return Ok(Tokens::ZERO);
        }
        const WHOLE: u128 = Bps::WHOLE.0 as u128;
        let (limit, premium) = (self.limit.0 as u128, self.premium.0 as u128);
        let slope = self.max_discount.0 as u128 + premium;
        // Of twice the limit: 53 and 15 bits, and with the worth 120.
        let most = 2 * limit * (WHOLE + premium);
        let less = slope * (level.0 as u128 + next.0 as u128);
        let paid = worth.0 as u128 * most.checked_sub(less).ok_or(Overflow)? / (2 * limit * WHOLE);
        u64::try_from(paid).map(Tokens).map_err(|_| Overflow)
    }
}

#[cfg(test)]
mod tests {
    use {super::*, num_bigint::BigInt, proptest::prelude::*};

    fn auction(limit: u64, max_discount: u16, premium: u16) -> DutchAuction {
        DutchAuction {
            limit: Tokens(limit),
            window: Seconds(86_400),
            max_discount: Bps(max_discount),
            premium: Bps(premium),
        }
    }

    #[test]
    fn a_full_one_pays_the_least_and_an_empty_one_the_most() {
        let auction = auction(1_000_000, 1_000, 200);
        let paid = |level, worth| auction.payment_floor(Tokens(level), Tokens(worth)).map(|paid| paid.0);
        assert_eq!(paid(0, 1_000), Ok(1_019), "a premium of 2 % but for what it fills itself");
        assert_eq!(paid(999_000, 1_000), Ok(900), "a discount of 10 %");
        assert_eq!(paid(0, 1_000_000), Ok(960_000), "from 2 % above to 10 % below: 4 % below");
        assert_eq!(paid(1, 1_000_000), Err(Overflow));
        assert_eq!(paid(1_000_000, 0), Ok(0));
    }

    #[test]
    fn it_closes_with_time() {
        let auction = auction(86_400, 1_000, 200);
        let level = |level, elapsed| auction.level_after(Tokens(level), elapsed).0;
        assert_eq!(
            [level(86_400, 0), level(86_400, 400), level(86_400, 86_400), level(5, u64::MAX)],
            [86_400, 86_000, 0, 0]
        );
    }

    proptest! {
        #[test]
        fn a_payment_agrees_with_big_integers(
            limit in 1u64..1 << 52, at in any::<(u64, u64)>(), max_discount in 0u16..10_000, premium in 0u16..=500,
        ) {
            let premium = premium.min(max_discount);
            let level = at.0 % (limit + 1);
            let worth = at.1 % (limit - level + 1);
            let auction = auction(limit, max_discount, premium);
            let paid = auction.payment_floor(Tokens(level), Tokens(worth)).unwrap();
            let big = |number: u64| BigInt::from(number);
            let area = big(level + worth).pow(2) - big(level).pow(2);
            let upper = big(worth) * 2u32 * limit * (10_000u32 + premium as u32) - area * (max_discount as u32 + premium as u32);
            prop_assert_eq!(big(paid.0), upper / (big(limit) * 20_000u32));
        }

        #[test]
        fn parts_are_paid_no_more_than_all_at_once(
            limit in 1u64..1 << 40, cuts in any::<[u64; 5]>(), max_discount in 0u16..10_000, premium in 0u16..=500,
        ) {
            let auction = auction(limit, max_discount, premium.min(max_discount));
            let mut places = cuts.map(|cut| cut % (limit + 1));
            places.sort_unstable();
            let paid = |from: u64, to: u64| auction.payment_floor(Tokens(from), Tokens(to - from)).unwrap().0;
            let parts: u64 = places.windows(2).map(|pair| paid(pair[0], pair[1])).sum();
            let whole = paid(places[0], places[4]);
            prop_assert!(parts <= whole && whole < parts + 4, "{parts} in parts, {whole} at once");
        }

        #[test]
        fn a_bucket_never_pays_more_than_its_limit(
            limit in 1u64..1 << 52, level in any::<u64>(), max_discount in 0u16..10_000, premium in 0u16..=500,
        ) {
            let auction = auction(limit, max_discount, premium.min(max_discount));
            let level = level % (limit + 1);
            let paid = auction.payment_floor(Tokens(level), Tokens(limit - level)).unwrap().0;
            prop_assert!(paid <= limit);
        }
    }
}

//! From an oracle's price to credits for tokens.

use crate::{
    Credits, Overflow, Result, Tokens,
    muldiv::{divide, narrow, part_of, product},
};

/// A power of ten that fits 64 bits: what a price's exponent and a mint's decimals add up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PowerOfTen(u64);

impl PowerOfTen {
    /// `10^exponent` for exponents of 0 to 19; [`Overflow`] beyond.
    #[inline]
    pub const fn new(exponent: u32) -> Result<Self> {
        const POWERS: [u64; 20] = {
            let mut powers = [1; 20];
            let mut exponent = 1;
            while exponent < 20 {
                powers[exponent] = 10 * powers[exponent - 1];
                exponent += 1;
            }
            powers
        };
        if exponent < 20 { Ok(Self(POWERS[exponent as usize])) } else { Err(Overflow) }
    }

    /// The power.
    #[inline(always)]
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// An oracle's opinion of a dollar price: `value * 10^exponent` dollars for one whole token, give or take `confidence`
/// in the same scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// Price of a whole token.
    pub value: i64,
    /// Half width of the oracle's confidence interval.
    pub confidence: u64,
    /// Power of ten of both.
    pub exponent: i32,
}

/// Why an oracle's number is no price to trade at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PriceError {
    /// Zero or less, or not more than its own confidence interval.
    #[error("price is not positive")]
    NotPositive,
    /// The confidence interval is wider than allowed.
    #[error("confidence interval is too wide")]
    TooWide,
    /// The exponent is outside [-12, 0].
    #[error("exponent out of range")]
    Exponent,
}

impl Price {
    /// The exponents that oracles use for dollar prices.
    pub const EXPONENTS: core::ops::RangeInclusive<i32> = -12..=0;

    /// The low end of the confidence interval, a positive number in the price's scale: what a seller of tokens gets.
    ///
    /// `max_confidence` bounds the interval's half width in basis points of the price.
    #[inline(always)]
    pub fn low(&self, max_confidence: crate::Bps) -> core::result::Result<u64, PriceError> {
        if !Self::EXPONENTS.contains(&self.exponent) {
            return Err(PriceError::Exponent);
        }
        if self.value <= 0 {
            return Err(PriceError::NotPositive);
        }
        let value = self.value as u64;
        if exceeds(self.confidence, value, max_confidence) {
            return Err(PriceError::TooWide);
        }
        match value.checked_sub(self.confidence) {
            None | Some(0) => Err(PriceError::NotPositive),
            Some(low) => Ok(low),
        }
    }
}

/// Whether `part` is more than `ratio` of `whole`.
#[inline(always)]
pub(crate) fn exceeds(part: u64, whole: u64, ratio: crate::Bps) -> bool {
    // Below 2^48 both products fit 64 bits; a 128-bit one costs ten times as much on chain.
    if (part | whole) >> 48 == 0 {
        return part * 10_000 > whole * ratio.0 as u64;
    }
    part as u128 * 10_000 > whole as u128 * ratio.0 as u128
}

/// Decimals of a credit: micro-dollars.
const CREDIT_DECIMALS: i64 = 6;

impl Tokens {
    /// Credits for these tokens at `price * 10^exponent` dollars a whole token, rounded down (against the buyer):
    /// `floor(tokens * price * 10^(6 + exponent - decimals))`.
    #[inline(always)]
    pub fn to_credits_floor(self, price: u64, exponent: i32, decimals: u8) -> Result<Credits> {
        let scale = CREDIT_DECIMALS + exponent as i64 - decimals as i64;
        // What is usual stays in words.
        if scale < 0
            && let Some(product) = product(self.0, price)
        {
            return Ok(Credits(product / power(scale)?));
        }
        self.to_credits_floor_wide(price, scale)
    }

    #[inline(never)]
    fn to_credits_floor_wide(self, price: u64, scale: i64) -> Result<Credits> {
        let power = power(scale)?;
        let mut credits = self.0 as u128 * price as u128;
        if scale >= 0 {
            return narrow(credits.checked_mul(power as u128).ok_or(Overflow)?).map(Credits);
        }
        // Nine digits at a time: what rounding down leaves of one step, the next would take.
        const STEP: u32 = 9;
        let mut digits = scale.unsigned_abs() as u32;
        while credits >> 64 != 0 && digits >= STEP {
            credits = divide(credits, 10u32.pow(STEP)).0;
            digits -= STEP;
        }
        let left = PowerOfTen::new(digits)?.get();
        if credits >> 64 == 0 {
            return Ok(Credits(credits as u64 / left));
        }
        narrow(divide(credits, left as u32).0).map(Credits)
    }
}

/// The power of ten of a scale, whatever its sign.
#[inline(always)]
fn power(scale: i64) -> Result<u64> {
    match u32::try_from(scale.unsigned_abs()) {
        Ok(exponent) => Ok(PowerOfTen::new(exponent)?.get()),
        Err(_) => Err(Overflow),
    }
}

impl Credits {
    /// Tokens that these credits cost at `price * 10^exponent` dollars a whole token, rounded up (against the buyer):
    /// `ceil(credits * 10^(decimals - 6 - exponent) / price)`.
    #[inline(always)]
    pub fn to_tokens_ceil(self, price: u64, exponent: i32, decimals: u8) -> Result<Tokens> {
        let scale = CREDIT_DECIMALS + exponent as i64 - decimals as i64;
        if scale < 0 && price != 0 {
            let power = power(scale)?;
            if let Some(product) = product(self.0, power) {
                return Ok(Tokens(product.div_ceil(price)));
            }
        }
        self.to_tokens_ceil_wide(price, scale)
    }

    #[cold]
    #[inline(never)]
    fn to_tokens_ceil_wide(self, price: u64, scale: i64) -> Result<Tokens> {
        let (product, divisor) = self.over(price, scale)?;
        narrow(product.div_ceil(divisor)).map(Tokens)
    }

    /// The same, rounded down.
    #[inline(always)]
    pub fn to_tokens_floor(self, price: u64, exponent: i32, decimals: u8) -> Result<Tokens> {
        let scale = CREDIT_DECIMALS + exponent as i64 - decimals as i64;
        // What is usual stays in words: whole tokens a credit first, then the part of one.
        if scale < 0 && price != 0 {
            let power = power(scale)?;
            let (each, rest) = (power / price, power % price);
            if let Some(whole) = product(self.0, each) {
                return whole.checked_add(part_of(self.0, rest, price)).map(Tokens).ok_or(Overflow);
            }
        }
        self.to_tokens_floor_wide(price, exponent, decimals)
    }

    #[inline(never)]
    fn to_tokens_floor_wide(self, price: u64, exponent: i32, decimals: u8) -> Result<Tokens> {
        let (product, divisor) = self.over(price, CREDIT_DECIMALS + exponent as i64 - decimals as i64)?;
        narrow(product / divisor).map(Tokens)
    }

    /// What to divide by what.
    fn over(self, price: u64, scale: i64) -> Result<(u128, u128)> {
        if price == 0 {
            return Err(Overflow);
        }
        let power = power(scale)? as u128;
        let (up, down) = if scale >= 0 { (1, power) } else { (power, 1) };
        Ok((self.0 as u128 * up, price as u128 * down))
    }
}

#[cfg(test)]
mod tests {
    use {super::*, crate::Bps, num_bigint::BigUint, proptest::prelude::*};

    fn reference(tokens: u64, price: u64, exponent: i32, decimals: u8) -> Option<u64> {
        let scale = 6 + exponent - decimals as i32;
        let product = BigUint::from(tokens) * price;
        let power = BigUint::from(10u32).pow(scale.unsigned_abs());
        u64::try_from(if scale >= 0 { product * power } else { product / power }).ok()
    }

    proptest! {
        #[test]
        fn credits_agree_with_big_integers(
            tokens in any::<u64>(), price in 1u64..=i64::MAX as u64, exponent in -12i32..=0, decimals in 0u8..=13,
        ) {
            let ours = Tokens(tokens).to_credits_floor(price, exponent, decimals).ok().map(|c| c.0);
            // Beyond 10^19 we refuse where a big integer would still answer.
            if (6 + exponent - decimals as i32).abs() <= 19 {
                prop_assert_eq!(ours, reference(tokens, price, exponent, decimals));
            }
        }

        #[test]
        fn tokens_agree_with_big_integers(
            credits in any::<u64>(), price in 0u64..=i64::MAX as u64, exponent in -12i32..=0, decimals in 0u8..=13,
        ) {
            let up = Credits(credits).to_tokens_ceil(price, exponent, decimals).ok().map(|t| t.0);
            let down = Credits(credits).to_tokens_floor(price, exponent, decimals).ok().map(|t| t.0);
            let scale = decimals as i32 - 6 - exponent;
            let power = BigUint::from(10u32).pow(scale.unsigned_abs());
            let (product, divisor) = match scale {
                0.. => (BigUint::from(credits) * power, BigUint::from(price)),
                _ => (BigUint::from(credits), power * price),
            };
            let (ceil, floor) = match price {
                0 => (None, None),
                _ => (
                    u64::try_from((&product + &divisor - 1u32) / &divisor).ok(),
                    u64::try_from(&product / &divisor).ok(),
                ),
            };
            prop_assert_eq!((up, down), (ceil, floor));
        }

        /// Whoever buys credits for tokens pays no less than for as many credits by their number.
        #[test]
        fn neither_way_of_buying_is_cheaper(
            credits in 1u64..1 << 50, price in 1u64..1 << 50, exponent in -12i32..=0, decimals in 0u8..=13,
        ) {
            if let Ok(tokens) = Credits(credits).to_tokens_ceil(price, exponent, decimals) {
                let bought = tokens.to_credits_floor(price, exponent, decimals);
                prop_assert!(bought.is_ok_and(|bought| bought.0 >= credits) || bought.is_err());
                if let Ok(fewer) = Tokens(tokens.0 - 1).to_credits_floor(price, exponent, decimals) {
                    prop_assert!(fewer.0 < credits);
                }
            }
        }

        #[test]
        fn low_never_exceeds_the_price(value in any::<i64>(), confidence in any::<u64>(), max in 0u16..=10_000) {
            if let Ok(low) = (Price { value, confidence, exponent: -8 }).low(Bps(max)) {
                prop_assert!(low > 0 && low as i64 <= value);
                prop_assert!(confidence as u128 * 10_000 <= value as u128 * max as u128);
            }
        }
    }

    #[test]
    fn a_token_of_nine_decimals_at_two_dollars_fifty() {
        let price = Price { value: 250_000_000, confidence: 1_000_000, exponent: -8 };
        let low = price.low(Bps(100)).unwrap();
        assert_eq!(low, 249_000_000);
        assert_eq!(Tokens(1_000_000_000).to_credits_floor(low, -8, 9), Ok(Credits(2_490_000)));
        assert_eq!(Tokens(1).to_credits_floor(low, -8, 9), Ok(Credits(0)));
    }

    #[test]
    fn prices_that_are_none() {
        let price = |value, confidence, exponent| Price { value, confidence, exponent }.low(Bps(10_000));
        assert_eq!(price(0, 0, -8), Err(PriceError::NotPositive));
        assert_eq!(price(-1, 0, -8), Err(PriceError::NotPositive));
        assert_eq!(price(5, 5, -8), Err(PriceError::NotPositive));
        assert_eq!(price(5, 6, -8), Err(PriceError::TooWide));
        assert_eq!(price(5, 0, 1), Err(PriceError::Exponent));
        assert_eq!(price(5, 0, -13), Err(PriceError::Exponent));
        assert_eq!(price(i64::MIN, u64::MAX, -8), Err(PriceError::NotPositive));
    }
}

//! Buying credits and what they cost back: both are rounded against the buyer.
use joule_math::{Credits, Overflow, Price, Tokens};

fn main() -> Result<(), Overflow> {
    // 2.50 dollars, give or take a cent, as an oracle says it.
    let price = Price { value: 250_000_000, confidence: 1_000_000, exponent: -8 };
    let low = price.low(joule_math::Bps(200)).expect("the confidence interval is at most 2 % of the price");
    // One token of nine decimals, at the low side of the price.
    let credits = Tokens(1_000_000_000).to_credits_floor(low, price.exponent, 9)?;
    assert_eq!(credits, Credits(2_490_000)); // micro-dollars
    assert_eq!(credits.to_tokens_ceil(low, price.exponent, 9)?, Tokens(1_000_000_000));
    Ok(())
}

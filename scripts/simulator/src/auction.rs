//! How fast dollars become burns, and what the discount costs: a network that sells credits for a steady flow of dollars, minute by
//! minute, for two weeks.
//!
//! - Customers pay a thousand dollars a day, evenly.
//! - The market's price goes its way. The oracle tells it with a confidence of 0.1 %, and its own average, of an hour. The network's
//!   average follows by 10 % an hour at most, moved every hour.
//! - Sellers buy tokens at the market and sell them to the auction as soon as that leaves them 0.3 % for fees and trouble, and as much
//!   as leaves them that.
//!
//! The auction's own code decides what they are paid: [`DutchAuction`], [`average::follow`].

use {
    joule_math::{Bps, Seconds, Tokens, auction::DutchAuction, average},
    std::fmt::Write,
};

const DOLLAR: f64 = 1e6;
const DAY: u64 = 1_440;
const DAYS: u64 = 14;
/// What is paid in a minute, base units.
const FLOW: f64 = 1_000.0 * DOLLAR / DAY as f64;
const FEES: f64 = 0.003;
const CONFIDENCE: f64 = 0.001;
/// Of the oracle's average: a minute of an hour.
const OF_AN_HOUR: f64 = 1.0 / 60.0;

/// How the market goes: name, and its price at a minute as a multiple of the first.
type Market = (&'static str, fn(u64) -> f64);

const MARKETS: [Market; 5] = [
    ("steady", |_| 1.0),
    ("rising 5 % a day", |minute| 1.05f64.powf(minute as f64 / DAY as f64)),
    ("falling 5 % a day", |minute| 0.95f64.powf(minute as f64 / DAY as f64)),
    ("swinging by 5 % in a day", |minute| 1.0 + 0.05 * (minute as f64 / DAY as f64 * core::f64::consts::TAU).sin()),
    (
        "up by half within an hour",
        |minute| if minute < 7 * DAY { 1.0 } else { 1.0 + (minute - 7 * DAY).min(60) as f64 / 120.0 },
    ),
];

/// What came of it.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// Hours that a dollar waited, of those that were paid.
    pub waited: f64,
    /// Most dollars that waited, in days of what customers pay.
    pub most: f64,
    /// What the burned tokens would have cost at the market, for each dollar that was paid.
    pub burned: f64,
}

/// Runs an auction whose limit is so many days' dollars.
pub fn run(market: Market, premium: u16, limit_days: f64) -> Outcome {
    let limit = (limit_days * DAY as f64 * FLOW) as u64;
    let rules =
        DutchAuction { limit: Tokens(limit), window: Seconds(86_400), max_discount: Bps(1_000), premium: Bps(premium) };
    let (slope, premium) = ((1_000.0 + premium as f64) / 1e4, premium as f64 / 1e4);
    let (mut level, mut waiting) = (rules.limit, 0.0);
    let (mut oracle, mut network) = (market.1(0), (market.1(0) * 1e8) as u64);
    let (mut waited, mut most, mut paid, mut burned) = (0.0, 0.0f64, 0.0, 0.0);
    for minute in 0..DAYS * DAY {
        let price = market.1(minute);
        oracle += (price - oracle) * OF_AN_HOUR;
        if minute % 60 == 0 {
            network = average::follow(network, (price * 1e8) as u64, Bps(1_000), 3_600).0;
        }
        level = rules.level_after(level, 60);
        waiting += FLOW;
        let cheap = (price.min(oracle) * (1.0 - CONFIDENCE)).min(network as f64 / 1e8);
        // Up to where the last token sold leaves nothing.
        let at = (1.0 + premium - price / cheap * (1.0 + FEES)) / slope;
        let worth = (at.clamp(0.0, 1.0) * limit as f64 - level.0 as f64).min(waiting / (1.0 + premium)).max(0.0);
        let worth = Tokens((worth as u64).min(limit - level.0));
        let dollars = rules.payment_floor(level, worth).expect("below the limit").0 as f64;
        level = Tokens(level.0 + worth.0);
        (paid, waiting) = (paid + dollars, waiting - dollars);
        burned += worth.0 as f64 * price / cheap;
        (waited, most) = (waited + waiting / 60.0, most.max(waiting));
    }
    Outcome { waited: waited / paid, most: most / (FLOW * DAY as f64), burned: burned / f64::max(paid, 1.0) }
}

/// All runs, as CSV.
pub fn csv() -> String {
    let mut text = String::from("market,premium,limit_days,hours_waited,most_days_waiting,burned_for_a_dollar\n");
    for market in MARKETS {
        for premium in [50, 200, 500] {
            for limit_days in [1.0, 2.0, 4.0] {
                let Outcome { waited, most, burned } = run(market, premium, limit_days);
                let waited = if waited.is_finite() { format!("{waited:.1},") } else { "never,".into() };
                writeln!(text, "{},{premium},{limit_days},{waited}{most:.2},{burned:.4}", market.0).expect("text");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_become_burns_within_hours_and_cost_no_more_than_the_premium() {
        let steady = run(MARKETS[0], 200, 2.0);
        assert!(steady.waited < 24.0, "{steady:?}");
        for market in MARKETS {
            for premium in [200, 500] {
                let [wide, tight] = [2.0, 1.0].map(|days| run(market, premium, days));
                let least = 1.0 / (1.0 + premium as f64 / 1e4);
                assert!(wide.burned >= least, "{}: {wide:?}", market.0);
                // Where the limit is what customers pay, sellers compete, and it costs what they ask for.
                assert!(tight.burned >= 0.9965 && tight.waited > wide.waited, "{}: {tight:?}", market.0);
            }
        }
    }
}

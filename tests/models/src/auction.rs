//! The auction that buys tokens for dollars: its level and its payments against exact fractions, in which time passes without
//! a rounding and a sale is the area below a line.

use {
    crate::Random,
    joule_math::{Bps, Seconds, Tokens, auction::DutchAuction},
    num_bigint::BigInt,
    num_rational::BigRational,
};

fn of(number: impl Into<BigInt>) -> BigRational {
    BigRational::from_integer(number.into())
}

/// What is paid from one level to another: the price at the middle, since it is a line, times what is between.
fn area(rules: &DutchAuction, from: &BigRational, to: &BigRational) -> BigRational {
    let slope = of(rules.max_discount.0 as u32 + rules.premium.0 as u32) / of(10_000);
    let top = of(10_000 + rules.premium.0 as u32) / of(10_000);
    let middle = (from + to) / of(2) / of(rules.limit.0);
    (to - from) * (top - slope * middle)
}

/// Sales and pauses between them. How many were tried, and how many of them were taken.
pub fn episode(random: &mut Random, steps: u64) -> (u64, u64) {
    let premium = random.below(501) as u16;
    let rules = DutchAuction {
        limit: Tokens(100_000_000 + random.below(1 << 45)),
        window: Seconds(3_600 + random.below(30 * 86_400) as u32),
        max_discount: Bps(premium + random.below(4_501) as u16),
        premium: Bps(premium),
    };
    let mut level = rules.limit;
    let mut exact = of(level.0);
    let (mut paid, mut elapsed, mut calls, mut taken) = (0u128, 0u64, 0u64, 0);
    for _ in 0..steps {
        let seconds = [0, 1, random.below(60), random.below(rules.window.0 as u64)][random.place(4)];
        let worth = Tokens(random.amount(rules.limit.0));
        elapsed += seconds;
        exact -= of(rules.limit.0) * of(seconds) / of(rules.window.0);
        exact = exact.max(of(0));
        let now = rules.level_after(level, seconds);
        calls += 1;
        // Each call leaves less than a unit too much, and never too little.
        assert!(of(now.0) >= exact && of(now.0) - &exact < of(calls), "{now} for {exact} after {calls}");
        level = now;
        let Ok(dollars) = rules.payment_floor(level, worth) else {
            assert!(level.0 + worth.0 > rules.limit.0, "refused, though there is room");
            continue;
        };
        assert!(level.0 + worth.0 <= rules.limit.0, "sold beyond the limit");
        let by_level = area(&rules, &of(level.0), &of(level.0 + worth.0));
        assert!(of(dollars.0) <= by_level && by_level < of(dollars.0) + of(1), "{dollars} for {by_level}");
        // By the exact level a seller would be paid no less.
        let next = &exact + of(worth.0);
        assert!(of(dollars.0) <= area(&rules, &exact, &next));
        level = Tokens(level.0 + worth.0);
        exact = next;
        paid += dollars.0 as u128;
        taken += 1;
        // From a full bucket, nothing is paid but for what leaked, and the premium on that.
        let leaked = rules.limit.0 as u128 * elapsed as u128 / rules.window.0 as u128 + 1;
        assert!(paid * 10_000 <= leaked * (10_000 + rules.premium.0 as u128), "{paid} of {leaked}");
    }
    (steps, taken)
}

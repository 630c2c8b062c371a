//! Every function of the money arithmetic against big integers.

use {
    crate::Random,
    joule_math::*,
    num_bigint::{BigInt, BigUint},
};

fn big(number: u64) -> BigUint {
    BigUint::from(number)
}

/// What fits is the answer; what does not is an overflow.
fn fit(exact: BigUint) -> Result<u64> {
    u64::try_from(exact).map_err(|_| Overflow)
}

fn floor(a: BigUint, b: BigUint) -> Result<u64> {
    if b == BigUint::ZERO { Err(Overflow) } else { fit(a / b) }
}

fn ceil(a: BigUint, b: BigUint) -> Result<u64> {
    if b == BigUint::ZERO { Err(Overflow) } else { fit((a + &b - 1u32) / b) }
}

fn ten(exponent: u32) -> BigUint {
    BigUint::from(10u32).pow(exponent)
}

/// One random call of one random function.
pub fn check(random: &mut Random) {
    match random.below(11) {
        0 => products(random),
        1 => prices(random),
        2 => bids(random),
        3 => shares(random),
        4 => indexes(random),
        5 => emissions(random),
        6 => breakers(random),
        7 => averages(random),
        8 => decay(random),
        9 => lockups(random),
        _ => units(random),
    }
}

fn products(random: &mut Random) {
    let (a, b, d) = (random.edge(), random.edge(), random.edge());
    assert_eq!(mul_div_floor(a, b, d), floor(big(a) * b, big(d)), "{a} * {b} / {d}");
    assert_eq!(mul_div_ceil(a, b, d), ceil(big(a) * b, big(d)), "{a} * {b} / {d}");
}

/// Exponents of [`Price::EXPONENTS`], any decimals.
fn prices(random: &mut Random) {
    let (amount, price) = (random.edge(), random.edge());
    let (exponent, decimals) = (-(random.below(13) as i32), random.below(24) as u8);
    let scale = 6 + exponent - decimals as i32;
    let power = ten(scale.unsigned_abs());
    // Powers of ten beyond 64 bits are refused, whatever they would be multiplied with.
    let usable = |exact: Result<u64>| if power > big(u64::MAX) { Err(Overflow) } else { exact };
    let (up, down) = if scale >= 0 { (power.clone(), ten(0)) } else { (ten(0), power.clone()) };
    let credits = usable(floor(big(amount) * price * &up, down.clone())).map(Credits);
    assert_eq!(Tokens(amount).to_credits_floor(price, exponent, decimals), credits);
    let (numerator, divisor) = (big(amount) * &down, big(price) * &up);
    let tokens = |exact: Result<u64>| usable(exact).map(Tokens);
    assert_eq!(
        Credits(amount).to_tokens_floor(price, exponent, decimals),
        tokens(floor(numerator.clone(), divisor.clone()))
    );
    let cost = Credits(amount).to_tokens_ceil(price, exponent, decimals);
    assert_eq!(cost, tokens(ceil(numerator, divisor)));
    // Whoever pays what it costs gets it.
    if let Ok(bought) = cost.and_then(|cost| cost.to_credits_floor(price, exponent, decimals)) {
        assert!(bought.0 >= amount);
    }
    let (payout, worth) = (random.below(1 << 16) as u16, demand(Credits(amount), Bps(0), price, exponent, decimals));
    assert!(worth == Ok(Tokens(0)) || price == 0 || power > big(u64::MAX));
    if let Ok(tokens) = demand(Credits(amount), Bps(payout), price, exponent, decimals)
        && tokens < Tokens::MAX
    {
        assert!(big(tokens.0) * price * &up * 10_000u32 <= big(amount) * payout * &down, "more than was worked off");
    }
}

fn bids(random: &mut Random) {
    let (value, confidence, bound) = (random.edge() as i64, random.edge(), random.below(1 << 16) as u16);
    let exponent = random.below(16) as i32 - 14;
    let outcome = Price { value, confidence, exponent }.low(Bps(bound));
    let wide = BigInt::from(confidence) * 10_000 > BigInt::from(value) * bound;
    let low = BigInt::from(value) - confidence;
    let expected = if !(-12..=0).contains(&exponent) {
        Err(PriceError::Exponent)
    } else if value <= 0 {
        Err(PriceError::NotPositive)
    } else if wide {
        Err(PriceError::TooWide)
    } else if low <= BigInt::ZERO {
        Err(PriceError::NotPositive)
    } else {
        Ok(u64::try_from(low).unwrap())
    };
    assert_eq!(outcome, expected, "{value} {confidence} {bound}");
}

fn shares(random: &mut Random) {
    let (tokens, price) = (random.edge(), random.edge());
    let shares = (random.edge() as u128) << random.below(65);
    let one = big(1) << 63;
    let deposit = shares_for_deposit(Tokens(tokens), price).map(BigUint::from);
    let cost = shares_for_withdrawal(Tokens(tokens), price).map(BigUint::from);
    if price == 0 {
        assert_eq!((deposit, cost), (Err(Overflow), Err(Overflow)));
    } else {
        assert_eq!(deposit, Ok(big(tokens) * &one / price));
        assert_eq!(cost, Ok((big(tokens) * &one + price - 1u32) / price));
    }
    let worth = fit(BigUint::from(shares) * price / &one);
    assert_eq!(tokens_for_shares(shares, price), worth.map(Tokens));
    assert_eq!(weight_at_price_floor(shares, price), worth.map(Weight));
    let (left, held) = (random.edge(), random.edge());
    assert_eq!(price_after_loss_floor(price, Tokens(left), Tokens(held)), floor(big(price) * left, big(held)));
    let multiplier = random.below(1 << 16) as u16;
    let exact = |amount: BigUint| amount * multiplier / 40_000u32;
    assert_eq!(weight_floor(Tokens(tokens), Bps(multiplier)), fit(exact(big(tokens))).map(Weight));
    // At most four times the whole, where it is used.
    let (shares, multiplier) = (shares, multiplier.min(40_000));
    let weight = weight_of_shares_floor(shares, Bps(multiplier));
    assert_eq!(BigUint::from(weight), BigUint::from(shares) * multiplier / 40_000u32);
    let (from, difference) = (shares, random.edge() as u128);
    let earned = earned_of_shares_floor(weight, from, from.wrapping_add(difference));
    let exact = u128::try_from(BigUint::from(weight) * difference).map_err(|_| Overflow);
    assert_eq!(earned, exact);
}

fn indexes(random: &mut Random) {
    let (amount, weight) = (random.edge(), random.edge());
    let step = index_step_floor(Tokens(amount), Weight(weight));
    match step {
        Err(Overflow) => assert_eq!(weight, 0),
        Ok(step) => assert_eq!(BigUint::from(step), (big(amount) << 64) / weight),
    }
    let wide = (random.edge() as u128) << 64 | random.edge() as u128;
    let fraction = fraction_floor(wide, weight as u128).ok().map(BigUint::from);
    assert_eq!(fraction, (weight > 0).then(|| BigUint::from(wide) / weight));
    let (from, difference, holder) = (wide, random.edge() as u128, random.edge());
    let earned = earned_floor(Weight(holder), from, from.wrapping_add(difference));
    assert_eq!(earned.map(BigUint::from), Ok(BigUint::from(difference) * holder));
    let part = random.below(10_001) as u16;
    assert_eq!(BigUint::from(part_floor(wide, Bps(part))), BigUint::from(wide) * part / 10_000u32);
    let (tokens, rest) = whole(wide);
    assert_eq!(((tokens.0 as u128) << 64) + rest, wide);
    // All holders together never earn more than came in.
    if let Ok(step) = step {
        let mine = random.below(weight);
        let all = [mine, weight - mine].map(|part| earned_floor(Weight(part), 0, step).unwrap());
        assert!(BigUint::from(all[0]) + all[1] <= big(amount) << 64);
    }
}

fn emissions(random: &mut Random) {
    let (initial, decay, step) = (random.edge(), random.below(10_001) as u16, random.below(400) as u32);
    let schedule = Schedule { initial: Tokens(initial), decay: Bps(decay), step };
    let mut cuts = [random.below(1 << 16), random.below(1 << 16), random.below(1 << 16)];
    cuts.sort();
    let [a, b, c] = cuts;
    let between = |from, to| schedule.between(from, to).unwrap().0;
    // Wherever a span is cut, the parts are the whole.
    if between(a, c) < u64::MAX {
        assert_eq!(between(a, b) as u128 + between(b, c) as u128, between(a, c) as u128);
    }
    // From the first period on never more than without decay, and than the series' limit; elsewhere a span has what was
    // rounded off before it, less than 2^-42 of a step's emission.
    assert!(big(between(0, c)) <= big(initial) * c);
    if decay > 0 {
        assert!(big(between(0, c)) * decay <= big(initial) * step.max(1) * 10_000u32);
    }
    let more = ((big(initial) * step.max(1)) >> 42) + step.max(1);
    assert!(big(between(a, c)) <= big(initial) * (c - a) + more);
    assert!(schedule.between(c.max(a + 1), a).is_err());

    let rule = Emission {
        schedule,
        remint_cap: Tokens(random.edge()),
        providers: Bps(random.below(10_001) as u16),
        roots: Bps(random.below(10_001) as u16),
    };
    let (scheduled, total) = (between(a, c), random.edge());
    let for_roots = scheduled as u128 * rule.roots.0 as u128 / 10_000;
    assert_eq!(rule.roots_of(Tokens(scheduled)).unwrap().0 as u128, for_roots);
    let demand = (random.below(2) == 0).then(|| Tokens(random.edge()));
    let by_demand = demand.map_or(big(total), |demand| match rule.providers.0 {
        0 => big(demand.0),
        providers => big(demand.0) * 10_000u32 / providers,
    });
    assert_eq!(big(rule.bound(Tokens(total), demand).0), big(total).min(by_demand));
}

fn breakers(random: &mut Random) {
    let limit = MintLimit {
        tokens: Tokens(random.edge()),
        share: Bps(random.below(20_000) as u16),
        length: Seconds(random.below(1_000) as u32),
    };
    let supply = Tokens(random.edge());
    // At the very end of time each second begins a window that ends then.
    let start = (random.edge() as i64).min(i64::MAX - 100_000);
    let (mut window, mut now, mut passed) = (MintWindow::default(), start, BigUint::ZERO);
    let share = big(supply.0) * limit.share.0 / 10_000u32;
    for _ in 0..1 + random.below(12) {
        now = now.saturating_add(random.below(1_500) as i64);
        let next = limit.window(window, Timestamp(now), supply);
        if next.ends_at != window.ends_at {
            passed = BigUint::ZERO;
        }
        window = next;
        let length = limit.length.0.max(1) as i128;
        let ends_at = (now.max(0) as i128 / length + 1) * length;
        assert_eq!(window.ends_at.0 as i128, ends_at);
        let wanted = random.edge();
        let taken = window.take(Tokens(wanted)).unwrap();
        passed += taken.0;
        assert!(taken.0 <= wanted);
        assert!(limit.tokens.is_zero() || passed <= big(limit.tokens.0));
        // A share of hardly anything would never let anything begin.
        assert!(limit.share.0 == 0 || passed <= share.clone().max(big(1)));
    }
}

fn averages(random: &mut Random) {
    let (value, price, speed) = (random.edge(), random.edge(), random.below(1 << 16) as u16);
    let elapsed = random.edge();
    let (next, _) = average::follow(value, price, Bps(speed), elapsed);
    assert!((value.min(price)..=value.max(price)).contains(&next), "it overshot");
    let hour = elapsed.min(3_600);
    let mut most = big(value) * speed * hour / 36_000_000u32;
    if hour == 3_600 && speed > 0 {
        most = most.max(big(1));
    }
    assert_eq!(big(value.abs_diff(next)), most.min(big(value.abs_diff(price))), "{value} to {price}");
    let exact = big(value.abs_diff(price)) * 10_000u32 <= big(value) * speed;
    assert_eq!(average::within(value, price, Bps(speed)), exact);
    let (from, to) = (random.below(64) as i32 - 32, random.below(64) as i32 - 32);
    let power = ten(from.abs_diff(to));
    let scaled = if power > big(u64::MAX) {
        Err(Overflow)
    } else if from >= to {
        fit(big(value) * power)
    } else {
        fit((big(value) / power).max(big(1)))
    };
    assert_eq!(average::rescale(value, from, to), scaled);
}

fn decay(random: &mut Random) {
    let (value, age, half) = (random.edge(), random.edge(), random.edge() as u32);
    let left = decay_floor(value, age, Seconds(half));
    assert!(left <= value);
    if age == 0 {
        assert_eq!(left, value);
    } else if half > 0 {
        // Between the whole halvings before and after, but for 17 roundings.
        let halvings = age / half as u64;
        let at = |halvings: u64| if halvings < 64 { value >> halvings } else { 0 };
        assert!(left <= at(halvings), "{left}");
        assert!(left as u128 + 34 + (value >> 28) as u128 >= at(halvings.saturating_add(1)) as u128, "{left}");
    } else {
        assert_eq!(left, 0);
    }
}

fn lockups(random: &mut Random) {
    let lock = match random.below(3) {
        0 => LOCK_MIN.0.wrapping_add(random.below(5) as u32).wrapping_sub(2),
        1 => LOCK_MAX.0.wrapping_add(random.below(5) as u32).wrapping_sub(2),
        _ => random.below(400 * 86_400) as u32,
    };
    let inside = (LOCK_MIN.0..=LOCK_MAX.0).contains(&lock);
    let exact = || 10_000 + (lock - LOCK_MIN.0) as u64 * 30_000 / (LOCK_MAX.0 - LOCK_MIN.0) as u64;
    assert_eq!(multiplier_floor(Seconds(lock)).ok().map(|m| m.0 as u64), inside.then(exact));
}

fn units(random: &mut Random) {
    let (a, b, part) = (random.edge(), random.edge(), random.below(1 << 16) as u16);
    assert_eq!(Tokens(a).plus(Tokens(b)), fit(big(a) + b).map(Tokens));
    assert_eq!(Tokens(a).minus(Tokens(b)).ok(), a.checked_sub(b).map(Tokens));
    assert_eq!(Amount(a).times(b), fit(big(a) * b).map(Amount));
    assert_eq!(Bps(part).of_floor(a), floor(big(a) * part, big(10_000)));
    assert_eq!(Bps(part).of_ceil(a), ceil(big(a) * part, big(10_000)));
    let (now, later) = (Timestamp(a as i64), Timestamp(b as i64));
    assert_eq!(BigInt::from(later.since(now)), (BigInt::from(later.0) - now.0).max(BigInt::ZERO));
    let seconds = Seconds(b as u32);
    assert_eq!(
        now.after(seconds).ok().map(|t| t.0 as i128),
        Some(now.0 as i128 + seconds.0 as i128).filter(|t| *t <= i64::MAX as i128)
    );
    let wide = (a as u128) << 64 | b as u128;
    assert_eq!(U128::new(wide).get(), wide);
}

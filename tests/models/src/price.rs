//! The price parser against a reader that takes the bytes apart field by field, as Pyth's own crate does.

use {
    crate::Random,
    joule_bme::price::{BidPrice, parse},
    joule_bme_interface::{
        BmeError,
        price_update::{ACCOUNT_SIZE, DISCRIMINATOR},
        state::PRICE_TOLERANCE,
    },
    joule_math::{Bps, Seconds, Timestamp},
};

/// As the runtime aligns accounts.
#[repr(C, align(8))]
struct Aligned([u8; ACCOUNT_SIZE + 64]);

#[repr(C, align(8))]
struct Feed([u8; 32]);

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (taken, rest) = self.0.split_at(N);
        self.0 = rest;
        taken.try_into().unwrap()
    }
}

/// What must come of it; nothing is said of an error but that there is one.
fn expected(data: &[u8], feed: [u8; 32], max_age: u32, max_confidence: u16, now: i64) -> Option<BidPrice> {
    if data.len() != ACCOUNT_SIZE {
        return None;
    }
    let mut reader = Reader(data);
    let known = reader.take() == DISCRIMINATOR;
    let _write_authority: [u8; 32] = reader.take();
    let [verification] = reader.take();
    let same_feed = reader.take() == feed;
    let price = i64::from_le_bytes(reader.take()) as i128;
    let confidence = u64::from_le_bytes(reader.take()) as i128;
    let exponent = i32::from_le_bytes(reader.take());
    let published = i64::from_le_bytes(reader.take()) as i128;
    let _before: [u8; 8] = reader.take();
    let slow = i64::from_le_bytes(reader.take()) as i128;
    let slow_confidence = u64::from_le_bytes(reader.take()) as i128;
    let age = now as i128 - published;
    let usable = |price: i128, confidence: i128| {
        price > 0 && confidence < price && confidence * 10_000 <= price * max_confidence as i128
    };
    let good = known
        && verification == 1
        && same_feed
        && (-(PRICE_TOLERANCE.0 as i128)..=max_age as i128).contains(&age)
        && (-12..=0).contains(&exponent)
        && usable(price, confidence)
        && usable(slow, slow_confidence);
    good.then(|| BidPrice {
        value: (price - confidence).min(slow - slow_confidence) as u64,
        spot: price as u64,
        exponent,
        published: Timestamp(published as i64),
    })
}

/// One account of random bytes, most of which make sense.
pub fn check(random: &mut Random) {
    let now = 1_790_000_000 + random.below(1 << 20) as i64;
    let mut data = Aligned([0; ACCOUNT_SIZE + 64]);
    let feed = Feed(std::array::from_fn(|i| i as u8));
    let max_age = [0, 1, 60, u32::MAX][random.place(4)];
    let max_confidence = [0, 100, 1_000, u16::MAX][random.place(4)];
    let price = random.edge() as i64 >> random.below(40);
    let near = |random: &mut Random| match random.below(4) {
        0 => random.edge() as i64,
        _ => price.saturating_add(random.below(1_000) as i64 - 500),
    };
    let width = |random: &mut Random| match random.below(4) {
        0 => random.edge(),
        1 => price.unsigned_abs().wrapping_add(random.below(3)).wrapping_sub(1),
        _ => random.below(price.unsigned_abs() / 8 + 1),
    };
    let published = match random.below(4) {
        0 => random.edge() as i64,
        1 => now - max_age as i64 + random.below(3) as i64 - 1,
        2 => now + 4 + random.below(3) as i64,
        _ => now - random.below(64) as i64,
    };
    let mut bytes = vec![];
    bytes.extend(DISCRIMINATOR);
    bytes.extend([7; 32]);
    bytes.push(1);
    bytes.extend(feed.0);
    bytes.extend(price.to_le_bytes());
    bytes.extend(width(random).to_le_bytes());
    bytes.extend((random.below(16) as i32 - 13).to_le_bytes());
    bytes.extend(published.to_le_bytes());
    bytes.extend(random.edge().to_le_bytes());
    bytes.extend(near(random).to_le_bytes());
    bytes.extend(width(random).to_le_bytes());
    bytes.extend(random.edge().to_le_bytes());
    data.0[..bytes.len()].copy_from_slice(&bytes);
    for _ in 0..random.below(4) / 2 {
        data.0[random.place(ACCOUNT_SIZE)] ^= 1 << random.below(8);
    }
    let length = match random.below(8) {
        0 => random.place(ACCOUNT_SIZE + 64),
        _ => ACCOUNT_SIZE,
    };
    let data = &data.0[..length];
    let ours = parse(data, &feed.0, Seconds(max_age), Bps(max_confidence), Timestamp(now));
    let theirs = expected(data, feed.0, max_age, max_confidence, now);
    assert_eq!(ours.as_ref().ok(), theirs.as_ref(), "{ours:?}");
    if let Err(error) = ours {
        assert!(error as u32 >= BmeError::UnknownInstruction as u32 + 100, "{error:?} says nothing of the price");
    }
}

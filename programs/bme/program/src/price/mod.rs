//! Reading the oracle: every reason not to trade at a price, then the price.

pub(crate) mod update_average;

use {
    crate::Result,
    joule_bme_interface::{
        BmeError,
        price_update::{ACCOUNT_SIZE, DISCRIMINATOR, FULL, PriceUpdate},
        state::{
            Average, MAX_AVERAGE_AGE, MAX_DOLLAR_AGE, Network, PRICE_GRACE, PRICE_TOLERANCE, UNPINNED_PRICE_GRACE,
        },
    },
    joule_common::{
        AccountView, account,
        guard::{eq, require},
    },
    joule_interface::Address,
    joule_math::{Bps, Credits, PowerOfTen, Price, PriceError, Seconds, Timestamp, Tokens, average},
};

/// The band of a policy that sets none, where one is needed: the widest that a policy can set.
pub const WIDEST_BAND: Bps = Bps(5_000);
/// A price at which tokens are taken: the low side of what the oracle says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BidPrice {
    /// `min(price - conf, ema_price - ema_conf)`, above zero.
    pub value: u64,
    /// The price itself, above zero.
    pub spot: u64,
    /// Power of ten.
    pub exponent: i32,
    /// When it was published.
    pub published: Timestamp,
}

impl BidPrice {
    /// A dollar in its scale.
    #[inline(always)]
    pub fn one(&self) -> Result<u64> {
        Ok(PowerOfTen::new(self.exponent.unsigned_abs())?.get())
    }
}

/// Reads the network's price from a Pyth account.
///
/// Whoever calls chooses among all fresh updates; taking the lower of spot and average, less confidence, leaves them
/// nothing to choose for.
#[inline(always)]
pub fn read(network: &Network, view: &AccountView, now: Timestamp) -> Result<BidPrice> {
    let policy = &network.policy;
    let data = from_receiver(network, &policy.price_account, view)?;
    parse(data, &policy.feed_id, policy.max_price_age, policy.max_confidence, now)
}

/// The same, and the high side, as [`high`].
#[inline(always)]
pub fn read_with_ask(network: &Network, view: &AccountView, now: Timestamp) -> Result<(BidPrice, u64)> {
    let policy = &network.policy;
    let data = from_receiver(network, &policy.price_account, view)?;
    let price = parse(data, &policy.feed_id, policy.max_price_age, policy.max_confidence, now)?;
    Ok((price, high_of(data)))
}

/// The low side of the stablecoin's price: its spot less the confidence. It buys a credit at most for a micro-dollar, and no newest one is
/// remembered, so it is of the last minute: who calls has little to choose.
#[inline(always)]
pub fn read_dollar(network: &Network, view: &AccountView, now: Timestamp) -> Result<BidPrice> {
    let data = from_receiver(network, &network.dollar_price_account, view)?;
    let policy = &network.policy;
    let update = fresh(data, &network.dollar_feed_id, policy.max_price_age.min(MAX_DOLLAR_AGE), now)?;
    let value = low(update, update.price, update.conf, policy.max_confidence)?;
    let (spot, published) = (update.price as u64, Timestamp(update.publish_time));
    Ok(BidPrice { value, spot, exponent: update.exponent, published })
}

/// Data of an account of the network's price receiver: of the one that is named, or of any.
#[inline(always)]
fn from_receiver<'a>(network: &Network, named: &Address, view: &'a AccountView) -> Result<&'a [u8]> {
    require(eq(view.owner(), &network.policy.price_receiver), BmeError::WrongPriceOwner)?;
    require(!is_set(named) || eq(view.address(), named), BmeError::WrongPriceAccount)?;
    Ok(account::keep_bytes(view)?)
}

/// The high side of a price that was read, `max(price + conf, ema_price + ema_conf)`: for what must not be worth too many tokens.
#[inline(always)]
pub fn high(view: &AccountView) -> Result<u64> {
    Ok(high_of(account::keep_bytes(view)?))
}

#[inline(always)]
fn high_of(data: &[u8]) -> u64 {
    let update = bytemuck::from_bytes::<PriceUpdate>(&data[..size_of::<PriceUpdate>()]);
    // All that was checked is below 2^63, since no confidence was wider than its price. Of a stablecoin only the spot was: an average that
    // makes no sense makes it dear, so that nothing is sold for it.
    let high = |value: i64, confidence: u64| (value as u64).saturating_add(confidence);
    high(update.price, update.conf).max(high(update.ema_price, update.ema_conf))
}

/// Reads a price from the bytes of a price account.
#[inline(always)]
pub fn parse(
    data: &[u8],
    feed_id: &[u8; 32],
    max_age: Seconds,
    max_confidence: Bps,
    now: Timestamp,
) -> Result<BidPrice> {
    let update = fresh(data, feed_id, max_age, now)?;
    let (exponent, published) = (update.exponent, Timestamp(update.publish_time));
    let spot = low(update, update.price, update.conf, max_confidence)?;
    let slow = low(update, update.ema_price, update.ema_conf, max_confidence)?;
    Ok(BidPrice { value: spot.min(slow), spot: update.price as u64, exponent, published })
}

/// A fully verified update of the feed, new enough.
#[inline(always)]
fn fresh<'a>(data: &'a [u8], feed_id: &[u8; 32], max_age: Seconds, now: Timestamp) -> Result<&'a PriceUpdate> {
    require(data.len() == ACCOUNT_SIZE, BmeError::InvalidPriceAccount)?;
    let update = bytemuck::from_bytes::<PriceUpdate>(&data[..size_of::<PriceUpdate>()]);
    let discriminator = u64::from_le_bytes(update.discriminator);
    require(discriminator == u64::from_le_bytes(DISCRIMINATOR), BmeError::InvalidPriceAccount)?;
    require(update.verification == FULL, BmeError::PartialPrice)?;
    require(eq(bytemuck::cast_ref(&update.feed_id), bytemuck::cast_ref(feed_id)), BmeError::WrongFeed)?;
    let published = Timestamp(update.publish_time);
    require(published.since(now) <= PRICE_TOLERANCE.0 as u64, BmeError::FuturePrice)?;
    require(now.since(published) <= max_age.0 as u64, BmeError::StalePrice)?;
    Ok(update)
}

/// The low side of one of an update's prices.
#[inline(always)]
fn low(update: &PriceUpdate, value: i64, confidence: u64, max_confidence: Bps) -> Result<u64> {
    Price { value, confidence, exponent: update.exponent }.low(max_confidence).map_err(|error| match error {
        PriceError::NotPositive => BmeError::NotPositivePrice,
        PriceError::TooWide => BmeError::UncertainPrice,
        PriceError::Exponent => BmeError::PriceExponent,
    })
}

/// The average that an epoch's work is valued at, and its exponent: one of the last hour.
///
/// An epoch closes also while the oracle is silent: then at the last average and the upper end of the band, where work is
/// worth the fewest tokens, so that nobody gains by waiting for silence; without any average, at nothing. That there is
/// silence is what the account named by the policy says, or, where none is named, that nobody brought a price for days. Once an
/// epoch has waited for a price in vain, those after it do not: else each would be late, and no policy could name another oracle.
pub fn for_demand(
    network: &mut Network,
    view: &AccountView,
    ended_at: Timestamp,
    now: Timestamp,
) -> Result<Option<(u64, i32)>> {
    let Average { value, exponent, published_at, is_silent, .. } = network.average;
    // Credits that dollars bought are paid in tokens, and tokens in dollars: each at the price that is worse for who is paid.
    let value = if network.takes_dollars == 1 && value != 0 { value.max(network.ask) } else { value };
    let policy = &network.policy;
    let silence = now.since(published_at);
    let has_waited = |grace: Seconds| is_silent == 1 || now.since(ended_at) >= grace.0 as u64;
    if value != 0 && silence <= MAX_AVERAGE_AGE.0 as u64 {
        return Ok(Some((value, exponent)));
    }
    if is_pinned(network) {
        require(eq(view.address(), &policy.price_account), BmeError::WrongPriceAccount)?;
        let usable = eq(view.owner(), &policy.price_receiver)
            && account::keep_bytes(view)
                .is_ok_and(|data| parse(data, &policy.feed_id, MAX_AVERAGE_AGE, policy.max_confidence, now).is_ok());
        require(!usable && has_waited(PRICE_GRACE), BmeError::NoAverage)?;
    } else {
        let is_long = silence >= UNPINNED_PRICE_GRACE.0 as u64;
        require(is_long && has_waited(UNPINNED_PRICE_GRACE), BmeError::NoAverage)?;
    }
    network.average.is_silent = 1;
    if value == 0 {
        return Ok(None);
    }
    let band = if network.policy.max_deviation.0 == 0 { WIDEST_BAND } else { network.policy.max_deviation };
    Ok(Some((value.saturating_add(band.of_ceil(value)?), exponent)))
}

/// Of the tokens that work would carry, no more than its dollars are worth, where the policy holds providers' income to dollars. What an
/// epoch pays is divided by tokens: credits that were bought when these were cheap would take what others work for, and whoever paid
/// dollars for them would have more back than it paid. At the lower of the average and the newest price that moved it, so that nothing
/// is lost of credits that were bought since the price fell.
#[inline(always)]
pub fn no_more_than_worth(network: &Network, work: Credits, tokens: Tokens) -> Tokens {
    let (terms, Average { value, bid, exponent, .. }) = (&network.terms, network.average);
    if terms.payout_share.0 == 0 || terms.vouched == 1 || value == 0 {
        return tokens;
    }
    let price = if bid == 0 { value } else { value.min(bid) };
    // Worth more than an amount can be: then it bounds nothing.
    tokens.min(work.to_tokens_ceil(price, exponent, network.decimals).unwrap_or(Tokens::MAX))
}

/// Whether the policy names the one price account.
#[inline(always)]
fn is_pinned(network: &Network) -> bool {
    is_set(&network.policy.price_account)
}

#[inline(always)]
fn is_set(address: &Address) -> bool {
    !eq(address, &Address::new_from_array([0; 32]))
}

/// The price is within the network's band, if it has one.
#[inline(always)]
pub fn require_in_band(network: &Network, price: &BidPrice) -> Result<()> {
    if network.policy.max_deviation.0 == 0 {
        return Ok(());
    }
    let Average { value, exponent, .. } = network.average;
    require(value != 0, BmeError::NoAverage)?;
    require(exponent == price.exponent, BmeError::PriceExponent)?;
    require(average::within(value, price.spot, network.policy.max_deviation), BmeError::PriceTooFarFromAverage)
}

/// A price that is some seconds older than one that was used is accepted, or a stranger's newer one would refuse a buyer his;
/// it buys no more than that one, so that nobody gains by choosing among prices.
#[inline(always)]
pub fn no_better_than(price: &mut BidPrice, published_at: Timestamp, bid: u64, exponent: i32) -> Result<()> {
    if price.published >= published_at {
        return Ok(());
    }
    let is_near = published_at.since(price.published) <= PRICE_TOLERANCE.0 as u64;
    require(is_near && bid != 0 && exponent == price.exponent, BmeError::StalePrice)?;
    price.value = price.value.min(bid);
    Ok(())
}

/// An older price makes tokens no cheaper than the newest that was used: as [`no_better_than`], for who gets tokens.
#[inline(always)]
pub fn no_lower_than(
    price: &BidPrice,
    ask: u64,
    (published_at, newest_ask, exponent): (Timestamp, u64, i32),
) -> Result<u64> {
    if price.published >= published_at {
        return Ok(ask);
    }
    let is_near = published_at.since(price.published) <= PRICE_TOLERANCE.0 as u64;
    require(is_near && newest_ask != 0 && exponent == price.exponent, BmeError::StalePrice)?;
    Ok(ask.max(newest_ask))
}

/// Moves the average towards the price.
pub fn follow(average: &mut Average, price: &BidPrice, speed: Bps, now: Timestamp) -> Result<()> {
    require(price.published >= average.published_at, BmeError::StalePrice)?;
    if average.value == 0 {
        *average = Average { value: price.spot, moved_at: now, exponent: price.exponent, ..*average };
    } else {
        let value = average::rescale(average.value, average.exponent, price.exponent)?;
        let (next, unused) = average::follow(value, price.spot, speed, now.since(average.moved_at));
        average.value = next;
        average.moved_at = Timestamp(now.0.saturating_sub_unsigned(unused));
        average.exponent = price.exponent;
    }
    average.published_at = price.published;
    average.bid = price.value;
    average.is_silent = 0;
    Ok(())
}

#[cfg(test)]
mod tests {
    use {super::*, joule_bme_interface::state::Policy};

    const SPEED: Bps = Bps(1_000);

    /// What the official crate wrote: see `tests/pyth`.
    const OFFICIAL: &str = include_str!("../../../../../tests/golden/pyth_price_updates.txt");

    #[repr(C, align(8))]
    struct Aligned([u8; ACCOUNT_SIZE]);

    #[repr(C, align(8))]
    struct Feed([u8; 32]);

    fn hex(text: &str) -> Vec<u8> {
        let digits = text.as_bytes().chunks(2);
        digits.map(|pair| u8::from_str_radix(core::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
    }

    /// Line by line: feed id, price, conf, exponent, publish time, average, its conf, bytes of a fully verified update.
    #[test]
    fn updates_of_the_official_crate_are_read() {
        assert!(OFFICIAL.lines().count() >= 100);
        for line in OFFICIAL.lines() {
            let fields: Vec<_> = line.split(' ').collect();
            let feed = Feed(hex(fields[0]).try_into().unwrap());
            let [price, conf, exponent, time, ema, ema_conf] =
                [1, 2, 3, 4, 5, 6].map(|i| fields[i].parse::<i128>().unwrap());
            let mut data = Aligned([0xee; ACCOUNT_SIZE]);
            let bytes = hex(fields[7]);
            data.0[..bytes.len()].copy_from_slice(&bytes);
            let read = parse(&data.0, &feed.0, Seconds(60), Bps(1_000), Timestamp(time as i64));
            let low = |value: i128, confidence: i128| {
                Price { value: value as i64, confidence: confidence as u64, exponent: exponent as i32 }.low(Bps(1_000))
            };
            match (low(price, conf), low(ema, ema_conf)) {
                (Ok(spot), Ok(slow)) => {
                    let value = spot.min(slow);
                    let exponent = exponent as i32;
                    let expected = BidPrice { value, spot: price as u64, exponent, published: Timestamp(time as i64) };
                    assert_eq!(read, Ok(expected));
                }
                _ => assert!(read.is_err()),
            }
            assert_eq!(
                parse(&data.0, &Feed([0; 32]).0, Seconds(60), Bps(1_000), Timestamp(time as i64)),
                Err(BmeError::WrongFeed)
            );
        }
    }

    fn at(spot: u64, exponent: i32, published: i64) -> BidPrice {
        BidPrice { value: spot, spot, exponent, published: Timestamp(published) }
    }

    #[test]
    fn the_average_begins_at_the_first_price_and_follows() {
        let mut average = Average::default();
        follow(&mut average, &at(1_000, -8, 10), SPEED, Timestamp(10)).unwrap();
        assert_eq!((average.value, average.exponent, average.moved_at), (1_000, -8, Timestamp(10)));
        follow(&mut average, &at(2_000, -8, 1_810), SPEED, Timestamp(1_810)).unwrap();
        assert_eq!((average.value, average.published_at), (1_050, Timestamp(1_810)));
        assert_eq!(follow(&mut average, &at(1, -8, 1_809), SPEED, Timestamp(9_999)), Err(BmeError::StalePrice));
        // Another scale of the same price.
        follow(&mut average, &at(20_000, -9, 1_810), SPEED, Timestamp(1_810)).unwrap();
        assert_eq!((average.value, average.exponent), (10_500, -9));
    }

    #[test]
    fn work_carries_no_more_than_its_dollars_are_worth_where_income_is_in_dollars() {
        // A dollar of work, for which a thousand tokens of six decimals were paid.
        let carried = |network: &Network| no_more_than_worth(network, Credits(1_000_000), Tokens(1_000_000_000)).0;
        let mut network = Network { decimals: 6, ..Default::default() };
        network.average = Average { value: 300, bid: 250, exponent: -2, ..Default::default() };
        assert_eq!(carried(&network), 1_000_000_000, "no payout: by the tokens that were burned");
        network.terms.payout_share = Bps(6_000);
        assert_eq!(carried(&network), 400_000, "at 2.50 dollars");
        network.average.value = 240;
        assert_eq!(carried(&network), 416_667, "at the average, if that is lower, rounded up");
        network.average.bid = 0;
        assert_eq!(carried(&network), 416_667);
        network.terms.vouched = 1;
        assert_eq!(carried(&network), 1_000_000_000, "whoever vouches pays by credits");
        network.terms.vouched = 0;
        (network.average.value, network.average.exponent) = (1, -12);
        assert_eq!(carried(&network), 1_000_000_000, "worth more than were paid");
        network.average.value = 0;
        assert_eq!(carried(&network), 1_000_000_000, "nobody knows");
    }

    #[test]
    fn updates_every_second_cannot_hold_it_in_place() {
        // A unit takes 36 seconds.
        let mut average = Average { value: 1_000, exponent: -8, ..Average::default() };
        for second in 1..=3_600 {
            follow(&mut average, &at(2_000, -8, second), SPEED, Timestamp(second)).unwrap();
        }
        assert!((1_095..=1_106).contains(&average.value), "{}", average.value);
    }

    #[test]
    fn frequent_updates_do_not_slow_it() {
        // A unit takes 36 seconds: after 71, one and nearly another.
        let mut average = Average { value: 1_000, exponent: -8, ..Average::default() };
        for second in (71..=3_600).step_by(71) {
            follow(&mut average, &at(2_000, -8, second), SPEED, Timestamp(second)).unwrap();
        }
        assert!((1_095..=1_106).contains(&average.value), "{}", average.value);
    }

    #[test]
    fn an_older_price_buys_no_more_than_the_newest() {
        let mut price = at(100, -8, 70);
        let mut try_price = |published, bid, exponent| {
            price.value = 100;
            no_better_than(&mut price, Timestamp(published), bid, exponent).map(|()| price.value)
        };
        assert_eq!((try_price(70, 1, -8), try_price(100, 90, -8), try_price(100, 110, -8)), (Ok(100), Ok(90), Ok(100)));
        for (published, bid, exponent) in [(101, 90, -8), (100, 0, -8), (100, 90, -7)] {
            assert_eq!(try_price(published, bid, exponent), Err(BmeError::StalePrice));
        }
    }

    #[test]
    fn no_update_can_overflow_it() {
        let mut average = Average { value: u64::MAX, exponent: 0, ..Average::default() };
        assert_eq!(follow(&mut average, &at(1, -12, 1), SPEED, Timestamp(1)), Err(BmeError::Overflow));
        let mut average = Average { value: 1, exponent: -12, ..Average::default() };
        follow(&mut average, &at(i64::MAX as u64, 0, i64::MAX), SPEED, Timestamp(i64::MAX)).unwrap();
    }

    #[test]
    fn the_band_is_the_networks() {
        let network = |band, value, exponent| Network {
            policy: Policy { max_deviation: Bps(band), ..Default::default() },
            average: Average { value, exponent, ..Default::default() },
            ..Default::default()
        };
        let check = |network: Network, spot| require_in_band(&network, &at(spot, -8, 0));
        assert_eq!(check(network(0, 0, 0), 5), Ok(()));
        assert_eq!(check(network(1_000, 0, -8), 5), Err(BmeError::NoAverage));
        assert_eq!(check(network(1_000, 100, -7), 100), Err(BmeError::PriceExponent));
        for (spot, outcome) in [
            (89, Err(BmeError::PriceTooFarFromAverage)),
            (90, Ok(())),
            (110, Ok(())),
            (111, Err(BmeError::PriceTooFarFromAverage)),
        ] {
            assert_eq!(check(network(1_000, 100, -8), spot), outcome, "{spot}");
        }
    }
}

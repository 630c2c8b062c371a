//! Reading the oracle: every reason not to trade at a price, then the price.

use {
    crate::Result,
    bytemuck::from_bytes,
    joule_bme_interface::{
        BmeError,
        price_update::{ACCOUNT_SIZE, DISCRIMINATOR, FULL, PriceUpdate},
        state::Network,
    },
    joule_common::{
        AccountView,
        guard::{eq, require},
    },
    joule_interface::{Address, Fault},
    joule_math::{Bps, Price, PriceError, Seconds, Timestamp},
};

/// How far a publisher's clock may run ahead of the chain's.
const MAX_CLOCK_SKEW: Seconds = Seconds(5);

/// A price at which tokens are taken: the low side of what the oracle says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BidPrice {
    /// `min(price - conf, ema_price - ema_conf)`, above zero.
    pub value: u64,
    /// Power of ten.
    pub exponent: i32,
    /// When it was published.
    pub published: Timestamp,
}

/// Reads the network's price from a Pyth account.
///
/// Whoever calls chooses among all fresh updates; taking the lower of spot and average, less confidence, leaves them
/// nothing to choose for.
#[inline(always)]
pub fn read(network: &Network, account: &AccountView, now: Timestamp) -> Result<BidPrice> {
    require(eq(account.owner(), &network.price_receiver), BmeError::WrongPriceOwner)?;
    let any = eq(&network.price_account, &Address::new_from_array([0; 32]));
    require(any || eq(account.address(), &network.price_account), BmeError::WrongPriceAccount)?;
    let data = account.try_borrow().map_err(|_| Fault::DuplicateAccount)?;
    parse(&data, &network.feed_id, network.max_price_age, network.max_confidence, now)
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
    require(data.len() == ACCOUNT_SIZE, BmeError::InvalidPriceAccount)?;
    let update: &PriceUpdate = from_bytes(&data[..size_of::<PriceUpdate>()]);
    require(update.discriminator == DISCRIMINATOR, BmeError::InvalidPriceAccount)?;
    require(update.verification == FULL, BmeError::PartialPrice)?;
    require(update.feed_id == *feed_id, BmeError::WrongFeed)?;
    let published = Timestamp(update.publish_time);
    require(published <= now.after(MAX_CLOCK_SKEW)?, BmeError::FuturePrice)?;
    require(now.since(published) <= max_age.0 as u64, BmeError::StalePrice)?;
    let low = |value, confidence| {
        Price { value, confidence, exponent: update.exponent }.low(max_confidence).map_err(|error| match error {
            PriceError::NotPositive => BmeError::NotPositivePrice,
            PriceError::TooWide => BmeError::UncertainPrice,
            PriceError::Exponent => BmeError::PriceExponent,
        })
    };
    let (spot, average) = (low(update.price, update.conf)?, low(update.ema_price, update.ema_conf)?);
    Ok(BidPrice { value: spot.min(average), exponent: update.exponent, published })
}

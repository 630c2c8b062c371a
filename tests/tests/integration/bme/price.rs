//! What the oracle says, and when it is not believed.

use super::*;

#[test]
fn prices_that_are_not_to_be_trusted_are_refused() {
    let mut story = Story::new();
    let now = story.world.now().0;
    // The average has seen nothing yet.
    story.edit_network(|network| network.average.published_at = Timestamp(0));
    let fresh = price_update(now);
    let cases = [
        (PriceUpdate { discriminator: [0; 8], ..fresh }, BmeError::InvalidPriceAccount),
        (PriceUpdate { verification: 0, ..fresh }, BmeError::PartialPrice),
        (PriceUpdate { feed_id: [1; 32], ..fresh }, BmeError::WrongFeed),
        (PriceUpdate { publish_time: now - 61, ..fresh }, BmeError::StalePrice),
        (PriceUpdate { publish_time: now + 31, ..fresh }, BmeError::FuturePrice),
        (PriceUpdate { publish_time: i64::MIN, ..fresh }, BmeError::StalePrice),
        (PriceUpdate { publish_time: i64::MAX, ..fresh }, BmeError::FuturePrice),
        (PriceUpdate { price: 0, conf: 0, ..fresh }, BmeError::NotPositivePrice),
        (PriceUpdate { price: -1, ..fresh }, BmeError::NotPositivePrice),
        (PriceUpdate { ema_price: 0, ema_conf: 0, ..fresh }, BmeError::NotPositivePrice),
        (PriceUpdate { conf: 5_000_001, ..fresh }, BmeError::UncertainPrice),
        (PriceUpdate { ema_conf: 5_020_001, ..fresh }, BmeError::UncertainPrice),
        (PriceUpdate { conf: u64::MAX, ..fresh }, BmeError::UncertainPrice),
        (PriceUpdate { exponent: 1, ..fresh }, BmeError::PriceExponent),
        (PriceUpdate { exponent: -13, ..fresh }, BmeError::PriceExponent),
    ];
    for (update, error) in cases {
        story.world.set_price(story.network.price, &update);
        story.world.fails(story.buy(TOKEN), &[&story.client], error);
    }
    for update in [
        PriceUpdate { publish_time: now - 60, ..fresh },
        PriceUpdate { publish_time: now + 30, ..fresh },
        PriceUpdate { conf: 5_000_000, publish_time: now + 30, ..fresh },
    ] {
        story.world.set_price(story.network.price, &update);
        story.world.ok(&[story.buy(TOKEN)], &[&story.client]);
    }
}

/// A stranger's newer price would otherwise refuse a buyer his, on every shard.
#[test]
fn a_price_some_seconds_older_than_the_newest_buys_no_more_than_that() {
    let mut story = Story::new();
    let start = story.world.now().0;
    story.world.pass(31);
    let price = story.network.price;
    let update =
        |seconds, price| PriceUpdate { price, conf: 0, ema_price: price, ema_conf: 0, ..price_update(start + seconds) };
    let mut buys_at = |seconds, at| {
        story.world.set_price(price, &update(seconds, at));
        let receipt = story.world.send(&[story.buy(TOKEN)], &[&story.client]);
        receipt.map(|receipt| receipt.event::<event::CreditsBought>(ID).price).map_err(|failure| failure.code())
    };
    let stale = Err(Some(BmeError::StalePrice as u32));
    // The newest falls: who holds an older one pays by the newest.
    assert_eq!(buys_at(31, 240_000_000), Ok(240_000_000));
    assert_eq!((buys_at(1, 250_000_000), buys_at(30, 230_000_000)), (Ok(240_000_000), Ok(230_000_000)));
    assert_eq!((buys_at(0, 200_000_000), buys_at(31, 240_000_000)), (stale, Ok(240_000_000)));

    // And so of the average's, though the shard knows none so new.
    story.world.set_price(price, &update(40, 220_000_000));
    story.world.ok(&[story.network.update_average_instruction()], &[]);
    let mut buys_at = |seconds, at| {
        story.world.set_price(price, &update(seconds, at));
        let receipt = story.world.send(&[story.buy(TOKEN)], &[&story.client]);
        receipt.map(|receipt| receipt.event::<event::CreditsBought>(ID).price).map_err(|failure| failure.code())
    };
    assert_eq!((buys_at(10, 250_000_000), buys_at(9, 250_000_000)), (Ok(220_000_000), stale));
}

#[test]
fn price_accounts_are_the_receivers_and_the_pinned_one() {
    let mut story = Story::new();
    let now = story.world.now().0;
    let forged = story.world.address();
    let bytes = story.world.account(story.network.price).unwrap().data;
    story.world.set_account(
        forged,
        Account { lamports: 1 << 30, data: bytes.clone(), owner: SYSTEM_PROGRAM, ..Account::default() },
    );
    story.world.fails(swap(story.buy(TOKEN), 7, forged), &[&story.client], BmeError::WrongPriceOwner);

    for size in [ACCOUNT_SIZE - 1, ACCOUNT_SIZE + 1, 0] {
        let mut data = bytes.clone();
        data.resize(size, 0);
        let account = Account { lamports: 1 << 30, data, owner: PYTH_RECEIVER, ..Account::default() };
        story.world.set_account(forged, account);
        story.world.fails(swap(story.buy(TOKEN), 7, forged), &[&story.client], BmeError::InvalidPriceAccount);
    }

    let pinned = story.network.price;
    story.edit_policy(|policy| policy.price_account = pinned);
    let other = story.world.address();
    story.world.set_price(other, &price_update(now));
    story.world.fails(swap(story.buy(TOKEN), 7, other), &[&story.client], BmeError::WrongPriceAccount);
    story.world.ok(&[story.buy(TOKEN)], &[&story.client]);
}

// The average and its band

#[test]
fn a_price_outside_the_band_waits_for_the_average() {
    let mut story = Story::new();
    story.edit_policy(|policy| policy.max_deviation = Bps(1_000));
    // The average is 2.50 dollars; the market jumps to 5.
    for (price, inside) in [(225_000_000, true), (224_999_999, false), (275_000_000, true), (500_000_000, false)] {
        story.publish(price);
        match inside {
            true => drop(story.world.ok(&[story.buy(TOKEN)], &[&story.client])),
            false => story.world.fails(story.buy(TOKEN), &[&story.client], BmeError::PriceTooFarFromAverage),
        }
    }
    story.world.fails(story.exact_out(u64::MAX, 1), &[&story.client], BmeError::PriceTooFarFromAverage);

    // The way out: a tenth an hour, so that seven hours do (2.5 * 1.1^7 = 4.87).
    let update = story.network.update_average_instruction();
    for hour in 1..=7 {
        story.world.pass(3_600);
        story.publish(500_000_000);
        if hour < 7 {
            story.world.fails(story.buy(TOKEN), &[&story.client], BmeError::PriceTooFarFromAverage);
        }
        let receipt = story.world.ok(&[update.clone(), update.clone()], &[]);
        let events: Vec<event::AverageUpdated> = receipt.events(ID);
        assert_eq!(events[0].average, events[1].average, "twice in a second is no faster");
    }
    assert_eq!(story.state().average.value, 487_179_275);
    story.world.ok(&[story.buy(TOKEN)], &[&story.client]);
}

#[test]
fn one_wrong_update_moves_the_average_by_an_hour_at_most() {
    let mut story = Story::new();
    story.world.pass(30 * DAY);
    story.publish(i64::MAX);
    story.world.ok(&[story.network.update_average_instruction()], &[]);
    assert_eq!(story.state().average.value, 275_000_000);
}

#[test]
fn without_an_average_nothing_is_sold_where_there_is_a_band() {
    let mut story = Story::new();
    story.edit_network(|network| network.average = Default::default());
    story.world.fails(story.buy(TOKEN), &[&story.client], BmeError::NoAverage);
    story.edit_policy(|policy| policy.max_deviation = Bps(0));
    story.world.ok(&[story.buy(TOKEN)], &[&story.client]);
}

#[test]
fn a_feed_that_changes_its_scale_is_followed() {
    let mut story = Story::new();
    let now = story.world.now().0;
    let finer = PriceUpdate {
        price: 2_500_000_000,
        conf: 0,
        ema_price: 2_500_000_000,
        ema_conf: 0,
        exponent: -9,
        ..price_update(now)
    };
    story.world.set_price(story.network.price, &finer);
    story.world.fails(story.buy(TOKEN), &[&story.client], BmeError::PriceExponent);
    story.world.ok(&[story.network.update_average_instruction()], &[]);
    assert_eq!((story.state().average.value, story.state().average.exponent), (2_500_000_000, -9));
    story.world.ok(&[story.buy(TOKEN)], &[&story.client]);
}

#[test]
fn the_average_takes_no_price_that_buying_would_not() {
    let mut story = Story::new();
    let stranger = story.stranger();
    let now = story.world.now().0;
    let (network, price) = (story.network.address, story.network.price);
    let update = || UpdateAverage { network, price_update: price }.instruction(&UpdateAverageArgs {});
    story.world.fails(read_only(update(), 0), &[], BmeError::NotWritable);
    story.world.fails(swap(update(), 0, story.work), &[], BmeError::WrongAccountType);
    story.world.fails(swap(update(), 1, stranger.mint), &[], BmeError::WrongPriceOwner);
    let fresh = price_update(now);
    for (wrong, error) in [
        (PriceUpdate { price: -5, ..fresh }, BmeError::NotPositivePrice),
        (PriceUpdate { feed_id: [1; 32], ..fresh }, BmeError::WrongFeed),
        (PriceUpdate { verification: 0, ..fresh }, BmeError::PartialPrice),
        (PriceUpdate { publish_time: now - 61, ..fresh }, BmeError::StalePrice),
        (PriceUpdate { publish_time: now - 1, ..fresh }, BmeError::StalePrice),
        (PriceUpdate { publish_time: now + 31, ..fresh }, BmeError::FuturePrice),
        (PriceUpdate { conf: 5_000_001, ..fresh }, BmeError::UncertainPrice),
    ] {
        story.world.set_price(price, &wrong);
        story.world.fails(update(), &[], error);
    }
}

#[test]
fn a_price_much_older_than_the_averages_is_refused() {
    let mut story = Story::new();
    let now = story.world.now().0;
    story.world.pass(31);
    story.network.refresh_price(&mut story.world);
    // Another account of the same feed, with a price that is fresh enough but older.
    let older = story.world.address();
    story.world.set_price(older, &price_update(now));
    story.world.fails(swap(story.buy(TOKEN), 7, older), &[&story.client], BmeError::StalePrice);
    // What a former feed published says nothing of what this one's is worth.
    story.edit_network(|network| network.average.bid = 0);
    story.world.set_price(older, &price_update(now + 30));
    story.world.fails(swap(story.buy(TOKEN), 7, older), &[&story.client], BmeError::StalePrice);
}

/// In base units that are worth much the average moves by few: those seconds were lost that had moved it by a part of one.
#[test]
fn frequent_updates_do_not_slow_the_average() {
    let mut story = Story::new();
    story.edit_network(|network| network.average.value = 1_000);
    for _ in 0..50 {
        // Two units take 72 seconds.
        story.world.pass(71);
        story.publish(2_000);
        story.world.ok(&[story.network.update_average_instruction()], &[]);
    }
    let value = story.state().average.value;
    assert!((1_095..=1_106).contains(&value), "{value}");
}

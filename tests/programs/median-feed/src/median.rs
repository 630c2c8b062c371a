//! From reports to a price: pure functions over a feed.
//!
//! The price is the median of the fresh reports, as far as it may have moved. Its confidence interval is as wide as to hold more
//! than half of the reports, each with its own interval, and all the way to the median. So the low side, at which `bme` sells, is
//! never above the median: a bound that lags sells nothing too cheap. A minority of the fresh reports moves neither further than
//! honest ones are apart; a half of them cannot lift the low side above the honest ones.

use {
    crate::{
        FeedError, Result,
        accounts::require,
        state::{Feed, MAX_SOURCES, Report, Settings, Slot, Source},
    },
    joule_bme_interface::{
        price_update::{DISCRIMINATOR, FULL, PriceUpdate},
        state::PRICE_TOLERANCE,
    },
    joule_interface::{Address, Fault},
    joule_math::{Bps, Seconds, Timestamp, U128, average},
};

/// Largest price: its average and its fractions fit 128 bits.
pub const MAX_PRICE: u64 = 1 << 53;

/// What fresh reports say together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aggregate {
    /// Median of the prices; of an even number the mean of the two middle ones, rounded down.
    pub median: u64,
    /// Least distance from the median within which more than half of the reports lie, each with its own interval.
    pub radius: u64,
    /// Latest time at or after which more than half of the reports were observed.
    pub observed_at: Timestamp,
}

/// What the reports say that are fresh enough; nothing if they are too few.
pub fn aggregate(slots: &[Slot], settings: &Settings, now: Timestamp) -> Option<Aggregate> {
    let is_fresh = |report: &Report| report.price > 0 && now.since(report.observed_at) <= settings.max_age.0 as u64;
    let (mut prices, mut times) = ([0; MAX_SOURCES], [Timestamp(0); MAX_SOURCES]);
    let mut count = 0;
    for Slot { report, .. } in slots.iter().filter(|slot| is_fresh(&slot.report)) {
        (prices[count], times[count]) = (report.price, report.observed_at);
        count += 1;
    }
    if count == 0 || count < settings.min_reports as usize {
        return None;
    }
    let (prices, times) = (&mut prices[..count], &mut times[..count]);
    prices.sort_unstable();
    // Below 2^53 each.
    let median = (prices[(count - 1) / 2] + prices[count / 2]) / 2;
    times.sort_unstable();
    let observed_at = times[(count - 1) / 2];

    // The prices are done with: their room is the distances'.
    let mut fresh = slots.iter().filter(|slot| is_fresh(&slot.report));
    prices.fill_with(|| fresh.next().map_or(0, |Slot { report, .. }| report.price.abs_diff(median) + report.conf));
    prices.sort_unstable();
    Some(Aggregate { median, radius: prices[count / 2], observed_at })
}

/// Publishes a price, if enough reports are fresh and more than half of them are newer than at the last. Returns whether it did.
pub fn publish(feed: &mut Feed, now: Timestamp) -> Result<bool> {
    let Some(Aggregate { median, radius, observed_at }) = aggregate(feed.slots(), &feed.settings, now) else {
        return Ok(false);
    };
    if observed_at <= feed.published_at {
        return Ok(false);
    }
    let (price, unused) = if feed.price == 0 {
        (median, 0)
    } else {
        average::follow(feed.price, median, feed.settings.speed, now.since(feed.moved_at))
    };
    let least = feed.settings.min_confidence.of_ceil(price)?;
    let conf = (radius + price.abs_diff(median)).max(least);

    let (elapsed, period) = (now.since(feed.averaged_at), feed.settings.average_period.0 as u64);
    let elapsed = if feed.price == 0 { period } else { elapsed };
    feed.average = follow(feed.average, price, elapsed, period);
    feed.average_conf = follow(feed.average_conf, conf, elapsed, period);
    (feed.price, feed.conf, feed.published_at) = (price, conf, observed_at);
    feed.moved_at = Timestamp(now.0.saturating_sub_unsigned(unused));
    feed.averaged_at = now;
    Ok(true)
}

/// A moving average in units of 2^-32 that has come nearer to `value` by the part of the period that has passed.
fn follow(average: U128, value: u64, elapsed: u64, period: u64) -> U128 {
    let (before, value) = (average.get(), (value as u128) << 32);
    let period = period.max(1) as u128;
    let step = before.abs_diff(value) * (elapsed as u128).min(period) / period;
    U128::new(if value < before { before - step } else { before + step })
}

/// The price in Pyth's layout. The feed's address is the price's id, so that no other feed of this program can be taken for it.
pub fn update(feed: &Feed, address: &Address, before: Timestamp, slot: u64) -> PriceUpdate {
    let whole = |average: U128| (average.get() >> 32) as u64;
    PriceUpdate {
        discriminator: DISCRIMINATOR,
        write_authority: *address.as_array(),
        verification: FULL,
        feed_id: *address.as_array(),
        price: feed.price as i64,
        conf: feed.conf,
        exponent: feed.exponent,
        publish_time: feed.published_at.0,
        prev_publish_time: before.0,
        ema_price: whole(feed.average) as i64,
        // Rounded up: an interval is never narrower than it should be.
        ema_conf: whole(feed.average_conf) + 1,
        posted_slot: slot,
    }
}

/// Takes a source's report.
pub fn take(feed: &mut Feed, source: &Source, report: Report, now: Timestamp) -> Result<()> {
    let slots = &mut feed.slots[..feed.count as usize];
    let slot = slots.iter_mut().find(|slot| slot.source == *source).ok_or(FeedError::NoSource)?;
    require((1..=MAX_PRICE).contains(&report.price) && report.conf <= report.price, FeedError::InvalidReport)?;
    require(report.observed_at.since(now) <= PRICE_TOLERANCE.0 as u64, FeedError::FromTheFuture)?;
    require(now.since(report.observed_at) <= feed.settings.max_age.0 as u64, FeedError::TooOld)?;
    let observed_at = report.observed_at.min(now);
    require(slot.report.price == 0 || observed_at > slot.report.observed_at, FeedError::NotNewer)?;
    slot.report = Report { observed_at, ..report };
    Ok(())
}

/// What another feed says, in units of 10^`exponent`.
pub fn read(update: &PriceUpdate, exponent: i32) -> Result<Report> {
    let is_update = update.discriminator == DISCRIMINATOR && update.verification == FULL;
    require(is_update, FeedError::InvalidPriceAccount)?;
    let price = u64::try_from(update.price).map_err(|_| FeedError::InvalidReport)?;
    require(price > 0, FeedError::InvalidReport)?;
    let rescaled = |value| average::rescale(value, update.exponent, exponent).map_err(|_| FeedError::InvalidReport);
    let price = rescaled(price)?;
    let mut conf = update.conf;
    if conf > 0 {
        // Rounded up, as above.
        let unit = (update.exponent < exponent) as u64;
        conf = rescaled(conf)?.checked_add(unit).ok_or(FeedError::InvalidReport)?;
    }
    Ok(Report { price, conf, observed_at: Timestamp(update.publish_time) })
}

/// Refuses settings and sources outside their ranges.
pub fn check(settings: &Settings, sources: &[Source], own: &Address) -> Result<()> {
    let in_range = (Seconds(1)..=Seconds(3_600)).contains(&settings.max_age)
        && (Seconds(60)..=Seconds(86_400)).contains(&settings.average_period)
        && (Bps(1)..=Bps::WHOLE).contains(&settings.speed)
        && settings.min_confidence <= Bps(1_000);
    require(in_range, Fault::InvalidParameter)?;
    require((1..=MAX_SOURCES).contains(&sources.len()), FeedError::InvalidSources)?;
    let fewest = settings.min_reports as usize;
    require(fewest <= sources.len() && 2 * fewest > sources.len(), FeedError::InvalidSources)?;
    for (index, source) in sources.iter().enumerate() {
        let is_fit = source.key != Address::default() && source.key != *own && !sources[..index].contains(source);
        require(is_fit, FeedError::InvalidSources)?;
    }
    Ok(())
}

/// Puts sources in force. Those that stay keep their reports.
pub fn set(feed: &mut Feed, sources: &[Source]) {
    let before = feed.slots;
    let before = &before[..feed.count as usize];
    feed.slots.fill(Slot::default());
    for (slot, source) in feed.slots.iter_mut().zip(sources) {
        let kept = before.iter().find(|kept| kept.source == *source);
        *slot = Slot { source: *source, report: kept.map_or(Report::default(), |kept| kept.report) };
    }
    feed.count = sources.len() as u8;
}

/// Removes a source. The fewest reports that make a price stay as many.
pub fn remove(feed: &mut Feed, source: &Source) -> Result<()> {
    let index = feed.slots().iter().position(|slot| slot.source == *source).ok_or(FeedError::NoSource)?;
    feed.count -= 1;
    feed.slots.swap(index, feed.count as usize);
    feed.slots[feed.count as usize] = Slot::default();
    Ok(())
}

#[cfg(test)]
mod tests {
    use {super::*, proptest::prelude::*};

    const OWN: Address = Address::new_from_array([0xff; 32]);

    fn signer(number: u8) -> Source {
        Source { key: Address::new_from_array([number; 32]), ..Source::default() }
    }

    fn settings(min_reports: u8) -> Settings {
        Settings {
            max_age: Seconds(60),
            average_period: Seconds(3_600),
            speed: Bps(1_000),
            min_confidence: Bps(0),
            min_reports,
            reserved: [0; 3],
        }
    }

    fn feed(count: u8, min_reports: u8) -> Feed {
        let mut feed = Feed { settings: settings(min_reports), exponent: -8, ..Feed::default() };
        let sources: Vec<_> = (1..=count).map(signer).collect();
        check(&feed.settings, &sources, &OWN).unwrap();
        set(&mut feed, &sources);
        feed
    }

    fn say(feed: &mut Feed, number: u8, price: u64, conf: u64, at: i64, now: i64) -> Result<()> {
        take(feed, &signer(number), Report { price, conf, observed_at: Timestamp(at) }, Timestamp(now))
    }

    fn reports() -> impl Strategy<Value = Vec<Slot>> {
        let price = prop_oneof![1..200u64, 900..1_100u64, 1..=MAX_PRICE];
        let report = (price, 0..50u64, 0..200i64).prop_map(|(price, conf, at)| Report {
            price,
            conf: conf.min(price),
            observed_at: Timestamp(at),
        });
        let slot = report.prop_map(|report| Slot { source: Source::default(), report });
        prop::collection::vec(slot, 1..=16)
    }

    proptest! {
        /// The definitions, word for word.
        #[test]
        fn agrees_with_the_reference(slots in reports(), now in 100..250i64, min_reports in 1u8..=16) {
            let settings = settings(min_reports);
            let fresh: Vec<_> = slots.iter().map(|slot| slot.report).filter(|report| now - report.observed_at.0 <= 60).collect();
            let found = aggregate(&slots, &settings, Timestamp(now));
            if fresh.len() < min_reports as usize {
                prop_assert_eq!(found, None);
                return Ok(());
            }
            let mut prices: Vec<u128> = fresh.iter().map(|report| report.price as u128).collect();
            prices.sort();
            let middle = prices.len() / 2;
            let median = if prices.len() % 2 == 1 { prices[middle] } else { (prices[middle - 1] + prices[middle]) / 2 };
            let most = |count: usize| 2 * count > fresh.len();
            let distance = |report: &Report| (report.price as u128).abs_diff(median) + report.conf as u128;
            let within = |radius: u128| fresh.iter().filter(|report| distance(report) <= radius).count();
            let radius = fresh.iter().map(distance).filter(|radius| most(within(*radius))).min().unwrap();
            let since = |time: Timestamp| fresh.iter().filter(|report| report.observed_at >= time).count();
            let at = fresh.iter().map(|report| report.observed_at).filter(|time| most(since(*time))).max().unwrap();
            let expected = Aggregate { median: median as u64, radius: radius as u64, observed_at: at };
            prop_assert_eq!(found, Some(expected));
        }

        /// A minority of liars: the price is between honest ones, its interval no wider than these explain, its time no lie.
        #[test]
        fn a_minority_names_no_price(
            honest in prop::collection::vec((990..=1_010u64, 0..5u64, 90..=100i64), 1..=8),
            lies in prop::collection::vec((1..=MAX_PRICE, 0..MAX_PRICE, 40..=100i64), 0..=7),
        ) {
            let lies = &lies[..lies.len().min(honest.len() - 1)];
            let slot = |&(price, conf, at): &(u64, u64, i64)| {
                let report = Report { price, conf: conf.min(price), observed_at: Timestamp(at) };
                Slot { source: Source::default(), report }
            };
            let slots: Vec<_> = honest.iter().chain(lies).map(slot).collect();
            let Aggregate { median, radius, observed_at } =
                aggregate(&slots, &settings(1), Timestamp(100)).expect("all are fresh");
            let (low, high) = (honest.iter().map(|it| it.0).min().unwrap(), honest.iter().map(|it| it.0).max().unwrap());
            prop_assert!((low..=high).contains(&median));
            prop_assert!(radius <= high - low + 4);
            let (first, last) = (honest.iter().map(|it| it.2).min().unwrap(), honest.iter().map(|it| it.2).max().unwrap());
            prop_assert!((first..=last).contains(&observed_at.0));
        }

        /// Whatever is reported, when: the price keeps its speed, the interval holds the median, time does not go back.
        #[test]
        fn prices_keep_their_speed(
            steps in prop::collection::vec((0..3_000i64, 1..=3u8, prop_oneof![500..2_000u64, 1..=MAX_PRICE], 0..100u64), 1..60),
        ) {
            let (mut feed, mut now) = (feed(3, 2), 1_000);
            for (wait, number, price, conf) in steps {
                now += wait % 40;
                if say(&mut feed, number, price, conf.min(price), now, now).is_err() {
                    continue;
                }
                let before = feed;
                if !publish(&mut feed, Timestamp(now)).unwrap() {
                    prop_assert_eq!(before, feed);
                    continue;
                }
                prop_assert!(feed.published_at > before.published_at && feed.published_at.0 <= now);
                let Aggregate { median, .. } = aggregate(feed.slots(), &feed.settings, Timestamp(now)).unwrap();
                prop_assert!(feed.price.abs_diff(median) <= feed.conf);
                prop_assert!(feed.price.saturating_sub(feed.conf) <= median);
                if before.price > 0 {
                    // Of a tenth an hour, what the seconds since allow that were not used before; a unit at least.
                    let most = before.price as u128 * 1_000 * (now - before.moved_at.0) as u128 / 36_000_000;
                    prop_assert!(feed.price.abs_diff(before.price) as u128 <= most.max(1));
                }
                let update = update(&feed, &OWN, before.published_at, 7);
                let average = { update.ema_price };
                prop_assert!(average >= 0 && average as u64 <= MAX_PRICE);
            }
        }
    }

    #[test]
    fn too_few_or_too_old_reports_make_no_price() {
        let mut feed = feed(3, 2);
        say(&mut feed, 1, 100, 0, 1_000, 1_000).unwrap();
        assert_eq!(publish(&mut feed, Timestamp(1_000)), Ok(false));
        say(&mut feed, 2, 104, 0, 1_061, 1_061).unwrap();
        assert_eq!(publish(&mut feed, Timestamp(1_061)), Ok(false), "the first is 61 seconds old");
        say(&mut feed, 1, 100, 1, 1_050, 1_061).unwrap();
        assert_eq!(publish(&mut feed, Timestamp(1_061)), Ok(true));
        assert_eq!((feed.price, feed.conf, feed.published_at), (102, 3, Timestamp(1_050)));
        // One of two is newer: no majority knows more than before.
        say(&mut feed, 2, 900, 0, 1_070, 1_070).unwrap();
        assert_eq!(publish(&mut feed, Timestamp(1_070)), Ok(false));
    }

    /// One silent, one honest, one lying: nothing is sold above what the honest one says.
    #[test]
    fn half_of_the_reports_lift_no_low_side() {
        for lie in [1, 90, 100, 110, 1_000_000, MAX_PRICE] {
            let mut feed = feed(3, 2);
            say(&mut feed, 1, 100, 2, 1_000, 1_000).unwrap();
            say(&mut feed, 2, lie, 0, 1_000, 1_000).unwrap();
            assert_eq!(publish(&mut feed, Timestamp(1_000)), Ok(true));
            assert!(feed.price.saturating_sub(feed.conf) <= 100, "{lie}");
        }
    }

    #[test]
    fn a_jump_is_followed_slowly_and_told_by_the_interval() {
        let mut feed = feed(3, 2);
        let mut say_all = |price, now| {
            (1..=3).for_each(|number| say(&mut feed, number, price, 10, now, now).unwrap());
            publish(&mut feed, Timestamp(now)).unwrap();
            (feed.price, feed.conf)
        };
        assert_eq!(say_all(1_000_000, 1_000), (1_000_000, 10));
        // A tenth an hour: in a minute a 600th.
        assert_eq!(say_all(2_000_000, 1_060), (1_001_666, 998_344));
        assert_eq!(say_all(500_000, 1_120), (999_997, 499_997 + 10));
        assert_eq!(say_all(999_000, 1_180), (999_000, 10));
        // Silence counts as an hour.
        assert_eq!(say_all(2_000_000, 90_000).0, 1_098_900);
    }

    #[test]
    fn the_average_forgets_in_its_period() {
        assert_eq!(follow(U128::new(100 << 32), 200, 900, 3_600), U128::new(125 << 32));
        assert_eq!(follow(U128::new(100 << 32), 0, 3_600, 3_600), U128::new(0));
        assert_eq!(follow(U128::new(100 << 32), 200, 1 << 40, 3_600), U128::new(200 << 32));
        // Each second moves it, however little.
        let all = (0..3_600).fold(U128::new(1_000 << 32), |average, _| follow(average, 1_100, 1, 3_600));
        assert_eq!(all.get() >> 32, 1_063, "1 - 1/e of the way");
    }

    #[test]
    fn reports_are_new_and_in_their_ranges() {
        let mut feed = feed(2, 2);
        use FeedError::*;
        assert_eq!(say(&mut feed, 3, 1, 0, 100, 100), Err(NoSource));
        for (price, conf) in [(0, 0), (MAX_PRICE + 1, 0), (5, 6)] {
            assert_eq!(say(&mut feed, 1, price, conf, 100, 100), Err(InvalidReport));
        }
        assert_eq!(say(&mut feed, 1, 5, 5, 131, 100), Err(FromTheFuture));
        assert_eq!(say(&mut feed, 1, 5, 5, 39, 100), Err(TooOld));
        assert_eq!(say(&mut feed, 1, 5, 5, 40, 100), Ok(()));
        assert_eq!(say(&mut feed, 1, 5, 5, 40, 100), Err(NotNewer));
        // A clock that is fast counts as now.
        assert_eq!(say(&mut feed, 1, 5, 5, 130, 100), Ok(()));
        assert_eq!(feed.slots[0].report.observed_at, Timestamp(100));
        assert_eq!(say(&mut feed, 1, 5, 5, 120, 100), Err(NotNewer));
    }

    #[test]
    fn other_feeds_are_read_in_units_of_ones_own() {
        let update = PriceUpdate {
            discriminator: DISCRIMINATOR,
            verification: FULL,
            price: 123_456,
            conf: 789,
            exponent: -5,
            publish_time: 77,
            ..PriceUpdate::default()
        };
        let read_at = |exponent| read(&update, exponent).map(|report| (report.price, report.conf));
        assert_eq!(
            [read_at(-5), read_at(-8), read_at(-3)],
            [Ok((123_456, 789)), Ok((123_456_000, 789_000)), Ok((1_234, 8))]
        );
        let wrong = |update| read(&update, -5).unwrap_err();
        assert_eq!(wrong(PriceUpdate { price: 0, ..update }), FeedError::InvalidReport);
        assert_eq!(wrong(PriceUpdate { price: -1, ..update }), FeedError::InvalidReport);
        assert_eq!(wrong(PriceUpdate { exponent: 20, ..update }), FeedError::InvalidReport);
        assert_eq!(wrong(PriceUpdate { verification: 0, ..update }), FeedError::InvalidPriceAccount);
        assert_eq!(wrong(PriceUpdate { discriminator: [0; 8], ..update }), FeedError::InvalidPriceAccount);
    }

    #[test]
    fn sources_are_a_quorum_of_others() {
        let sources: Vec<_> = (1..=17).map(signer).collect();
        let try_check = |count: usize, min_reports| check(&settings(min_reports), &sources[..count], &OWN);
        use FeedError::*;
        for (count, fewest) in [(1, 1), (2, 2), (3, 2), (4, 3), (16, 9)] {
            assert_eq!(try_check(count, fewest), Ok(()));
            assert_eq!(try_check(count, fewest - 1), Err(InvalidSources), "a minority");
            assert_eq!(try_check(count, count as u8 + 1), Err(InvalidSources));
        }
        assert_eq!((try_check(0, 0), try_check(17, 9)), (Err(InvalidSources), Err(InvalidSources)));
        let of = |sources: &[Source]| check(&settings(2), sources, &OWN);
        let own = Source { key: OWN, receiver: crate::ID };
        assert_eq!(of(&[sources[0], sources[0]]), Err(InvalidSources));
        assert_eq!(of(&[sources[0], own]), Err(InvalidSources));
        assert_eq!(of(&[sources[0], Source::default()]), Err(InvalidSources));
        let right = settings(1);
        for wrong in [
            Settings { max_age: Seconds(0), ..right },
            Settings { max_age: Seconds(3_601), ..right },
            Settings { average_period: Seconds(59), ..right },
            Settings { average_period: Seconds(86_401), ..right },
            Settings { speed: Bps(0), ..right },
            Settings { speed: Bps(10_001), ..right },
            Settings { min_confidence: Bps(1_001), ..right },
        ] {
            assert_eq!(check(&wrong, &sources[..1], &OWN), Err(InvalidParameter));
        }
    }

    #[test]
    fn who_is_removed_gives_his_vote_to_nobody() {
        let mut feed = feed(3, 2);
        (1..=3).for_each(|number| say(&mut feed, number, 100 * number as u64, 0, 100, 100).unwrap());
        remove(&mut feed, &signer(1)).unwrap();
        assert_eq!(remove(&mut feed, &signer(1)), Err(FeedError::NoSource));
        assert_eq!(feed.slots().iter().map(|slot| slot.report.price).collect::<Vec<_>>(), [300, 200]);
        remove(&mut feed, &signer(2)).unwrap();
        assert_eq!(publish(&mut feed, Timestamp(100)), Ok(false), "the last one names no price");
        let again = [signer(2), signer(3)];
        set(&mut feed, &again);
        assert_eq!(feed.slots().iter().map(|slot| slot.report.price).collect::<Vec<_>>(), [0, 300]);
    }
}

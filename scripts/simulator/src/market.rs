//! A model of what customers and providers do, week by week.
//!
//! - Customers want work, worth an amount of dollars, a part of it in each lane. Providers do as much of it as they have capacity
//!   for, in all lanes alike.
//! - Customers pay with credits. They buy credits with tokens at the market price, and those tokens are burned.
//! - Providers sell all tokens that they earn. Stakers and the treasury sell half of theirs.
//! - The price falls if more tokens are sold than burned: by ten times the difference, as a part of the supply, but by
//!   10 % a week at most. It rises by the same rule if more are burned. So it moves to where sales equal burns.
//! - Providers join while their income is above their costs and leave while it is below, 2 % a week at most. Costs
//!   begin at 70 % of the first week's income.
//!
//! Two feedback loops can spiral. A lower price lowers income in dollars: providers leave, less work is paid for, and
//! the price falls further. And if emission follows demand in dollars, a lower price mints more tokens.

use {
    crate::{
        path::Path,
        preset::{DECIMALS, Preset, TOKEN},
    },
    joule_bme::lanes::{self, Budget, Given, Worth},
    joule_bme_interface::state::{Epoch, EpochTerms, Network, Split},
    joule_math::{Credits, MintWindow, Timestamp, Tokens, part_of},
};

/// The outcome of a week.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Number of the week, from 0.
    pub week: u64,
    /// Work that customers want, dollars.
    pub wanted: f64,
    /// Work that providers do, dollars.
    pub worked: f64,
    /// Of the work so far, what waits for a lane's limit, dollars.
    pub waiting: f64,
    /// Price of a token, dollars.
    pub price: f64,
    /// Number of providers.
    pub providers: f64,
    /// Tokens that customers burn.
    pub burned: Tokens,
    /// Tokens that the schedule gives.
    pub scheduled: Tokens,
    /// Burned tokens that are minted again.
    pub reminted: Tokens,
    /// Tokens minted for the floor of income.
    pub topped_up: Tokens,
    /// Tokens minted in all.
    pub minted: Tokens,
    /// Supply at the end of the week.
    pub supply: Tokens,
    /// Income of one provider, dollars.
    pub income: f64,
    /// Tokens that return, in the lane where it is most, to whoever burns one, works it off there for itself, and holds every
    /// part of the emission.
    pub self_dealing: f64,
}

/// Capacity of a provider, as a multiple of its part of the first week's demand.
const CAPACITY: f64 = 1.3;
const EXPONENT: i32 = -8;

/// A network in which nothing has happened yet.
fn network(preset: &Preset) -> Network {
    let mut network = Network { policy: preset.policy, decimals: DECIMALS, ..Network::default() };
    lanes::set_weights(&mut network, preset.policy.weights());
    network.terms = EpochTerms::of(&network.policy, network.weights());
    network
}

/// What is decided for a week, as the program decides it: the present state in, what each lane is given out.
struct Decision<'a> {
    network: &'a Network,
    epoch: &'a Epoch,
    /// Tokens under the maximum supply that are promised to nobody.
    room: Tokens,
    /// Price of a token.
    feed: u64,
}

impl Decision<'_> {
    /// Decides. The network and the epoch are as they are afterwards.
    fn make(&self) -> (Network, Epoch, Given) {
        let (mut network, mut epoch) = (*self.network, *self.epoch);
        let (terms, emission) = (epoch.terms, epoch.terms.emission());
        let worth = match (terms.payout_share.0, epoch.worked.is_zero()) {
            (0, _) => Worth::Unbounded,
            (_, true) => Worth::Unknown,
            (_, false) => Worth::Price(self.feed, EXPONENT),
        };
        let budget = Budget {
            scheduled: scheduled(&epoch),
            remintable: network.remintable.min(emission.remint_cap),
            carried: Tokens::ZERO,
            room: self.room,
        };
        let given = lanes::divide(&mut network, &mut epoch, budget, worth).expect("a policy in its ranges");
        (network, epoch, given)
    }

    /// What returns of a token to whoever does all the work of a lane for itself: where that is most. In a lane without work, it is
    /// a dollar's.
    fn self_dealing(&self) -> f64 {
        let returned = |(lane, weight): (usize, &u16)| {
            let mut epoch = *self.epoch;
            let work = &mut epoch.lanes[lane];
            if *weight == 0 {
                return 0.0;
            }
            if work.counted.is_zero() {
                (work.counted, work.counted_tokens) = (DOLLAR, cost(DOLLAR, self.feed));
                (epoch.worked.0, epoch.tokens.0) = (epoch.worked.0 + DOLLAR.0, epoch.tokens.0 + work.counted_tokens.0);
            }
            let burned = work.counted_tokens.0.max(1);
            let given = Decision { epoch: &epoch, ..*self }.make().2;
            given.lanes[lane].sum().expect("under the maximum supply").0 as f64 / burned as f64
        };
        self.epoch.terms.lane_weights.iter().enumerate().map(returned).fold(0.0, f64::max)
    }
}

const DOLLAR: Credits = Credits(1_000_000);

/// Tokens that credits cost.
fn cost(credits: Credits, feed: u64) -> Tokens {
    credits.to_tokens_ceil(feed, EXPONENT, DECIMALS).unwrap_or(Tokens::MAX)
}

/// Tokens that the schedule gives for an epoch.
fn scheduled(epoch: &Epoch) -> Tokens {
    let week = epoch.first_period;
    epoch.terms.emission().schedule.between(week, week + 1).expect("a policy in its ranges")
}

/// What customers buy and providers do in a week, by lanes. A week burns at most half of the supply.
fn work(terms: EpochTerms, preset: &Preset, week: u64, worked: f64, feed: u64, supply: Tokens) -> Epoch {
    let mut epoch = Epoch { index: week, first_period: week, periods: 1, terms, ..Epoch::default() };
    for (lane, part) in epoch.lanes.iter_mut().zip(preset.lanes) {
        lane.credits = Credits((worked * part * 1e6) as u64);
        lane.tokens = cost(lane.credits, feed);
    }
    let (burned, most) = (epoch.lanes.iter().map(|lane| lane.tokens.0 as u128).sum::<u128>(), supply.0 / 2);
    if burned > most as u128 {
        let of = u64::try_from(burned).unwrap_or(u64::MAX);
        epoch.lanes.iter_mut().for_each(|lane| lane.tokens = Tokens(part_of(most, lane.tokens.0, of)));
    }
    epoch
}

/// Runs a policy along a path.
pub fn run(preset: &Preset, path: &Path) -> Vec<Row> {
    let (mut supply, mut price, mut providers) = (preset.supply, preset.price, preset.providers);
    let mut network = network(preset);
    let policy = network.policy;
    let (breaker, mut window) = (network.mint_limit(), MintWindow::default());
    let mut deferred = Split::default();
    let capacity = CAPACITY * preset.demand / preset.providers;
    let mut costs = None;
    let mut rows = vec![];
    for (week, outside) in (0..).zip(&path.weeks) {
        price = (price * outside.price).max(1e-6);
        let feed = (price * 1e8) as u64;
        let wanted = preset.demand * outside.demand;
        let worked = wanted.min(capacity * providers);
        let mut epoch = work(network.terms, preset, week, worked, feed, supply);
        let burned = Tokens(epoch.lanes.iter().map(|lane| lane.tokens.0).sum());
        supply = Tokens(supply.0 - burned.0);
        let part = Tokens(policy.remint_share.of_floor(burned.0).expect("a part"));
        network.remintable = network.remintable.plus(part).expect("under the maximum supply");
        lanes::apply_limits(&mut network, &mut epoch).expect("under the maximum supply");

        let promised = deferred.sum().expect("under the maximum supply").0;
        let room = Tokens(policy.max_supply.0.saturating_sub(supply.0).saturating_sub(promised));
        let decision = Decision { network: &network, epoch: &epoch, room, feed };
        let self_dealing = decision.self_dealing();
        let (after, epoch, given) = decision.make();
        network = after;
        network.remintable = Tokens(network.remintable.0 - given.reminted.0);
        deferred = deferred.plus(&given.split).expect("under the maximum supply");
        let now = Timestamp((week * breaker.length.0 as u64) as i64);
        window = breaker.window(window, now, supply);
        let minted = window.take(deferred.sum().expect("under the maximum supply")).expect("under the limit");
        // Providers first.
        let mut left = minted;
        let mut take = |waiting: &mut Tokens| {
            let taken = (*waiting).min(left);
            (waiting.0, left.0) = (waiting.0 - taken.0, left.0 - taken.0);
            taken.0 as f64
        };
        let to_providers = take(&mut deferred.providers);
        let to_others = take(&mut deferred.stakers) + take(&mut deferred.treasury);
        supply = supply.plus(minted).expect("under the maximum supply");

        let income = to_providers / TOKEN as f64 * price / providers.max(1.0);
        let costs = *costs.get_or_insert(0.7 * income) * outside.costs;
        rows.push(Row {
            week,
            wanted,
            worked,
            waiting: network.lanes.iter().map(|lane| lane.waiting.0 as f64 / 1e6).sum(),
            price,
            providers,
            burned,
            scheduled: scheduled(&epoch),
            reminted: given.reminted,
            topped_up: given.topped_up,
            minted,
            supply,
            income,
            self_dealing,
        });

        let sold = to_providers + to_others / 2.0;
        let pressure = (burned.0 as f64 - sold) / supply.0.max(1) as f64;
        price *= 1.0 + (10.0 * pressure).clamp(-0.1, 0.1);
        let content = if costs > 0.0 { income / costs - 1.0 } else { 0.0 };
        providers = (providers * (1.0 + (content / 10.0).clamp(-0.02, 0.02))).max(1.0);
    }
    rows
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// In the last year at least 95 % of the work wanted was done, and no more than half of the providers left.
    Holds,
    /// In the last year less than 95 % of the work was done, or more than half of the providers left.
    Shrinks,
    /// In the last year less than half of the work was done, or the token lost more than 95 % of its price.
    Spirals,
    /// In some week and lane a token burned for one's own work returned more than a token: everybody works for himself.
    Drained,
}

impl Verdict {
    /// Its name in the summary.
    pub fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Shrinks => "shrinks",
            Self::Spirals => "spirals",
            Self::Drained => "drained",
        }
    }
}

/// The part of the last year's wanted work that was done, 0 to 1.
pub fn served(rows: &[Row]) -> f64 {
    let year = &rows[rows.len().saturating_sub(52)..];
    let sum = |field: fn(&Row) -> f64| year.iter().map(field).sum::<f64>();
    sum(|row| row.worked) / sum(|row| row.wanted).max(1.0)
}

/// The most that came back, in any week and lane, to whoever burned a token for work of its own.
pub fn self_dealing(rows: &[Row]) -> f64 {
    rows.iter().map(|row| row.self_dealing).fold(0.0, f64::max)
}

/// Says how a run ended.
pub fn verdict(rows: &[Row]) -> Verdict {
    let (first, last) = (&rows[0], &rows[rows.len() - 1]);
    let served = served(rows);
    if self_dealing(rows) > 1.0 {
        Verdict::Drained
    } else if served < 0.5 || last.price < first.price / 20.0 {
        Verdict::Spirals
    } else if served < 0.95 || last.providers < first.providers / 2.0 {
        Verdict::Shrinks
    } else {
        Verdict::Holds
    }
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        crate::{path, preset},
        joule_math::Bps,
    };

    #[test]
    fn minted_tokens_were_scheduled_or_burned_and_fit_the_maximum() {
        for preset in preset::all() {
            assert_eq!(preset.check(), Ok(()));
            for path in path::all() {
                let rows = run(&preset, &path);
                let (mut allowed, mut minted) = (0u128, 0u128);
                for row in &rows {
                    allowed += row.scheduled.0 as u128 + row.reminted.0 as u128;
                    minted += row.minted.0 as u128;
                    assert!(minted <= allowed && row.supply <= preset.policy.max_supply, "{} {row:?}", preset.name);
                    assert!(row.worked <= row.wanted && row.price > 0.0);
                    assert_eq!(row.topped_up, Tokens(0), "there is no floor");
                }
            }
        }
    }

    #[test]
    fn self_dealing_pays_where_the_operator_vouches_and_nowhere_else() {
        for preset in preset::all() {
            for path in path::all() {
                let most = self_dealing(&run(&preset, &path));
                assert!(most <= 1.0, "{} {}: {most}", preset.name, path.name);
            }
            let open = self_dealing(&run(&preset.clone().vouched(), &path::all()[0]));
            assert!(open > 1.0 || preset.policy.payout_share.0 > 0, "{}: {open}", preset.name);
        }
        let ionet = preset::all()[2].clone().with(|policy| policy.payout_share = Bps(11_000));
        assert!(ionet.check().is_err());
        let vouched = ionet.vouched();
        assert_eq!(vouched.check(), Ok(()));
        let rows = run(&vouched, &path::all()[0]);
        // 110 % to providers, who are paid four fifths of what is minted.
        assert!((self_dealing(&rows) - 1.375).abs() < 1e-3, "{}", self_dealing(&rows));
        assert_eq!(verdict(&rows), Verdict::Drained);
    }

    /// A network of two lanes with equal weights, whose operator vouches for every job, and no ceiling of income.
    fn two_lanes(demand: [f64; 2]) -> Preset {
        let preset = preset::all()[2].clone().vouched().with(|policy| {
            policy.payout_share = Bps(0);
            policy.remint_cap = Tokens(0);
            policy.initial_emission = Tokens(400_000 * TOKEN);
            policy.lane_weights = preset::lanes([100, 100]);
        });
        Preset { lanes: preset::lanes(demand), ..preset }
    }

    #[test]
    fn self_dealing_is_counted_in_each_lane_by_itself() {
        let steady = &path::all()[0];
        let first = |preset: &Preset| run(preset, steady)[0].self_dealing;
        // 800,000 tokens burned, 400,000 minted: half. The lane with a tenth of the work is given as much as the other.
        let whole = first(&two_lanes([1.0, 0.0]).with(|policy| policy.lane_weights = preset::lanes([100])));
        assert!((whole - 0.5).abs() < 1e-3, "{whole}");
        let even = first(&two_lanes([0.5, 0.5]));
        assert!((even - 0.5).abs() < 1e-3, "{even}");
        let small = first(&two_lanes([0.9, 0.1]));
        assert!((small - 2.5).abs() < 1e-2, "{small}");
        assert_eq!(verdict(&run(&two_lanes([0.9, 0.1]), steady)), Verdict::Drained);
        // One dollar in a lane where nobody works.
        let idle = first(&two_lanes([1.0, 0.0]));
        assert!(idle > 90_000.0, "{idle}");
        let safe = two_lanes([1.0, 0.0]).with(|policy| policy.vouched = 0);
        assert!(self_dealing(&run(&safe, steady)) <= 1.0);
    }

    #[test]
    fn what_is_beyond_a_limit_waits_and_is_paid_later() {
        let limited =
            |dollars: u64| preset::all()[2].clone().with(|policy| policy.lane_limits[0] = Credits(dollars * DOLLAR.0));
        let dry = &path::all()[3];
        let rows = run(&limited(350_000), dry);
        assert!((rows[0].waiting - 50_000.0).abs() < 1.0, "{:?}", rows[0]);
        assert!((rows[1].waiting - 100_000.0).abs() < 1.0, "{:?}", rows[1]);
        // While customers want less, what waited is paid.
        assert!(rows[59].waiting > 1_000_000.0 && rows[163].waiting == 0.0, "{:?}", rows[163]);
        let paid = |week: usize| rows[week].income * rows[week].providers;
        assert!(paid(65) > 0.7 * paid(59) && paid(100) < 0.45 * paid(59), "{} {} {}", paid(59), paid(65), paid(100));
        assert!(rows.iter().all(|row| row.self_dealing <= 1.0));
        assert!(run(&limited(1_000_000), dry).iter().all(|row| row.waiting == 0.0));
    }

    #[test]
    fn income_keeps_to_its_floor_and_its_ceiling() {
        let [steady, .., drought] = path::all();
        let bounded = |emission: u64, floor: u16, surplus: u8| {
            preset::all()[2].clone().vouched().with(|policy| {
                policy.initial_emission = Tokens(emission * TOKEN);
                (policy.decay_share, policy.remint_cap) = (Bps(0), Tokens(0));
                (policy.payout_floor, policy.surplus_to_stakers) = (Bps(floor), surplus);
            })
        };
        let share = |row: &Row| row.income * row.providers / row.worked;
        // A schedule of 100,000 tokens pays a tenth of the dollars: the floor adds what is missing.
        let floor = bounded(100_000, 6_000, 0);
        let rows = run(&floor, &steady);
        assert!((share(&rows[0]) - 0.6).abs() < 1e-3 && rows[0].topped_up.0 > 0, "{:?}", rows[0]);
        assert!(rows[0].self_dealing < 0.65, "it returns less than was burned: {}", rows[0].self_dealing);
        assert!((share(&run(&bounded(100_000, 0, 0), &steady)[0]) - 0.1).abs() < 1e-3);
        assert!(floor.clone().with(|policy| policy.vouched = 0).check().is_err());
        // A schedule of two million pays no more than the dollars; what is above is not minted, or the stakers'.
        let [none, stakers] = [0, 1].map(|surplus| bounded(2_000_000, 0, surplus));
        let [unminted, minted] = [&none, &stakers].map(|preset| run(preset, &drought)[0]);
        for row in [unminted, minted] {
            assert!((share(&row) - 1.0).abs() < 1e-3, "{row:?}");
        }
        assert!(unminted.minted < minted.minted && minted.minted == Tokens(2_000_000 * TOKEN));
        assert!(unminted.self_dealing < 1.26 && minted.self_dealing > 2.4, "{unminted:?} {minted:?}");
    }

    #[test]
    fn a_crash_that_breaks_income_in_tokens_does_not_break_income_in_dollars() {
        let [render, helium, ionet, _] = preset::all();
        let crash = &path::all()[2];
        let outcome = |preset: &Preset| verdict(&run(preset, crash));
        assert_eq!(outcome(&render), Verdict::Shrinks);
        assert_eq!(outcome(&helium), Verdict::Shrinks);
        assert_eq!(outcome(&ionet), Verdict::Holds);
    }
}

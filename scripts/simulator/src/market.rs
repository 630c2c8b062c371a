//! A model of what customers and providers do, week by week.
//!
//! - Customers want work, worth an amount of dollars. Providers do as much of it as they have capacity for.
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
    joule_math::{Credits, MintWindow, Timestamp, Tokens, demand},
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
    /// Tokens minted in all.
    pub minted: Tokens,
    /// Supply at the end of the week.
    pub supply: Tokens,
    /// Income of one provider, dollars.
    pub income: f64,
    /// Tokens that return to whoever burns one, works it off for itself, and holds every part of the emission.
    pub self_dealing: f64,
}

/// Capacity of a provider, as a multiple of its part of the first week's demand.
const CAPACITY: f64 = 1.3;
const EXPONENT: i32 = -8;

/// Runs a policy along a path.
pub fn run(preset: &Preset, path: &Path) -> Vec<Row> {
    let (mut supply, mut price, mut providers) = (preset.supply, preset.price, preset.providers);
    let mut window = MintWindow::default();
    let mut deferred = Tokens::ZERO;
    let mut remintable = Tokens::ZERO;
    let capacity = CAPACITY * preset.demand / preset.providers;
    let mut costs = None;
    let mut rows = vec![];
    for (week, outside) in (0..).zip(&path.weeks) {
        price = (price * outside.price).max(1e-6);
        let feed = (price * 1e8) as u64;
        let wanted = preset.demand * outside.demand;
        let worked = wanted.min(capacity * providers);
        let credits = Credits((worked * 1e6) as u64);
        // A week burns at most half of the supply.
        let burned = credits.to_tokens_ceil(feed, EXPONENT, DECIMALS).unwrap_or(Tokens::MAX).min(Tokens(supply.0 / 2));
        supply = Tokens(supply.0 - burned.0);

        let bound = (preset.payout.0 > 0)
            .then(|| demand(credits, preset.payout, feed, EXPONENT, DECIMALS).expect("a price above zero"));
        let left = Tokens(preset.max_supply.0.saturating_sub(supply.0).saturating_sub(deferred.0));
        let part = Tokens(preset.remint_share.of_floor(burned.0).expect("a part"));
        remintable = remintable.plus(part).expect("under the maximum supply");
        // What nobody vouches for returns no more than was burned for it.
        let left = if preset.vouched { left } else { left.min(burned) };
        let minting = preset.emission.decide(week, week + 1, remintable, left, bound).expect("a policy in its ranges");
        remintable = Tokens(remintable.0 - minting.reminted.0);
        let self_dealing = minting.total.0 as f64 / burned.0.max(1) as f64;
        deferred = deferred.plus(minting.total).expect("under the maximum supply");
        let now = Timestamp((week * preset.breaker.length.0 as u64) as i64);
        window = preset.breaker.window(window, now, supply);
        let minted = window.take(deferred).expect("under the limit");
        deferred = Tokens(deferred.0 - minted.0);
        supply = supply.plus(minted).expect("under the maximum supply");

        let to_providers = preset.emission.providers.of_floor(minted.0).expect("a part") as f64;
        let income = to_providers / TOKEN as f64 * price / providers.max(1.0);
        let costs = *costs.get_or_insert(0.7 * income) * outside.costs;
        rows.push(Row {
            week,
            wanted,
            worked,
            price,
            providers,
            burned,
            scheduled: minting.scheduled,
            reminted: minting.reminted,
            minted,
            supply,
            income,
            self_dealing,
        });

        let sold = to_providers + (minted.0 as f64 - to_providers) / 2.0;
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
    /// In some week a token burned for one's own work returned more than a token: everybody works for himself.
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

/// The most that came back, in any week, to whoever burned a token for work of its own.
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
    };

    #[test]
    fn minted_tokens_were_scheduled_or_burned_and_fit_the_maximum() {
        for preset in preset::all() {
            for path in path::all() {
                let rows = run(&preset, &path);
                let (mut allowed, mut minted) = (0u128, 0u128);
                for row in &rows {
                    allowed += row.scheduled.0 as u128 + row.reminted.0 as u128;
                    minted += row.minted.0 as u128;
                    assert!(minted <= allowed && row.supply <= preset.max_supply, "{} {row:?}", preset.name);
                    assert!(row.worked <= row.wanted && row.price > 0.0);
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
            assert!(open > 1.0 || preset.payout.0 > 0, "{}: {open}", preset.name);
        }
        let ionet = Preset { payout: joule_math::Bps(11_000), ..preset::all()[2].clone() };
        assert!(ionet.check().is_err());
        let vouched = ionet.vouched();
        assert_eq!(vouched.check(), Ok(()));
        let rows = run(&vouched, &path::all()[0]);
        // 110 % to providers, who are paid four fifths of what is minted.
        assert!((self_dealing(&rows) - 1.375).abs() < 1e-3, "{}", self_dealing(&rows));
        assert_eq!(verdict(&rows), Verdict::Drained);
    }

    #[test]
    fn a_crash_that_breaks_income_in_tokens_does_not_break_income_in_dollars() {
        let [render, helium, ionet] = preset::all();
        let crash = &path::all()[2];
        let outcome = |preset: &Preset| verdict(&run(preset, crash));
        assert_eq!(outcome(&render), Verdict::Shrinks);
        assert_eq!(outcome(&helium), Verdict::Shrinks);
        assert_eq!(outcome(&ionet), Verdict::Holds);
    }
}

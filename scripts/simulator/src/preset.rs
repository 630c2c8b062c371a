//! Policies in the manner of real networks: their published rules, with rounded numbers.

use {
    joule_bme::governance::policy,
    joule_bme_interface::state::{MAX_LANES, Policy, source},
    joule_math::{Bps, Credits, Seconds, Tokens},
};

/// One token.
pub const TOKEN: u64 = 100_000_000;
/// Decimals of the token in all presets.
pub const DECIMALS: u8 = 8;
const MILLION: u64 = 1_000_000 * TOKEN;
const WEEK: Seconds = Seconds(7 * 86_400);

/// A policy, and the network at the start.
#[derive(Clone, Debug)]
pub struct Preset {
    /// Name.
    pub name: &'static str,
    /// Its rule in one sentence, for the chart.
    pub rule: &'static str,
    /// The policy of a network that mints. An epoch is a week. There are no reward roots, and nobody moves the lanes' weights.
    pub policy: Policy,
    /// The part of the demand that is for work of each lane.
    pub lanes: [f64; MAX_LANES as usize],
    /// Supply at the start.
    pub supply: Tokens,
    /// Price at the start, dollars.
    pub price: f64,
    /// Demand at the start, dollars a week.
    pub demand: f64,
    /// Number of providers at the start.
    pub providers: f64,
}

impl Preset {
    /// Refuses what the program refuses, and says which field is out of range: income above the dollars worked, or a floor of
    /// it, pays whoever works for itself, and so needs the operator's word for every job. And work in a lane that is none.
    pub fn check(&self) -> Result<(), String> {
        policy::check(&self.policy, source::MINT)
            .map_err(|error| format!("{}: the program refuses the policy: {error}", self.name))?;
        let is_lane = |(part, weight): (&f64, u16)| *part == 0.0 || weight > 0;
        if !self.lanes.iter().zip(self.policy.weights()).all(is_lane) || self.policy.roots_share != Bps(0) {
            return Err(format!(
                "{}: all work is in lanes with a weight, and reward roots are not modelled",
                self.name
            ));
        }
        Ok(())
    }

    /// The same, with this change of the policy.
    pub fn with(mut self, change: impl FnOnce(&mut Policy)) -> Self {
        change(&mut self.policy);
        self
    }

    /// The same policy, for whose every job the operator vouches.
    pub fn vouched(self) -> Self {
        self.with(|policy| policy.vouched = 1)
    }
}

/// Numbers for the lanes, of which the others have none.
pub fn lanes<T: Copy + Default, const N: usize>(first: [T; N]) -> [T; MAX_LANES as usize] {
    std::array::from_fn(|lane| first.get(lane).copied().unwrap_or_default())
}

/// What all presets have in common; the price is believed as it is.
fn usual() -> Policy {
    Policy {
        epoch_duration: WEEK,
        breaker_window: WEEK,
        breaker_share: Bps(100),
        decay_step: 52,
        remint_share: Bps::WHOLE,
        max_price_age: Seconds(60),
        max_confidence: Bps(100),
        average_speed: Bps(1_000),
        change_delay: WEEK,
        root_delay: WEEK,
        root_opening_period: WEEK,
        ..Policy::default()
    }
}

/// All presets.
pub fn all() -> [Preset; 4] {
    let one_lane = lanes([1.0]);
    [
        Preset {
            name: "render",
            rule: "The schedule falls by 10 % each year, under a maximum supply. Burned tokens are gone.",
            policy: Policy {
                initial_emission: Tokens(175_000 * TOKEN),
                decay_share: Bps(1_000),
                providers_share: Bps(5_000),
                max_supply: Tokens(644 * MILLION),
                ..usual()
            },
            lanes: one_lane,
            supply: Tokens(530 * MILLION),
            price: 4.0,
            demand: 500_000.0,
            providers: 1_500.0,
        },
        Preset {
            name: "helium",
            rule: "The schedule halves every two years. Burned tokens return, up to 1 % of the initial schedule.",
            policy: Policy {
                initial_emission: Tokens(144_000 * TOKEN),
                decay_share: Bps(5_000),
                decay_step: 104,
                remint_cap: Tokens(1_440 * TOKEN),
                providers_share: Bps(7_000),
                max_supply: Tokens(223 * MILLION),
                ..usual()
            },
            lanes: one_lane,
            supply: Tokens(186 * MILLION),
            price: 2.5,
            demand: 300_000.0,
            providers: 2_000.0,
        },
        Preset {
            name: "ionet",
            rule: "Providers earn dollars: up to the work done, from a schedule that falls by 12 % each year.",
            policy: Policy {
                initial_emission: Tokens(1_000_000 * TOKEN),
                decay_share: Bps(1_200),
                remint_cap: Tokens(500_000 * TOKEN),
                providers_share: Bps(8_000),
                payout_share: Bps::WHOLE,
                breaker_share: Bps(200),
                max_supply: Tokens(800 * MILLION),
                ..usual()
            },
            lanes: one_lane,
            supply: Tokens(600 * MILLION),
            price: 0.5,
            demand: 400_000.0,
            providers: 4_000.0,
        },
        Preset {
            name: "lanes",
            rule: "As ionet, in three lanes of 6 : 3 : 1. The third pays for 60,000 dollars a week; what is beyond waits.",
            policy: Policy {
                initial_emission: Tokens(1_000_000 * TOKEN),
                decay_share: Bps(1_200),
                remint_cap: Tokens(500_000 * TOKEN),
                providers_share: Bps(8_000),
                payout_share: Bps::WHOLE,
                surplus_to_stakers: 1,
                breaker_share: Bps(200),
                max_supply: Tokens(800 * MILLION),
                lane_weights: lanes([600, 300, 100]),
                lane_limits: lanes([Credits(0), Credits(0), Credits(60_000_000_000)]),
                ..usual()
            },
            lanes: lanes([0.6, 0.3, 0.1]),
            supply: Tokens(600 * MILLION),
            price: 0.5,
            demand: 400_000.0,
            providers: 4_000.0,
        },
    ]
}

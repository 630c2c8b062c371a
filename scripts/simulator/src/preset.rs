//! Policies in the manner of networks that exist. Their shape is the published one; the numbers are rounded.

use joule_math::{Bps, Emission, MintLimit, Schedule, Seconds, Tokens};

/// One token.
pub const TOKEN: u64 = 100_000_000;
/// Decimals of all presets' tokens.
pub const DECIMALS: u8 = 8;
const MILLION: u64 = 1_000_000 * TOKEN;

/// A policy, and the network that it starts with.
#[derive(Clone, Debug)]
pub struct Preset {
    /// Name.
    pub name: &'static str,
    /// Its rule in one sentence.
    pub rule: &'static str,
    /// What decides an epoch's emission.
    pub emission: Emission,
    /// Providers' income of the dollars worked that no epoch exceeds; zero sets no bound.
    pub payout: Bps,
    /// The breaker.
    pub breaker: MintLimit,
    /// Supply that is never exceeded.
    pub max_supply: Tokens,
    /// Supply at the beginning.
    pub supply: Tokens,
    /// Price at the beginning, dollars.
    pub price: f64,
    /// Demand at the beginning, dollars a week.
    pub demand: f64,
    /// Providers at the beginning.
    pub providers: f64,
}

/// All presets. A period is a week.
pub fn all() -> [Preset; 3] {
    let week = Seconds(7 * 86_400);
    [
        Preset {
            name: "render",
            rule: "a schedule that decays each year under a fixed maximum; what jobs burn is gone",
            emission: Emission {
                schedule: Schedule { initial: Tokens(175_000 * TOKEN), decay: Bps(1_000), step: 52 },
                remint_cap: Tokens(0),
                providers: Bps(5_000),
            },
            payout: Bps(0),
            breaker: MintLimit { tokens: Tokens(0), share: Bps(100), length: week },
            max_supply: Tokens(644 * MILLION),
            supply: Tokens(530 * MILLION),
            price: 4.0,
            demand: 500_000.0,
            providers: 1_500.0,
        },
        Preset {
            name: "helium",
            rule: "halving every two years, and what is burned is given back up to a hundredth of the schedule",
            emission: Emission {
                schedule: Schedule { initial: Tokens(144_000 * TOKEN), decay: Bps(5_000), step: 104 },
                remint_cap: Tokens(1_440 * TOKEN),
                providers: Bps(7_000),
            },
            payout: Bps(0),
            breaker: MintLimit { tokens: Tokens(0), share: Bps(100), length: week },
            max_supply: Tokens(223 * MILLION),
            supply: Tokens(186 * MILLION),
            price: 2.5,
            demand: 300_000.0,
            providers: 2_000.0,
        },
        Preset {
            name: "ionet",
            rule: "providers earn dollars: an epoch mints what 110 % of the work's dollars cost, from a falling schedule",
            emission: Emission {
                schedule: Schedule { initial: Tokens(1_000_000 * TOKEN), decay: Bps(1_200), step: 52 },
                remint_cap: Tokens(500_000 * TOKEN),
                providers: Bps(8_000),
            },
            payout: Bps(11_000),
            breaker: MintLimit { tokens: Tokens(0), share: Bps(200), length: week },
            max_supply: Tokens(800 * MILLION),
            supply: Tokens(600 * MILLION),
            price: 0.5,
            demand: 400_000.0,
            providers: 4_000.0,
        },
    ]
}

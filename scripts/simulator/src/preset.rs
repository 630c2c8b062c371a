//! Policies in the manner of real networks: their published rules, with rounded numbers.

use joule_math::{Bps, Emission, MintLimit, Schedule, Seconds, Tokens};

/// One token.
pub const TOKEN: u64 = 100_000_000;
/// Decimals of the token in all presets.
pub const DECIMALS: u8 = 8;
const MILLION: u64 = 1_000_000 * TOKEN;

/// A policy, and the network at the start.
#[derive(Clone, Debug)]
pub struct Preset {
    /// Name.
    pub name: &'static str,
    /// Its rule in one sentence, for the chart.
    pub rule: &'static str,
    /// The rule of emission.
    pub emission: Emission,
    /// Of what is burned, the part that may be minted again.
    pub remint_share: Bps,
    /// The most that providers earn in an epoch, as a part of the dollars worked. Zero: no limit.
    pub payout: Bps,
    /// Whether the operator vouches for every job: then a week may mint more than was burned for its work.
    pub vouched: bool,
    /// The breaker: the most that a week mints.
    pub breaker: MintLimit,
    /// Maximum supply.
    pub max_supply: Tokens,
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
    /// Refuses what the program refuses: income above the dollars worked pays whoever works for itself, and so needs the
    /// operator's word for every job.
    pub fn check(&self) -> Result<(), String> {
        if self.payout > Bps::WHOLE && !self.vouched {
            let percent = self.payout.0 / 100;
            return Err(format!("{}: a payout of {percent} % pays self-dealing: set vouched, or lower it", self.name));
        }
        Ok(())
    }

    /// The same policy, for whose every job the operator vouches.
    pub fn vouched(self) -> Self {
        Self { vouched: true, ..self }
    }
}

/// All presets. A period is a week.
pub fn all() -> [Preset; 3] {
    let week = Seconds(7 * 86_400);
    [
        Preset {
            name: "render",
            rule: "The schedule falls by 10 % each year, under a maximum supply. Burned tokens are gone.",
            emission: Emission {
                schedule: Schedule { initial: Tokens(175_000 * TOKEN), decay: Bps(1_000), step: 52 },
                remint_cap: Tokens(0),
                providers: Bps(5_000),
                roots: Bps(0),
            },
            remint_share: Bps::WHOLE,
            payout: Bps(0),
            vouched: false,
            breaker: MintLimit { tokens: Tokens(0), share: Bps(100), length: week },
            max_supply: Tokens(644 * MILLION),
            supply: Tokens(530 * MILLION),
            price: 4.0,
            demand: 500_000.0,
            providers: 1_500.0,
        },
        Preset {
            name: "helium",
            rule: "The schedule halves every two years. Burned tokens return, up to 1 % of the initial schedule.",
            emission: Emission {
                schedule: Schedule { initial: Tokens(144_000 * TOKEN), decay: Bps(5_000), step: 104 },
                remint_cap: Tokens(1_440 * TOKEN),
                providers: Bps(7_000),
                roots: Bps(0),
            },
            remint_share: Bps::WHOLE,
            payout: Bps(0),
            vouched: false,
            breaker: MintLimit { tokens: Tokens(0), share: Bps(100), length: week },
            max_supply: Tokens(223 * MILLION),
            supply: Tokens(186 * MILLION),
            price: 2.5,
            demand: 300_000.0,
            providers: 2_000.0,
        },
        Preset {
            name: "ionet",
            rule: "Providers earn dollars: up to the work done, from a schedule that falls by 12 % each year.",
            emission: Emission {
                schedule: Schedule { initial: Tokens(1_000_000 * TOKEN), decay: Bps(1_200), step: 52 },
                remint_cap: Tokens(500_000 * TOKEN),
                providers: Bps(8_000),
                roots: Bps(0),
            },
            remint_share: Bps::WHOLE,
            payout: Bps::WHOLE,
            vouched: false,
            breaker: MintLimit { tokens: Tokens(0), share: Bps(200), length: week },
            max_supply: Tokens(800 * MILLION),
            supply: Tokens(600 * MILLION),
            price: 0.5,
            demand: 400_000.0,
            providers: 4_000.0,
        },
    ]
}

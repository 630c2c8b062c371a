//! Account layouts. Weights, ranks and bonds are fixed point, as [`yuma`](crate::yuma) says.

use {
    crate::{Result, ScoresError},
    joule_interface::{Address, Header, account, address_eq, constants, layout},
    joule_math::{Bps, Seconds, Timestamp, Tokens, U128},
};

constants! {
    /// Places for validators.
    pub const MAX_VALIDATORS: usize = 64;
    /// Places for miners.
    pub const MAX_MINERS: usize = 256;
    /// Longest of a board's periods.
    pub const MAX_PERIOD: Seconds = Seconds(30 * 86_400);
    /// Shortest of a board's periods.
    pub const MIN_PERIOD: Seconds = Seconds(60);
    /// How long after the reveal period anyone can give an epoch up that has no root yet.
    pub const ABANDON_AFTER: Seconds = Seconds(60 * 86_400);
}

constants! {
    /// Values of [`Board::phase`].
    pub mod phase {
        /// Between epochs: members change.
        pub const REST: u8 = 0;
        /// Validators commit, then reveal.
        pub const VOTE: u8 = 1;
        /// Columns are scored.
        pub const SCORE: u8 = 2;
        /// All columns are scored, and no root is published.
        pub const SCORED: u8 = 3;
    }
}

constants! {
    /// Values of [`Validator::status`].
    pub mod status {
        /// Nobody has the place.
        pub const FREE: u8 = 0;
        /// Has said nothing in this epoch.
        pub const ENROLLED: u8 = 1;
        /// Has committed, and not revealed.
        pub const COMMITTED: u8 = 2;
        /// Has revealed.
        pub const REVEALED: u8 = 3;
    }
}

layout! {
    /// A board's rules, for good.
    #[repr(C)]
    pub struct Parameters {
        /// Most that an epoch pays, base units. The budget of the network's roots may hold less. With zero the board publishes nothing:
        /// an epoch ends when all columns are scored, and others read the scores until the next begins.
        pub reward: Tokens,
        /// How long validators commit: a minute to 30 days, as the other two periods.
        pub commit_period: Seconds,
        /// How long they reveal after that.
        pub reveal_period: Seconds,
        /// How long members can change between two epochs, at least.
        pub rest_period: Seconds,
        /// Part of the stake that must support a weight, basis points: kappa, 1 to 10,000. Usual: 5,000.
        pub kappa: Bps,
        /// Part of an epoch's bonds in the moving average, basis points: alpha, 1 to 10,000. Usual: 1,000.
        pub bond_speed: Bps,
        /// How far weights above consensus are cut for bonds, basis points: beta, up to 10,000, which cuts all.
        pub bond_penalty: Bps,
        /// The validators' part of what an epoch pays, basis points: xi, up to 10,000. Usual: 5,000.
        pub validators_share: Bps,
        /// How long an epoch waits, from the end of its reveals, for the budget to hold its reward: up to 30 days. Then it pays what is
        /// there. With zero, whoever publishes before the budget is filled leaves those who worked in this epoch less.
        pub budget_wait: Seconds,
    }
}

layout! {
    /// A validator.
    #[repr(C)]
    pub struct Validator {
        /// Its account in the pool.
        pub provider: Address,
        /// The provider's authority: commits, and claims.
        pub claimant: Address,
        /// Hash of salt and weights, in this epoch.
        pub commitment: [u8; 32],
        /// Its stake: the smaller of those at commitment and at reveal. Zero if it did not reveal in the last epoch.
        pub stake: Tokens,
        /// Earned here by roots that became active.
        pub total: Tokens,
        /// Earned here by the newest root, which may not be active.
        pub pending: Tokens,
        /// Sum of bonds times ranks over the columns scored so far, 93 fractional bits.
        pub dividend: U128,
        /// Sum of its weights, cut at consensus, over the columns scored so far, as a weight: one if it said nothing above consensus.
        pub trust: u64,
        /// Sum of its weights; zero: it has not revealed.
        pub row_sum: u32,
        /// One of [`status`].
        pub status: u8,
        /// Zero.
        pub reserved: [u8; 3],
    }
}

layout! {
    /// A miner. The place is empty where `claimant` is zero.
    #[repr(C)]
    pub struct Miner {
        /// Claims.
        pub claimant: Address,
        /// Earned here by roots that became active.
        pub total: Tokens,
        /// Earned here by the newest root, which may not be active.
        pub pending: Tokens,
        /// Stake-weighted mean of the weights cut at consensus, 62 fractional bits.
        pub rank: u64,
        /// The largest weight that enough stake supports, 47 fractional bits.
        pub consensus: u64,
    }
}

account! {
    /// Validators, miners, their weights and bonds.
    pub struct Board: discriminator 1, size 124_736 {
        /// Discriminator 1; the bump is the oracle's.
        pub header: Header,
        /// Network whose roots it publishes.
        pub network: Address,
        /// Pool whose providers are validators.
        pub pool: Address,
        /// Names miners.
        pub registrar: Address,
        /// Signs for its roots.
        pub oracle: Address,
        /// The root published last; zero if there is none.
        pub root: Address,
        /// Its rules.
        pub parameters: Parameters,
        /// Epochs ended.
        pub epoch: u64,
        /// When the running epoch began, or the last one.
        pub began_at: Timestamp,
        /// When the last epoch ended; at first, when the board was opened.
        pub ended_at: Timestamp,
        /// Stake of those who revealed in this epoch.
        pub revealed_stake: Tokens,
        /// Least stake that supports a weight: kappa of what was revealed.
        pub support: Tokens,
        /// Sum of the ranks of the columns scored so far.
        pub rank_sum: u64,
        /// Sum of all validators' dividends.
        pub dividend_sum: U128,
        /// One more than the index of a root that is not known to be decided; zero if there is none.
        pub pending_root: u64,
        /// [`OracleSet::generation`](joule_bme_interface::state::OracleSet::generation) that published it.
        pub root_generation: u64,
        /// When it was published.
        pub root_published_at: Timestamp,
        /// The next column to score.
        pub next_column: u16,
        /// One of [`phase`].
        pub phase: u8,
        /// Zero.
        pub reserved: [u8; 29],
        /// The validators.
        pub validators: [Validator; MAX_VALIDATORS],
        /// The miners.
        pub miners: [Miner; MAX_MINERS],
        /// Of each miner, each validator's weight as it was revealed.
        pub weights: [[u16; MAX_VALIDATORS]; MAX_MINERS],
        /// Of each miner, each validator's bond, 31 fractional bits.
        pub bonds: [[u32; MAX_VALIDATORS]; MAX_MINERS],
    }
}

impl Parameters {
    /// All are in range.
    pub fn check(&self) -> Result<()> {
        let periods = [self.commit_period, self.reveal_period, self.rest_period];
        let shares = [self.kappa, self.bond_speed, self.bond_penalty, self.validators_share];
        let in_range = periods.iter().all(|period| (MIN_PERIOD..=MAX_PERIOD).contains(period))
            && shares.iter().all(|share| *share <= Bps::WHOLE)
            && !self.kappa.is_zero()
            && !self.bond_speed.is_zero()
            && self.budget_wait <= MAX_PERIOD;
        if in_range { Ok(()) } else { Err(ScoresError::ParameterOutOfRange) }
    }
}

impl Board {
    /// When commitments end and reveals begin.
    pub fn reveals_at(&self) -> Result<Timestamp> {
        Ok(self.began_at.after(self.parameters.commit_period)?)
    }

    /// When reveals end and scoring begins.
    pub fn scores_at(&self) -> Result<Timestamp> {
        Ok(self.reveals_at()?.after(self.parameters.reveal_period)?)
    }

    /// The place of a provider.
    pub fn place(&self, provider: &Address) -> Result<usize> {
        let has = |validator: &Validator| validator.status != status::FREE && address_eq(&validator.provider, provider);
        self.validators.iter().position(has).ok_or(ScoresError::NotEnrolled)
    }

    /// No miner and no validator has this key.
    pub fn require_new(&self, claimant: &Address) -> Result<()> {
        let is_validator = self.validators.iter().any(|validator| address_eq(&validator.claimant, claimant));
        let is_miner = self.miners.iter().any(|miner| address_eq(&miner.claimant, claimant));
        if is_validator || is_miner { Err(ScoresError::ClaimantTaken) } else { Ok(()) }
    }

    /// Members can change now.
    pub fn require_rest(&self) -> Result<()> {
        if self.phase == phase::REST { Ok(()) } else { Err(ScoresError::EpochRunning) }
    }
}

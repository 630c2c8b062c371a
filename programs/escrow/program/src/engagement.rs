//! What payment and collateral need to know of a job or of a panel. Generic, so that it costs nothing to tell them.

use {
    crate::Result,
    joule_escrow_interface::state::{Job, Panel, Replica, Terms, job_state, outcome, pricing},
    joule_interface::Address,
    joule_math::{Amount, Timestamp, Tokens},
    joule_stake_interface::state::{WHOLE_JOB, seizure},
};

/// What a client pays for: a job or a panel.
pub trait Order {
    /// Network.
    fn network(&self) -> &Address;
    /// Bump of the program's authority in the network.
    fn authority_bump(&self) -> u8;
    /// Who pays.
    fn client(&self) -> &Address;
    /// What pays.
    fn funding_account(&self) -> &Address;
    /// What is paid; zero: credits.
    fn mint(&self) -> &Address;
    /// Stake pool of the providers; zero: none.
    fn pool(&self) -> &Address;
    /// Number of this program's spender in `bme` that locked its credits.
    fn spender_number(&self) -> u16;
    /// The lane whose work it is, if it is paid in credits.
    fn lane(&self) -> u8;
    /// Terms.
    fn terms(&self) -> &Terms;
}

/// One provider's part in it: the job, or one replica of a panel.
pub trait Engagement: Order {
    /// Authority of the provider.
    fn provider(&self) -> &Address;
    /// Its bond; zero: none.
    fn bond(&self) -> &Address;
    /// Part of the bond to seize.
    fn bond_to_seize(&self) -> Tokens;
    /// Where that part goes: one of [`seizure`](joule_stake_interface::state::seizure).
    fn seized_to(&self) -> u8;
    /// How it went, one of [`outcome`](joule_escrow_interface::state::outcome).
    fn outcome(&self) -> u8;
    /// What it counts in the provider's reputation: by the fee that it pays, or that its success would have paid.
    fn reputation_weight(&self) -> Result<u32>;
    /// Whether it is known who is to be paid.
    fn has_started(&self) -> bool;
}

/// What a job counts in the provider's reputation that costs `pay`, the fee included.
#[inline(never)]
fn weight_of(terms: &Terms, pay: Amount) -> Result<u32> {
    let fee = terms.fee_share.of_floor(pay.0)?;
    // At most 10^19, which fits.
    let whole = 10u64.pow(terms.whole_job_fee as u32);
    // A 64-bit division is one instruction on chain, a 128-bit one hundreds.
    let weight = match fee.checked_mul(WHOLE_JOB as u64) {
        Some(fee) => fee / whole,
        None => (fee as u128 * WHOLE_JOB as u128 / whole as u128).min(u64::MAX as u128) as u64,
    };
    Ok(weight.min(u32::MAX as u64) as u32)
}

macro_rules! order {
    ($type:ty $(, $field:ident)?) => {
        impl Order for $type {
            #[inline(always)]
            fn network(&self) -> &Address {
                &self.$($field.)?network
            }
            #[inline(always)]
            fn authority_bump(&self) -> u8 {
                self.$($field.)?authority_bump
            }
            #[inline(always)]
            fn client(&self) -> &Address {
                &self.$($field.)?client
            }
            #[inline(always)]
            fn funding_account(&self) -> &Address {
                &self.$($field.)?funding_account
            }
            #[inline(always)]
            fn mint(&self) -> &Address {
                &self.$($field.)?mint
            }
            #[inline(always)]
            fn pool(&self) -> &Address {
                &self.$($field.)?pool
            }
            #[inline(always)]
            fn spender_number(&self) -> u16 {
                self.$($field.)?spender_number
            }
            #[inline(always)]
            fn lane(&self) -> u8 {
                self.$($field.)?lane
            }
            #[inline(always)]
            fn terms(&self) -> &Terms {
                &self.$($field.)?terms
            }
        }
    };
}

order!(Job);
order!(Panel);
order!(ReplicaEngagement<'_>, panel);

impl Engagement for Job {
    #[inline(always)]
    fn provider(&self) -> &Address {
        &self.provider
    }
    #[inline(always)]
    fn bond(&self) -> &Address {
        &self.bond
    }
    #[inline(always)]
    fn bond_to_seize(&self) -> Tokens {
        self.bond_to_seize
    }
    #[inline(always)]
    fn seized_to(&self) -> u8 {
        // A job that runs when its bond is settled is handed back.
        if self.state == job_state::RUNNING || self.burns_bond() { seizure::BURN } else { seizure::CLIENT }
    }
    #[inline(always)]
    fn outcome(&self) -> u8 {
        self.outcome
    }
    #[inline(always)]
    fn reputation_weight(&self) -> Result<u32> {
        let pay = match self.outcome {
            outcome::DELIVERED | outcome::LATE => self.earned,
            _ => self.whole_cost()?,
        };
        let weight = weight_of(&self.terms, pay)?;
        // How many units it would have been, its client alone says, with money that it gets back: they are one job.
        let fails = !matches!(self.outcome, outcome::DELIVERED | outcome::LATE);
        let is_usage = self.terms.pricing == pricing::USAGE;
        Ok(if fails && is_usage { weight.min(WHOLE_JOB) } else { weight })
    }
    #[inline(always)]
    fn has_started(&self) -> bool {
        // A job that was cancelled after it was assigned owes its provider, too.
        self.started_at != Timestamp::default() || self.state == job_state::OWING
    }
}

/// One replica of a panel, with its verdict.
pub struct ReplicaEngagement<'a> {
    /// The panel.
    pub panel: &'a Panel,
    /// The replica.
    pub replica: &'a Replica,
    /// Part of its bond to burn.
    pub bond_to_seize: Tokens,
    /// How it went.
    pub outcome: u8,
}

impl Engagement for ReplicaEngagement<'_> {
    #[inline(always)]
    fn provider(&self) -> &Address {
        &self.replica.provider
    }
    #[inline(always)]
    fn bond(&self) -> &Address {
        &self.replica.bond
    }
    #[inline(always)]
    fn bond_to_seize(&self) -> Tokens {
        self.bond_to_seize
    }
    #[inline(always)]
    fn seized_to(&self) -> u8 {
        seizure::BURN
    }
    #[inline(always)]
    fn outcome(&self) -> u8 {
        self.outcome
    }
    #[inline(always)]
    fn reputation_weight(&self) -> Result<u32> {
        weight_of(&self.panel.terms, self.panel.price)
    }
    #[inline(always)]
    fn has_started(&self) -> bool {
        true
    }
}

//! The ranges that the documentation of a pool's rules gives.

pub(crate) mod add_slasher;
pub(crate) mod cancel_policy;
pub(crate) mod create_pool;
pub(crate) mod execute_policy;
pub(crate) mod propose_policy;
pub(crate) mod set_slasher;

use {
    crate::Result,
    joule_common::guard::require,
    joule_interface::Fault,
    joule_math::{Bps, Seconds},
    joule_stake_interface::state::PoolPolicy,
};

const HOUR: Seconds = Seconds(3_600);
const YEAR: Seconds = Seconds(365 * 86_400);

/// Refuses rules outside their ranges.
pub fn check(rules: &PoolPolicy) -> Result<()> {
    let lengths = [rules.unbonding_period, rules.reward_period, rules.slash_execution_window, rules.slash_window];
    // A fault that is found when its stake begins to leave must be decided before it has left.
    let (delays, parts) = (
        [(rules.slash_delay, rules.unbonding_period), (rules.commission_delay, YEAR), (rules.jail_period, YEAR)],
        [rules.max_commission, rules.max_commission_step, rules.slash_limit, rules.slash_burned_share],
    );
    require(
        lengths.iter().all(|length| (HOUR..=YEAR).contains(length))
            && delays.iter().all(|(delay, most)| delay <= most)
            && parts.iter().all(|part| *part <= Bps::WHOLE)
            && rules.reserved == [0; 4],
        Fault::InvalidParameter.into(),
    )
}

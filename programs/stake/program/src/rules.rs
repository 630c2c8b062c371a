//! The ranges that the documentation of a pool's rules gives.

use {
    crate::Result,
    joule_common::guard::require,
    joule_interface::Fault,
    joule_math::{Bps, Seconds},
    joule_stake_interface::state::Rules,
};

const HOUR: Seconds = Seconds(3_600);
const YEAR: Seconds = Seconds(365 * 86_400);

/// Refuses rules outside their ranges.
pub fn check(rules: &Rules) -> Result<()> {
    let lengths = [rules.unbonding, rules.reward_period, rules.slash_expiry, rules.slash_window];
    // A fault that is found when its stake begins to leave must be decided before it has left.
    let (delays, parts) = (
        [(rules.slash_delay, rules.unbonding), (rules.commission_delay, YEAR), (rules.jail, YEAR)],
        [rules.max_commission, rules.max_commission_step, rules.slash_limit, rules.slash_burned],
    );
    require(
        lengths.iter().all(|length| (HOUR..=YEAR).contains(length))
            && delays.iter().all(|(delay, most)| delay <= most)
            && parts.iter().all(|part| *part <= Bps::WHOLE)
            && rules.reserved == [0; 4],
        Fault::InvalidParameter.into(),
    )
}

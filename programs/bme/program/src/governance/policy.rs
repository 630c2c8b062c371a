//! The ranges that a policy's documentation gives.

use {
    crate::Result,
    joule_bme_interface::state::Policy,
    joule_common::guard::require,
    joule_interface::Fault,
    joule_math::{Bps, Seconds},
};

const HOUR: Seconds = Seconds(3_600);
const MONTH: Seconds = Seconds(30 * 86_400);

/// Refuses a policy outside its ranges.
pub fn check(policy: &Policy) -> Result<()> {
    let within = |value: Bps, low: u16, high: u16| (low..=high).contains(&value.0);
    let delay = |value: Seconds| (HOUR..=MONTH).contains(&value);
    require(
        policy.epoch_duration >= HOUR
            && policy.decay_step >= 1
            && (Seconds(1)..=HOUR).contains(&policy.max_price_age)
            && delay(policy.breaker_window)
            && delay(policy.change_delay)
            && delay(policy.root_delay)
            && within(policy.decay_share, 0, Bps::WHOLE.0)
            && within(policy.max_confidence, 1, 1_000)
            && within(policy.average_speed, 1, 5_000)
            && within(policy.remint_share, 0, Bps::WHOLE.0)
            && policy.vouched <= 1
            && (policy.payout_share <= Bps::WHOLE || policy.vouched == 1)
            && policy.providers_share.plus(policy.stakers_share)? <= Bps::WHOLE,
        Fault::InvalidParameter.into(),
    )
}

//! The ranges that a policy's documentation gives.

use {
    crate::{Result, price::WIDEST_BAND},
    joule_bme_interface::state::{MIN_LANE_LIMIT, Policy, source},
    joule_common::{AccountView, guard, guard::require, in_range, token},
    joule_interface::{Address, Fault},
    joule_math::{Bps, Credits, Seconds, Tokens},
};

/// Half of what an amount can be: sums of two stay amounts.
const MAX_TOKENS: Tokens = Tokens(1 << 63);
/// Eleven years of hourly epochs: who wants no decay says so by the share.
const MAX_DECAY_STEP: u32 = 100_000;
/// Twice the dollars worked.
const MAX_PAYOUT: Bps = Bps(20_000);
/// Of a lane: twice that, which a weigher may give it, fits.
const MAX_WEIGHT: u16 = 10_000;
const HOUR: Seconds = Seconds(3_600);
/// Longest delay.
pub const MONTH: Seconds = Seconds(30 * 86_400);

/// The policy's token accounts are the ones passed, of the network's mint, and none of the network's own: what is minted to one
/// of its vaults, or of another program's, is nobody's.
pub fn check_destinations(
    policy: &Policy,
    network: &Address,
    mint: &Address,
    stakers: &AccountView,
    treasury: &AccountView,
) -> Result<()> {
    for (view, named) in [(stakers, &policy.stakers_token_account), (treasury, &policy.treasury_token_account)] {
        token::require_reachable(view, mint)?;
        guard::address(view, named)?;
        require(!guard::eq(&token::load(view)?.owner, network), Fault::WrongTokenOwner)?;
    }
    Ok(())
}

/// Refuses a policy outside its ranges, for a network whose tokens come from there.
pub fn check(policy: &Policy, source: u8) -> Result<()> {
    let within = |value: Bps, low: u16, high: u16| (low..=high).contains(&value.0);
    let part = |value: Bps| value <= Bps::WHOLE;
    let delay = |value: Seconds| (HOUR..=MONTH).contains(&value);
    let supplied = |amount: Tokens| amount <= policy.max_supply;
    in_range!((Tokens(1)..=MAX_TOKENS).contains(&policy.max_supply), "max_supply")?;
    in_range!(supplied(policy.initial_emission), "initial_emission")?;
    in_range!(supplied(policy.remint_cap), "remint_cap")?;
    in_range!(supplied(policy.breaker_tokens), "breaker_tokens")?;
    in_range!(delay(policy.epoch_duration), "epoch_duration")?;
    in_range!((1..=MAX_DECAY_STEP).contains(&policy.decay_step), "decay_step")?;
    in_range!((Seconds(1)..=HOUR).contains(&policy.max_price_age), "max_price_age")?;
    in_range!(delay(policy.breaker_window), "breaker_window")?;
    in_range!(delay(policy.change_delay), "change_delay")?;
    in_range!(delay(policy.root_delay), "root_delay")?;
    in_range!(delay(policy.root_opening_period), "root_opening_period")?;
    in_range!(part(policy.decay_share), "decay_share")?;
    in_range!(within(policy.max_confidence, 1, 1_000), "max_confidence")?;
    in_range!(policy.max_deviation <= WIDEST_BAND, "max_deviation")?;
    in_range!(within(policy.average_speed, 1, 5_000), "average_speed")?;
    in_range!(part(policy.breaker_share), "breaker_share")?;
    in_range!(part(policy.roots_share), "roots_share")?;
    in_range!(part(policy.remint_share), "remint_share")?;
    in_range!(policy.vouched <= 1, "vouched")?;
    let payout = if policy.vouched == 1 { MAX_PAYOUT } else { Bps::WHOLE };
    in_range!(policy.payout_share <= payout, "payout_share")?;
    let floor = if policy.vouched == 1 { policy.payout_share } else { Bps(0) };
    in_range!(policy.payout_floor <= floor, "payout_floor")?;
    in_range!(policy.surplus_to_stakers <= 1, "surplus_to_stakers")?;
    in_range!(policy.payments_to_reserve <= (source == source::RESERVE) as u8, "payments_to_reserve")?;
    in_range!(policy.lane_weights.iter().all(|weight| *weight <= MAX_WEIGHT), "lane_weights")?;
    let limits = MIN_LANE_LIMIT..=Credits(MAX_TOKENS.0);
    in_range!(policy.lane_limits.iter().all(|limit| limit.is_zero() || limits.contains(limit)), "lane_limits")?;
    in_range!(part(policy.lane_band), "lane_band")?;
    let unweighed = guard::eq(&policy.weigher, &Address::default());
    in_range!(within(policy.lane_speed, !unweighed as u16, 10_000), "lane_speed")?;
    in_range!(part(policy.providers_share.plus(policy.stakers_share)?), "stakers_share")?;
    Ok(())
}

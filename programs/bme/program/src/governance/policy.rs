//! The ranges that a policy's documentation gives.

use {
    crate::{Result, price::WIDEST_BAND},
    joule_bme_interface::state::Policy,
    joule_common::{AccountView, guard, guard::require, token},
    joule_interface::{Address, Fault},
    joule_math::{Bps, Seconds, Tokens},
};

/// Half of what an amount can be: sums of two stay amounts.
const MAX_TOKENS: Tokens = Tokens(1 << 63);
/// Eleven years of hourly epochs: who wants no decay says so by the share.
const MAX_DECAY_STEP: u32 = 100_000;
/// Twice the dollars worked.
const MAX_PAYOUT: Bps = Bps(20_000);
const HOUR: Seconds = Seconds(3_600);
/// Longest delay.
pub const MONTH: Seconds = Seconds(30 * 86_400);

/// The policy's token accounts are the ones passed, of the network's mint, and none of the network's own: what is minted to one
/// of its vaults is nobody's.
pub fn check_destinations(
    policy: &Policy,
    network: &Address,
    mint: &Address,
    stakers: &AccountView,
    treasury: &AccountView,
) -> Result<()> {
    for (view, named) in [(stakers, &policy.stakers_token_account), (treasury, &policy.treasury_token_account)] {
        token::balance(view, mint)?;
        guard::address(view, named)?;
        require(!guard::eq(&token::load(view)?.owner, network), Fault::WrongTokenOwner)?;
    }
    Ok(())
}

/// Refuses a policy outside its ranges.
pub fn check(policy: &Policy) -> Result<()> {
    let within = |value: Bps, low: u16, high: u16| (low..=high).contains(&value.0);
    let delay = |value: Seconds| (HOUR..=MONTH).contains(&value);
    let supply = (Tokens(1)..=MAX_TOKENS).contains(&policy.max_supply);
    let amounts = [policy.initial_emission, policy.remint_cap, policy.breaker_tokens];
    require(
        supply
            && amounts.iter().all(|amount| *amount <= policy.max_supply)
            && delay(policy.epoch_duration)
            && (1..=MAX_DECAY_STEP).contains(&policy.decay_step)
            && (Seconds(1)..=HOUR).contains(&policy.max_price_age)
            && delay(policy.breaker_window)
            && delay(policy.change_delay)
            && delay(policy.root_delay)
            && delay(policy.root_opening_period)
            && within(policy.decay_share, 0, Bps::WHOLE.0)
            && within(policy.max_confidence, 1, 1_000)
            && within(policy.max_deviation, 0, WIDEST_BAND.0)
            && within(policy.average_speed, 1, 5_000)
            && within(policy.breaker_share, 0, Bps::WHOLE.0)
            && within(policy.roots_share, 0, Bps::WHOLE.0)
            && within(policy.payout_share, 0, MAX_PAYOUT.0)
            && within(policy.remint_share, 0, Bps::WHOLE.0)
            && policy.vouched <= 1
            && (policy.payout_share <= Bps::WHOLE || policy.vouched == 1)
            && policy.providers_share.plus(policy.stakers_share)? <= Bps::WHOLE,
        Fault::InvalidParameter.into(),
    )
}

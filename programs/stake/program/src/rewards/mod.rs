//! How rewards reach those who stake, in steps that do not grow with their number.
//!
//! Tokens arrive over time ([`advance`]), whole ones, and raise the pool's index, by weight of the providers; each
//! provider's part, less commission, raises its own index, by weight of its delegations; each delegation's part is
//! accrued. Everything after the arrival is counted with 64 fractional bits and rounded down, so that what all may claim
//! is never more than what arrived, and less by no more than a 2^-64th of a token for each unit of weight and step.
//!
//! A weight changes only after what it earned before is accrued: [`settle`] first, the change, then [`reweigh`].

pub(crate) mod claim_commission;
pub(crate) mod claim_rewards;
pub(crate) mod collect_rewards;
pub(crate) mod compound_rewards;
pub(crate) mod fund_rewards;
pub(crate) mod refresh_provider;
pub(crate) mod set_commission;

use {
    crate::Result,
    joule_common::guard::require,
    joule_interface::Fault,
    joule_math::{
        Bps, Seconds, Timestamp, Tokens, U128, Weight, earned_floor, fraction_floor, index_step_floor, mul_div_floor,
        part_floor, weight_at_price_floor, weight_of_shares_floor, whole,
    },
    joule_stake_interface::{
        StakeError,
        state::{Delegation, Provider, Rewards, status},
    },
};

/// Brings in what has arrived by `now`. While nobody has any weight, time does not pass for what is to arrive.
#[inline(always)]
pub fn advance(rewards: &mut Rewards, now: Timestamp) -> Result<()> {
    let elapsed = now.since(rewards.updated_at);
    rewards.updated_at = rewards.updated_at.max(now);
    if elapsed == 0 || rewards.undistributed.is_zero() || rewards.total_weight.is_zero() {
        return Ok(());
    }
    let time = rewards.distribution_period.0 as u64;
    let arrived = if elapsed >= time {
        rewards.undistributed
    } else {
        Tokens(mul_div_floor(rewards.undistributed.0, elapsed, time)?)
    };
    rewards.undistributed = rewards.undistributed.minus(arrived)?;
    rewards.distribution_period = Seconds(time.saturating_sub(elapsed) as u32);
    if !arrived.is_zero() {
        let step = index_step_floor(arrived, rewards.total_weight)?;
        rewards.reward_index = U128::new(rewards.reward_index.get().wrapping_add(step));
    }
    Ok(())
}

/// Adds `tokens`, which arrive over `period`; together with what is left, over the mean of both times, by tokens.
#[inline(always)]
pub fn fund(rewards: &mut Rewards, tokens: Tokens, period: Seconds, now: Timestamp) -> Result<()> {
    require(!tokens.is_zero(), Fault::ZeroAmount)?;
    advance(rewards, now)?;
    let left = rewards.undistributed.plus(tokens)?;
    let times =
        rewards.undistributed.0 as u128 * rewards.distribution_period.0 as u128 + tokens.0 as u128 * period.0 as u128;
    // A mean of two numbers of 32 bits. A second at least: what arrives in no time would never be counted.
    rewards.distribution_period = Seconds(((times / left.0 as u128) as u32).max(1));
    rewards.undistributed = left;
    rewards.unclaimed = rewards.unclaimed.plus(tokens)?;
    Ok(())
}

/// Accrues what a provider earned: its commission, and the rest to its index. Then a commission that is due counts.
#[inline(always)]
pub fn settle_provider(rewards: &mut Rewards, provider: &mut Provider, now: Timestamp) -> Result<()> {
    advance(rewards, now)?;
    let earned = earned_floor(provider.weight, provider.pool_reward_index.get(), rewards.reward_index.get())?;
    provider.pool_reward_index = rewards.reward_index;
    if earned > 0 {
        let commission = part_floor(earned, provider.commission);
        let accrued = provider.commission_accrued.get().checked_add(commission).ok_or(Fault::Overflow)?;
        provider.commission_accrued = U128::new(accrued);
        // A provider without delegations has no weight, and has earned nothing.
        // Each part is rounded down by itself: what the one loses is not the other's.
        let rest = part_floor(earned, Bps::WHOLE.minus(provider.commission)?);
        let step = fraction_floor(rest, provider.delegated_weight)?;
        provider.reward_index = U128::new(provider.reward_index.get().wrapping_add(step));
    }
    if provider.next_commission_at != Timestamp(0) && now >= provider.next_commission_at {
        provider.commission = provider.next_commission;
        provider.next_commission_at = Timestamp(0);
    }
    Ok(())
}

/// Accrues what a provider and a delegation to it earned. A lock whose time has passed ends.
#[inline(always)]
pub fn settle(
    rewards: &mut Rewards,
    provider: &mut Provider,
    delegation: &mut Delegation,
    now: Timestamp,
) -> Result<()> {
    settle_provider(rewards, provider, now)?;
    let earned = earned_floor(delegation.weight, delegation.reward_index.get(), provider.reward_index.get())?;
    delegation.reward_index = provider.reward_index;
    delegation.accrued = U128::new(delegation.accrued.get().checked_add(earned).ok_or(Fault::Overflow)?);
    if !delegation.is_locked(now) {
        delegation.lock_ends_at = Timestamp(0);
        delegation.lock_period = Seconds(0);
        delegation.multiplier = Bps::WHOLE;
    }
    Ok(())
}

/// Counts a settled delegation's weight anew, and its provider's.
#[inline(always)]
pub fn reweigh(rewards: &mut Rewards, provider: &mut Provider, delegation: &mut Delegation) -> Result<()> {
    let weight = weight_of_shares_floor(delegation.shares, delegation.multiplier)?.plus(delegation.incoming_weight)?;
    provider.delegated_weight = provider.delegated_weight.minus(delegation.weight)?.plus(weight)?;
    delegation.weight = weight;
    reweigh_provider(rewards, provider)
}

/// Counts a settled provider's weight anew: that of its delegations, at the price of its active pot.
#[inline(always)]
pub fn reweigh_provider(rewards: &mut Rewards, provider: &mut Provider) -> Result<()> {
    let pot = provider.active;
    // Shares without tokens earn nothing, nor does a provider that takes no jobs.
    let earns = provider.status == status::ACTIVE && (!pot.tokens.is_zero() || pot.shares.is_zero());
    let weight =
        if earns { weight_at_price_floor(provider.delegated_weight, pot.tokens, pot.shares)? } else { Weight::ZERO };
    rewards.total_weight = rewards.total_weight.minus(provider.weight)?.plus(weight)?;
    provider.weight = weight;
    Ok(())
}

/// Takes the whole tokens of what is accrued; the fraction stays.
#[inline(always)]
pub fn claim(rewards: &mut Rewards, accrued: &mut U128) -> Result<Tokens> {
    let (tokens, fraction) = whole(accrued.get());
    require(!tokens.is_zero(), StakeError::NoRewards)?;
    *accrued = U128::new(fraction);
    rewards.unclaimed = rewards.unclaimed.minus(tokens)?;
    Ok(tokens)
}

#[cfg(test)]
mod tests {
    use {super::*, proptest::prelude::*};

    const START: Timestamp = Timestamp(1_000);

    fn at(seconds: i64) -> Timestamp {
        Timestamp(START.0 + seconds)
    }

    fn weighing(weight: u64) -> Rewards {
        Rewards { total_weight: Weight(weight), updated_at: START, ..Rewards::default() }
    }

    #[test]
    fn rewards_arrive_evenly_and_all_of_them() {
        let mut rewards = weighing(1);
        fund(&mut rewards, Tokens(100), Seconds(10), at(0)).unwrap();
        for (second, left) in [(0, 100), (1, 90), (3, 70), (9, 10), (10, 0), (99, 0)] {
            advance(&mut rewards, at(second)).unwrap();
            assert_eq!(rewards.undistributed, Tokens(left));
            assert_eq!(rewards.reward_index.get() >> 64, 100 - left as u128);
        }
    }

    #[test]
    fn time_does_not_pass_while_nobody_stakes() {
        let mut rewards = weighing(0);
        fund(&mut rewards, Tokens(100), Seconds(10), at(0)).unwrap();
        advance(&mut rewards, at(1_000)).unwrap();
        assert_eq!((rewards.undistributed, rewards.distribution_period), (Tokens(100), Seconds(10)));
        rewards.total_weight = Weight(5);
        advance(&mut rewards, at(1_001)).unwrap();
        assert_eq!((rewards.undistributed, rewards.distribution_period), (Tokens(90), Seconds(9)));
    }

    #[test]
    fn a_small_funding_delays_nothing() {
        let mut rewards = weighing(1);
        fund(&mut rewards, Tokens(1_000_000), Seconds(1_000), at(0)).unwrap();
        for _ in 0..100 {
            fund(&mut rewards, Tokens(1), Seconds(1_000), at(999)).unwrap();
        }
        assert_eq!((rewards.undistributed, rewards.distribution_period), (Tokens(1_100), Seconds(1)));
        fund(&mut rewards, Tokens(110), Seconds(1_000), at(999)).unwrap();
        assert_eq!((rewards.undistributed, rewards.distribution_period), (Tokens(1_210), Seconds(91)));
        let mut rewards = weighing(1);
        fund(&mut rewards, Tokens(1_000), Seconds(1_000), at(0)).unwrap();
        fund(&mut rewards, Tokens(500), Seconds(1_000), at(500)).unwrap();
        assert_eq!((rewards.undistributed, rewards.distribution_period), (Tokens(1_000), Seconds(750)));
        assert_eq!(fund(&mut rewards, Tokens(0), Seconds(1), at(500)), Err(StakeError::ZeroAmount));
        assert_eq!(fund(&mut rewards, Tokens::MAX, Seconds(1), at(500)), Err(StakeError::Overflow));
    }

    #[test]
    fn nothing_is_gained_by_coming_just_before_a_funding() {
        let mut rewards = weighing(0);
        rewards.updated_at = START;
        let mut provider = Provider { status: status::ACTIVE, ..Provider::default() };
        let mut old =
            Delegation { shares: joule_math::Shares(1_000_000), multiplier: Bps::WHOLE, ..Delegation::default() };
        provider.active.tokens = Tokens(1_000);
        provider.active.shares = joule_math::Shares(1_000_000);
        reweigh(&mut rewards, &mut provider, &mut old).unwrap();
        fund(&mut rewards, Tokens(604_800), Seconds(604_800), at(0)).unwrap();
        // In the same second nothing has arrived, whatever the weight.
        let mut sniper = Delegation { shares: joule_math::Shares(1_000_000_000), ..old };
        sniper.weight = Weight::ZERO;
        settle(&mut rewards, &mut provider, &mut sniper, at(0)).unwrap();
        assert_eq!(claim(&mut rewards, &mut sniper.accrued), Err(StakeError::NoRewards));
    }

    #[test]
    fn a_commission_that_is_due_counts_from_the_next_settlement() {
        let mut rewards = weighing(0);
        let mut provider = Provider {
            status: status::ACTIVE,
            commission: Bps(1_000),
            next_commission: Bps(5_000),
            next_commission_at: at(50),
            ..Provider::default()
        };
        provider.delegated_weight = Weight(10);
        reweigh_provider(&mut rewards, &mut provider).unwrap();
        fund(&mut rewards, Tokens(1_000), Seconds(100), at(0)).unwrap();
        settle_provider(&mut rewards, &mut provider, at(49)).unwrap();
        assert_eq!((provider.commission, whole(provider.commission_accrued.get()).0), (Bps(1_000), Tokens(49)));
        settle_provider(&mut rewards, &mut provider, at(60)).unwrap();
        assert_eq!((provider.commission, whole(provider.commission_accrued.get()).0), (Bps(5_000), Tokens(60)));
        settle_provider(&mut rewards, &mut provider, at(80)).unwrap();
        assert_eq!(whole(provider.commission_accrued.get()).0, Tokens(160));
    }

    #[test]
    fn the_index_may_wrap() {
        let mut rewards = weighing(2);
        rewards.reward_index = U128::new(u128::MAX - 5);
        let mut provider = Provider {
            weight: Weight(2),
            delegated_weight: Weight(2),
            pool_reward_index: rewards.reward_index,
            ..Provider::default()
        };
        provider.reward_index = U128::new(u128::MAX);
        let mut all = Delegation { weight: Weight(2), reward_index: provider.reward_index, ..Delegation::default() };
        fund(&mut rewards, Tokens(1_000), Seconds(10), at(0)).unwrap();
        settle(&mut rewards, &mut provider, &mut all, at(10)).unwrap();
        assert_eq!(claim(&mut rewards, &mut all.accrued), Ok(Tokens(1_000)));
        assert_eq!(rewards.unclaimed, Tokens(0));
    }

    proptest! {
        #[test]
        fn rewards_arrive_whole_and_never_early_whatever_the_steps(
            tokens in 1u64..1 << 50, period in 1u32..1 << 20, steps in prop::collection::vec(0i64..1 << 16, 0..40),
        ) {
            let mut rewards = weighing(3);
            fund(&mut rewards, Tokens(tokens), Seconds(period), at(0)).unwrap();
            let mut second = 0;
            for step in steps {
                second += step;
                advance(&mut rewards, at(second)).unwrap();
                let exact = (tokens as u128 * (second as u128).min(period as u128)) / period as u128;
                prop_assert!((tokens - rewards.undistributed.0) as u128 <= exact);
                prop_assert_eq!(rewards.distribution_period.0 as i64, (period as i64 - second).max(0));
            }
            advance(&mut rewards, at(second + period as i64)).unwrap();
            prop_assert_eq!(rewards.undistributed, Tokens(0));
        }
    }
}

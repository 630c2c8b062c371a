//! How rewards reach those who stake, in steps whose cost does not grow with their number.
//!
//! Tokens arrive over time ([`advance`]), whole ones, and raise the pool's index, by weight of the providers. Each provider's part
//! has three parts, by its three weights: its own stake's, which accrues at once; its delegations', less commission, by an index of
//! their weights; and that of stake on its way here, by two more indexes, of which one is for the commission. Everything after the arrival is counted
//! with 64 fractional bits and rounded down: what all can claim is never more than what arrived.
//!
//! A weight changes only after what it earned before is accrued: [`settle`] first, the change, then [`reweigh`].
//!
//! Bonds are seized without writing the pool's rewards, and slashes of one provider do not touch tickets on their way to another.
//! So a weight can be more than its tokens for a time. Nothing is earned on the difference: own stake earns by the smaller of its
//! weight and its present tokens, and a ticket by what is left of it when it is settled. What the difference accrued goes back
//! ([`return_rewards`]) and is distributed again.

pub(crate) mod claim_commission;
pub(crate) mod claim_rewards;
pub(crate) mod collect_rewards;
pub(crate) mod compound_rewards;
pub(crate) mod fund_rewards;
pub(crate) mod refresh_provider;
pub(crate) mod set_commission;

pub use set_commission::change_commission;

use {
    crate::{Result, staking::is_own},
    joule_common::{AccountView, event, guard::require},
    joule_interface::Fault,
    joule_math::{
        Bps, Seconds, Timestamp, Tokens, U128, Weight, earned_floor, earned_of_shares_floor, fraction_floor,
        index_step_floor, mul_div_floor, part_floor, weight_at_price_floor, weight_floor, weight_of_shares_floor,
        whole,
    },
    joule_stake_interface::{
        StakeError,
        event::{RewardsClaimed, RewardsFunded},
        state::{Delegation, Provider, Rewards, UnbondingTicket, status},
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

/// Adds `tokens`, which arrive over `period`.
#[inline(never)]
pub fn fund(rewards: &mut Rewards, tokens: Tokens, period: Seconds, now: Timestamp) -> Result<()> {
    require(!tokens.is_zero(), Fault::ZeroAmount)?;
    advance(rewards, now)?;
    distribute(rewards, tokens, period)?;
    rewards.funding_period = period;
    rewards.unclaimed = rewards.unclaimed.plus(tokens)?;
    Ok(())
}

/// Lets tokens arrive over `period`; together with what is left, over the mean of both times, by tokens.
#[inline(always)]
fn distribute(rewards: &mut Rewards, tokens: Tokens, period: Seconds) -> Result<()> {
    let left = rewards.undistributed.plus(tokens)?;
    let times =
        rewards.undistributed.0 as u128 * rewards.distribution_period.0 as u128 + tokens.0 as u128 * period.0 as u128;
    // A mean of two numbers of 32 bits. A second at least: what arrives in no time would never be counted.
    rewards.distribution_period = Seconds(((times / left.0 as u128) as u32).max(1));
    rewards.undistributed = left;
    Ok(())
}

/// Distributes again what weight without tokens accrued.
#[inline(never)]
fn return_rewards(rewards: &mut Rewards, amount: u128) -> Result<()> {
    let (tokens, fraction) = whole(rewards.returned.get().checked_add(amount).ok_or(Fault::Overflow)?);
    rewards.returned = U128::new(fraction);
    if tokens.is_zero() {
        return Ok(());
    }
    let period = rewards.funding_period;
    distribute(rewards, tokens, period)
}

/// Accrues what a provider earned, by its three weights. Then a commission that is due applies.
#[inline(never)]
pub fn settle_provider(rewards: &mut Rewards, provider: &mut Provider, now: Timestamp) -> Result<()> {
    advance(rewards, now)?;
    let (from, to) = (provider.pool_reward_index.get(), rewards.reward_index.get());
    provider.pool_reward_index = rewards.reward_index;
    if from != to {
        accrue(rewards, provider, from, to)?;
    }
    if provider.next_commission_at != Timestamp(0) && now >= provider.next_commission_at {
        provider.commission = provider.next_commission;
        provider.next_commission_at = Timestamp(0);
    }
    Ok(())
}

#[inline(always)]
fn accrue(rewards: &mut Rewards, provider: &mut Provider, from: u128, to: u128) -> Result<()> {
    if !provider.own_weight.is_zero() {
        let live = provider.own_weight.min(provider.present_own_weight()?);
        provider.own_accrued = plus(provider.own_accrued, earned_floor(live, from, to)?)?;
        let dead = provider.own_weight.minus(live)?;
        if !dead.is_zero() {
            return_rewards(rewards, earned_floor(dead, from, to)?)?;
        }
    }
    if !provider.pot_weight.is_zero() {
        let rest = take_commission(provider, earned_floor(provider.pot_weight, from, to)?)?;
        let step = fraction_floor(rest, provider.delegated_weight.get())?;
        provider.reward_index = U128::new(provider.reward_index.get().wrapping_add(step));
    }
    if !provider.incoming_weight.is_zero() {
        let earned = earned_floor(provider.incoming_weight, from, to)?;
        let [commission, rest] = parts(earned, provider.commission)?;
        // The commission too is the tickets' to settle: of what is not there the provider gets none.
        let indexes = [(&mut provider.incoming_commission_index, commission), (&mut provider.incoming_index, rest)];
        for (index, part) in indexes {
            let step = fraction_floor(part, provider.incoming_weight.0 as u128)?;
            *index = U128::new(index.get().wrapping_add(step));
        }
    }
    Ok(())
}

/// The provider's commission on what others earned with it, and the rest. Each is rounded down by itself: what the one loses is
/// not the other's.
#[inline(always)]
fn parts(earned: u128, commission: Bps) -> Result<[u128; 2]> {
    Ok([part_floor(earned, commission), part_floor(earned, Bps::WHOLE.minus(commission)?)])
}

/// Accrues the provider's commission on what others earned with it. Returns the rest.
#[inline(always)]
fn take_commission(provider: &mut Provider, earned: u128) -> Result<u128> {
    let [commission, rest] = parts(earned, provider.commission)?;
    provider.commission_accrued = plus(provider.commission_accrued, commission)?;
    Ok(rest)
}

#[inline(always)]
fn plus(accrued: U128, amount: u128) -> Result<U128> {
    Ok(U128::new(accrued.get().checked_add(amount).ok_or(Fault::Overflow)?))
}

/// Accrues what a provider and a delegation to it earned. A lock whose time has passed ends.
#[inline(never)]
pub fn settle(
    rewards: &mut Rewards,
    provider: &mut Provider,
    delegation: &mut Delegation,
    now: Timestamp,
) -> Result<()> {
    settle_provider(rewards, provider, now)?;
    let earned = if is_own(provider, delegation) {
        core::mem::take(&mut provider.own_accrued).get()
    } else {
        earned_of_shares_floor(delegation.weight.get(), delegation.reward_index.get(), provider.reward_index.get())?
    };
    delegation.reward_index = provider.reward_index;
    delegation.accrued = plus(delegation.accrued, earned)?;
    if !delegation.is_locked(now) {
        delegation.lock_ends_at = Timestamp(0);
        delegation.lock_period = Seconds(0);
        delegation.multiplier = Bps::WHOLE;
        if is_own(provider, delegation) {
            provider.locked = Tokens::ZERO;
        }
    }
    Ok(())
}

/// Accrues what a ticket on its way to a settled provider earned, for the delegation that it goes to and for the provider: on the
/// smaller of what it counted and `worth`.
#[inline(never)]
pub fn settle_ticket(
    rewards: &mut Rewards,
    provider: &mut Provider,
    delegation: &mut Delegation,
    ticket: &mut UnbondingTicket,
    worth: Tokens,
) -> Result<()> {
    let live = ticket.weight.min(weight_floor(worth, Bps::WHOLE)?);
    let dead = ticket.weight.minus(live)?;
    let parts = [
        (&mut ticket.reward_index, provider.incoming_index, &mut delegation.accrued),
        (&mut ticket.commission_index, provider.incoming_commission_index, &mut provider.commission_accrued),
    ];
    for (index, now, accrued) in parts {
        let (from, to) = (core::mem::replace(index, now).get(), now.get());
        *accrued = plus(*accrued, earned_floor(live, from, to)?)?;
        if !dead.is_zero() {
            return_rewards(rewards, earned_floor(dead, from, to)?)?;
        }
    }
    Ok(())
}

/// Counts a settled delegation's weight anew, and its provider's.
#[inline(never)]
pub fn reweigh(rewards: &mut Rewards, provider: &mut Provider, delegation: &mut Delegation) -> Result<()> {
    if is_own(provider, delegation) {
        provider.own_multiplier = delegation.multiplier;
    } else {
        let weight = weight_of_shares_floor(delegation.shares.get(), delegation.multiplier);
        // Each was added when it was counted: the sum holds them all.
        let others = provider.delegated_weight.get().checked_sub(delegation.weight.get()).ok_or(Fault::Overflow)?;
        provider.delegated_weight = plus(U128::new(others), weight)?;
        delegation.weight = U128::new(weight);
    }
    reweigh_provider(rewards, provider)
}

/// Counts a settled provider's weights anew: none while it takes no jobs.
#[inline(never)]
pub fn reweigh_provider(rewards: &mut Rewards, provider: &mut Provider) -> Result<()> {
    let others = rewards.total_weight.minus(provider.weight()?)?;
    (provider.own_weight, provider.pot_weight, provider.incoming_weight) = if provider.status == status::ACTIVE {
        let pot = weight_at_price_floor(provider.delegated_weight.get(), provider.delegated.price)?;
        (provider.present_own_weight()?, pot, provider.incoming)
    } else {
        (Weight::ZERO, Weight::ZERO, Weight::ZERO)
    };
    rewards.total_weight = others.plus(provider.weight()?)?;
    Ok(())
}

/// Takes the whole tokens of what is accrued; the fraction stays.
#[inline(never)]
pub fn claim(rewards: &mut Rewards, accrued: &mut U128) -> Result<Tokens> {
    let (tokens, fraction) = whole(accrued.get());
    require(!tokens.is_zero(), StakeError::NoRewards)?;
    *accrued = U128::new(fraction);
    rewards.unclaimed = rewards.unclaimed.minus(tokens)?;
    Ok(tokens)
}

/// Logs that rewards came in.
#[inline(always)]
pub(crate) fn emit_rewards_funded(rewards: &mut Rewards, address: &AccountView, tokens: Tokens) -> Result<()> {
    event::emit(&RewardsFunded {
        header: RewardsFunded::header(*address.address(), event::next(&mut rewards.sequence)?),
        tokens,
        undistributed: rewards.undistributed,
        distribution_period: rewards.distribution_period.0 as u64,
    });
    Ok(())
}

/// Logs that a delegation's rewards were claimed.
#[inline(always)]
pub(crate) fn emit_rewards_claimed(
    provider: &mut Provider,
    address: &AccountView,
    delegation: &Delegation,
    tokens: Tokens,
    compounded: bool,
) -> Result<()> {
    event::emit(&RewardsClaimed {
        header: RewardsClaimed::header(*address.address(), event::next(&mut provider.sequence)?),
        owner: delegation.owner,
        tokens,
        compounded: compounded as u64,
    });
    Ok(())
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

    /// A provider whose delegations are worth so much, at the first price.
    fn backed(tokens: u64) -> (Provider, Delegation) {
        let mut provider = Provider { status: status::ACTIVE, own_multiplier: Bps::WHOLE, ..Provider::default() };
        provider.authority = joule_interface::Address::new_from_array([1; 32]);
        provider.delegated.tokens = Tokens(tokens);
        provider.delegated.price = joule_math::PRICE_ONE;
        provider.delegated.shares = U128::new(tokens as u128);
        let shares = provider.delegated.shares;
        (provider, Delegation { shares, multiplier: Bps::WHOLE, ..Delegation::default() })
    }

    #[test]
    fn nothing_is_gained_by_coming_just_before_a_funding() {
        let mut rewards = weighing(0);
        rewards.updated_at = START;
        let (mut provider, mut old) = backed(1_000);
        reweigh(&mut rewards, &mut provider, &mut old).unwrap();
        fund(&mut rewards, Tokens(604_800), Seconds(604_800), at(0)).unwrap();
        // In the same second nothing has arrived, whatever the weight.
        let mut sniper = Delegation { shares: U128::new(1_000_000), ..old };
        sniper.weight = U128::new(0);
        settle(&mut rewards, &mut provider, &mut sniper, at(0)).unwrap();
        assert_eq!(claim(&mut rewards, &mut sniper.accrued), Err(StakeError::NoRewards));
    }

    #[test]
    fn a_commission_that_is_due_applies_from_the_next_settlement() {
        let mut rewards = weighing(0);
        let (mut provider, mut all) = backed(40);
        provider.commission = Bps(1_000);
        provider.next_commission = Bps(5_000);
        provider.next_commission_at = at(50);
        reweigh(&mut rewards, &mut provider, &mut all).unwrap();
        fund(&mut rewards, Tokens(1_000), Seconds(100), at(0)).unwrap();
        settle_provider(&mut rewards, &mut provider, at(49)).unwrap();
        assert_eq!((provider.commission, whole(provider.commission_accrued.get()).0), (Bps(1_000), Tokens(49)));
        settle_provider(&mut rewards, &mut provider, at(60)).unwrap();
        assert_eq!((provider.commission, whole(provider.commission_accrued.get()).0), (Bps(5_000), Tokens(60)));
        settle_provider(&mut rewards, &mut provider, at(80)).unwrap();
        assert_eq!(whole(provider.commission_accrued.get()).0, Tokens(160));
    }

    #[test]
    fn own_stake_earns_by_what_is_there_and_the_rest_goes_back() {
        let mut rewards = weighing(0);
        let (mut provider, mut all) = backed(400);
        (provider.own, provider.bonded) = (Tokens(200), Tokens(400));
        reweigh(&mut rewards, &mut provider, &mut all).unwrap();
        assert_eq!(rewards.total_weight, Weight(250));
        fund(&mut rewards, Tokens(1_000), Seconds(100), at(0)).unwrap();
        // A seizure writes no rewards.
        provider.bonded = Tokens(0);
        settle_provider(&mut rewards, &mut provider, at(100)).unwrap();
        assert_eq!(whole(provider.own_accrued.get()).0, Tokens(200));
        assert_eq!((rewards.undistributed, rewards.distribution_period), (Tokens(400), Seconds(100)));
        reweigh_provider(&mut rewards, &mut provider).unwrap();
        assert_eq!(rewards.total_weight, Weight(150));
    }

    #[test]
    fn the_index_may_wrap() {
        let mut rewards = weighing(2);
        rewards.reward_index = U128::new(u128::MAX - 5);
        let mut provider = Provider {
            pot_weight: Weight(2),
            delegated_weight: U128::new(2),
            pool_reward_index: rewards.reward_index,
            ..Provider::default()
        };
        provider.authority = joule_interface::Address::new_from_array([1; 32]);
        provider.reward_index = U128::new(u128::MAX);
        let mut all = Delegation { weight: U128::new(2), reward_index: provider.reward_index, ..Delegation::default() };
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

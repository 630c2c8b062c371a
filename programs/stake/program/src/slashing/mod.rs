//! Proposing, executing and dropping slashes; jail; commission.
//!
//! Between proposal and decision nothing leaves the provider's unbonding pot, and what is proposed cannot be bonded, so
//! that a fault's stake is still there when its time comes. Both limits bound what such a wait can hold up.

pub(crate) mod execute_slash;
pub(crate) mod expire_slash;
pub(crate) mod propose_slash;
pub(crate) mod unjail;
pub(crate) mod veto_slash;

use {
    crate::{Result, rewards, staking::pots},
    joule_common::guard::require,
    joule_interface::Fault,
    joule_math::{Bps, Timestamp, Tokens},
    joule_stake_interface::{
        StakeError,
        state::{Pool, Provider, Rewards, Slash, Slasher, rights, sentence, status},
    },
};

/// The slasher may do this.
#[inline(always)]
pub fn has_right(slasher: &Slasher, right: u8) -> Result<()> {
    require(slasher.rights & right != 0, StakeError::MissingRight)
}

/// Counts a proposal against the limits of the provider's and the slasher's windows. Returns when it is ready, and when
/// it expires.
#[inline(always)]
pub fn propose(
    pool: &Pool,
    slasher: &mut Slasher,
    provider: &mut Provider,
    amount: Tokens,
    how: u8,
    now: Timestamp,
) -> Result<(Timestamp, Timestamp)> {
    has_right(slasher, rights::SLASH)?;
    require(!amount.is_zero(), Fault::ZeroAmount)?;
    require(how <= sentence::TOMBSTONE, Fault::InvalidParameter)?;

    if now >= slasher.window_started_at.after(pool.policy.slash_window)? {
        slasher.window_started_at = now;
        slasher.window_proposed = Tokens::ZERO;
    }
    let proposed = slasher.window_proposed.plus(amount)?;
    require(proposed <= slasher.window_limit, StakeError::SlasherLimitReached)?;
    slasher.window_proposed = proposed;

    if now >= provider.window_started_at.after(pool.policy.slash_window)? {
        provider.window_started_at = now;
        provider.window_stake = provider.stake()?;
        provider.window_proposed = Tokens::ZERO;
    }
    let proposed = provider.window_proposed.plus(amount)?;
    require(proposed.0 <= pool.policy.slash_limit.of_floor(provider.window_stake.0)?, StakeError::SlashLimitReached)?;
    provider.window_proposed = proposed;

    provider.slash_pending = provider.slash_pending.plus(amount)?;
    provider.pending_slash_count = provider.pending_slash_count.checked_add(1).ok_or(Fault::Overflow)?;
    let ready = now.after(pool.policy.slash_delay)?;
    Ok((ready, ready.after(pool.policy.slash_execution_window)?))
}

/// Takes what can be taken, and carries out the sentence. Returns what it took from the active and from the unbonding
/// pot; nothing is left to take when [`Slash::amount`] is zero.
#[inline(always)]
pub fn execute(
    pool: &Pool,
    rewards: &mut Rewards,
    provider: &mut Provider,
    slash: &mut Slash,
    now: Timestamp,
) -> Result<(Tokens, Tokens)> {
    require(now >= slash.executable_at, StakeError::SlashNotExecutable)?;
    require(now < slash.expires_at, StakeError::SlashExpired)?;
    rewards::settle_provider(rewards, provider, now)?;

    let (active, unbonding) = pots::slash(provider, slash.amount)?;
    let taken = active.plus(unbonding)?;
    slash.taken = slash.taken.plus(taken)?;
    // What more there is to take are tokens that jobs hold; without those there is nothing to wait for.
    let left = if provider.bonded.is_zero() { Tokens::ZERO } else { slash.amount.minus(taken)? };
    provider.slash_pending = provider.slash_pending.minus(slash.amount)?.plus(left)?;
    slash.amount = left;
    if left.is_zero() {
        provider.pending_slash_count -= 1;
    }

    if slash.sentence_executed == 0 && slash.sentence != sentence::FINE && provider.status != status::TOMBSTONED {
        if slash.sentence == sentence::TOMBSTONE {
            provider.status = status::TOMBSTONED;
        } else {
            provider.status = status::JAILED;
            provider.jail_ends_at = provider.jail_ends_at.max(now.after(pool.policy.jail_period)?);
        }
    }
    slash.sentence_executed = 1;
    rewards::reweigh_provider(rewards, provider)?;
    Ok((active, unbonding))
}

/// What is left of a proposal is not taken any more.
#[inline(always)]
pub fn drop_slash(provider: &mut Provider, slash: &Slash) -> Result<()> {
    provider.slash_pending = provider.slash_pending.minus(slash.amount)?;
    provider.pending_slash_count = provider.pending_slash_count.checked_sub(1).ok_or(Fault::Overflow)?;
    Ok(())
}

/// Out of jail.
#[inline(always)]
pub fn unjail(rewards: &mut Rewards, provider: &mut Provider, now: Timestamp) -> Result<()> {
    require(provider.status == status::JAILED, StakeError::NotJailed)?;
    require(now >= provider.jail_ends_at, StakeError::StillJailed)?;
    rewards::settle_provider(rewards, provider, now)?;
    provider.status = status::ACTIVE;
    rewards::reweigh_provider(rewards, provider)
}

/// A commission to come. Returns from when it counts.
#[inline(always)]
pub fn set_commission(
    pool: &Pool,
    rewards: &mut Rewards,
    provider: &mut Provider,
    commission: Bps,
    now: Timestamp,
) -> Result<Timestamp> {
    require(commission <= pool.policy.max_commission, StakeError::CommissionTooHigh)?;
    // One that is due counts first: steps are from what is in force.
    rewards::settle_provider(rewards, provider, now)?;
    let step = commission.0.abs_diff(provider.commission.0);
    require(step <= pool.policy.max_commission_step.0, StakeError::CommissionStepTooLarge)?;
    provider.next_commission = commission;
    provider.next_commission_at = now.after(pool.policy.commission_delay)?;
    Ok(provider.next_commission_at)
}

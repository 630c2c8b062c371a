//! Governance: a pool's policy and its slashers.
//!
//! What is worse for backers waits until they can have left: longer than the network's delay and the unbonding period, and
//! from its announcement locked stake can leave. Only on the day on which a pool is created do slashers get their rights at once,
//! and does every policy wait no longer than the network's delay: nobody has anything at stake by then that saw no such rule.

pub(crate) mod add_slasher;
pub(crate) mod cancel_policy;
pub(crate) mod close_pool;
pub(crate) mod close_slasher;
pub(crate) mod create_pool;
pub(crate) mod execute_policy;
pub(crate) mod propose_policy;
pub(crate) mod set_slasher;

use {
    crate::{Result, accounts::NONE},
    joule_common::{AccountView, event, guard, guard::require, in_range, token},
    joule_interface::{Address, Fault},
    joule_math::{Bps, Seconds, Timestamp},
    joule_stake_interface::{
        StakeError,
        event::SlasherChanged,
        state::{EXIT_MARGIN, MAX_SLASHERS, Pool, PoolPolicy, Slasher, rights},
    },
};

const HOUR: Seconds = Seconds(3_600);
const YEAR: Seconds = Seconds(365 * 86_400);

/// Refuses a policy outside the ranges that its documentation gives.
fn check(policy: &PoolPolicy) -> Result<()> {
    let long = |length: Seconds| (HOUR..=YEAR).contains(&length);
    let part = |share: Bps| share <= Bps::WHOLE;
    in_range!(long(policy.unbonding_period), "unbonding_period")?;
    in_range!(long(policy.reward_period), "reward_period")?;
    in_range!(long(policy.slash_execution_window), "slash_execution_window")?;
    in_range!(long(policy.slash_window), "slash_window")?;
    // Without a delay nobody can veto a slash, or leave before a commission rises, and many small steps are one large one. A fault
    // that is found when its stake begins to leave must be decided before it has left.
    in_range!((HOUR..=policy.unbonding_period).contains(&policy.slash_delay), "slash_delay")?;
    in_range!(long(policy.commission_delay), "commission_delay")?;
    in_range!(long(policy.jail_period), "jail_period")?;
    in_range!(policy.standing_period <= YEAR, "standing_period")?;
    in_range!(part(policy.max_commission), "max_commission")?;
    in_range!(part(policy.max_commission_step), "max_commission_step")?;
    in_range!(part(policy.slash_limit), "slash_limit")?;
    in_range!(part(policy.slash_burned_share), "slash_burned_share")?;
    Ok(())
}

/// What is slashed can go where the policy says: the token programs do not burn wrapped SOL.
fn check_burned(policy: &PoolPolicy, mint: &Address, treasury: &Address) -> Result<()> {
    let burns = policy.slash_burned_share != Bps(0) || guard::eq(treasury, &NONE);
    require(!burns || !token::is_native(mint), Fault::MintNotAllowed.into())
}

/// The new policy is worse for backers than the pool's.
fn is_worse(new: &PoolPolicy, old: &PoolPolicy) -> bool {
    new.unbonding_period > old.unbonding_period
        || new.slash_delay < old.slash_delay
        || new.slash_execution_window > old.slash_execution_window
        || new.slash_window < old.slash_window
        || new.min_slash < old.min_slash
        || new.slash_limit > old.slash_limit
        || new.slash_burned_share != old.slash_burned_share
        || new.jail_period > old.jail_period
        || new.commission_delay < old.commission_delay
        || new.max_commission > old.max_commission
        || new.max_commission_step > old.max_commission_step
        || new.reward_period > old.reward_period
}

/// When a change that is worse for backers takes effect: who has left by then, or leaves within the margin, has been paid. Lets
/// locked stake leave until then.
fn announce(pool: &mut Pool, delay: Seconds, now: Timestamp) -> Result<Timestamp> {
    let unbonding_period = pool.policy.unbonding_period.max(pool.next_unbonding_period);
    let left_at = now.after(unbonding_period)?.max(pool.longer_unbonding_ends_at);
    let effective_at = now.after(delay)?.max(left_at.after(EXIT_MARGIN)?);
    pool.exit_ends_at = pool.exit_ends_at.max(effective_at);
    pool.exit_began_at = now;
    Ok(effective_at)
}

/// Gives a slasher these rights and limits. More than it had waits.
fn grant(
    pool: &mut Pool,
    slasher: &mut Slasher,
    rights: u8,
    window_limit: joule_math::Tokens,
    slash_share: Bps,
    delay: Seconds,
    now: Timestamp,
) -> Result<()> {
    in_range!(rights & !rights::ALL == 0, "rights")?;
    let slashes = rights & rights::SLASH != 0;
    in_range!(slashes || slash_share == Bps(0), "slash_share")?;
    let is_raised = slashes
        && (slasher.rights & rights::SLASH == 0
            || window_limit > slasher.window_limit
            || slash_share > slasher.slash_share);
    let shares = Bps(pool.slash_shares.0 - slasher.slash_share.0).plus(slash_share)?;
    in_range!(shares <= pool.policy.slash_limit || slash_share <= slasher.slash_share, "slash_share")?;

    pool.slash_shares = shares;
    if slashes && slasher.slot == 0 {
        // One after the other: at a place that was just freed, what was proposed in a window is still counted.
        const PLACES: u32 = MAX_SLASHERS as u32;
        require(pool.slasher_slots.count_ones() < PLACES, StakeError::TooManySlashers)?;
        let from = pool.next_slot as u32;
        let slot = (from + pool.slasher_slots.rotate_right(from).trailing_ones()) % PLACES;
        pool.next_slot = ((slot + 1) % PLACES) as u8;
        pool.slasher_slots |= 1 << slot;
        slasher.slot = slot as u8 + 1;
    } else if !slashes && slasher.slot != 0 {
        pool.slasher_slots &= !(1 << (slasher.slot - 1));
        slasher.slot = 0;
    }
    if is_raised && now >= pool.setup_ends_at {
        slasher.active_at = announce(pool, delay, now)?;
    }
    if rights & rights::BOND == 0 && slasher.rights & rights::BOND != 0 {
        slasher.bonds_free_at = now.after(pool.policy.unbonding_period)?;
    }
    (slasher.rights, slasher.window_limit, slasher.slash_share) = (rights, window_limit, slash_share);
    Ok(())
}

/// Logs what a slasher has now.
#[inline(never)]
fn emit_slasher_changed(pool: &mut Pool, address: &AccountView, slasher: &Slasher, view: &AccountView) -> Result<()> {
    event::emit(&SlasherChanged {
        header: SlasherChanged::header(*address.address(), event::next(&mut pool.sequence)?),
        slasher: *view.address(),
        rights: slasher.rights as u32,
        slash_share: slasher.slash_share.0 as u32,
        window_limit: slasher.window_limit,
        active_at: slasher.active_at,
    });
    Ok(())
}

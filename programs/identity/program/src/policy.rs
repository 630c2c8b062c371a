//! A registry's rules, and those that wait.

use {
    crate::Result,
    joule_common::{AccountView, account, event, guard, guard::require, in_range},
    joule_identity_interface::{
        IdentityError,
        event::{PolicyChanged, PolicyProposed},
        state::{
            MAX_ATTESTATION_PERIOD, MAX_LIABILITY_PERIOD, MAX_MINT_FEE, MIN_ATTESTATION_PERIOD, POLICY_WINDOW, Policy,
            Registry,
        },
    },
    joule_interface::Address,
    joule_math::{Seconds, Timestamp},
    joule_stake_interface::state::Pool,
};

const NONE: Timestamp = Timestamp(0);

/// Whoever a fee or a bond needs is named, trees are not filled by everyone for nothing, and the pool is the network's.
pub fn check(policy: &Policy, pool: &AccountView, network: &AccountView) -> Result<()> {
    let none = Address::default();
    let period = policy.max_attestation_period.0;
    in_range!((MIN_ATTESTATION_PERIOD.0..=MAX_ATTESTATION_PERIOD.0).contains(&period), "max_attestation_period")?;
    in_range!(policy.liability_period.0 <= MAX_LIABILITY_PERIOD.0, "liability_period")?;
    in_range!(policy.mint_fee <= MAX_MINT_FEE, "mint_fee")?;
    in_range!(policy.minter != none || policy.mint_fee != 0, "minter")?;
    in_range!(policy.mint_fee == 0 || policy.fee_receiver != none, "fee_receiver")?;
    let bonded = !policy.attestor_bond.is_zero();
    in_range!(!bonded || policy.pool != none, "pool")?;
    if policy.pool != none {
        guard::address(pool, &policy.pool)?;
        let pool = account::load::<Pool>(pool)?;
        guard::network(&pool.network, network.address())?;
        let answerable = period as u64 + policy.liability_period.0 as u64;
        in_range!(!bonded || answerable <= stays_liable(&pool).0 as u64, "max_attestation_period")?;
    }
    Ok(())
}

/// How long stake of the pool that leaves now, or later, answers at least: also by rules that wait.
pub fn stays_liable(pool: &Pool) -> Seconds {
    let [now, next] = [pool.policy.unbonding_period, pool.next_unbonding_period];
    if next == Seconds(0) { now } else { now.min(next) }
}

/// Lets rules wait until their time.
pub fn propose(registry: &mut Registry, policy: Policy, from: Timestamp) {
    (registry.next_policy, registry.next_policy_at) = (policy, from);
}

/// Puts in force what waits, if its time is now.
pub fn execute(registry: &mut Registry, now: Timestamp) -> Result<()> {
    let from = registry.next_policy_at;
    require(from != NONE, IdentityError::NoChange)?;
    require(now >= from, IdentityError::ChangeNotReady)?;
    require(now < from.after(POLICY_WINDOW)?, IdentityError::ChangeExpired)?;
    registry.policy = registry.next_policy;
    propose(registry, Policy::default(), NONE);
    Ok(())
}

/// Forgets what waits. Returns it.
pub fn cancel(registry: &mut Registry) -> Result<Policy> {
    require(registry.next_policy_at != NONE, IdentityError::NoChange)?;
    let waiting = registry.next_policy;
    propose(registry, Policy::default(), NONE);
    Ok(waiting)
}

/// Tells of the rules in force.
pub fn changed(view: &AccountView, registry: &mut Registry) -> Result<()> {
    event::emit(&PolicyChanged {
        header: PolicyChanged::header(*view.address(), event::next(&mut registry.sequence)?),
        policy: registry.policy,
    });
    Ok(())
}

/// Tells of rules that wait from then on, or do not any more.
pub fn proposed(view: &AccountView, registry: &mut Registry, policy: Policy) -> Result<()> {
    event::emit(&PolicyProposed {
        header: PolicyProposed::header(*view.address(), event::next(&mut registry.sequence)?),
        executable_at: registry.next_policy_at,
        policy,
    });
    Ok(())
}

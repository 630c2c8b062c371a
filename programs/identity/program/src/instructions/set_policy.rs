use {
    crate::{Result, instructions::registry_of},
    joule_common::{AccountView, account, event, guard, guard::require},
    joule_identity_interface::{
        event::PolicyChanged,
        instruction::{SetPolicy, SetPolicyArgs},
        state::{Policy, Registry},
    },
    joule_interface::{Address, Fault},
    joule_stake_interface::state::Pool,
};

/// See [`SetPolicy`].
#[inline(never)]
pub fn set_policy(accounts: &[AccountView], args: &SetPolicyArgs) -> Result<()> {
    let (a, _) = SetPolicy::parse(accounts)?;
    let mut registry = registry_of(a.authority, a.network, a.registry)?;
    let policy = args.policy;
    check_policy(&policy, a.pool, a.network)?;

    registry.policy = policy;
    policy_changed(a.registry, &mut registry)
}

/// Whoever a fee or a bond needs is named, and the pool is one of the network.
pub(super) fn check_policy(policy: &Policy, pool: &AccountView, network: &AccountView) -> Result<()> {
    let none = Address::default();
    let whole = policy.max_validity.0 != 0
        && (policy.fee == 0 || policy.fee_receiver != none)
        && (policy.bond.is_zero() || policy.pool != none)
        && policy.reserved == [0; 4];
    require(whole, Fault::InvalidParameter)?;
    if policy.pool != none {
        guard::address(pool, &policy.pool)?;
        guard::network(&account::load::<Pool>(pool)?.network, network.address())?;
    }
    Ok(())
}

pub(super) fn policy_changed(view: &AccountView, registry: &mut Registry) -> Result<()> {
    event::emit(&PolicyChanged {
        header: PolicyChanged::header(*view.address(), event::next(&mut registry.sequence)?),
        policy: registry.policy,
    });
    Ok(())
}

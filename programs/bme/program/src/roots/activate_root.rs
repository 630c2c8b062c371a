use {
    crate::{Result, roots},
    joule_bme_interface::{
        BmeError,
        event::RootActivated,
        instruction::ActivateRoot,
        state::{Network, OracleSet, RewardRoot},
    },
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_math::Timestamp,
};

/// See [`ActivateRoot`].
pub fn activate_root(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = ActivateRoot::parse(accounts, data)?;
    let network = account::keep_mut::<Network>(a.network)?;
    let set = account::keep_mut::<OracleSet>(a.oracle_set)?;
    guard::network(&set.network, a.network.address())?;
    let root = account::keep_mut::<RewardRoot>(a.reward_root)?;
    guard::network(&root.network, a.network.address())?;
    let now = now()?;
    require(!roots::is_outdated(set, root, now)?, BmeError::RootOutdated)?;
    require(root.activatable_at != Timestamp::default() && now >= root.activatable_at, BmeError::RootNotActivatable)?;
    // Of two that add to the same total, the first counts: the other states the same earnings again.
    require(root.previous_total == set.total, BmeError::RootOutdated)?;
    let addition = root.addition()?;
    require(addition <= network.roots.free, BmeError::RootOverBudget)?;

    network.roots.free = network.roots.free.minus(addition)?;
    network.roots.owed = network.roots.owed.plus(addition)?;
    root.activated_at = now;
    root.opened_at = now;
    root.opening_period = network.policy.root_opening_period;
    set.active_root = root.index + 1;
    set.active_count += 1;
    root.number = set.active_count;
    set.total = root.total;

    event::emit(&RootActivated {
        header: RootActivated::header(*a.oracle_set.address(), event::next(&mut set.sequence)?),
        index: root.index,
        addition,
        opening_period: root.opening_period.0 as u64,
    });
    Ok(())
}

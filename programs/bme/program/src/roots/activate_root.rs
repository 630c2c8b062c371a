use {
    crate::Result,
    joule_bme_interface::{
        BmeError,
        event::RootActivated,
        instruction::ActivateRoot,
        state::{OracleSet, RewardRoot},
    },
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_math::Timestamp,
};

/// See [`ActivateRoot`].
pub fn activate_root(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = ActivateRoot::parse(accounts, data)?;
    let set = account::keep_mut::<OracleSet>(a.oracle_set)?;
    let root = account::keep::<RewardRoot>(a.reward_root)?;
    guard::network(&root.network, &set.network)?;
    require(root.generation == set.generation && root.index >= set.active_root, BmeError::RootOutdated)?;
    require(
        root.activatable_at != Timestamp::default() && now()? >= root.activatable_at,
        BmeError::RootNotActivatable,
    )?;
    set.active_root = root.index + 1;

    event::emit(&RootActivated {
        header: RootActivated::header(*a.oracle_set.address(), event::next(&mut set.sequence)?),
        index: root.index,
    });
    Ok(())
}

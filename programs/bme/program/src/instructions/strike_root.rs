use {
    crate::{Result, instructions::guardian},
    joule_bme_interface::{
        BmeError,
        event::RootStruck,
        instruction::{StrikeRoot, StrikeRootArgs},
        state::{Network, OracleSet, RewardRoot},
    },
    joule_common::{AccountView, account, event, guard, guard::require},
};

/// See [`StrikeRoot`]. Its number is not given again.
pub fn strike_root(accounts: &[AccountView], _: &StrikeRootArgs) -> Result<()> {
    let (a, _) = StrikeRoot::parse(accounts)?;
    guardian(a.by, account::keep::<Network>(a.network)?)?;
    let set = account::keep_mut::<OracleSet>(a.oracle_set)?;
    guard::network(&set.network, a.network.address())?;
    let root = account::load::<RewardRoot>(a.reward_root)?;
    guard::network(&root.network, a.network.address())?;
    guard::address(a.rent_receiver, &root.payer)?;
    require(root.index >= set.active, BmeError::RootOutdated)?;

    event::emit(&RootStruck {
        header: RootStruck::header(*a.oracle_set.address(), event::next(&mut set.sequence)?),
        index: root.index,
        by: *a.by.address(),
    });
    drop(root);
    account::close(a.reward_root, a.rent_receiver)?;
    Ok(())
}

use {
    crate::{Result, governance},
    joule_bme_interface::{
        BmeError,
        event::RootVetoed,
        instruction::VetoRoot,
        state::{Network, OracleSet, RewardRoot},
    },
    joule_common::{AccountView, account, event, guard, guard::require},
};

/// See [`VetoRoot`]. Its number is not given again.
pub fn veto_root(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = VetoRoot::parse(accounts, data)?;
    governance::guardian_or_authority(a.authority_or_guardian, account::keep::<Network>(a.network)?)?;
    let set = account::keep_mut::<OracleSet>(a.oracle_set)?;
    guard::network(&set.network, a.network.address())?;
    let root = account::load::<RewardRoot>(a.reward_root)?;
    guard::network(&root.network, a.network.address())?;
    guard::address(a.rent_receiver, &root.payer)?;
    require(root.index >= set.active_root, BmeError::RootOutdated)?;

    event::emit(&RootVetoed {
        header: RootVetoed::header(*a.oracle_set.address(), event::next(&mut set.sequence)?),
        index: root.index,
        vetoed_by: *a.authority_or_guardian.address(),
    });
    drop(root);
    account::close(a.reward_root, a.rent_receiver)?;
    Ok(())
}

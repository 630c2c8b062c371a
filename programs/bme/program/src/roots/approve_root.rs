use {
    crate::{Result, roots},
    joule_bme_interface::{
        event::RootApproved,
        instruction::ApproveRoot,
        state::{Network, OracleSet, RewardRoot},
    },
    joule_common::{AccountView, account, event, guard, now},
};

/// See [`ApproveRoot`].
pub fn approve_root(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = ApproveRoot::parse(accounts, data)?;
    let delay = account::keep::<Network>(a.network)?.policy.root_delay;
    let set = account::keep_mut::<OracleSet>(a.oracle_set)?;
    guard::network(&set.network, a.network.address())?;
    let root = account::keep_mut::<RewardRoot>(a.reward_root)?;
    guard::network(&root.network, a.network.address())?;
    roots::approve(set, root, a.oracle.address(), now()?, delay)?;

    event::emit(&RootApproved {
        header: RootApproved::header(*a.oracle_set.address(), event::next(&mut set.sequence)?),
        index: root.index,
        oracle: *a.oracle.address(),
        activatable_at: root.activatable_at,
    });
    Ok(())
}

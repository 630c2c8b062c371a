use {
    crate::Result,
    joule_bme_interface::{
        BmeError,
        instruction::CloseRoot,
        state::{OracleSet, RewardRoot},
    },
    joule_common::{AccountView, account, guard, guard::require},
};

/// See [`CloseRoot`].
pub fn close_root(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CloseRoot::parse(accounts, data)?;
    let set = account::keep::<OracleSet>(a.oracle_set)?;
    let root = account::load::<RewardRoot>(a.reward_root)?;
    guard::network(&root.network, &set.network)?;
    guard::address(a.rent_receiver, &root.payer)?;
    require(root.index + 1 < set.active_root, BmeError::RootInUse)?;
    drop(root);
    account::close(a.reward_root, a.rent_receiver)?;
    Ok(())
}

use {
    crate::{Result, roots},
    joule_bme_interface::{
        BmeError,
        event::RootClosed,
        instruction::CloseRoot,
        state::{Network, OracleSet, ROOT_CLAIM_PERIOD, RewardRoot},
    },
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_math::Timestamp,
};

/// See [`CloseRoot`].
pub fn close_root(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CloseRoot::parse(accounts, data)?;
    let network = account::keep_mut::<Network>(a.network)?;
    let set = account::keep_mut::<OracleSet>(a.oracle_set)?;
    guard::network(&set.network, a.network.address())?;
    let root = account::load::<RewardRoot>(a.reward_root)?;
    guard::network(&root.network, a.network.address())?;
    guard::address(a.rent_receiver, &root.payer)?;
    let now = now()?;
    let is_over = if root.activated_at == Timestamp::default() {
        roots::is_outdated(set, &root, now)?
    } else {
        let is_opened = root.is_stopped == 1 || root.opened == root.addition()?;
        let is_claimed = root.claimed == root.opened;
        is_opened && (is_claimed || now.since(root.opened_at) >= ROOT_CLAIM_PERIOD.0 as u64)
    };
    require(is_over, BmeError::RootInUse)?;

    // The tokens stay in the vault, and a later root is given them before any are minted for it.
    let unclaimed = root.opened.minus(root.claimed)?;
    network.roots.free = network.roots.free.plus(unclaimed)?;
    network.roots.in_vault = network.roots.in_vault.plus(unclaimed)?;

    event::emit(&RootClosed {
        header: RootClosed::header(*a.oracle_set.address(), event::next(&mut set.sequence)?),
        index: root.index,
        unclaimed,
    });
    drop(root);
    account::close(a.reward_root, a.rent_receiver)?;
    Ok(())
}

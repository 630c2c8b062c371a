use {
    crate::{
        Result,
        epochs::breaker::{self, Kind},
        source::Source,
    },
    joule_bme_interface::{
        BmeError,
        event::RootsFunded,
        instruction::FundRoots,
        state::{Network, OracleSet, RewardRoot},
    },
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_math::{Timestamp, U128},
};

/// See [`FundRoots`].
pub fn fund_roots(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = FundRoots::parse(accounts, data)?;
    let network = account::keep_mut::<Network>(a.network)?;
    let source = Source::new(network, a.network, a.mint, a.reserve_vault, a.token_program)?;
    let set = account::keep_mut::<OracleSet>(a.oracle_set)?;
    guard::network(&set.network, a.network.address())?;
    guard::address(a.root_vault, &set.vault)?;
    let root = account::keep_mut::<RewardRoot>(a.reward_root)?;
    guard::network(&root.network, a.network.address())?;
    require(root.activated_at != Timestamp::default() && root.is_stopped == 0, BmeError::RootNotActive)?;

    let now = now()?;
    let opens = root.openable(now)?.minus(root.opened)?;
    require(!opens.is_zero(), BmeError::NothingToClaim)?;
    let whole = source.stock(network)?.whole;
    let in_vault = opens.min(network.roots.in_vault);
    // What is owed was promised when its epoch was settled: the maximum supply has room for it, or the reserve holds it.
    let minted = breaker::take(network, Kind::Roots, opens.minus(in_vault)?, now, whole)?;
    let tokens = in_vault.plus(minted)?;
    require(!tokens.is_zero(), BmeError::BreakerHolds)?;
    network.roots.in_vault = network.roots.in_vault.minus(in_vault)?;
    network.roots.owed = network.roots.owed.minus(tokens)?;
    network.minted = U128::new(network.minted.get() + minted.0 as u128);
    set.minted = set.minted.plus(minted)?;
    root.opened = root.opened.plus(tokens)?;
    root.opened_at = now;

    event::emit(&RootsFunded {
        header: RootsFunded::header(*a.oracle_set.address(), event::next(&mut set.sequence)?),
        index: root.index,
        tokens,
        opened: root.opened,
        minted: set.minted,
    });
    if !minted.is_zero() {
        source.issue(network, a.root_vault, minted)?;
    }
    Ok(())
}

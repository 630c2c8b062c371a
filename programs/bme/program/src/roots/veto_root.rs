use {
    crate::{Result, governance},
    joule_bme_interface::{
        BmeError,
        event::RootVetoed,
        instruction::VetoRoot,
        state::{Network, OracleSet, RewardRoot},
    },
    joule_common::{AccountView, account, event, guard, guard::require},
    joule_math::{Timestamp, Tokens},
};

/// See [`VetoRoot`]. Its number is not given again. What an active one had not opened goes to nobody: if it came back to the
/// budget, an authority could stop the root of others and have oracles of its own give it to itself. What of it lies in the vault
/// stays there, and as much less is minted for what later epochs give.
pub fn veto_root(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = VetoRoot::parse(accounts, data)?;
    let network = account::keep_mut::<Network>(a.network)?;
    governance::guardian_or_authority(a.authority_or_guardian, network)?;
    let set = account::keep_mut::<OracleSet>(a.oracle_set)?;
    guard::network(&set.network, a.network.address())?;
    let mut root = account::load_mut::<RewardRoot>(a.reward_root)?;
    guard::network(&root.network, a.network.address())?;
    guard::address(a.rent_receiver, &root.payer)?;

    let is_active = root.activated_at != Timestamp::default();
    let mut unopened = Tokens::ZERO;
    if is_active {
        unopened = root.addition()?.minus(root.opened)?;
        require(root.is_stopped == 0 && !unopened.is_zero(), BmeError::RootNotActive)?;
        network.roots.owed = network.roots.owed.minus(unopened)?;
        root.is_stopped = 1;
    }

    event::emit(&RootVetoed {
        header: RootVetoed::header(*a.oracle_set.address(), event::next(&mut set.sequence)?),
        index: root.index,
        vetoed_by: *a.authority_or_guardian.address(),
        unopened,
    });
    drop(root);
    if !is_active {
        account::close(a.reward_root, a.rent_receiver)?;
    }
    Ok(())
}

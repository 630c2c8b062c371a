use {
    crate::{Result, dollars},
    joule_bme_interface::{
        BmeError,
        instruction::ExecuteDollarPolicy,
        state::{Auction, CHANGE_WINDOW, Network},
    },
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_math::Timestamp,
};

/// See [`ExecuteDollarPolicy`].
pub fn execute_dollar_policy(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = ExecuteDollarPolicy::parse(accounts, data)?;
    let network = account::keep_mut::<Network>(a.network)?;
    let auction = account::keep_mut::<Auction>(a.auction)?;
    guard::network(&auction.network, a.network.address())?;
    let (now, executable_at) = (now()?, auction.executable_at);
    require(executable_at != Timestamp::default() && now >= executable_at, BmeError::ChangeNotReady)?;
    require(now <= executable_at.after(CHANGE_WINDOW)?, BmeError::ChangeExpired)?;
    // Work of an epoch that has ended may have been done before this was proposed.
    require(now < network.epoch_ends_at, BmeError::EpochEnded)?;
    // By the network's policy of now, which may have changed since this was proposed.
    dollars::require_no_circle_now(network, &auction.proposed_policy)?;

    let policy = core::mem::take(&mut auction.proposed_policy);
    auction.executable_at = Timestamp::default();
    dollars::put_into_force(network, auction, policy, now);
    dollars::emit_changed(a.auction, auction)
}

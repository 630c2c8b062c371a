use {
    crate::{Result, rewards},
    joule_bme_interface::instruction::{ClaimRewards, ClaimRewardsArgs},
    joule_common::AccountView,
};

/// See [`ClaimRewards`]. Works while the network is paused: it pays out.
#[inline(never)]
pub fn claim_rewards(accounts: &[AccountView], _: &ClaimRewardsArgs) -> Result<()> {
    let (a, _) = ClaimRewards::parse(accounts)?;
    rewards::claim(&a, &[])
}

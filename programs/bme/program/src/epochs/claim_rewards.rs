use {
    crate::{Result, epochs::rewards},
    joule_bme_interface::instruction::ClaimRewards,
    joule_common::AccountView,
};

/// See [`ClaimRewards`]. Works while the network is paused: it pays out.
#[inline(never)]
pub fn claim_rewards(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = ClaimRewards::parse(accounts, data)?;
    rewards::claim(&a, &[])
}

use {
    crate::{Result, instructions::provider_of, rewards as step},
    joule_common::{AccountView, account, now},
    joule_stake_interface::{
        instruction::{RefreshProvider, RefreshProviderArgs},
        state::{Pool, Rewards},
    },
};

/// See [`RefreshProvider`].
#[inline(never)]
pub fn refresh_provider(accounts: &[AccountView], _: &RefreshProviderArgs) -> Result<()> {
    let (a, _) = RefreshProvider::parse(accounts)?;
    let pool = account::load::<Pool>(a.pool)?;
    let mut provider = provider_of(&pool, a.pool, a.provider, a.rewards)?;
    let mut rewards = account::load_mut::<Rewards>(a.rewards)?;

    step::settle_provider(&mut rewards, &mut provider, now()?)?;
    step::reweigh_provider(&mut rewards, &mut provider)
}

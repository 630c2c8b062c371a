use {
    crate::{Result, accounts::provider_of, rewards as step},
    joule_common::{AccountView, account, now},
    joule_stake_interface::{
        instruction::RefreshProvider,
        state::{Pool, Rewards},
    },
};

/// See [`RefreshProvider`].
#[inline(never)]
pub fn refresh_provider(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = RefreshProvider::parse(accounts, data)?;
    let pool = account::keep::<Pool>(a.pool)?;
    let provider = provider_of(pool, a.pool, a.provider, a.rewards)?;
    let rewards = account::keep_mut::<Rewards>(a.rewards)?;

    step::settle_provider(rewards, provider, now()?)?;
    step::reweigh_provider(rewards, provider)
}

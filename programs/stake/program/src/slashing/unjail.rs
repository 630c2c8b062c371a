use {
    crate::{
        Result,
        accounts::provider_of,
        rewards::{reweigh_provider, settle_provider},
        slashing::emit_status_changed,
    },
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_math::Timestamp,
    joule_stake_interface::{
        StakeError,
        instruction::Unjail,
        state::{Pool, Provider, Rewards, status},
    },
};

/// See [`Unjail`].
#[inline(never)]
pub fn unjail(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = Unjail::parse(accounts, data)?;
    let pool = account::keep::<Pool>(a.pool)?;
    let provider = provider_of(pool, a.pool, a.provider, a.rewards)?;
    guard::authority(a.authority, &provider.authority)?;
    let rewards = account::keep_mut::<Rewards>(a.rewards)?;

    leave_jail(rewards, provider, now()?)?;

    emit_status_changed(provider, a.provider)
}

/// Lets a provider out of jail.
#[inline(always)]
pub fn leave_jail(rewards: &mut Rewards, provider: &mut Provider, now: Timestamp) -> Result<()> {
    require(provider.status == status::JAILED, StakeError::NotJailed)?;
    require(now >= provider.jail_ends_at, StakeError::StillJailed)?;
    settle_provider(rewards, provider, now)?;
    provider.status = status::ACTIVE;
    reweigh_provider(rewards, provider)
}

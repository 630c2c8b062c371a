use {
    crate::{Result, accounts::provider_of, slashing},
    joule_common::{AccountView, account, event, guard, now},
    joule_stake_interface::{
        event::StatusChanged,
        instruction::Unjail,
        state::{Pool, Rewards},
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

    slashing::unjail(rewards, provider, now()?)?;

    event::emit(&StatusChanged {
        header: StatusChanged::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        status: provider.status as u64,
        jail_ends_at: provider.jail_ends_at,
    });
    Ok(())
}

use {
    crate::{
        Result,
        accounts::{of_provider, provider_of},
        staking::positions::Position,
    },
    joule_common::{AccountView, account, event, now},
    joule_stake_interface::{
        event::LockChanged,
        instruction::EndLock,
        state::{Delegation, Pool, Rewards},
    },
};

/// See [`EndLock`].
#[inline(never)]
pub fn end_lock(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = EndLock::parse(accounts, data)?;
    let pool = account::keep::<Pool>(a.pool)?;
    let provider = provider_of(pool, a.pool, a.provider, a.rewards)?;
    let delegation = account::keep_mut::<Delegation>(a.delegation)?;
    of_provider(&delegation.provider, a.provider)?;
    let rewards = account::keep_mut::<Rewards>(a.rewards)?;

    Position { rewards, provider, delegation, now: now()? }.end_lock()?;

    event::emit(&LockChanged {
        header: LockChanged::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        owner: delegation.owner,
        lock_ends_at: delegation.lock_ends_at,
        multiplier: delegation.multiplier.0 as u64,
    });
    Ok(())
}

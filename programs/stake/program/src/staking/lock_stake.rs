use {
    crate::{
        Result,
        accounts::{delegation_of, provider_of},
        staking::positions::Position,
    },
    joule_common::{AccountView, account, event, now},
    joule_stake_interface::{
        event::LockChanged,
        instruction::LockStake,
        state::{Pool, Rewards},
    },
};

/// See [`LockStake`].
#[inline(never)]
pub fn lock_stake(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = LockStake::parse(accounts, data)?;
    let pool = account::keep::<Pool>(a.pool)?;
    let provider = provider_of(pool, a.pool, a.provider, a.rewards)?;
    let delegation = delegation_of(a.delegation, a.provider, a.owner)?;
    let rewards = account::keep_mut::<Rewards>(a.rewards)?;

    Position { rewards, provider, delegation, now: now()? }.lock(args.lock_period)?;

    event::emit(&LockChanged {
        header: LockChanged::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        owner: delegation.owner,
        lock_ends_at: delegation.lock_ends_at,
        multiplier: delegation.multiplier.0 as u64,
    });
    Ok(())
}

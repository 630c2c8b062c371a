use {
    crate::{
        Result,
        accounts::{delegation_of, provider_of},
        staking::{emit_lock_changed, positions::Position},
    },
    joule_common::{AccountView, account, now},
    joule_stake_interface::{
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

    Position { pool, rewards, provider, delegation, now: now()? }.lock(args.lock_period)?;

    emit_lock_changed(provider, a.provider, delegation)
}

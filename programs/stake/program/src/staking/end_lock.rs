use {
    crate::{
        Result,
        accounts::{of_provider, provider_of},
        staking::{emit_lock_changed, positions::Position},
    },
    joule_common::{AccountView, account, now},
    joule_stake_interface::{
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

    Position { pool, rewards, provider, delegation, now: now()? }.end_lock()?;

    emit_lock_changed(provider, a.provider, delegation)
}

use {
    crate::{
        Result,
        accounts::{delegation_of, provider_of},
        rewards::emit_rewards_claimed,
        staking::{
            emit_lock_if_changed,
            positions::{Lock, Position},
        },
    },
    joule_common::{AccountView, account, now},
    joule_stake_interface::{
        instruction::CompoundRewards,
        state::{Pool, Rewards},
    },
};

/// See [`CompoundRewards`]. Works while the network is paused: no token comes in.
#[inline(never)]
pub fn compound_rewards(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CompoundRewards::parse(accounts, data)?;
    let pool = account::keep::<Pool>(a.pool)?;
    let provider = provider_of(pool, a.pool, a.provider, a.rewards)?;
    let delegation = delegation_of(a.delegation, a.provider, a.owner)?;
    let rewards = account::keep_mut::<Rewards>(a.rewards)?;

    let lock = Lock::of(delegation);
    let tokens = Position { pool, rewards, provider, delegation, now: now()? }.compound()?;

    emit_rewards_claimed(provider, a.provider, delegation, tokens, true)?;
    emit_lock_if_changed(provider, a.provider, delegation, lock)
}

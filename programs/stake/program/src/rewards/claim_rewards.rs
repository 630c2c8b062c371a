use {
    crate::{
        Result,
        accounts::{Vault, delegation_of, provider_of},
        rewards::emit_rewards_claimed,
        staking::{
            emit_lock_if_changed,
            positions::{Lock, Position},
        },
    },
    joule_common::{AccountView, account, now},
    joule_stake_interface::{
        instruction::ClaimRewards,
        state::{Pool, Rewards},
    },
};

/// See [`ClaimRewards`]. Works while the network is paused: it pays out.
#[inline(never)]
pub fn claim_rewards(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = ClaimRewards::parse(accounts, data)?;
    let pool = account::keep::<Pool>(a.pool)?;
    let vault = Vault::of(a.pool, pool, a.vault, a.mint, a.token_program)?;
    let provider = provider_of(pool, a.pool, a.provider, a.rewards)?;
    let delegation = delegation_of(a.delegation, a.provider, a.owner)?;
    let rewards = account::keep_mut::<Rewards>(a.rewards)?;

    let lock = Lock::of(delegation);
    let tokens = Position { pool, rewards, provider, delegation, now: now()? }.claim()?;
    vault.pay(a.destination, tokens)?;

    emit_rewards_claimed(provider, a.provider, delegation, tokens, false)?;
    emit_lock_if_changed(provider, a.provider, delegation, lock)
}

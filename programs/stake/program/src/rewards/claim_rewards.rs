use {
    crate::{
        Result,
        accounts::{Vault, delegation_of, provider_of},
        staking::positions::Position,
    },
    joule_common::{AccountView, account, event, now},
    joule_math::Shares,
    joule_stake_interface::{
        event::RewardsClaimed,
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

    let tokens = Position { rewards, provider, delegation, now: now()? }.claim()?;
    vault.pay(a.destination, tokens)?;

    event::emit(&RewardsClaimed {
        header: RewardsClaimed::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        owner: delegation.owner,
        tokens,
        shares: Shares::ZERO,
    });
    Ok(())
}

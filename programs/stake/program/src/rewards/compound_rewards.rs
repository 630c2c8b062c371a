use {
    crate::{
        Result,
        accounts::{delegation_of, provider_of},
        staking::positions::Position,
    },
    joule_common::{AccountView, account, event, now},
    joule_stake_interface::{
        event::RewardsClaimed,
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

    let (tokens, shares) = Position { rewards, provider, delegation, now: now()? }.compound()?;

    event::emit(&RewardsClaimed {
        header: RewardsClaimed::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        owner: delegation.owner,
        tokens,
        shares,
    });
    Ok(())
}

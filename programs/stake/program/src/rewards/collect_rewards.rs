use {
    crate::{Result, accounts::Vault, rewards as step},
    joule_common::{AccountView, account, event, guard, now, token},
    joule_stake_interface::{
        event::RewardsFunded,
        instruction::CollectRewards,
        state::{Pool, Rewards},
    },
};

/// See [`CollectRewards`]. Works while the network is paused: rewards are neither a deposit nor new work.
#[inline(never)]
pub fn collect_rewards(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CollectRewards::parse(accounts, data)?;
    let pool = account::keep::<Pool>(a.pool)?;
    let vault = Vault::of(a.pool, pool, a.vault, a.mint, a.token_program)?;
    guard::address(a.rewards, &pool.rewards)?;
    let rewards = account::keep_mut::<Rewards>(a.rewards)?;

    // The vault into itself would bring in nothing; the token program refuses an account that is not the pool's.
    let amount = token::balance(a.source, &pool.mint)?;
    let tokens = vault.receive(a.source, a.pool, amount)?;
    step::fund(rewards, tokens, pool.policy.reward_period, now()?)?;

    event::emit(&RewardsFunded {
        header: RewardsFunded::header(*a.rewards.address(), event::next(&mut rewards.sequence)?),
        tokens,
        undistributed: rewards.undistributed,
        distribution_period: rewards.distribution_period.0 as u64,
    });
    Ok(())
}

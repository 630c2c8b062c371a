use {
    crate::{Result, accounts::Vault, rewards as step},
    joule_common::{AccountView, account, event, guard, now},
    joule_stake_interface::{
        event::RewardsFunded,
        instruction::FundRewards,
        state::{Pool, Rewards},
    },
};

/// See [`FundRewards`]. Works while the network is paused: rewards are neither a deposit nor new work.
#[inline(never)]
pub fn fund_rewards(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = FundRewards::parse(accounts, data)?;
    let pool = account::keep::<Pool>(a.pool)?;
    let vault = Vault::of(a.pool, pool, a.vault, a.mint, a.token_program)?;
    guard::address(a.rewards, &pool.rewards)?;
    let rewards = account::keep_mut::<Rewards>(a.rewards)?;

    let tokens = vault.receive(a.source, a.funder, args.amount)?;
    step::fund(rewards, tokens, pool.policy.reward_period, now()?)?;

    event::emit(&RewardsFunded {
        header: RewardsFunded::header(*a.rewards.address(), event::next(&mut rewards.sequence)?),
        tokens,
        undistributed: rewards.undistributed,
        distribution_period: rewards.distribution_period.0 as u64,
    });
    Ok(())
}

use {
    crate::{Result, accounts::provider_of, rewards::settle_provider},
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_math::{Bps, Timestamp},
    joule_stake_interface::{
        StakeError,
        event::CommissionChanged,
        instruction::SetCommission,
        state::{Pool, Provider, Rewards},
    },
};

/// See [`SetCommission`].
#[inline(never)]
pub fn set_commission(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = SetCommission::parse(accounts, data)?;
    let pool = account::keep::<Pool>(a.pool)?;
    let provider = provider_of(pool, a.pool, a.provider, a.rewards)?;
    guard::authority(a.authority, &provider.authority)?;
    let rewards = account::keep_mut::<Rewards>(a.rewards)?;

    let commission = args.commission;
    let from = change_commission(pool, rewards, provider, commission, now()?)?;

    event::emit(&CommissionChanged {
        header: CommissionChanged::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        commission: commission.0 as u64,
        effective_at: from,
    });
    Ok(())
}

/// Announces a commission. Returns from when it applies.
#[inline(always)]
pub fn change_commission(
    pool: &Pool,
    rewards: &mut Rewards,
    provider: &mut Provider,
    commission: Bps,
    now: Timestamp,
) -> Result<Timestamp> {
    require(commission <= pool.policy.max_commission, StakeError::CommissionTooHigh)?;
    // One that is due applies first: steps are from what is in force.
    settle_provider(rewards, provider, now)?;
    let step = commission.0.abs_diff(provider.commission.0);
    require(step <= pool.policy.max_commission_step.0, StakeError::CommissionStepTooLarge)?;
    provider.next_commission = commission;
    provider.next_commission_at = now.after(pool.policy.commission_delay)?;
    Ok(provider.next_commission_at)
}

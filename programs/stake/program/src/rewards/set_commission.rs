use {
    crate::{Result, accounts::provider_of, slashing},
    joule_common::{AccountView, account, event, guard, now},
    joule_stake_interface::{
        event::CommissionChanged,
        instruction::SetCommission,
        state::{Pool, Rewards},
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
    let from = slashing::set_commission(pool, rewards, provider, commission, now()?)?;

    event::emit(&CommissionChanged {
        header: CommissionChanged::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        commission: commission.0 as u64,
        effective_at: from,
    });
    Ok(())
}

use {
    crate::{
        Result,
        instructions::{Purse, provider_of},
        rewards as step,
    },
    joule_common::{AccountView, account, event, guard, now},
    joule_stake_interface::{
        event::CommissionClaimed,
        instruction::{ClaimCommission, ClaimCommissionArgs},
        state::{Pool, Rewards},
    },
};

/// See [`ClaimCommission`]. Works while the network is paused: it pays out.
#[inline(never)]
pub fn claim_commission(accounts: &[AccountView], _: &ClaimCommissionArgs) -> Result<()> {
    let (a, _) = ClaimCommission::parse(accounts)?;
    let pool = account::load::<Pool>(a.pool)?;
    let purse = Purse::of(a.pool, &pool, a.vault, a.mint, a.token_program)?;
    let mut provider = provider_of(&pool, a.pool, a.provider, a.rewards)?;
    guard::authority(a.authority, &provider.authority)?;
    let mut rewards = account::load_mut::<Rewards>(a.rewards)?;

    step::settle_provider(&mut rewards, &mut provider, now()?)?;
    let tokens = step::claim(&mut rewards, &mut provider.commission_accrued)?;
    step::reweigh_provider(&mut rewards, &mut provider)?;
    purse.pay(a.destination, tokens)?;

    event::emit(&CommissionClaimed {
        header: CommissionClaimed::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        tokens,
    });
    Ok(())
}

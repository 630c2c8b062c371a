use {
    crate::{
        Result,
        accounts::{Vault, provider_of},
        rewards as step,
    },
    joule_common::{AccountView, account, event, guard, now},
    joule_stake_interface::{
        event::CommissionClaimed,
        instruction::ClaimCommission,
        state::{Pool, Rewards},
    },
};

/// See [`ClaimCommission`]. Works while the network is paused: it pays out.
#[inline(never)]
pub fn claim_commission(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = ClaimCommission::parse(accounts, data)?;
    let pool = account::keep::<Pool>(a.pool)?;
    let vault = Vault::of(a.pool, pool, a.vault, a.mint, a.token_program)?;
    let provider = provider_of(pool, a.pool, a.provider, a.rewards)?;
    guard::authority(a.authority, &provider.authority)?;
    let rewards = account::keep_mut::<Rewards>(a.rewards)?;

    step::settle_provider(rewards, provider, now()?)?;
    let tokens = step::claim(rewards, &mut provider.commission_accrued)?;
    step::reweigh_provider(rewards, provider)?;
    vault.pay(a.destination, tokens)?;

    event::emit(&CommissionClaimed {
        header: CommissionClaimed::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        tokens,
    });
    Ok(())
}

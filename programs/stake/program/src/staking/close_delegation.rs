use {
    crate::{
        Result,
        accounts::{of_provider, paid_by, provider_of},
        staking::positions::Position,
    },
    joule_common::{AccountView, account, guard, now},
    joule_interface::Fault,
    joule_stake_interface::{
        instruction::CloseDelegation,
        state::{Delegation, Pool, Rewards},
    },
};

/// See [`CloseDelegation`].
#[inline(never)]
pub fn close_delegation(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CloseDelegation::parse(accounts, data)?;
    let pool = account::keep::<Pool>(a.pool)?;
    let provider = provider_of(pool, a.pool, a.provider, a.rewards)?;
    let mut delegation = account::load_mut::<Delegation>(a.delegation)?;
    of_provider(&delegation.provider, a.provider)?;
    guard::address(a.owner, &delegation.owner)?;
    paid_by(&delegation.payer, a.rent_receiver)?;
    let rewards = account::keep_mut::<Rewards>(a.rewards)?;

    Position { pool, rewards, provider, delegation: &mut delegation, now: now()? }.give_up()?;
    provider.delegation_count = provider.delegation_count.checked_sub(1).ok_or(Fault::Overflow)?;
    drop(delegation);
    account::close(a.delegation, a.rent_receiver)?;
    Ok(())
}

use {
    crate::{
        Result,
        instructions::{delegation_of, paid_by, provider_of},
        positions::Position,
    },
    joule_common::{AccountView, account, now},
    joule_stake_interface::{
        instruction::{CloseDelegation, CloseDelegationArgs},
        state::{Pool, Rewards},
    },
};

/// See [`CloseDelegation`].
#[inline(never)]
pub fn close_delegation(accounts: &[AccountView], _: &CloseDelegationArgs) -> Result<()> {
    let (a, _) = CloseDelegation::parse(accounts)?;
    let pool = account::load::<Pool>(a.pool)?;
    let mut provider = provider_of(&pool, a.pool, a.provider, a.rewards)?;
    let mut delegation = delegation_of(a.delegation, a.provider, a.owner)?;
    paid_by(&delegation.payer, a.rent_receiver)?;
    let mut rewards = account::load_mut::<Rewards>(a.rewards)?;

    Position { rewards: &mut rewards, provider: &mut provider, delegation: &mut delegation, now: now()? }.give_up()?;
    drop(delegation);
    account::close(a.delegation, a.rent_receiver)?;
    Ok(())
}

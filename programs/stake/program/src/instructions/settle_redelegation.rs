use {
    crate::{
        Result,
        instructions::{in_pool, of_provider, paid_by, provider_of},
        positions::Position,
    },
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_stake_interface::{
        StakeError,
        event::RedelegationSettled,
        instruction::{SettleRedelegation, SettleRedelegationArgs},
        state::{Delegation, Pool, Provider, Rewards, Unbonding},
    },
};

/// See [`SettleRedelegation`]. Works while the network is paused: no token comes in.
#[inline(never)]
pub fn settle_redelegation(accounts: &[AccountView], _: &SettleRedelegationArgs) -> Result<()> {
    let (a, _) = SettleRedelegation::parse(accounts)?;
    let pool = account::keep::<Pool>(a.pool)?;
    let from = provider_of(pool, a.pool, a.provider, a.rewards)?;
    let mut ticket = account::load_mut::<Unbonding>(a.unbonding)?;
    of_provider(&ticket.provider, a.provider)?;
    require(guard::eq(&ticket.target, a.target.address()), StakeError::WrongTarget)?;
    paid_by(&ticket.payer, a.rent_receiver)?;
    let to = account::keep_mut::<Provider>(a.new_provider)?;
    in_pool(&to.pool, a.pool.address())?;
    let target = account::keep_mut::<Delegation>(a.target)?;
    of_provider(&target.provider, a.new_provider)?;
    let rewards = account::keep_mut::<Rewards>(a.rewards)?;

    let (tokens, shares) =
        Position { rewards, provider: to, delegation: target, now: now()? }.settle_redelegation(from, &mut ticket)?;

    let weight = ticket.weight;
    let is_through = weight.is_zero() && (!tokens.is_zero() || from.era != ticket.era);
    drop(ticket);
    if is_through {
        account::close(a.unbonding, a.rent_receiver)?;
    }
    event::emit(&RedelegationSettled {
        header: RedelegationSettled::header(*a.new_provider.address(), event::next(&mut to.sequence)?),
        owner: target.owner,
        ticket: *a.unbonding.address(),
        tokens,
        shares,
        weight,
    });
    Ok(())
}

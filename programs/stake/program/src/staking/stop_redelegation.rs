use {
    crate::{
        Result,
        accounts::{delegation_of, provider_of},
        staking::positions::Position,
    },
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_stake_interface::{
        StakeError,
        event::RedelegationStopped,
        instruction::StopRedelegation,
        state::{Pool, Rewards, UnbondingTicket},
    },
};

/// See [`StopRedelegation`].
#[inline(never)]
pub fn stop_redelegation(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = StopRedelegation::parse(accounts, data)?;
    let pool = account::keep::<Pool>(a.pool)?;
    let to = provider_of(pool, a.pool, a.new_provider, a.rewards)?;
    let target = delegation_of(a.new_delegation, a.new_provider, a.owner)?;
    let ticket = account::keep_mut::<UnbondingTicket>(a.ticket)?;
    require(guard::eq(&ticket.new_delegation, a.new_delegation.address()), StakeError::WrongNewDelegation)?;
    let rewards = account::keep_mut::<Rewards>(a.rewards)?;

    Position { rewards, provider: to, delegation: target, now: now()? }.stop_redelegation(ticket)?;

    event::emit(&RedelegationStopped {
        header: RedelegationStopped::header(*a.new_provider.address(), event::next(&mut to.sequence)?),
        owner: ticket.owner,
        ticket: *a.ticket.address(),
    });
    Ok(())
}

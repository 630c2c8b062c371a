use {
    crate::{
        Result,
        accounts::{delegation_of, of_provider, provider_of},
        staking::{
            emit_lock_if_changed, emit_redelegation_stopped,
            positions::{Lock, Position},
        },
    },
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_stake_interface::{
        StakeError,
        instruction::StopRedelegation,
        state::{Pool, Provider, Rewards, UnbondingTicket},
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
    of_provider(&ticket.provider, a.provider)?;
    let from = account::keep::<Provider>(a.provider)?;
    let rewards = account::keep_mut::<Rewards>(a.rewards)?;

    let lock = Lock::of(target);
    Position { pool, rewards, provider: to, delegation: target, now: now()? }.stop_redelegation(from, ticket)?;

    emit_redelegation_stopped(to, a.new_provider, ticket.owner, a.ticket)?;
    emit_lock_if_changed(to, a.new_provider, target, lock)
}

use {
    crate::{
        Result,
        accounts::{in_pool, of_provider, paid_by, provider_of},
        staking::{
            emit_lock_if_changed, emit_redelegation_stopped,
            positions::{self, Lock, Position},
        },
    },
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_stake_interface::{
        StakeError,
        event::RedelegationCompleted,
        instruction::CompleteRedelegation,
        state::{Delegation, Pool, Provider, Rewards, UnbondingTicket},
    },
};

/// See [`CompleteRedelegation`]. Works while the network is paused: no token comes in.
#[inline(never)]
pub fn complete_redelegation(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CompleteRedelegation::parse(accounts, data)?;
    let pool = account::keep::<Pool>(a.pool)?;
    let from = provider_of(pool, a.pool, a.provider, a.rewards)?;
    let mut ticket = account::load_mut::<UnbondingTicket>(a.ticket)?;
    of_provider(&ticket.provider, a.provider)?;
    require(guard::eq(&ticket.new_delegation, a.new_delegation.address()), StakeError::WrongNewDelegation)?;
    paid_by(&ticket.payer, a.rent_receiver)?;
    let to = account::keep_mut::<Provider>(a.new_provider)?;
    in_pool(&to.pool, a.pool.address())?;
    let target = account::keep_mut::<Delegation>(a.new_delegation)?;
    of_provider(&target.provider, a.new_provider)?;
    let rewards = account::keep_mut::<Rewards>(a.rewards)?;

    let lock = Lock::of(target);
    let (tokens, is_through) = Position { pool, rewards, provider: to, delegation: target, now: now()? }
        .complete_redelegation(from, &mut ticket)?;

    let weight = ticket.weight;
    let is_stopped = !positions::is_redelegation(&ticket);
    drop(ticket);
    if is_through {
        account::close(a.ticket, a.rent_receiver)?;
    }
    if is_stopped {
        emit_redelegation_stopped(to, a.new_provider, target.owner, a.ticket)?;
    } else {
        event::emit(&RedelegationCompleted {
            header: RedelegationCompleted::header(*a.new_provider.address(), event::next(&mut to.sequence)?),
            owner: target.owner,
            ticket: *a.ticket.address(),
            tokens,
            weight,
        });
    }
    emit_lock_if_changed(to, a.new_provider, target, lock)
}

//! Stake: what owners put behind a provider, and how it leaves.

pub(crate) mod cancel_unstake;
pub(crate) mod close_delegation;
pub(crate) mod close_provider;
pub(crate) mod complete_redelegation;
pub(crate) mod end_lock;
pub(crate) mod lock_stake;
pub(crate) mod open_delegation;
pub mod positions;
pub mod pots;
pub(crate) mod redelegate;
pub(crate) mod register_provider;
pub(crate) mod stake;
pub(crate) mod stake_for;
pub(crate) mod stop_redelegation;
pub(crate) mod unstake;
pub(crate) mod withdraw;

use {
    crate::{Result, staking::positions::Lock},
    joule_common::{AccountView, account, event, guard},
    joule_interface::{Address, Fault},
    joule_math::{Bps, Timestamp},
    joule_stake_interface::{
        event::{LockChanged, RedelegationStopped},
        pda,
        state::{Delegation, Provider, UnbondingTicket},
    },
};

/// The delegation is the provider's own stake.
#[inline(always)]
pub fn is_own(provider: &Provider, delegation: &Delegation) -> bool {
    guard::eq(&delegation.owner, &provider.authority)
}

/// Creates an owner's delegation to a provider.
#[inline(always)]
fn create_delegation<'a>(
    payer: &AccountView,
    view: &'a AccountView,
    provider: &mut Provider,
    address: &AccountView,
    owner: &Address,
) -> Result<account::RefMut<'a, Delegation>> {
    let seeds = pda::delegation::seeds(address.address(), owner);
    let mut delegation = account::create::<Delegation>(payer, view, &seeds)?;
    delegation.provider = *address.address();
    delegation.owner = *owner;
    delegation.payer = *payer.address();
    delegation.ticket_count = provider.ticket_base;
    delegation.multiplier = Bps::WHOLE;
    provider.delegation_count = provider.delegation_count.checked_add(1).ok_or(Fault::Overflow)?;
    Ok(delegation)
}

/// Creates the next ticket of a delegation.
#[inline(always)]
fn create_ticket<'a>(
    payer: &AccountView,
    view: &'a AccountView,
    provider: &AccountView,
    address: &AccountView,
    delegation: &mut Delegation,
    withdrawable_at: Timestamp,
) -> Result<account::RefMut<'a, UnbondingTicket>> {
    let index = delegation.ticket_count;
    delegation.ticket_count = index.checked_add(1).ok_or(Fault::Overflow)?;
    let index = index.to_le_bytes();
    let mut ticket = account::create::<UnbondingTicket>(payer, view, &pda::ticket::seeds(address.address(), &index))?;
    ticket.provider = *provider.address();
    ticket.owner = delegation.owner;
    ticket.payer = *payer.address();
    ticket.withdrawable_at = withdrawable_at;
    Ok(ticket)
}

/// Logs that stake no longer goes to the provider.
#[inline(never)]
fn emit_redelegation_stopped(
    provider: &mut Provider,
    address: &AccountView,
    owner: Address,
    ticket: &AccountView,
) -> Result<()> {
    event::emit(&RedelegationStopped {
        header: RedelegationStopped::header(*address.address(), event::next(&mut provider.sequence)?),
        owner,
        ticket: *ticket.address(),
    });
    Ok(())
}

/// Logs that a lock is another than it was.
#[inline(always)]
pub fn emit_lock_if_changed(
    provider: &mut Provider,
    address: &AccountView,
    delegation: &Delegation,
    was: Lock,
) -> Result<()> {
    if Lock::of(delegation) == was { Ok(()) } else { emit_lock_changed(provider, address, delegation) }
}

/// Logs that a lock began, ends later or has ended.
#[inline(never)]
fn emit_lock_changed(provider: &mut Provider, address: &AccountView, delegation: &Delegation) -> Result<()> {
    event::emit(&LockChanged {
        header: LockChanged::header(*address.address(), event::next(&mut provider.sequence)?),
        owner: delegation.owner,
        lock_ends_at: delegation.lock_ends_at,
        multiplier: delegation.multiplier.0 as u64,
    });
    Ok(())
}

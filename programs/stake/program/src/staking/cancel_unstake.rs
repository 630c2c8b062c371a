use {
    crate::{
        Result,
        accounts::{delegation_of, of_provider, paid_by, provider_of},
        staking::{
            emit_lock_if_changed,
            positions::{Lock, Position},
        },
    },
    joule_common::{AccountView, account, event, guard, now},
    joule_stake_interface::{
        event::UnstakeCancelled,
        instruction::CancelUnstake,
        state::{Pool, Rewards, UnbondingTicket},
    },
};

/// See [`CancelUnstake`]. Works while the network is paused: no token comes in.
#[inline(never)]
pub fn cancel_unstake(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CancelUnstake::parse(accounts, data)?;
    let pool = account::keep::<Pool>(a.pool)?;
    let provider = provider_of(pool, a.pool, a.provider, a.rewards)?;
    let delegation = delegation_of(a.delegation, a.provider, a.owner)?;
    let ticket = account::load::<UnbondingTicket>(a.ticket)?;
    of_provider(&ticket.provider, a.provider)?;
    guard::authority(a.owner, &ticket.owner)?;
    paid_by(&ticket.payer, a.rent_receiver)?;
    let rewards = account::keep_mut::<Rewards>(a.rewards)?;

    let lock = Lock::of(delegation);
    let tokens = Position { pool, rewards, provider, delegation, now: now()? }.cancel(&ticket)?;
    drop(ticket);
    account::close(a.ticket, a.rent_receiver)?;

    event::emit(&UnstakeCancelled {
        header: UnstakeCancelled::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        owner: delegation.owner,
        ticket: *a.ticket.address(),
        tokens,
    });
    emit_lock_if_changed(provider, a.provider, delegation, lock)
}

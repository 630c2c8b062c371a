use {
    crate::{
        Result,
        accounts::{delegation_of, in_pool, provider_of},
        staking::{
            create_ticket, emit_lock_if_changed,
            positions::{Lock, Position},
        },
    },
    joule_common::{AccountView, account, event, guard, now},
    joule_stake_interface::{
        event::Redelegated,
        instruction::Redelegate,
        state::{Pool, Provider, Rewards},
    },
};

/// See [`Redelegate`]. Works while the network is paused: no token comes in.
#[inline(never)]
pub fn redelegate(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = Redelegate::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    let pool = account::keep::<Pool>(a.pool)?;
    let provider = provider_of(pool, a.pool, a.provider, a.rewards)?;
    let delegation = delegation_of(a.delegation, a.provider, a.owner)?;
    let new_provider = account::keep_mut::<Provider>(a.new_provider)?;
    in_pool(&new_provider.pool, a.pool.address())?;
    let new_delegation = delegation_of(a.new_delegation, a.new_provider, a.owner)?;
    let rewards = account::keep_mut::<Rewards>(a.rewards)?;
    let now = now()?;

    let withdrawable_at = now.after(pool.policy.unbonding_period)?;
    let mut ticket = create_ticket(a.payer, a.ticket, a.provider, a.delegation, delegation, withdrawable_at)?;
    ticket.new_delegation = *a.new_delegation.address();
    let (lock, new_lock) = (Lock::of(delegation), Lock::of(new_delegation));
    Position { pool, rewards, provider, delegation, now }.redelegate(
        new_provider,
        new_delegation,
        args.amount,
        &mut ticket,
    )?;

    event::emit(&Redelegated {
        header: Redelegated::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        owner: delegation.owner,
        ticket: *a.ticket.address(),
        new_provider: *a.new_provider.address(),
        tokens: ticket.part.tokens,
        weight: ticket.weight,
    });
    emit_lock_if_changed(provider, a.provider, delegation, lock)?;
    emit_lock_if_changed(new_provider, a.new_provider, new_delegation, new_lock)
}

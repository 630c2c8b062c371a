use {
    crate::{
        Result,
        accounts::{delegation_of, in_pool, provider_of},
        staking::positions::Position,
    },
    joule_common::{AccountView, account, event, guard, now},
    joule_interface::Fault,
    joule_stake_interface::{
        event::Redelegated,
        instruction::Redelegate,
        pda,
        state::{Pool, Provider, Rewards, UnbondingTicket},
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
    let target = delegation_of(a.new_delegation, a.new_provider, a.owner)?;
    let rewards = account::keep_mut::<Rewards>(a.rewards)?;
    let now = now()?;

    let left = args.shares;
    let (tokens, shares, weight) =
        Position { rewards, provider, delegation, now }.redelegate(new_provider, target, left)?;

    let index = delegation.ticket_count;
    delegation.ticket_count = index.checked_add(1).ok_or(Fault::Overflow)?;
    let index = index.to_le_bytes();
    let seeds = pda::ticket::seeds(a.delegation.address(), &index);
    let mut ticket = account::create::<UnbondingTicket>(a.payer, a.ticket, &seeds)?;
    ticket.provider = *a.provider.address();
    ticket.owner = delegation.owner;
    ticket.payer = *a.payer.address();
    ticket.shares = shares;
    ticket.era = provider.era;
    ticket.withdrawable_at = now.after(pool.policy.unbonding_period)?;
    ticket.new_delegation = *a.new_delegation.address();
    ticket.weight = weight;

    event::emit(&Redelegated {
        header: Redelegated::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        owner: delegation.owner,
        ticket: *a.ticket.address(),
        new_provider: *a.new_provider.address(),
        shares_unbonded: left,
        tokens,
        weight,
    });
    Ok(())
}

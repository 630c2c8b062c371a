use {
    crate::{
        Result,
        accounts::{delegation_of, provider_of},
        staking::positions::Position,
    },
    joule_common::{AccountView, account, event, guard, now},
    joule_interface::Fault,
    joule_stake_interface::{
        event::Unstaked,
        instruction::Unstake,
        pda,
        state::{Pool, Rewards, UnbondingTicket},
    },
};

/// See [`Unstake`]. Works while the network is paused: it gives back.
#[inline(never)]
pub fn unstake(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = Unstake::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    let pool = account::keep::<Pool>(a.pool)?;
    let provider = provider_of(pool, a.pool, a.provider, a.rewards)?;
    let delegation = delegation_of(a.delegation, a.provider, a.owner)?;
    let rewards = account::keep_mut::<Rewards>(a.rewards)?;
    let now = now()?;

    let left = args.shares;
    let (tokens, shares) = Position { rewards, provider, delegation, now }.unstake(left)?;
    let ripe = now.after(pool.policy.unbonding_period)?;

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
    ticket.withdrawable_at = ripe;

    event::emit(&Unstaked {
        header: Unstaked::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        owner: delegation.owner,
        ticket: *a.ticket.address(),
        shares_unbonded: left,
        tokens,
        shares,
        withdrawable_at: ripe,
    });
    Ok(())
}

use {
    crate::{Result, instructions::in_pool, instructions::of_provider, pots},
    joule_common::{AccountView, account, event, guard, now},
    joule_interface::Fault,
    joule_stake_interface::{
        event::Unstaked,
        instruction::{Unstake, UnstakeArgs},
        pda,
        state::{Delegation, Pool, Provider, Unbonding},
    },
};

/// See [`Unstake`]. Works while the network is paused: it gives back.
pub fn unstake(accounts: &[AccountView], args: &UnstakeArgs) -> Result<()> {
    let (a, _) = Unstake::parse(accounts)?;
    guard::system_program(a.system_program)?;
    let pool = account::load::<Pool>(a.pool)?;
    let mut provider = account::load_mut::<Provider>(a.provider)?;
    in_pool(&provider.pool, a.pool.address())?;
    let mut delegation = account::load_mut::<Delegation>(a.delegation)?;
    of_provider(&delegation.provider, a.provider)?;
    guard::authority(a.owner, &delegation.owner)?;

    let left = args.shares;
    let (tokens, shares) = pots::unstake(&mut provider, &mut delegation, left)?;
    let ripe = now()?.after(pool.unbonding)?;

    let index = delegation.tickets;
    delegation.tickets = index.checked_add(1).ok_or(Fault::Overflow)?;
    let index = index.to_le_bytes();
    let seeds = pda::unbonding::seeds(a.delegation.address(), &index);
    let mut ticket = account::create::<Unbonding>(a.payer, a.unbonding, &seeds)?;
    ticket.provider = *a.provider.address();
    ticket.owner = delegation.owner;
    ticket.payer = *a.payer.address();
    ticket.shares = shares;
    ticket.ripe = ripe;

    event::emit(&Unstaked {
        header: Unstaked::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        owner: delegation.owner,
        ticket: *a.unbonding.address(),
        left,
        tokens,
        shares,
        ripe,
    });
    Ok(())
}

use {
    crate::{
        Result,
        accounts::{Vault, in_pool, of_provider, paid_by},
        staking::{positions, pots},
    },
    joule_common::{AccountView, account, event, guard, guard::require, now, token},
    joule_interface::Fault,
    joule_stake_interface::{
        event::Withdrawn,
        instruction::Withdraw,
        state::{Pool, Provider, UnbondingTicket},
    },
};

/// See [`Withdraw`]. Works while the network is paused: it pays out.
#[inline(never)]
pub fn withdraw(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = Withdraw::parse(accounts, data)?;
    let pool = account::keep::<Pool>(a.pool)?;
    let vault = Vault::of(a.pool, pool, a.vault, a.mint, a.token_program)?;
    let provider = account::keep_mut::<Provider>(a.provider)?;
    in_pool(&provider.pool, a.pool.address())?;
    let ticket = account::load::<UnbondingTicket>(a.ticket)?;
    of_provider(&ticket.provider, a.provider)?;
    guard::authority(a.owner, &ticket.owner)?;
    if !a.owner.is_signer() {
        require(guard::eq(&token::load(a.destination)?.owner, &ticket.owner), Fault::MissingSigner)?;
    }
    paid_by(&ticket.payer, a.rent_receiver)?;
    positions::may_leave(provider, &ticket, now()?)?;

    let tokens = pots::withdraw(provider, &ticket)?;
    vault.pay(a.destination, tokens)?;
    // After the call: lamports may not be out of balance when another program runs.
    drop(ticket);
    account::close(a.ticket, a.rent_receiver)?;

    event::emit(&Withdrawn {
        header: Withdrawn::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        owner: *a.owner.address(),
        ticket: *a.ticket.address(),
        tokens,
    });
    Ok(())
}

use {
    crate::{
        Result,
        accounts::{Vault, in_pool, of_provider, paid_by},
        staking::{positions, pots},
    },
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_stake_interface::{
        StakeError,
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
    let mut ticket = account::load_mut::<UnbondingTicket>(a.ticket)?;
    of_provider(&ticket.provider, a.provider)?;
    guard::authority(a.owner, &ticket.owner)?;
    if !a.owner.is_signer() {
        vault.is_associated(a.destination, &ticket.owner)?;
    }
    paid_by(&ticket.payer, a.rent_receiver)?;
    require(!positions::is_redelegation(&ticket), StakeError::Redelegating)?;

    let UnbondingTicket { part, withdrawable_at, .. } = &mut *ticket;
    let (tokens, withheld) = pots::leave_but_for_slashes(&pool.policy, provider, part, withdrawable_at, now()?)?;
    // Who waits gets all, if the slash is vetoed or takes less: that is the owner's choice.
    require(withheld.is_zero() || a.owner.is_signer(), StakeError::SlashPending)?;
    drop(ticket);
    vault.pay(a.destination, tokens)?;
    // After the call: the runtime refuses a call while lamports are out of balance.
    if withheld.is_zero() {
        account::close(a.ticket, a.rent_receiver)?;
    }

    event::emit(&Withdrawn {
        header: Withdrawn::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        owner: *a.owner.address(),
        ticket: *a.ticket.address(),
        tokens,
        withheld,
    });
    Ok(())
}

use {
    crate::{Result, instructions::in_pool, instructions::of_provider, pots},
    joule_common::{AccountView, account, event, guard, guard::require, now, token},
    joule_interface::Fault,
    joule_stake_interface::{
        StakeError,
        event::Withdrawn,
        instruction::{Withdraw, WithdrawArgs},
        pda,
        state::{Pool, Provider, Unbonding},
    },
};

/// See [`Withdraw`]. Works while the network is paused: it pays out.
pub fn withdraw(accounts: &[AccountView], _: &WithdrawArgs) -> Result<()> {
    let (a, _) = Withdraw::parse(accounts)?;
    let pool = account::load::<Pool>(a.pool)?;
    guard::address(a.vault, &pool.vault)?;
    guard::address(a.mint, &pool.mint)?;
    require(guard::eq(a.token_program.address(), &pool.token_program), Fault::WrongTokenProgram)?;
    // Paying the vault out of itself would write the ticket off.
    require(!guard::eq(a.destination.address(), a.vault.address()), Fault::DuplicateAccount)?;

    let mut provider = account::load_mut::<Provider>(a.provider)?;
    in_pool(&provider.pool, a.pool.address())?;
    let ticket = account::load::<Unbonding>(a.unbonding)?;
    of_provider(&ticket.provider, a.provider)?;
    guard::authority(a.owner, &ticket.owner)?;
    require(guard::eq(a.rent_receiver.address(), &ticket.payer), StakeError::WrongPayer)?;
    require(now()? >= ticket.ripe, StakeError::NotRipe)?;

    let tokens = pots::withdraw(&mut provider, ticket.shares)?;
    let bump = [pool.header.bump];
    let seeds = pda::pool::signer(&pool.network, &pool.mint, &bump);
    token::Transfer {
        source: a.vault,
        mint: a.mint,
        destination: a.destination,
        authority: a.pool,
        token_program: a.token_program,
    }
    .invoke_signed(tokens, pool.decimals, &[(&seeds).into()])?;
    // After the call: lamports may not be out of balance when another program runs.
    drop(ticket);
    account::close(a.unbonding, a.rent_receiver)?;

    event::emit(&Withdrawn {
        header: Withdrawn::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        owner: *a.owner.address(),
        ticket: *a.unbonding.address(),
        tokens,
    });
    Ok(())
}

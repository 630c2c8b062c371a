use {
    crate::{Result, money::check_deposit},
    joule_common::{AccountView, account, event, guard, guard::require, token},
    joule_escrow_interface::{EscrowError, event::TokensWithdrawn, instruction::WithdrawTokens, pda, state::Deposit},
    joule_interface::Fault,
    joule_math::Tokens,
};

/// See [`WithdrawTokens`]. Works while networks are paused: it gives back.
#[inline(never)]
pub fn withdraw_tokens(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = WithdrawTokens::parse(accounts, data)?;
    let mut deposit = account::load_mut::<Deposit>(a.deposit)?;
    guard::authority(a.client, &deposit.client)?;
    check_deposit(&deposit, a.vault, a.mint, a.token_program)?;
    // A payment from the vault to itself would be booked, and move nothing.
    require(!guard::eq(a.destination.address(), a.vault.address()), Fault::DuplicateAccount)?;
    let amount = args.amount;
    require(!amount.is_zero(), Fault::ZeroAmount)?;

    deposit.free = deposit.free.minus(amount).map_err(|_| EscrowError::InsufficientFunds)?;
    let (free, sequence) = (deposit.free, event::next(&mut deposit.sequence)?);
    let (decimals, bump) = (deposit.decimals, [deposit.header.bump]);
    drop(deposit);
    let seeds = pda::deposit::signer(a.client.address(), a.mint.address(), &bump);
    token::Transfer {
        source: a.vault,
        mint: a.mint,
        destination: a.destination,
        authority: a.deposit,
        token_program: a.token_program,
    }
    .invoke_signed(Tokens(amount.0), decimals, &[(&seeds).into()])?;

    event::emit(&TokensWithdrawn { header: TokensWithdrawn::header(*a.deposit.address(), sequence), amount, free });
    Ok(())
}

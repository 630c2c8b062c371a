use {
    crate::{
        Result,
        money::{check_deposit, transfer},
    },
    joule_common::{AccountView, account, event, guard, guard::require, token},
    joule_escrow_interface::{EscrowError, event::TokensWithdrawn, instruction::WithdrawTokens, pda, state::Deposit},
    joule_interface::Fault,
    joule_math::Amount,
};

/// See [`WithdrawTokens`]. Works while networks are paused: it gives back.
#[inline(never)]
pub fn withdraw_tokens(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = WithdrawTokens::parse(accounts, data)?;
    // Kept: the deposit only signs the call below.
    let deposit = account::keep_mut::<Deposit>(a.deposit)?;
    guard::authority(a.client, &deposit.client)?;
    check_deposit(deposit, a.vault, a.mint, a.token_program)?;
    // A payment from the vault to itself would be booked, and move nothing.
    require(!guard::eq(a.destination.address(), a.vault.address()), Fault::DuplicateAccount)?;
    let amount = args.amount;
    require(!amount.is_zero(), Fault::ZeroAmount)?;

    deposit.free = deposit.free.minus(amount).map_err(|_| EscrowError::InsufficientFunds)?;
    // What the issuer took is missing here first, not in what jobs hold.
    let left = Amount(token::vault_balance(a.vault)?.0).minus(amount);
    require(left.is_ok_and(|left| left >= deposit.held), EscrowError::InsufficientFunds)?;
    let (free, sequence) = (deposit.free, event::next(&mut deposit.sequence)?);
    let bump = [deposit.header.bump];
    let seeds = pda::deposit::signer(a.client.address(), a.mint.address(), &bump);
    let call = token::Transfer {
        source: a.vault,
        mint: a.mint,
        destination: a.destination,
        authority: a.deposit,
        token_program: a.token_program,
    };
    transfer(deposit, call, amount, &[(&seeds).into()])?;

    event::emit(&TokensWithdrawn { header: TokensWithdrawn::header(*a.deposit.address(), sequence), amount, free });
    Ok(())
}

use {
    crate::Result,
    joule_common::{AccountView, account, guard, guard::require, now, token},
    joule_escrow_interface::{EscrowError, instruction::CloseDeposit, pda, state::Deposit},
    joule_interface::Fault,
};

/// See [`CloseDeposit`].
#[inline(never)]
pub fn close_deposit(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CloseDeposit::parse(accounts, data)?;
    let deposit = account::load::<Deposit>(a.deposit)?;
    guard::authority(a.client, &deposit.client)?;
    guard::address(a.vault, &deposit.vault)?;
    require(guard::eq(a.token_program.address(), &deposit.token_program), Fault::WrongTokenProgram)?;
    require(guard::eq(a.rent_receiver.address(), &deposit.payer), EscrowError::WrongPayer)?;
    let balance = token::vault_balance(a.vault)?;
    require(deposit.free.is_zero() && deposit.held.is_zero() && balance.is_zero(), EscrowError::NotEmpty)?;
    require(now()? > deposit.opened_at, EscrowError::TooEarly)?;
    let (client, mint, bump) = (deposit.client, deposit.mint, [deposit.header.bump]);
    drop(deposit);

    let seeds = pda::deposit::signer(&client, &mint, &bump);
    token::close(a.token_program, a.vault, a.rent_receiver, a.deposit, &[(&seeds).into()])?;
    Ok(account::close(a.deposit, a.rent_receiver)?)
}

//! Clients' tokens: opened, put in, taken out, closed.

use {
    crate::Result,
    joule_common::{AccountView, account, event, guard, guard::require, now, token},
    joule_escrow_interface::{
        EscrowError, ID,
        event::{TokensDeposited, TokensWithdrawn},
        instruction::{
            CloseDeposit, CloseDepositArgs, DepositTokens, DepositTokensArgs, OpenDeposit, OpenDepositArgs,
            WithdrawTokens, WithdrawTokensArgs,
        },
        pda,
        state::Deposit,
    },
    joule_interface::Fault,
    joule_math::{Amount, Tokens},
};

/// Panels of a deposit that is opened again in a later second have other numbers, as long as it does not post a million
/// a second.
const PANELS_A_SECOND: i64 = 1 << 20;

/// See [`OpenDeposit`].
#[inline(never)]
pub fn open_deposit(accounts: &[AccountView], _: &OpenDepositArgs) -> Result<()> {
    let (a, _) = OpenDeposit::parse(accounts)?;
    guard::token_program(a.token_program)?;
    guard::system_program(a.system_program)?;
    let mint = token::mint(a.mint, a.token_program.address())?;
    token::require_harmless(a.mint)?;
    let now = now()?;

    let seeds = pda::vault::seeds(a.deposit.address());
    token::create_vault(a.payer, a.vault, &seeds, &ID, a.mint, a.deposit.address(), a.token_program)?;

    let seeds = pda::deposit::seeds(a.client.address(), a.mint.address());
    let mut deposit = account::create::<Deposit>(a.payer, a.deposit, &seeds)?;
    deposit.client = *a.client.address();
    deposit.mint = *a.mint.address();
    deposit.vault = *a.vault.address();
    deposit.token_program = *a.token_program.address();
    deposit.payer = *a.payer.address();
    deposit.opened_at = now;
    deposit.panels_posted = now.0.checked_mul(PANELS_A_SECOND).ok_or(Fault::Overflow)? as u64;
    deposit.decimals = mint.decimals;
    Ok(())
}

/// The vault, the mint and its program are the deposit's.
#[inline(always)]
fn of_deposit(deposit: &Deposit, vault: &AccountView, mint: &AccountView, token_program: &AccountView) -> Result<()> {
    guard::address(vault, &deposit.vault)?;
    require(guard::eq(mint.address(), &deposit.mint), Fault::WrongMint)?;
    Ok(require(guard::eq(token_program.address(), &deposit.token_program), Fault::WrongTokenProgram)?)
}

/// See [`DepositTokens`].
#[inline(never)]
pub fn deposit_tokens(accounts: &[AccountView], args: &DepositTokensArgs) -> Result<()> {
    let (a, _) = DepositTokens::parse(accounts)?;
    let mut deposit = account::load_mut::<Deposit>(a.deposit)?;
    of_deposit(&deposit, a.vault, a.mint, a.token_program)?;

    let amount = args.amount;
    if !amount.is_zero() {
        token::Transfer {
            source: a.source,
            mint: a.mint,
            destination: a.vault,
            authority: a.authority,
            token_program: a.token_program,
        }
        .invoke_signed(Tokens(amount.0), deposit.decimals, &[])?;
    }
    let there = Amount(token::balance(a.vault, &deposit.mint)?.0);
    let received = there.minus(deposit.free)?.minus(deposit.held)?;
    require(!received.is_zero(), Fault::ZeroAmount)?;
    deposit.free = deposit.free.plus(received)?;

    event::emit(&TokensDeposited {
        header: TokensDeposited::header(*a.deposit.address(), event::next(&mut deposit.sequence)?),
        amount: received,
        free: deposit.free,
    });
    Ok(())
}

/// See [`WithdrawTokens`]. Works while networks are paused: it gives back.
#[inline(never)]
pub fn withdraw_tokens(accounts: &[AccountView], args: &WithdrawTokensArgs) -> Result<()> {
    let (a, _) = WithdrawTokens::parse(accounts)?;
    let mut deposit = account::load_mut::<Deposit>(a.deposit)?;
    guard::authority(a.client, &deposit.client)?;
    of_deposit(&deposit, a.vault, a.mint, a.token_program)?;
    // Paying the vault out of itself would write the tokens off.
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

/// See [`CloseDeposit`].
#[inline(never)]
pub fn close_deposit(accounts: &[AccountView], _: &CloseDepositArgs) -> Result<()> {
    let (a, _) = CloseDeposit::parse(accounts)?;
    let deposit = account::load::<Deposit>(a.deposit)?;
    guard::authority(a.client, &deposit.client)?;
    guard::address(a.vault, &deposit.vault)?;
    require(guard::eq(a.token_program.address(), &deposit.token_program), Fault::WrongTokenProgram)?;
    require(guard::eq(a.rent_receiver.address(), &deposit.payer), EscrowError::WrongPayer)?;
    let there = token::balance(a.vault, &deposit.mint)?;
    require(deposit.free.is_zero() && deposit.held.is_zero() && there.is_zero(), EscrowError::NotEmpty)?;
    require(now()? > deposit.opened_at, EscrowError::TooEarly)?;
    let (client, mint, bump) = (deposit.client, deposit.mint, [deposit.header.bump]);
    drop(deposit);

    let seeds = pda::deposit::signer(&client, &mint, &bump);
    token::close(a.token_program, a.vault, a.rent_receiver, a.deposit, &[(&seeds).into()])?;
    Ok(account::close(a.deposit, a.rent_receiver)?)
}

use {
    crate::{Result, money::check_deposit},
    joule_common::{AccountView, account, event, guard::require, token},
    joule_escrow_interface::{event::TokensDeposited, instruction::DepositTokens, state::Deposit},
    joule_interface::Fault,
    joule_math::{Amount, Tokens},
};

/// See [`DepositTokens`].
#[inline(never)]
pub fn deposit_tokens(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = DepositTokens::parse(accounts, data)?;
    let mut deposit = account::load_mut::<Deposit>(a.deposit)?;
    check_deposit(&deposit, a.vault, a.mint, a.token_program)?;

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
    // Only the balance after the transfer says what came in.
    let balance = Amount(token::balance(a.vault, &deposit.mint)?.0);
    let received = balance.minus(deposit.free)?.minus(deposit.held)?;
    require(!received.is_zero(), Fault::ZeroAmount)?;
    deposit.free = deposit.free.plus(received)?;

    event::emit(&TokensDeposited {
        header: TokensDeposited::header(*a.deposit.address(), event::next(&mut deposit.sequence)?),
        amount: received,
        free: deposit.free,
    });
    Ok(())
}

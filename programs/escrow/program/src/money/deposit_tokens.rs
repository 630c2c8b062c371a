use {
    crate::{
        Result,
        money::{check_deposit, transfer},
    },
    joule_common::{AccountView, account, event, guard::require, token},
    joule_escrow_interface::{event::TokensDeposited, instruction::DepositTokens, state::Deposit},
    joule_interface::Fault,
    joule_math::Amount,
};

/// See [`DepositTokens`].
#[inline(never)]
pub fn deposit_tokens(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = DepositTokens::parse(accounts, data)?;
    let mut deposit = account::load_mut::<Deposit>(a.deposit)?;
    check_deposit(&deposit, a.vault, a.mint, a.token_program)?;

    let amount = args.amount;
    if !amount.is_zero() {
        let call = token::Transfer {
            source: a.source,
            mint: a.mint,
            destination: a.vault,
            authority: a.authority,
            token_program: a.token_program,
        };
        transfer(&deposit, call, amount, &[])?;
    }
    // Only the balance after the transfer says what came in, and what the issuer took: the free tokens bear it first, then what is
    // put in, and only then what jobs hold.
    let free = Amount(token::vault_balance(a.vault)?.0.saturating_sub(deposit.held.0));
    require(!amount.is_zero() || free != deposit.free, Fault::ZeroAmount)?;
    let received = Amount(free.0.saturating_sub(deposit.free.0));
    deposit.free = free;

    event::emit(&TokensDeposited {
        header: TokensDeposited::header(*a.deposit.address(), event::next(&mut deposit.sequence)?),
        amount: received,
        free: deposit.free,
    });
    Ok(())
}

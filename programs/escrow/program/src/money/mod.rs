//! What pays for jobs: a client's credits in `bme`, or its deposit of a mint. The same functions serve both.

pub mod burning;
pub(crate) mod close_deposit;
pub(crate) mod deposit_tokens;
pub mod funding;
pub(crate) mod open_deposit;
pub mod payment;
pub(crate) mod settle_job;
pub(crate) mod withdraw_tokens;

use {
    crate::Result,
    joule_common::{AccountView, Signer, guard, guard::require, issuer, token},
    joule_escrow_interface::state::{Deposit, issuer_power},
    joule_interface::Fault,
    joule_math::{Amount, Tokens},
};

const _: () = {
    use issuer_power::*;
    assert!(FREEZE == issuer::power::FREEZE && FEE == issuer::power::FEE && HOOK == issuer::power::HOOK);
    assert!(PAUSE == issuer::power::PAUSE && TAKE == issuer::power::TAKE);
};

/// Moves tokens of a deposit's mint: all of `amount`, or none. What an issuer's fee would take fails, so that nobody gets less than
/// the books say.
#[inline(always)]
fn transfer(
    deposit: &Deposit,
    transfer: token::Transfer<impl token::Program>,
    amount: Amount,
    signers: &[Signer],
) -> Result<()> {
    let amount = Tokens(amount.0);
    if deposit.issuer_powers & issuer_power::FEE != 0 {
        // A copy: what is handed on by reference lies on the stack, and is written there on every path.
        let token::Transfer { source, mint, destination, authority, token_program } = transfer;
        let transfer = token::Transfer { source, mint, destination, authority, token_program };
        return Ok(transfer.invoke_without_fee(amount, deposit.decimals, signers)?);
    }
    Ok(transfer.invoke_signed(amount, deposit.decimals, signers)?)
}

/// The vault, the mint and its program are the deposit's.
#[inline(always)]
fn check_deposit(
    deposit: &Deposit,
    vault: &AccountView,
    mint: &AccountView,
    token_program: &AccountView,
) -> Result<()> {
    guard::address(vault, &deposit.vault)?;
    require(guard::eq(mint.address(), &deposit.mint), Fault::WrongMint)?;
    Ok(require(guard::eq(token_program.address(), &deposit.token_program), Fault::WrongTokenProgram)?)
}

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
    joule_common::{AccountView, guard, guard::require, token},
    joule_escrow_interface::state::Deposit,
    joule_interface::{Address, Fault},
};

/// A token account of `mint` that cannot refuse payments: it has no extension but the immutable owner of associated accounts.
#[inline(always)]
pub fn cannot_refuse(account: &AccountView, mint: &Address) -> bool {
    /// 165 bytes, one for the account's type, and four for an extension without content.
    const LONGEST: usize = 170;
    account.data_len() <= LONGEST && token::balance(account, mint).is_ok()
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

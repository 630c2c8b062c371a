use {
    crate::Result,
    joule_common::{AccountView, account, guard, now, token},
    joule_escrow_interface::{ID, instruction::OpenDeposit, pda, state::Deposit},
    joule_interface::Fault,
};

/// A deposit that is opened again in a later second starts with higher panel ids, unless it had posted a million panels a second.
const PANELS_A_SECOND: i64 = 1 << 20;

/// See [`OpenDeposit`].
#[inline(never)]
pub fn open_deposit(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = OpenDeposit::parse(accounts, data)?;
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

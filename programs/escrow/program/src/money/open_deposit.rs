use {
    crate::Result,
    joule_common::{AccountView, account, guard, guard::require, issuer, now, token},
    joule_escrow_interface::{EscrowError, ID, instruction::OpenDeposit, pda, state::Deposit},
    joule_interface::Fault,
};

/// A deposit that is opened again in a later second starts with higher panel ids, unless it had posted a million panels a second.
const PANELS_A_SECOND: i64 = 1 << 20;

/// See [`OpenDeposit`].
#[inline(never)]
pub fn open_deposit(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = OpenDeposit::parse(accounts, data)?;
    guard::token_program(a.token_program)?;
    guard::system_program(a.system_program)?;
    let mint = token::mint(a.mint, a.token_program.address())?;
    let issuer_powers = issuer::powers(a.mint)?;
    require(issuer_powers & !args.issuer_powers == 0, EscrowError::PowersNotNamed)?;
    // A stranger opens deposits only where nothing is to be named.
    require(issuer_powers == 0 || a.client.is_signer(), Fault::MissingSigner)?;
    let now = now()?;

    let (length, seeds) = (issuer::vault_len(a.mint)?, pda::vault::seeds(a.deposit.address()));
    let (owner, program) = (a.deposit.address(), a.token_program);
    token::create_vault_of(length, a.payer, a.vault, &seeds, &ID, a.mint, owner, program)?;

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
    deposit.issuer_powers = issuer_powers;
    Ok(())
}

use {
    crate::Result,
    joule_bme_interface::{BmeError, instruction::CloseCreditAccount, state::CreditAccount},
    joule_common::{AccountView, account, guard, guard::require, now},
};

/// See [`CloseCreditAccount`]. Works while the network is paused: it gives back.
pub fn close_credit_account(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CloseCreditAccount::parse(accounts, data)?;
    let credit_account = account::load::<CreditAccount>(a.credit_account)?;
    guard::authority(a.owner, &credit_account.owner)?;
    guard::address(a.rent_receiver, &credit_account.payer)?;
    let is_empty = credit_account.balance.is_zero() && credit_account.locked.iter().all(|locked| locked.is_zero());
    // Opened again in the same second, it would have the same numbers once more.
    require(is_empty && now()? > credit_account.opened_at, BmeError::NotEmpty)?;

    drop(credit_account);
    Ok(account::close(a.credit_account, a.rent_receiver)?)
}

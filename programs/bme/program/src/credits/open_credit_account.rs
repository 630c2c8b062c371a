use {
    crate::Result,
    joule_bme_interface::{
        instruction::OpenCreditAccount,
        pda,
        state::{CreditAccount, Network},
    },
    joule_common::{AccountView, account, guard, now},
};

/// See [`OpenCreditAccount`].
pub fn open_credit_account(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = OpenCreditAccount::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    account::keep::<Network>(a.network)?;

    let seeds = pda::credit_account::seeds(a.network.address(), a.owner.address());
    let mut credit_account = account::create::<CreditAccount>(a.payer, a.credit_account, &seeds)?;
    credit_account.network = *a.network.address();
    credit_account.owner = *a.owner.address();
    credit_account.payer = *a.payer.address();
    credit_account.opened_at = now()?;
    Ok(())
}

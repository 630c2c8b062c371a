use {
    crate::{Result, instructions::paid_by},
    joule_common::{AccountView, account, guard::require, now},
    joule_identity_interface::{IdentityError, instruction::CloseStatement, state::Statement},
};

/// See [`CloseStatement`].
#[inline(never)]
pub fn close_statement(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CloseStatement::parse(accounts, data)?;
    {
        let statement = account::load::<Statement>(a.statement)?;
        require(now()? >= statement.liability_ends_at, IdentityError::StatementNotEnded)?;
        paid_by(&statement.payer, a.payer)?;
    }

    Ok(account::close(a.statement, a.payer)?)
}

use {
    crate::Result,
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_escrow_interface::{EscrowError, instruction::CloseMandate, state::Mandate},
};

/// See [`CloseMandate`].
#[inline(never)]
pub fn close_mandate(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CloseMandate::parse(accounts, data)?;
    let mandate = account::load::<Mandate>(a.mandate)?;
    let now = now()?;
    let by_owner = guard::eq(a.caller.address(), &mandate.owner);
    // Opened again in the same second, it would have the same id, and its jobs.
    require((by_owner || now > mandate.expires_at) && now > mandate.opened_at(), EscrowError::TooEarly)?;
    require(guard::eq(a.rent_receiver.address(), &mandate.payer), EscrowError::WrongPayer)?;

    drop(mandate);
    Ok(account::close(a.mandate, a.rent_receiver)?)
}

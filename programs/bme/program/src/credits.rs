//! What may happen to an owner's credits. `issued = balance + consumed + sum(locked)` holds after each step.

use {
    crate::Result,
    joule_bme_interface::{BmeError, state::CreditAccount},
    joule_math::Credits,
};

/// Adds bought credits.
#[inline(always)]
pub fn issue(account: &mut CreditAccount, amount: Credits) -> Result<()> {
    account.balance = account.balance.plus(amount)?;
    account.issued = account.issued.plus(amount)?;
    Ok(())
}

/// Sets free credits aside for a spender.
#[inline(always)]
pub fn lock(account: &mut CreditAccount, spender: u8, amount: Credits) -> Result<()> {
    account.balance = account.balance.minus(amount).map_err(|_| BmeError::InsufficientCredits)?;
    let locked = locked_mut(account, spender)?;
    *locked = locked.plus(amount)?;
    Ok(())
}

/// Gives a spender's locked credits back.
#[inline(always)]
pub fn unlock(account: &mut CreditAccount, spender: u8, amount: Credits) -> Result<()> {
    take_locked(account, spender, amount)?;
    account.balance = account.balance.plus(amount)?;
    Ok(())
}

/// Uses a spender's locked credits up.
#[inline(always)]
pub fn consume(account: &mut CreditAccount, spender: u8, amount: Credits) -> Result<()> {
    take_locked(account, spender, amount)?;
    account.consumed = account.consumed.plus(amount)?;
    Ok(())
}

#[inline(always)]
fn take_locked(account: &mut CreditAccount, spender: u8, amount: Credits) -> Result<()> {
    let locked = locked_mut(account, spender)?;
    *locked = locked.minus(amount).map_err(|_| BmeError::InsufficientCredits)?;
    Ok(())
}

#[inline(always)]
fn locked_mut(account: &mut CreditAccount, spender: u8) -> Result<&mut Credits> {
    // Ids are given below the array's length; the check is for the compiler, which then needs no panic.
    account.locked.get_mut(spender as usize).ok_or(BmeError::TooManySpenders)
}

//! What may happen to an owner's credits. `issued = balance + consumed + sum(locked)` holds after each step.

pub(crate) mod burn_tokens;
pub(crate) mod buy_credits;
pub(crate) mod buy_credits_exact_out;
pub(crate) mod consume_credits;
pub(crate) mod lock_credits;
pub(crate) mod open_credit_account;
pub mod purchase;
pub(crate) mod reclaim_credits;
pub(crate) mod unlock_credits;

use {
    crate::Result,
    joule_bme_interface::{
        BmeError,
        state::{CreditAccount, Spender},
    },
    joule_math::Credits,
};

/// Adds bought credits.
#[inline(always)]
pub fn issue(account: &mut CreditAccount, amount: Credits) -> Result<()> {
    account.balance = account.balance.plus(amount)?;
    account.issued = account.issued.plus(amount)?;
    Ok(())
}

/// Sets free credits aside for a spender. What one that had its place before it left locked is free first.
#[inline(always)]
pub fn lock(account: &mut CreditAccount, spender: &Spender, amount: Credits) -> Result<()> {
    let (place, number) = (spender.id as usize, spender.number);
    // Ids are given below the arrays' length; the checks are for the compiler, which then needs no panic.
    let locked_for = account.locked_for.get_mut(place).ok_or(BmeError::TooManySpenders)?;
    if *locked_for != number {
        *locked_for = number;
        reclaim(account, spender.id)?;
    }
    account.balance = account.balance.minus(amount).map_err(|_| BmeError::InsufficientCredits)?;
    let locked = account.locked.get_mut(place).ok_or(BmeError::TooManySpenders)?;
    *locked = locked.plus(amount)?;
    Ok(())
}

/// Gives a spender's locked credits back.
#[inline(always)]
pub fn unlock(account: &mut CreditAccount, spender: &Spender, amount: Credits) -> Result<()> {
    take_locked(account, spender, amount)?;
    account.balance = account.balance.plus(amount)?;
    Ok(())
}

/// Uses a spender's locked credits up.
#[inline(always)]
pub fn consume(account: &mut CreditAccount, spender: &Spender, amount: Credits) -> Result<()> {
    take_locked(account, spender, amount)?;
    account.consumed = account.consumed.plus(amount)?;
    Ok(())
}

/// Gives back all that is locked at a spender's place.
#[inline(never)]
pub fn reclaim(account: &mut CreditAccount, place: u8) -> Result<Credits> {
    let locked = account.locked.get_mut(place as usize).ok_or(BmeError::TooManySpenders)?;
    let amount = core::mem::take(locked);
    account.balance = account.balance.plus(amount)?;
    Ok(amount)
}

#[inline(always)]
fn take_locked(account: &mut CreditAccount, spender: &Spender, amount: Credits) -> Result<()> {
    let place = spender.id as usize;
    let locked_for = account.locked_for.get(place).ok_or(BmeError::TooManySpenders)?;
    let locked = account.locked.get_mut(place).ok_or(BmeError::TooManySpenders)?;
    if *locked_for != spender.number {
        return Err(BmeError::InsufficientCredits);
    }
    *locked = locked.minus(amount).map_err(|_| BmeError::InsufficientCredits)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use {super::*, proptest::prelude::*};

    fn sum(account: &CreditAccount) -> u128 {
        let locked = account.locked.iter().map(|credits| credits.0 as u128).sum::<u128>();
        account.balance.0 as u128 + account.consumed.0 as u128 + locked
    }

    proptest! {
        #[test]
        fn nothing_is_made_or_lost(steps in proptest::collection::vec((0u8..5, 0u8..18, 0u16..3, 0u64..100), 1..200)) {
            let mut account = CreditAccount::default();
            for (step, id, number, amount) in steps {
                let before = account;
                let amount = Credits(amount);
                let spender = &Spender { id, number, ..Default::default() };
                let outcome = match step {
                    0 => issue(&mut account, amount),
                    1 => lock(&mut account, spender, amount),
                    2 => unlock(&mut account, spender, amount),
                    3 => consume(&mut account, spender, amount),
                    _ => reclaim(&mut account, id).map(|_| ()),
                };
                // The runtime undoes what a failed transaction did.
                if outcome.is_err() { account = before; }
                prop_assert_eq!(sum(&account), account.issued.0 as u128);
                let others = |a: &CreditAccount| (0..16).filter(|&i| i != id as usize).map(|i| a.locked[i]).collect::<Vec<_>>();
                prop_assert_eq!(others(&account), others(&before), "no spender touches another's");
                let is_its_own = id < 16 && before.locked_for[id as usize] == number;
                prop_assert!(outcome.is_err() || !matches!(step, 2 | 3) || is_its_own, "nor what a former one left");
            }
        }
    }
}

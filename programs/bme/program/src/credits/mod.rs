//! What may happen to an owner's credits. `issued = balance + consumed + burned + sum(locked)` holds after each step.
//!
//! Credits carry the tokens that were paid for them, each the average of its account: what leaves an account takes that part
//! along, rounded down. So no use of credits, in any order, carries more tokens out than were paid in.

pub(crate) mod approve_spender;
pub(crate) mod burn_credits;
pub(crate) mod burn_tokens;
pub(crate) mod buy_credits;
pub(crate) mod buy_credits_exact_out;
pub(crate) mod close_credit_account;
pub(crate) mod consume_credits;
pub(crate) mod give_up_credits;
pub(crate) mod lock_credits;
pub(crate) mod open_credit_account;
pub mod purchase;
pub(crate) mod reclaim_credits;
pub(crate) mod unlock_credits;

use {
    crate::Result,
    joule_bme_interface::{
        BmeError,
        event::CreditsReclaimed,
        state::{CreditAccount, Network, Spender},
    },
    joule_common::{AccountView, event},
    joule_math::{Credits, Timestamp, Tokens, part_of},
};

/// Adds credits bought for `tokens`.
#[inline(always)]
pub fn issue(account: &mut CreditAccount, amount: Credits, tokens: Tokens) -> Result<()> {
    account.balance = account.balance.plus(amount)?;
    account.issued = account.issued.plus(amount)?;
    account.tokens = account.tokens.plus(tokens)?;
    Ok(())
}

/// Notes that tokens were paid while the network was idle: of what is set aside for owners whose credits nobody takes, they get
/// nothing, or whoever borrows tokens takes it all, and puts it back, in one transaction.
#[cold]
pub fn note_idle(account: &mut CreditAccount, network: &Network, tokens: Tokens, now: Timestamp) -> Result<()> {
    account.idle_tokens = not_given_back(account, network).plus(tokens)?;
    account.idle_bought_at = now;
    Ok(())
}

/// Of the account's tokens, those that were paid while the network was idle, as it is since then.
pub fn not_given_back(account: &CreditAccount, network: &Network) -> Tokens {
    if network.is_idle(account.idle_bought_at) { account.idle_tokens } else { Tokens::ZERO }
}

/// Sets free credits aside for a spender. What one that had its place before it left locked is free first: returns how many.
#[inline(always)]
pub fn lock(account: &mut CreditAccount, spender: &Spender, amount: Credits) -> Result<Credits> {
    let freed = take_place(account, spender)?;
    let place = spender.id as usize;
    account.balance = account.balance.minus(amount).map_err(|_| BmeError::InsufficientCredits)?;
    let locked = account.locked.get_mut(place).ok_or(BmeError::TooManySpenders)?;
    *locked = locked.plus(amount)?;
    Ok(freed)
}

/// Makes the spender's place its own. What one that had it before it left locked is free, and its approval ends: returns how many
/// credits became free.
#[inline(always)]
fn take_place(account: &mut CreditAccount, spender: &Spender) -> Result<Credits> {
    let (place, number) = (spender.id as usize, spender.number);
    // Ids are given below the arrays' length; the checks are for the compiler, which then needs no panic.
    let locked_for = account.locked_for.get_mut(place).ok_or(BmeError::TooManySpenders)?;
    if *locked_for == number {
        return Ok(Credits::ZERO);
    }
    *locked_for = number;
    account.approved_spenders &= !(1 << spender.id);
    reclaim(account, spender.id)
}

/// Lets a spender lock without the owner's signature, or not. Returns as [`lock`] what became free.
pub fn approve(account: &mut CreditAccount, spender: &Spender, approved: bool) -> Result<Credits> {
    let freed = take_place(account, spender)?;
    // `take_place` found the place.
    let bit = 1 << spender.id;
    account.approved_spenders =
        if approved { account.approved_spenders | bit } else { account.approved_spenders & !bit };
    Ok(freed)
}

/// Gives a spender's locked credits back.
#[inline(always)]
pub fn unlock(account: &mut CreditAccount, spender: &Spender, amount: Credits) -> Result<()> {
    take_locked(account, spender, amount)?;
    account.balance = account.balance.plus(amount)?;
    Ok(())
}

/// Uses a spender's locked credits up. Returns the tokens that they carry.
#[inline(always)]
pub fn consume(account: &mut CreditAccount, spender: &Spender, amount: Credits) -> Result<Tokens> {
    take_locked(account, spender, amount)?;
    let tokens = take_tokens(account, amount)?;
    account.consumed = account.consumed.plus(amount)?;
    Ok(tokens)
}

/// Uses free credits up, for no provider. Returns the tokens that they carried.
pub fn burn(account: &mut CreditAccount, amount: Credits) -> Result<Tokens> {
    account.balance = account.balance.minus(amount).map_err(|_| BmeError::InsufficientCredits)?;
    let tokens = take_tokens(account, amount)?;
    account.burned = account.burned.plus(amount)?;
    account.burned_tokens = account.burned_tokens.plus(tokens)?;
    Ok(tokens)
}

/// Takes the tokens that `amount` of the account's unused credits carry, before those are booked as used.
#[inline(always)]
fn take_tokens(account: &mut CreditAccount, amount: Credits) -> Result<Tokens> {
    let unused = account.issued.minus(account.consumed)?.minus(account.burned)?;
    let tokens = Tokens(part_of(account.tokens.0, amount.0, unused.0));
    account.tokens = account.tokens.minus(tokens)?;
    Ok(tokens)
}

/// Emits what was locked for a spender that is closed, and is its owner's again.
#[inline(never)]
pub fn emit_reclaimed(view: &AccountView, account: &mut CreditAccount, amount: Credits, place: u8) -> Result<()> {
    event::emit(&CreditsReclaimed {
        header: CreditsReclaimed::header(*view.address(), event::next(&mut account.sequence)?),
        amount,
        spender: place as u64,
    });
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
        account.balance.0 as u128 + account.consumed.0 as u128 + account.burned.0 as u128 + locked
    }

    proptest! {
        #[test]
        fn nothing_is_made_or_lost(
            steps in proptest::collection::vec((0u8..6, 0u8..18, 0u16..3, 0u64..100, 0u64..1_000), 1..200),
        ) {
            let mut account = CreditAccount::default();
            let (mut paid, mut carried) = (0, 0);
            for (step, id, number, amount, price) in steps {
                let before = account;
                let amount = Credits(amount);
                let spender = &Spender { id, number, ..Default::default() };
                // Nobody pays for no credits.
                let amount = if step == 0 { Credits(amount.0 + 1) } else { amount };
                let outcome = match step {
                    0 => issue(&mut account, amount, Tokens(price)).map(|()| paid += price),
                    1 => lock(&mut account, spender, amount).map(|_| ()),
                    2 => unlock(&mut account, spender, amount),
                    3 => consume(&mut account, spender, amount).map(|tokens| carried += tokens.0),
                    4 => burn(&mut account, amount).map(|tokens| carried += tokens.0),
                    _ => reclaim(&mut account, id).map(|_| ()),
                };
                // The runtime undoes what a failed transaction did.
                if outcome.is_err() { account = before; }
                prop_assert_eq!(sum(&account), account.issued.0 as u128);
                prop_assert_eq!(carried + account.tokens.0, paid, "nothing carries more than was paid");
                let unused = account.issued.0 - account.consumed.0 - account.burned.0;
                prop_assert!(unused > 0 || account.tokens.0 == 0, "the last credit takes the rest");
                let others = |a: &CreditAccount| (0..16).filter(|&i| i != id as usize).map(|i| a.locked[i]).collect::<Vec<_>>();
                prop_assert_eq!(others(&account), others(&before), "no spender touches another's");
                let is_its_own = id < 16 && before.locked_for[id as usize] == number;
                prop_assert!(outcome.is_err() || !matches!(step, 2 | 3) || is_its_own, "nor what a former one left");
            }
        }
    }
}

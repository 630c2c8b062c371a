//! What a hot key may put at risk.

use {
    crate::Result,
    joule_common::{AccountView, account, guard, guard::require},
    joule_escrow_interface::{
        EscrowError,
        state::{BondLimit, Deposit, NONE},
    },
    joule_interface::{Address, Fault},
    joule_math::{Seconds, Timestamp},
    joule_stake_interface::state::Provider,
};

/// What jobs and disputes hold of an account, if it is the identity's provider or deposit.
#[inline(always)]
pub fn at_risk(view: &AccountView, identity: &Address) -> Result<Option<u64>> {
    if account::exists::<Provider>(view) {
        let provider = account::load::<Provider>(view)?;
        return Ok(guard::eq(&provider.authority, identity).then_some(provider.bonded.0));
    }
    if account::exists::<Deposit>(view) {
        let deposit = account::load::<Deposit>(view)?;
        return Ok(guard::eq(&deposit.client, identity).then_some(deposit.held.0));
    }
    Ok(None)
}

/// Sets an account's limit: in its place, or in a free one. A limit of zero frees its place.
pub fn set(limits: &mut [BondLimit], account: &Address, limit: u64) -> Result<()> {
    let place = |of: &Address| limits.iter().position(|place| guard::eq(&place.account, of));
    let Some(index) = place(account).or_else(|| if limit == 0 { None } else { place(&NONE) }) else {
        return require(limit == 0, EscrowError::TooManyLimits);
    };
    let place = &mut limits[index];
    if limit == 0 {
        *place = BondLimit::default();
    } else if guard::eq(&place.account, account) {
        place.limit = limit;
    } else {
        *place = BondLimit { account: *account, limit, window_started_at: Timestamp(i64::MIN), used: 0 };
    }
    Ok(())
}

/// Counts what the hot key bonded of an account: what was at risk of it before, and is now. What was at risk when the window began
/// counts as well: so whoever has the key loses no more than the limit in a window, and twice that over two that follow each other. What
/// the manager bonded since comes besides.
pub fn count(
    limits: &mut [BondLimit],
    account: &Address,
    before: u64,
    after: u64,
    window: Seconds,
    now: Timestamp,
) -> Result<()> {
    let more = after.saturating_sub(before);
    if more == 0 {
        return Ok(());
    }
    let place = limits.iter_mut().find(|place| guard::eq(&place.account, account));
    let place = place.ok_or(EscrowError::BondLimitReached)?;
    let ends_at = place.window_started_at.0.saturating_add(window.0 as i64);
    if now.0 >= ends_at {
        (place.window_started_at, place.used) = (now, before);
    }
    place.used = place.used.checked_add(more).ok_or(Fault::Overflow)?;
    require(place.used <= place.limit, EscrowError::BondLimitReached)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);
    const WINDOW: Seconds = Seconds(3_600);

    fn account(number: u8) -> Address {
        Address::new_from_array([number; 32])
    }

    #[test]
    fn what_is_at_risk_in_a_window_never_exceeds_the_limit() {
        let mut limits = [BondLimit::default(); 4];
        set(&mut limits, &account(1), 100).unwrap();
        let mut count = |before, after, later| {
            let now = Timestamp(NOW.0 + later);
            count(&mut limits, &account(1), before, after, WINDOW, now)
        };
        // What jobs held already counts, and what came back meanwhile does not come off.
        count(30, 60, 0).unwrap();
        assert_eq!(count(0, 41, 3_599), Err(EscrowError::BondLimitReached));
        // A failed instruction changes nothing; here it did.
        limits[0].used = 60;
        super::count(&mut limits, &account(1), 0, 40, WINDOW, Timestamp(NOW.0 + 3_599)).unwrap();
        assert_eq!(limits[0].used, 100);
        // What is given back is no bond, and needs no window.
        super::count(&mut limits, &account(1), 40, 10, WINDOW, NOW).unwrap();
        super::count(&mut limits, &account(2), 40, 40, WINDOW, NOW).unwrap();
        let none = super::count(&mut limits, &account(2), 40, 41, WINDOW, NOW);
        assert_eq!(none, Err(EscrowError::BondLimitReached));
        // The next window begins with what is out.
        super::count(&mut limits, &account(1), 90, 100, WINDOW, Timestamp(NOW.0 + 3_600)).unwrap();
        assert_eq!((limits[0].used, limits[0].window_started_at), (100, Timestamp(NOW.0 + 3_600)));
    }

    #[test]
    fn places_are_taken_changed_and_freed() {
        let mut limits = [BondLimit::default(); 2];
        set(&mut limits, &account(1), 0).unwrap();
        assert_eq!(limits[0], BondLimit::default());
        for number in [1, 2] {
            set(&mut limits, &account(number), 5).unwrap();
        }
        assert_eq!(set(&mut limits, &account(3), 5), Err(EscrowError::TooManyLimits));
        limits[1].used = 4;
        set(&mut limits, &account(2), 9).unwrap();
        assert_eq!((limits[1].limit, limits[1].used), (9, 4));
        set(&mut limits, &account(1), 0).unwrap();
        set(&mut limits, &account(3), 5).unwrap();
        assert_eq!((limits[0].account, limits[0].used), (account(3), 0));
    }
}

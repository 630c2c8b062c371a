//! Shares of a pot whose tokens change by slashing and compounding.
//!
//! Virtual shares: a pot counts `VIRTUAL` more shares and one more token than it holds. The first depositor can then
//! not inflate a share's price and win the next one's deposit: raising the price by `x` costs about `VIRTUAL` times
//! what rounding takes from the victim (the reasoning of OpenZeppelin's ERC-4626 "decimals offset").

use crate::{
    Bps, Overflow, Result, Shares, Tokens, Weight, mul_div_ceil, mul_div_floor,
    muldiv::{divide, narrow},
};

/// Shares that exist in every pot without an owner.
const VIRTUAL: u64 = 1_000;

/// Shares for `deposit` tokens put into a pot of `tokens` and `shares`; rounded down, against the depositor.
#[inline]
pub fn shares_for_deposit(deposit: Tokens, tokens: Tokens, shares: Shares) -> Result<Shares> {
    mul_div_floor(deposit.0, shares.plus(Shares(VIRTUAL))?.0, tokens.plus(Tokens(1))?.0).map(Shares)
}

/// Tokens that `part` of a pot's shares are worth; rounded down, against the holder.
#[inline]
pub fn tokens_for_shares(part: Shares, tokens: Tokens, shares: Shares) -> Result<Tokens> {
    mul_div_floor(part.0, tokens.plus(Tokens(1))?.0, shares.plus(Shares(VIRTUAL))?.0).map(Tokens)
}

/// Shares that must be given up for `withdrawal` tokens; rounded up, against the holder.
#[inline]
pub fn shares_for_withdrawal(withdrawal: Tokens, tokens: Tokens, shares: Shares) -> Result<Shares> {
    mul_div_ceil(withdrawal.0, shares.plus(Shares(VIRTUAL))?.0, tokens.plus(Tokens(1))?.0).map(Shares)
}

/// `part` of a pot's shares is worth `minimum` tokens or more: `tokens_for_shares(part) >= minimum`, without a division.
#[inline]
pub const fn worth_at_least(part: Shares, minimum: Tokens, tokens: Tokens, shares: Shares) -> bool {
    match (tokens.0.checked_add(1), shares.0.checked_add(VIRTUAL)) {
        (Some(tokens), Some(shares)) => part.0 as u128 * tokens as u128 >= minimum.0 as u128 * shares as u128,
        // So full a pot has no price.
        _ => false,
    }
}

/// Weight of shares under a lock: what they cost in tokens at the first price, times the multiplier; rounded down.
#[inline]
pub const fn weight_of_shares_floor(shares: Shares, multiplier: Bps) -> Result<Weight> {
    const ONCE: u32 = VIRTUAL as u32 * Bps::WHOLE.0 as u32;
    match narrow(divide(shares.0 as u128 * multiplier.0 as u128, ONCE).0) {
        Ok(weight) => Ok(Weight(weight)),
        Err(Overflow) => Err(Overflow),
    }
}

/// What a weight of shares weighs at the pot's price: tokens times multiplier; rounded down.
#[inline]
pub const fn weight_at_price_floor(weight: Weight, tokens: Tokens, shares: Shares) -> Result<Weight> {
    let (Some(tokens), Some(shares)) = (tokens.0.checked_add(1), shares.0.checked_add(VIRTUAL)) else {
        return Err(Overflow);
    };
    let product = weight.0 as u128 * tokens as u128;
    // Above, a thousand times as much might not fit; no divisor would make less than 2^63 of it.
    if product >> 118 != 0 {
        return Err(Overflow);
    }
    match narrow(product * VIRTUAL as u128 / shares as u128) {
        Ok(weight) => Ok(Weight(weight)),
        Err(Overflow) => Err(Overflow),
    }
}

#[cfg(test)]
mod tests {
    use {super::*, proptest::prelude::*};

    proptest! {
        #[test]
        fn a_round_trip_never_gains(deposit in 0u64..1 << 50, tokens in 0u64..1 << 50, shares in 0u64..1 << 50) {
            // The pot grew by slashing or rewards to any ratio; what comes out is at most what went in.
            if let Ok(mine) = shares_for_deposit(Tokens(deposit), Tokens(tokens), Shares(shares))
                && let (Ok(t), Ok(s)) = (Tokens(tokens).plus(Tokens(deposit)), Shares(shares).plus(mine))
            {
                prop_assert!(tokens_for_shares(mine, t, s).unwrap().0 <= deposit);
            }
        }

        #[test]
        fn withdrawal_costs_at_least_its_worth(out in 1u64..1 << 40, tokens in 1u64..1 << 50, shares in 1u64..1 << 50) {
            if let Ok(cost) = shares_for_withdrawal(Tokens(out), Tokens(tokens), Shares(shares)) {
                prop_assert!(tokens_for_shares(cost, Tokens(tokens), Shares(shares)).unwrap().0 >= out);
            }
        }

        #[test]
        fn inflating_the_first_share_never_pays(seed in 1u64..1_000, gift in 1u64..1 << 40, victim in 1u64..1 << 40) {
            let mine = shares_for_deposit(Tokens(seed), Tokens(0), Shares(0)).unwrap();
            let pot = Tokens(seed + gift);
            let theirs = shares_for_deposit(Tokens(victim), pot, mine).unwrap();
            let (pot, shares) = (Tokens(pot.0 + victim), mine.plus(theirs).unwrap());
            prop_assert!(tokens_for_shares(mine, pot, shares).unwrap().0 <= seed + gift);
        }
    }

    proptest! {
        #[test]
        fn the_comparison_is_the_division(
            part in any::<u64>(), minimum in any::<u64>(), tokens in 0..u64::MAX, shares in 0..u64::MAX - VIRTUAL,
        ) {
            let close = tokens_for_shares(Shares(part), Tokens(tokens), Shares(shares)).map_or(minimum, |worth| worth.0);
            for minimum in [minimum, close, close.saturating_add(1), close.saturating_sub(1)] {
                let exact = part as u128 * (tokens as u128 + 1) / (shares as u128 + VIRTUAL as u128) >= minimum as u128;
                prop_assert_eq!(worth_at_least(Shares(part), Tokens(minimum), Tokens(tokens), Shares(shares)), exact);
            }
        }

        #[test]
        fn weights_are_tokens_times_multiplier(tokens in 0u64..1 << 50, multiplier in 10_000u16..=40_000, part in 0u64..=1_000) {
            // At the first price and at any after a slash, a holder of all shares weighs what the pot holds.
            let shares = Shares(tokens * 1_000);
            let weight = weight_of_shares_floor(shares, Bps(multiplier)).unwrap();
            prop_assert_eq!(weight.0, (tokens as u128 * multiplier as u128 / 10_000) as u64);
            let left = Tokens(tokens / 1_000 * part);
            let now = weight_at_price_floor(weight, left, shares).unwrap().0 as u128;
            let exact = left.0 as u128 * multiplier as u128 / 10_000;
            prop_assert!(now <= exact + 4 && now + 5 >= exact, "{now} {exact}");
        }
    }

    #[test]
    fn an_untouched_pot_keeps_its_price() {
        let shares = shares_for_deposit(Tokens(500), Tokens(0), Shares(0)).unwrap();
        assert_eq!(shares, Shares(500_000));
        assert_eq!(tokens_for_shares(shares, Tokens(500), shares), Ok(Tokens(500)));
    }
}

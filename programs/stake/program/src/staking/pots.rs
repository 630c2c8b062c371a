//! What can happen to a provider's stake. After each step, for the pool and for each provider:
//!
//! - `vault = sum(own + bonded + delegated.tokens + unbonding.tokens + withheld.tokens + slashed + treasury_due) + rewards`, or
//!   more if someone sent tokens there unasked;
//! - `delegated.shares = sum(delegations' shares)`, and all shares together are worth at most `delegated.tokens`;
//! - all tickets and seized bonds, `ticket_count` of them, are worth at most `unbonding.tokens`; likewise those of what is withheld;
//! - `bonded = sum(bonds' amounts)`, `lien <= bonded` and `locked <= own`;
//! - a pot without shares or tickets has no tokens.
//!
//! The provider's own stake is tokens, which jobs hold or not. Only own stake backs jobs, so only the provider loses by a seizure.
//!
//! Delegators own shares at a price that only slashes change ([`joule_math::tokens_for_shares`]). Every rounding is against whoever
//! moves, and what it leaves in a pot is nobody's until the last owner takes it, so nobody can raise the price.
//!
//! What leaves is remembered as tokens at the price of that moment. When slashes make the price of the unbonding pot small, it is
//! scaled up, and a part of an older scale is scaled down: leaving never depends on what slashes did to those who left before.

use {
    crate::{Result, staking::is_own},
    joule_common::guard::require,
    joule_interface::Fault,
    joule_math::{
        PRICE_ONE, Timestamp, Tokens, U128, mul_div_ceil, mul_div_floor, price_after_loss_floor, shares_for_deposit,
        shares_for_withdrawal, tokens_for_shares,
    },
    joule_stake_interface::{
        StakeError,
        state::{Delegation, PoolPolicy, Pot, Provider, Slash, UnbondingPart, UnbondingPot},
    },
};

/// All of what a delegation is worth.
pub const ALL: Tokens = Tokens::MAX;

/// Lowest price of the unbonding pot: below, it is scaled up.
const LEAST_UNBONDING_PRICE: u64 = PRICE_ONE >> UnbondingPot::SCALE_BITS;

/// All of the stake stays ([`Provider::staying`]).
pub const ALL_STAY: u64 = PRICE_ONE;
/// By so much `staying_scale` rises when nobody stays: none of what was proposed before is of who comes later.
const NOBODY_STAYS: u32 = 128;

/// Puts tokens behind a provider: into its own stake, or into the delegated pot for shares. Own stake counts for what the pool and
/// markets ask from `stands_at`.
#[inline(always)]
pub fn stake(
    provider: &mut Provider,
    delegation: &mut Delegation,
    tokens: Tokens,
    now: Timestamp,
    stands_at: Timestamp,
) -> Result<()> {
    require(!tokens.is_zero(), Fault::ZeroAmount)?;
    if is_own(provider, delegation) {
        provider.own = provider.own.plus(tokens)?;
        provider.ripen(now);
        // What is there first does not wait for what comes while it waits: all counts after two standing periods at most, however
        // often more comes.
        let is_first = provider.fresh.is_zero() || provider.fresh_ends_at == stands_at;
        let (fresh, ends_at) = if is_first {
            (&mut provider.fresh, &mut provider.fresh_ends_at)
        } else {
            (&mut provider.newer, &mut provider.newer_ends_at)
        };
        *fresh = fresh.plus(tokens)?;
        *ends_at = (*ends_at).max(stands_at);
        return Ok(());
    }
    let shares = buy(&mut provider.delegated, tokens)?;
    delegation.shares = U128::new(delegation.shares.get() + shares);
    Ok(())
}

/// Takes tokens of a delegation out, to the unbonding pot; for [`ALL`], all that can leave. Returns them. `held` of own stake is
/// locked.
#[inline(always)]
pub fn unstake(
    provider: &mut Provider,
    delegation: &mut Delegation,
    amount: Tokens,
    held: Tokens,
) -> Result<UnbondingPart> {
    let tokens = if is_own(provider, delegation) {
        let unlocked = provider.own.minus(held)?;
        // What proposed slashes are to take stays free: otherwise they would take it of bonds, and of the jobs' clients.
        let unslashed = if provider.slash_pending.is_zero() { provider.own } else { provider.unslashed()? };
        let free = unlocked.min(unslashed);
        let all = if free.is_zero() { provider.own } else { free };
        let tokens = if amount == ALL { all } else { amount };
        provider.own.minus(tokens).map_err(|_| StakeError::InsufficientStake)?;
        require(tokens <= unlocked, StakeError::Locked)?;
        require(tokens <= unslashed, StakeError::SlashPending)?;
        provider.own = provider.own.minus(tokens)?;
        provider.locked = provider.locked.min(provider.own);
        // What came last leaves first: what stays has been there all the time.
        let newer = provider.newer.min(tokens);
        provider.newer = provider.newer.minus(newer)?;
        provider.fresh = Tokens(provider.fresh.0.saturating_sub(tokens.minus(newer)?.0));
        tokens
    } else {
        redeem(&mut provider.delegated, delegation, amount)?
    };
    require(!tokens.is_zero(), Fault::ZeroAmount)?;
    enter(&mut provider.unbonding, tokens)
}

/// Gives up all shares of a delegation, which must be worth nothing.
#[inline(always)]
pub fn give_up(provider: &mut Provider, delegation: &mut Delegation) -> Result<()> {
    if is_own(provider, delegation) {
        return require(provider.own.is_zero() && provider.bonded.is_zero(), StakeError::NotEmpty);
    }
    require(delegation.worth(provider)?.is_zero(), StakeError::NotEmpty)?;
    // The last one takes what rounding left; then it is worth something.
    require(redeem(&mut provider.delegated, delegation, ALL)?.is_zero(), StakeError::NotEmpty)
}

/// Takes a part out of the pot that it is in. Returns what it is worth: nothing, if slashes took all of it.
#[inline(never)]
pub fn leave(provider: &mut Provider, part: &UnbondingPart) -> Result<Tokens> {
    let tokens = provider.worth(part)?;
    let pot = if part.withheld == 0 { &mut provider.unbonding } else { &mut provider.withheld };
    pot.tokens = pot.tokens.minus(tokens)?;
    pot.ticket_count = pot.ticket_count.checked_sub(1).ok_or(Fault::Overflow)?;
    Ok(tokens)
}

/// Takes a part out whose time has come, but for what proposed slashes may take of it: the part becomes this, and is withheld until
/// they are decided. Returns the tokens, and what is withheld.
///
/// Who stays pays no more because others left: `staying` tells how much of each proposal is theirs, and the rest is withheld.
///
/// All that is withheld is one pot. So its parts wait until none of it can be taken, or until all has been decided for which they
/// were withheld: who takes a part of its own out before leaves its loss to the others.
#[inline(never)]
pub fn leave_but_for_slashes(
    policy: &PoolPolicy,
    provider: &mut Provider,
    part: &mut UnbondingPart,
    withdrawable_at: &mut Timestamp,
    now: Timestamp,
) -> Result<(Tokens, Tokens)> {
    let is_due = now >= *withdrawable_at;
    if part.withheld == 0 {
        require(is_due, StakeError::NotWithdrawable)?;
    } else {
        require(is_due || provider.withheld_liable.is_zero(), StakeError::SlashPending)?;
    }
    let (worth, all) = (provider.worth(part)?, provider.stake()?);
    let held = provider.held_back(part, worth)?;
    if held.is_zero() {
        return Ok((leave(provider, part)?, held));
    }
    let paid = worth.minus(held)?;
    require(!paid.is_zero(), StakeError::SlashPending)?;
    if part.withheld == 0 {
        who_stays(provider, all.minus(worth)?, all);
        provider.withheld_liable = provider.withheld_liable.plus(held)?;
        *withdrawable_at = now.after(policy.slash_delay)?.after(policy.slash_execution_window)?;
    }
    leave(provider, part)?;
    *part = UnbondingPart { withheld: 1, ..enter(&mut provider.withheld, held)? };
    Ok((paid, held))
}

/// Of all that a slash can reach, only so much is left. Rounded up.
#[inline(always)]
fn who_stays(provider: &mut Provider, left: Tokens, all: Tokens) {
    let scales = if left.is_zero() {
        provider.staying = ALL_STAY;
        NOBODY_STAYS
    } else {
        // The quotient has 62 bits at least; the dividend 127 at most.
        let product = provider.staying as u128 * left.0 as u128;
        let scales = product.leading_zeros().saturating_sub(all.0.leading_zeros() + 2);
        provider.staying = (product << scales).div_ceil(all.0 as u128) as u64;
        scales
    };
    provider.staying_scale = provider.staying_scale.wrapping_add(scales);
}

/// What a proposal takes of those who did not leave since. Rounded up.
#[inline(always)]
fn of_who_stays(provider: &Provider, slash: &Slash) -> u128 {
    let scales = provider.staying_scale.wrapping_sub(slash.staying_scale);
    if scales >= NOBODY_STAYS {
        return 0;
    }
    let unscaled = (slash.amount.0 as u128 * provider.staying as u128).div_ceil(slash.staying.max(1) as u128);
    unscaled.div_ceil(1 << scales)
}

/// Takes out of account what is withheld for a proposal that is decided. Returns how much that is.
#[inline(never)]
pub fn take_withheld(provider: &mut Provider, slash: &Slash) -> Result<Tokens> {
    if provider.withheld_liable.is_zero() {
        return Ok(Tokens::ZERO);
    }
    let of_who_stays = of_who_stays(provider, slash).min(slash.amount.0 as u128) as u64;
    let withheld = slash.amount.minus(Tokens(of_who_stays))?.min(provider.withheld_liable);
    provider.withheld_liable = provider.withheld_liable.minus(withheld)?;
    Ok(withheld)
}

/// Sets free own tokens aside for a job.
#[inline(always)]
pub fn bond(provider: &mut Provider, amount: Tokens) -> Result<()> {
    require(!amount.is_zero(), Fault::ZeroAmount)?;
    require(amount <= provider.available()?, StakeError::InsufficientStake)?;
    provider.own = provider.own.minus(amount)?;
    provider.bonded = provider.bonded.plus(amount)?;
    Ok(())
}

/// Gives bonded tokens free again, after what executed slashes wait for.
#[inline(always)]
pub fn release(provider: &mut Provider, amount: Tokens) -> Result<()> {
    let due = provider.lien.min(amount);
    collect(provider, amount, due)?;
    provider.own = provider.own.plus(amount.minus(due)?)?;
    Ok(())
}

/// Takes bonded tokens away. Returns what executed slashes took of them, in proportion: the receiver gets the rest.
#[inline(always)]
pub fn seize(provider: &mut Provider, amount: Tokens) -> Result<Tokens> {
    if provider.lien.is_zero() {
        provider.bonded = provider.bonded.minus(amount)?;
        return Ok(Tokens::ZERO);
    }
    let due = Tokens(mul_div_ceil(provider.lien.0, amount.0, provider.bonded.0)?);
    collect(provider, amount, due)?;
    Ok(due)
}

/// Takes tokens out of bonds, `due` of them for slashes that were executed.
#[inline(always)]
fn collect(provider: &mut Provider, amount: Tokens, due: Tokens) -> Result<()> {
    provider.bonded = provider.bonded.minus(amount)?;
    provider.lien = provider.lien.minus(due)?;
    provider.slashed = provider.slashed.plus(due)?;
    Ok(())
}

/// Puts seized tokens into the unbonding pot, for a job's client, beside what was seized for it before.
#[inline(always)]
pub fn seize_for_client(provider: &mut Provider, seized: &mut UnbondingPart, tokens: Tokens) -> Result<()> {
    if tokens.is_zero() {
        return Ok(());
    }
    let before = if seized.price == 0 { Tokens::ZERO } else { leave(provider, seized)? };
    *seized = enter(&mut provider.unbonding, before.plus(tokens)?)?;
    Ok(())
}

/// What a slash took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loss {
    /// Of the provider's own stake.
    pub own: Tokens,
    /// Of its delegators.
    pub delegated: Tokens,
    /// Of what is on its way out.
    pub unbonding: Tokens,
    /// Part of `own` that jobs hold, to be collected when their bonds end.
    pub lien: Tokens,
    /// Of what was withheld of those who left.
    pub withheld: Tokens,
}

/// Takes `withheld` tokens of what is withheld, and up to `amount` from all that backs the provider, the same part of each; the
/// provider pays the odd unit.
#[inline(always)]
pub fn slash(provider: &mut Provider, amount: Tokens, withheld: Tokens) -> Result<Loss> {
    lose_unbonding(&mut provider.withheld, withheld)?;
    provider.slashed = provider.slashed.plus(withheld)?;
    let (own, all) = (provider.own_stake()?, provider.stake()?);
    if all.is_zero() {
        return Ok(Loss { withheld, ..Loss::default() });
    }
    let amount = amount.min(all);
    let from_own = Tokens(mul_div_ceil(amount.0, own.0, all.0)?);
    let (rest, others) = (amount.minus(from_own)?, all.minus(own)?);
    let from_unbonding = match others {
        Tokens::ZERO => Tokens::ZERO,
        _ => Tokens(mul_div_floor(rest.0, provider.unbonding.tokens.0, others.0)?),
    };
    let from_delegated = rest.minus(from_unbonding)?;

    let paid = from_own.min(provider.own);
    let lien = from_own.minus(paid)?;
    provider.own = provider.own.minus(paid)?;
    provider.locked = provider.locked.min(provider.own);
    provider.lien = provider.lien.plus(lien)?;
    lose(&mut provider.delegated, from_delegated)?;
    lose_unbonding(&mut provider.unbonding, from_unbonding)?;
    provider.slashed = provider.slashed.plus(paid)?.plus(rest)?;
    Ok(Loss { own: from_own, delegated: from_delegated, unbonding: from_unbonding, lien, withheld })
}

/// Takes tokens from all shares alike.
#[inline(always)]
fn lose(pot: &mut Pot, tokens: Tokens) -> Result<()> {
    if tokens.is_zero() {
        return Ok(());
    }
    let left = pot.tokens.minus(tokens)?;
    pot.price = price_after_loss_floor(pot.price, left, pot.tokens)?;
    pot.tokens = left;
    Ok(())
}

/// Takes tokens from all tickets alike.
#[inline(never)]
fn lose_unbonding(pot: &mut UnbondingPot, tokens: Tokens) -> Result<()> {
    if tokens.is_zero() {
        return Ok(());
    }
    let (held, left) = (pot.tokens, pot.tokens.minus(tokens)?);
    pot.tokens = left;
    if left.is_zero() {
        pot.price = PRICE_ONE;
        pot.scale = pot.scale.wrapping_add(UnbondingPot::WORTHLESS_AFTER);
        return Ok(());
    }
    let product = pot.price as u128 * left.0 as u128;
    for scales in 0..=2 {
        // Each time the last quotient was below 2^31: the product is below 2^95, then below 2^63.
        let price = (product << (UnbondingPot::SCALE_BITS * scales)) / held.0 as u128;
        if price >= LEAST_UNBONDING_PRICE as u128 || scales == 2 {
            pot.price = price as u64;
            pot.scale = pot.scale.wrapping_add(scales);
            break;
        }
    }
    Ok(())
}

/// Puts tokens into a pot for shares, rounded down.
#[inline(always)]
fn buy(pot: &mut Pot, tokens: Tokens) -> Result<u128> {
    if pot.shares.get() == 0 {
        pot.price = PRICE_ONE;
    }
    require(pot.price >= Pot::LEAST_PRICE, StakeError::PotWornOut)?;
    let shares = shares_for_deposit(tokens, pot.price)?;
    pot.tokens = pot.tokens.plus(tokens)?;
    pot.shares = U128::new(pot.shares.get() + shares);
    Ok(shares)
}

/// Takes tokens out of a pot for a delegation's shares, rounded up; the last shares take all that is left.
#[inline(never)]
fn redeem(pot: &mut Pot, delegation: &mut Delegation, amount: Tokens) -> Result<Tokens> {
    let own = delegation.shares.get();
    let worth = if own == pot.shares.get() { pot.tokens } else { tokens_for_shares(own, pot.price)? };
    let (tokens, shares) = match amount {
        ALL => (worth, own),
        amount if amount == worth => (worth, own),
        amount => {
            require(amount < worth, StakeError::InsufficientShares)?;
            // One share is left at least: what rounding left in the pot is the last owner's as well.
            (amount, shares_for_withdrawal(amount, pot.price)?.min(own - 1))
        }
    };
    pot.tokens = pot.tokens.minus(tokens)?;
    pot.shares = U128::new(pot.shares.get() - shares);
    delegation.shares = U128::new(own - shares);
    Ok(tokens)
}

/// Puts tokens into the unbonding pot.
#[inline(always)]
fn enter(pot: &mut UnbondingPot, tokens: Tokens) -> Result<UnbondingPart> {
    if pot.ticket_count == 0 {
        pot.price = PRICE_ONE;
    }
    pot.tokens = pot.tokens.plus(tokens)?;
    pot.ticket_count = pot.ticket_count.checked_add(1).ok_or(Fault::Overflow)?;
    Ok(UnbondingPart { tokens, price: pot.price, scale: pot.scale, withheld: 0, reserved: [0; 3] })
}

#[cfg(test)]
mod tests {
    use {super::*, joule_interface::Address};

    const NOW: Timestamp = Timestamp(1_000);

    fn delegation(owner: u8) -> Delegation {
        Delegation { owner: Address::new_from_array([owner; 32]), ..Delegation::default() }
    }

    /// A provider with own stake, delegated stake, and a delegation of the latter.
    fn staked(own: u64, delegated: u64) -> (Provider, Delegation, Delegation) {
        let mut provider = Provider { authority: Address::new_from_array([1; 32]), ..Provider::default() };
        let (mut mine, mut theirs) = (delegation(1), delegation(2));
        for (delegation, tokens) in [(&mut mine, own), (&mut theirs, delegated)] {
            if tokens > 0 {
                stake(&mut provider, delegation, Tokens(tokens), NOW, Timestamp(1_001)).unwrap();
            }
        }
        (provider, mine, theirs)
    }

    #[test]
    fn what_stays_has_been_there_all_the_time() {
        let (mut provider, mut mine, _) = staked(50, 0);
        let later = Timestamp(2_000);
        assert!(provider.has_own(Tokens(50), later) && !provider.has_own(Tokens(1), NOW));
        // Borrowed stake does not stand, and takes nothing with it when it leaves.
        stake(&mut provider, &mut mine, Tokens(70), later, Timestamp(2_001)).unwrap();
        assert!(provider.has_own(Tokens(50), later) && !provider.has_own(Tokens(51), later));
        unstake(&mut provider, &mut mine, Tokens(70), Tokens::ZERO).unwrap();
        assert!(provider.has_own(Tokens(50), later));
        unstake(&mut provider, &mut mine, Tokens(1), Tokens::ZERO).unwrap();
        assert!(!provider.has_own(Tokens(50), later));
    }

    #[test]
    fn stake_that_comes_each_day_counts_after_two_periods() {
        // A period of seven days; one token a day.
        let (mut provider, mut mine, _) = staked(0, 0);
        for day in 0..60 {
            stake(&mut provider, &mut mine, Tokens(1), Timestamp(day), Timestamp(day + 7)).unwrap();
            let counts =
                (0..=provider.own.0).rev().find(|own| provider.has_own(Tokens(*own), Timestamp(day))).unwrap() as i64;
            assert!(counts <= (day - 6).max(0) && counts >= (day - 13).max(0), "{day}: {counts}");
        }
        // What leaves is the newest.
        let now = Timestamp(59);
        let counts = (0..=60).rev().find(|own| provider.has_own(Tokens(*own), now)).unwrap();
        unstake(&mut provider, &mut mine, Tokens(60 - counts), Tokens::ZERO).unwrap();
        assert!(provider.has_own(Tokens(counts), now) && (provider.fresh, provider.newer) == Default::default());
    }

    #[test]
    fn a_lien_is_collected_whole_whatever_ends_first() {
        for seized in [0, 1, 7, 33, 60] {
            let (mut provider, ..) = staked(100, 100);
            bond(&mut provider, Tokens(40)).unwrap();
            bond(&mut provider, Tokens(60)).unwrap();
            let loss = slash(&mut provider, Tokens(101), Tokens::ZERO).unwrap();
            assert_eq!((loss.own, loss.lien, loss.delegated), (Tokens(51), Tokens(51), Tokens(50)));
            let due = seize(&mut provider, Tokens(seized)).unwrap();
            release(&mut provider, Tokens(60 - seized)).unwrap();
            release(&mut provider, Tokens(40)).unwrap();
            assert_eq!((provider.lien, provider.bonded), (Tokens(0), Tokens(0)));
            assert_eq!(provider.slashed, Tokens(101));
            assert_eq!(provider.own.0 + seized - due.0, 49);
        }
    }

    #[test]
    fn the_last_owner_takes_what_rounding_left() {
        let (mut provider, _, mut theirs) = staked(0, 10);
        slash(&mut provider, Tokens(7), Tokens::ZERO).unwrap();
        assert_eq!(theirs.worth(&provider), Ok(Tokens(2)), "rounded down");
        assert_eq!(unstake(&mut provider, &mut theirs, Tokens(2), Tokens::ZERO).unwrap().tokens, Tokens(2));
        assert_eq!(unstake(&mut provider, &mut theirs, ALL, Tokens::ZERO).unwrap().tokens, Tokens(1));
        assert_eq!((provider.delegated.tokens, provider.delegated.shares), (Tokens(0), U128::new(0)));
    }

    #[test]
    fn a_pot_of_any_price_above_the_lowest_holds_a_whole_supply() {
        let (mut provider, _, mut theirs) = staked(0, 1 << 21);
        // To the lowest price at which it takes stake, or just above.
        slash(&mut provider, Tokens((1 << 21) - 3), Tokens::ZERO).unwrap();
        let left = provider.delegated.tokens;
        let mut last = delegation(3);
        let all = Tokens(u64::MAX - left.0);
        stake(&mut provider, &mut last, all, NOW, NOW).unwrap();
        assert!(unstake(&mut provider, &mut last, ALL, Tokens::ZERO).unwrap().tokens.0 >= all.0 - 1);
        assert!(unstake(&mut provider, &mut theirs, ALL, Tokens::ZERO).unwrap().tokens >= left);
        assert_eq!(provider.unbonding.tokens, Tokens::MAX);
    }

    #[test]
    fn a_proposal_knows_who_stays_however_many_left_since() {
        let (mut provider, ..) = staked(0, 0);
        let propose = |provider: &Provider| {
            let Provider { staying, staying_scale, .. } = *provider;
            Slash { amount: Tokens(u64::MAX), staying, staying_scale, ..Slash::default() }
        };
        provider.staying = ALL_STAY;
        let first = propose(&provider);
        for leavings in 1..30u32 {
            let before = propose(&provider);
            who_stays(&mut provider, Tokens(1), Tokens(1 << 10));
            assert_eq!(of_who_stays(&provider, &before), 1 << 54);
            let exact = (1u128 << 64).checked_shr(10 * leavings).unwrap_or(0).max(1);
            assert_eq!(of_who_stays(&provider, &first), if leavings < 13 { exact } else { 0 });
        }
        // When all have left, nothing proposed before is of who comes.
        let before = propose(&provider);
        who_stays(&mut provider, Tokens(0), Tokens(7));
        assert_eq!((provider.staying, of_who_stays(&provider, &before)), (ALL_STAY, 0));
        let after = propose(&provider);
        who_stays(&mut provider, Tokens(2), Tokens(3));
        let exact = u64::MAX as u128 / 3 * 2;
        assert!((exact..exact + 4).contains(&of_who_stays(&provider, &after)));
        who_stays(&mut provider, Tokens(1), Tokens::MAX);
        assert_eq!(of_who_stays(&provider, &after), 1);
    }

    #[test]
    fn tickets_survive_any_number_of_scales() {
        let (mut provider, mut mine, _) = staked(1 << 60, 0);
        let first = unstake(&mut provider, &mut mine, Tokens(1 << 59), Tokens::ZERO).unwrap();
        let second = unstake(&mut provider, &mut mine, ALL, Tokens::ZERO).unwrap();
        // Each slash leaves a two-thousandth.
        for slashes in 1..8 {
            let left = provider.unbonding.tokens.0 >> 11;
            let all = provider.unbonding.tokens.0;
            slash(&mut provider, Tokens(all - left), Tokens::ZERO).unwrap();
            let worths = [first, second].map(|part| provider.unbonding.worth(&part).unwrap().0);
            let exact = (1u64 << 59).checked_shr(11 * slashes).unwrap_or(0);
            assert!(worths.iter().all(|worth| *worth <= exact && worth + 1 >= exact), "{slashes}: {worths:?} {exact}");
            assert!(provider.unbonding.price >= LEAST_UNBONDING_PRICE);
        }
        let mut own = delegation(1);
        stake(&mut provider, &mut own, Tokens(7), NOW, NOW).unwrap();
        let third = unstake(&mut provider, &mut own, ALL, Tokens::ZERO).unwrap();
        assert_eq!(provider.unbonding.worth(&third), Ok(Tokens(7)));
    }
}

//! What may happen to a provider's pots. After each step, for the pool and for each provider:
//!
//! - `vault = sum(active.tokens + unbonding.tokens)`, or more if someone sent tokens there unasked;
//! - `active.shares = sum(delegations' shares)`, `unbonding.shares = sum(tickets' shares)`;
//! - `self_shares` = the shares of the authority's own delegation;
//! - `bonded = sum(bonds' amounts) <= active.tokens`;
//! - a pot without shares has no tokens.
//!
//! Shares are bought and redeemed at the price of `joule_math`'s virtual shares: `tokens + 1` over `shares + 1000`. It
//! starts at a thousandth of a token. Only rounding raises it, by less than a token that whoever buys or leaves gives up,
//! so to make a share cost one token, and the next buyer's rounding lose as much, takes a thousand such steps. Each step
//! rounds against who takes it, and so never lowers the price for those who stay.
//!
//! Dust, what rounding left in a pot, belongs to those who stay; the last to leave takes it all. An empty pot is empty,
//! and starts again at the first price.
//!
//! At the first price a pot holds 2^64 / 1000 tokens; buying into a full one is an overflow.

use {
    crate::Result,
    joule_common::{guard, guard::require},
    joule_interface::Fault,
    joule_math::{Shares, Tokens, shares_for_deposit, tokens_for_shares},
    joule_stake_interface::{
        StakeError,
        state::{Delegation, Pot, Provider},
    },
};

/// Puts tokens behind a provider. The active pot grows by the tokens, and its shares and the delegation's by what they
/// bought.
#[inline(always)]
pub fn stake(provider: &mut Provider, delegation: &mut Delegation, tokens: Tokens) -> Result<Shares> {
    let shares = buy(&mut provider.active, tokens)?;
    delegation.shares = delegation.shares.plus(shares)?;
    if is_own(provider, delegation) {
        provider.self_shares = provider.self_shares.plus(shares)?;
    }
    Ok(shares)
}

/// Moves what `shares` of a delegation are worth from the active to the unbonding pot: the sum of both pots' tokens
/// stays, and what is bonded stays in the active one. Returns the tokens, and the shares that they bought.
#[inline(always)]
pub fn unstake(provider: &mut Provider, delegation: &mut Delegation, shares: Shares) -> Result<(Tokens, Shares)> {
    delegation.shares = delegation.shares.minus(shares).map_err(|_| StakeError::InsufficientShares)?;
    if is_own(provider, delegation) {
        provider.self_shares = provider.self_shares.minus(shares)?;
    }
    let tokens = redeem(&mut provider.active, shares)?;
    require(provider.active.tokens >= provider.bonded, StakeError::InsufficientStake)?;
    Ok((tokens, buy(&mut provider.unbonding, tokens)?))
}

/// Takes a ticket's shares out of the unbonding pot, which shrinks by what they are worth: nothing, if it was slashed
/// away.
#[inline(always)]
pub fn withdraw(provider: &mut Provider, shares: Shares) -> Result<Tokens> {
    redeem(&mut provider.unbonding, shares)
}

/// What the authority's own shares are worth, rounded down.
#[inline(always)]
pub fn self_stake(provider: &Provider) -> Result<Tokens> {
    Ok(tokens_for_shares(provider.self_shares, provider.active.tokens, provider.active.shares)?)
}

/// Sets free tokens of the active pot aside: they stay in it, and in the price of its shares.
#[inline(always)]
pub fn bond(provider: &mut Provider, amount: Tokens) -> Result<()> {
    require(!amount.is_zero(), Fault::ZeroAmount)?;
    require(provider.free().is_ok_and(|free| amount <= free), StakeError::InsufficientStake)?;
    provider.bonded = provider.bonded.plus(amount)?;
    Ok(())
}

/// Gives bonded tokens free again.
#[inline(always)]
pub fn release(provider: &mut Provider, amount: Tokens) -> Result<()> {
    provider.bonded = provider.bonded.minus(amount)?;
    Ok(())
}

/// The delegation is the provider's own stake.
#[inline(always)]
fn is_own(provider: &Provider, delegation: &Delegation) -> bool {
    guard::eq(&delegation.owner, &provider.authority)
}

/// Puts tokens into a pot for shares, rounded down; none is refused.
#[inline(always)]
fn buy(pot: &mut Pot, tokens: Tokens) -> Result<Shares> {
    let shares = shares_for_deposit(tokens, pot.tokens, pot.shares)?;
    require(!shares.is_zero(), Fault::ZeroAmount)?;
    pot.tokens = pot.tokens.plus(tokens)?;
    pot.shares = pot.shares.plus(shares)?;
    // The next step's price has to fit as well, or nobody could leave a pot that someone filled to the brim.
    shares_for_deposit(Tokens::ZERO, pot.tokens, pot.shares)?;
    Ok(shares)
}

/// Takes what shares of a pot are worth out of it, rounded down; for its last shares, all that is left.
#[inline(always)]
fn redeem(pot: &mut Pot, shares: Shares) -> Result<Tokens> {
    let tokens = if shares == pot.shares { pot.tokens } else { tokens_for_shares(shares, pot.tokens, pot.shares)? };
    pot.tokens = pot.tokens.minus(tokens)?;
    pot.shares = pot.shares.minus(shares)?;
    Ok(tokens)
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        joule_interface::{Address, bytemuck::Zeroable},
        joule_math::mul_div_floor,
        proptest::prelude::*,
    };

    const OWNERS: usize = 4;

    /// One provider, whose own stake is the first delegation, and the vault.
    #[derive(Clone)]
    struct World {
        provider: Provider,
        delegations: [Delegation; OWNERS],
        tickets: Vec<Shares>,
        bonds: Vec<Tokens>,
        vault: u64,
    }

    #[derive(Clone, Debug)]
    enum Step {
        Stake {
            owner: usize,
            tokens: u64,
        },
        Unstake {
            owner: usize,
            part: u64,
        },
        Withdraw {
            ticket: usize,
        },
        Bond {
            part: u64,
        },
        Release {
            bond: usize,
        },
        /// Of both pots, all but this part (of a million) is lost: what slashing will do, to reach any price.
        Slash {
            keep: u64,
        },
    }

    const MILLION: u64 = 1_000_000;

    impl World {
        fn new() -> Self {
            let mut world = Self {
                provider: Provider::zeroed(),
                delegations: [Delegation::zeroed(); OWNERS],
                tickets: Vec::new(),
                bonds: Vec::new(),
                vault: 0,
            };
            for (i, delegation) in world.delegations.iter_mut().enumerate() {
                delegation.owner = Address::new_from_array([i as u8; 32]);
            }
            world
        }

        fn take(&mut self, step: &Step) -> Result<()> {
            match *step {
                Step::Stake { owner, tokens } => {
                    stake(&mut self.provider, &mut self.delegations[owner], Tokens(tokens))?;
                    self.vault += tokens;
                }
                Step::Unstake { owner, part } => {
                    let delegation = &mut self.delegations[owner];
                    let shares = Shares(mul_div_floor(delegation.shares.0, part, MILLION)?);
                    self.tickets.push(unstake(&mut self.provider, delegation, shares)?.1);
                }
                Step::Withdraw { ticket } if !self.tickets.is_empty() => {
                    let shares = self.tickets.swap_remove(ticket % self.tickets.len());
                    self.vault -= withdraw(&mut self.provider, shares)?.0;
                }
                Step::Bond { part } => {
                    let amount = Tokens(mul_div_floor(self.provider.active.tokens.0, part, MILLION)?);
                    bond(&mut self.provider, amount)?;
                    self.bonds.push(amount);
                }
                Step::Release { bond } if !self.bonds.is_empty() => {
                    release(&mut self.provider, self.bonds.swap_remove(bond % self.bonds.len()))?;
                }
                Step::Slash { keep } => {
                    for pot in [&mut self.provider.active, &mut self.provider.unbonding] {
                        let kept = Tokens(mul_div_floor(pot.tokens.0, keep, MILLION)?);
                        self.vault -= pot.tokens.0 - kept.0;
                        pot.tokens = kept;
                    }
                    // Whether a slash reaches bonds is its own affair.
                    self.provider.bonded = Tokens::ZERO;
                    self.bonds.clear();
                }
                _ => {}
            }
            Ok(())
        }

        fn check(&self) {
            let Provider { active, unbonding, bonded, self_shares, .. } = self.provider;
            assert_eq!(self.vault, active.tokens.0 + unbonding.tokens.0);
            assert_eq!(active.shares.0, self.delegations.iter().map(|delegation| delegation.shares.0).sum());
            assert_eq!(unbonding.shares.0, self.tickets.iter().map(|shares| shares.0).sum());
            assert_eq!(bonded.0, self.bonds.iter().map(|amount| amount.0).sum());
            assert!(bonded <= active.tokens);
            assert_eq!(self_shares, self.delegations[0].shares);
            for pot in [active, unbonding] {
                assert!(!pot.shares.is_zero() || pot.tokens.is_zero());
            }
        }
    }

    /// The price of `pot` is at least that of `before`, for whoever stays.
    fn no_cheaper(pot: Pot, before: Pot) -> bool {
        let price = |pot: Pot| (pot.tokens.0 as u128 + 1, pot.shares.0 as u128 + 1_000);
        let ((tokens, shares), (tokens_before, shares_before)) = (price(pot), price(before));
        pot.shares.is_zero() || tokens * shares_before >= tokens_before * shares
    }

    fn step(least_kept: u64) -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => (0..OWNERS, prop_oneof![0u64..10, 0u64..1 << 40]).prop_map(|(owner, tokens)| Step::Stake { owner, tokens }),
            4 => (0..OWNERS, prop_oneof![0..=MILLION, Just(MILLION)]).prop_map(|(owner, part)| Step::Unstake { owner, part }),
            3 => any::<usize>().prop_map(|ticket| Step::Withdraw { ticket }),
            2 => (0..=MILLION).prop_map(|part| Step::Bond { part }),
            2 => any::<usize>().prop_map(|bond| Step::Release { bond }),
            1 => (least_kept..=MILLION).prop_map(|keep| Step::Slash { keep }),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn any_history_keeps_the_invariants(steps in prop::collection::vec(step(1), 1..60)) {
            let mut world = World::new();
            for step in &steps {
                let before = world.clone();
                // What fails on chain changes nothing.
                if world.take(step).is_err() {
                    world = before.clone();
                }
                world.check();
                if !matches!(step, Step::Slash { .. }) {
                    prop_assert!(no_cheaper(world.provider.active, before.provider.active), "{step:?}");
                    prop_assert!(no_cheaper(world.provider.unbonding, before.provider.unbonding), "{step:?}");
                }
            }
        }

        #[test]
        fn everyone_can_leave_and_nothing_is_left(steps in prop::collection::vec(step(900_000), 1..60)) {
            let mut world = World::new();
            for step in &steps {
                let before = world.clone();
                if world.take(step).is_err() {
                    world = before;
                }
            }
            while !world.bonds.is_empty() {
                world.take(&Step::Release { bond: 0 }).unwrap();
            }
            // Whose shares are worth less than a token adds some first.
            for owner in 0..OWNERS {
                for tokens in [0, 1, 10, 100] {
                    let before = world.clone();
                    let left = world.take(&Step::Stake { owner, tokens }).is_ok() || tokens == 0;
                    if left && world.take(&Step::Unstake { owner, part: MILLION }).is_ok() {
                        break;
                    }
                    world = before;
                }
            }
            while !world.tickets.is_empty() {
                world.take(&Step::Withdraw { ticket: 0 }).unwrap();
            }
            world.check();
            prop_assert_eq!(world.provider.unbonding, Pot::default());
            prop_assert_eq!(world.provider.active, Pot::default());
            prop_assert_eq!(world.vault, 0);
        }

        #[test]
        fn staking_and_leaving_gains_nothing(
            steps in prop::collection::vec(step(1), 0..30),
            tokens in 1u64..1 << 40,
        ) {
            let mut world = World::new();
            for step in &steps {
                let before = world.clone();
                if world.take(step).is_err() {
                    world = before;
                }
            }
            let mut mine = Delegation::zeroed();
            mine.owner = Address::new_from_array([9; 32]);
            let before = world.provider;
            let others = before.unbonding;
            if stake(&mut world.provider, &mut mine, Tokens(tokens)).is_ok() {
                let shares = mine.shares;
                if let Ok((left, ticket)) = unstake(&mut world.provider, &mut mine, shares) {
                    prop_assert!(left.0 <= tokens);
                    prop_assert!(withdraw(&mut world.provider, ticket).unwrap() <= left);
                    // Who was there before has at least what they had.
                    prop_assert!(world.provider.active.tokens >= before.active.tokens);
                    prop_assert!(world.provider.unbonding.tokens >= others.tokens);
                    prop_assert_eq!(world.provider.active.shares, before.active.shares);
                }
            }
        }

        #[test]
        fn what_is_bonded_cannot_leave(tokens in 1u64..1 << 40, bonded in 1u64..1 << 40, part in 0..=MILLION) {
            let mut world = World::new();
            let World { provider, delegations: [own, ..], .. } = &mut world;
            stake(provider, own, Tokens(tokens)).unwrap();
            if bonded > tokens {
                prop_assert_eq!(bond(provider, Tokens(bonded)), Err(StakeError::InsufficientStake));
                return Ok(());
            }
            bond(provider, Tokens(bonded)).unwrap();
            let shares = Shares(mul_div_floor(own.shares.0, part, MILLION).unwrap());
            let worth = shares.0 / 1_000;
            let expected = match worth {
                _ if worth > tokens - bonded => Some(StakeError::InsufficientStake),
                0 => Some(StakeError::ZeroAmount),
                _ => None,
            };
            prop_assert_eq!(unstake(provider, own, shares).err(), expected);
        }
    }

    fn staked(tokens: u64) -> (Provider, Delegation) {
        let (mut provider, mut delegation) = (Provider::zeroed(), Delegation::zeroed());
        stake(&mut provider, &mut delegation, Tokens(tokens)).unwrap();
        (provider, delegation)
    }

    #[test]
    fn the_first_price_is_a_thousand_shares_a_token() {
        let (mut provider, mut own) = staked(500);
        assert_eq!(own.shares, Shares(500_000));
        assert_eq!(self_stake(&provider), Ok(Tokens(500)));
        assert_eq!(unstake(&mut provider, &mut own, Shares(200_999)), Ok((Tokens(200), Shares(200_000))));
        assert_eq!(provider.active, Pot { tokens: Tokens(300), shares: Shares(299_001) });
        assert_eq!(provider.unbonding, Pot { tokens: Tokens(200), shares: Shares(200_000) });
        assert_eq!(withdraw(&mut provider, Shares(200_000)), Ok(Tokens(200)));
    }

    #[test]
    fn nothing_is_refused() {
        let (mut provider, mut own) = staked(5);
        assert_eq!(stake(&mut provider, &mut own, Tokens(0)), Err(StakeError::ZeroAmount));
        assert_eq!(unstake(&mut provider, &mut own, Shares(0)), Err(StakeError::ZeroAmount));
        assert_eq!(bond(&mut provider, Tokens(0)), Err(StakeError::ZeroAmount));
        // Worth less than a token.
        let (mut provider, mut own) = staked(5);
        assert_eq!(unstake(&mut provider, &mut own, Shares(999)), Err(StakeError::ZeroAmount));
    }

    #[test]
    fn more_than_there_is_is_refused() {
        let (mut provider, mut own) = staked(5);
        assert_eq!(unstake(&mut provider, &mut own, Shares(5_001)), Err(StakeError::InsufficientShares));
        assert_eq!(bond(&mut provider, Tokens(6)), Err(StakeError::InsufficientStake));
        bond(&mut provider, Tokens(2)).unwrap();
        assert_eq!(bond(&mut provider, Tokens(4)), Err(StakeError::InsufficientStake));
        assert_eq!(release(&mut provider, Tokens(3)), Err(StakeError::Overflow));
        assert_eq!(bond(&mut provider, Tokens(3)), Ok(()));
    }

    #[test]
    fn a_full_pot_can_be_left() {
        // Of a thousand shares to a token, and the thousand of nobody, 64 bits hold so many.
        let most = u64::MAX / 1_000 - 1;
        let (mut provider, mut own) = (Provider::zeroed(), Delegation::zeroed());
        assert_eq!(stake(&mut provider, &mut own, Tokens(most + 1)), Err(StakeError::Overflow));
        let (mut provider, mut own) = staked(most - 1);
        let mut other = Delegation::zeroed();
        other.owner = Address::new_from_array([1; 32]);
        stake(&mut provider, &mut other, Tokens(1)).unwrap();
        assert_eq!(unstake(&mut provider, &mut own, Shares((most - 1) * 1_000)).unwrap().0, Tokens(most - 1));
        assert_eq!(unstake(&mut provider, &mut other, Shares(1_000)).unwrap().0, Tokens(1));
    }

    #[test]
    fn the_last_to_leave_takes_the_dust_and_the_pot_starts_again() {
        let (mut provider, mut own) = staked(2);
        let mut other = Delegation::zeroed();
        other.owner = Address::new_from_array([1; 32]);
        stake(&mut provider, &mut other, Tokens(1)).unwrap();
        // 1,999 of 2,000 shares are worth one token: the other's rounding.
        assert_eq!(unstake(&mut provider, &mut own, Shares(1_999)).unwrap().0, Tokens(1));
        assert_eq!(unstake(&mut provider, &mut other, Shares(1_000)).unwrap().0, Tokens(1));
        assert_eq!(provider.active, Pot { tokens: Tokens(1), shares: Shares(1) });
        assert_eq!(unstake(&mut provider, &mut own, Shares(1)).unwrap().0, Tokens(1));
        assert_eq!(provider.active, Pot::default());
        assert_eq!(stake(&mut provider, &mut own, Tokens(7)), Ok(Shares(7_000)));
    }

    #[test]
    fn only_the_authority_s_own_stake_counts_as_its_own() {
        let (mut provider, mut own) = staked(10);
        let mut other = Delegation::zeroed();
        other.owner = Address::new_from_array([1; 32]);
        stake(&mut provider, &mut other, Tokens(90)).unwrap();
        assert_eq!(self_stake(&provider), Ok(Tokens(10)));
        unstake(&mut provider, &mut other, Shares(50_000)).unwrap();
        assert_eq!(self_stake(&provider), Ok(Tokens(10)));
        unstake(&mut provider, &mut own, Shares(4_000)).unwrap();
        assert_eq!(self_stake(&provider), Ok(Tokens(6)));
    }

    #[test]
    fn a_ticket_slashed_to_nothing_pays_nothing() {
        let (mut provider, mut own) = staked(10);
        let (_, ticket) = unstake(&mut provider, &mut own, Shares(10_000)).unwrap();
        provider.unbonding.tokens = Tokens::ZERO;
        assert_eq!(withdraw(&mut provider, ticket), Ok(Tokens::ZERO));
        assert_eq!(provider.unbonding, Pot::default());
    }
}

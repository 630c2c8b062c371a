//! What may happen to a provider's pots. After each step, for the pool and for each provider:
//!
//! - `vault = sum(active.tokens + unbonding.tokens) + rewards`, or more if someone sent tokens there unasked;
//! - `active.shares = sum(delegations' shares)`, `unbonding.shares = sum(shares of tickets of this era)`;
//! - `self_shares` = the shares of the authority's own delegation;
//! - `bonded = sum(bonds' amounts) <= active.tokens`;
//! - a pot without shares has no tokens, and an unbonding pot without tokens has no shares.
//!
//! Shares are bought and redeemed at the price of `joule_math`'s virtual shares: `tokens + 1` over `shares + 1000`. It
//! starts at a thousandth of a token. Only rounding raises it, by less than a token that whoever buys or leaves gives up,
//! so to make a share cost one token, and the next buyer's rounding lose as much, takes a thousand such steps. Each step
//! rounds against who takes it, and so never lowers the price for those who stay.
//!
//! Dust, what rounding left in a pot, belongs to those who stay; the last to leave takes it all. An empty pot is empty,
//! and starts again at the first price.
//!
//! A slash takes tokens, and so lowers the price. At the first price a pot holds 2^64 / 1000 tokens, after a slash to a
//! part `p` of it `p` times as many; buying into a full one is an overflow. Nobody's leaving may depend on that, so an
//! unbonding pot that is emptied starts a new era, without shares, and whoever's ticket is of an older one has nothing.

use {
    crate::Result,
    joule_common::{guard, guard::require},
    joule_interface::Fault,
    joule_math::{Shares, Tokens, mul_div_floor, shares_for_deposit, tokens_for_shares},
    joule_stake_interface::{
        StakeError,
        state::{Delegation, Pot, Provider, UnbondingTicket},
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
    let tokens = take(provider, delegation, shares)?;
    require(provider.active.tokens >= provider.bonded, StakeError::InsufficientStake)?;
    Ok((tokens, buy(&mut provider.unbonding, tokens)?))
}

/// Gives up all shares of a delegation, which must be worth nothing.
#[inline(always)]
pub fn give_up(provider: &mut Provider, delegation: &mut Delegation) -> Result<()> {
    let shares = delegation.shares;
    let worth = take(provider, delegation, shares)?;
    require(worth.is_zero(), StakeError::NotEmpty)
}

/// Takes a ticket's shares out of the unbonding pot, which shrinks by what they are worth: nothing, if it was slashed
/// away.
#[inline(always)]
pub fn withdraw(provider: &mut Provider, ticket: &UnbondingTicket) -> Result<Tokens> {
    if ticket.era != provider.era {
        return Ok(Tokens::ZERO);
    }
    let tokens = redeem(&mut provider.unbonding, ticket.shares)?;
    start_era_if_empty(provider)?;
    Ok(tokens)
}

/// What a ticket is worth now.
#[inline(always)]
pub fn worth(provider: &Provider, ticket: &UnbondingTicket) -> Result<Tokens> {
    if ticket.era != provider.era {
        return Ok(Tokens::ZERO);
    }
    let mut pot = provider.unbonding;
    redeem(&mut pot, ticket.shares)
}

/// Sets free tokens of the active pot aside: they stay in it, and in the price of its shares.
#[inline(always)]
pub fn bond(provider: &mut Provider, amount: Tokens) -> Result<()> {
    require(!amount.is_zero(), Fault::ZeroAmount)?;
    require(amount <= provider.available(), StakeError::InsufficientStake)?;
    provider.bonded = provider.bonded.plus(amount)?;
    Ok(())
}

/// Gives bonded tokens free again.
#[inline(always)]
pub fn release(provider: &mut Provider, amount: Tokens) -> Result<()> {
    provider.bonded = provider.bonded.minus(amount)?;
    Ok(())
}

/// Takes bonded tokens out of the active pot, from all who back it.
#[inline(always)]
pub fn seize(provider: &mut Provider, amount: Tokens) -> Result<()> {
    provider.bonded = provider.bonded.minus(amount)?;
    provider.active.tokens = provider.active.tokens.minus(amount)?;
    Ok(())
}

/// Takes up to `amount` from both pots, as much from each as it holds of both, the odd unit from the unbonding one.
/// Returns what it took from the active and from the unbonding pot.
///
/// What is bonded stays: it is owed to running jobs first. Where that holds the active pot's part back, as great a part
/// of the other is left: who is leaving pays for no one else.
#[inline(always)]
pub fn slash(provider: &mut Provider, amount: Tokens) -> Result<(Tokens, Tokens)> {
    let (active, unbonding) = (provider.active.tokens, provider.unbonding.tokens);
    let all = active.plus(unbonding)?;
    if all.is_zero() {
        return Ok((Tokens::ZERO, Tokens::ZERO));
    }
    let amount = amount.min(all);
    let mut from_active = Tokens(mul_div_floor(amount.0, active.0, all.0)?);
    let mut from_unbonding = amount.minus(from_active)?;
    let free = provider.free()?;
    if from_active > free {
        from_active = free;
        from_unbonding = Tokens(mul_div_floor(unbonding.0, free.0, active.0)?);
    }
    provider.active.tokens = active.minus(from_active)?;
    provider.unbonding.tokens = unbonding.minus(from_unbonding)?;
    start_era_if_empty(provider)?;
    Ok((from_active, from_unbonding))
}

/// See the module: an unbonding pot without tokens has no shares.
#[inline(always)]
fn start_era_if_empty(provider: &mut Provider) -> Result<()> {
    if provider.unbonding.tokens.is_zero() && !provider.unbonding.shares.is_zero() {
        provider.unbonding.shares = Shares::ZERO;
        provider.era = provider.era.checked_add(1).ok_or(Fault::Overflow)?;
    }
    Ok(())
}

/// Takes what shares of a delegation are worth out of the active pot.
#[inline(always)]
fn take(provider: &mut Provider, delegation: &mut Delegation, shares: Shares) -> Result<Tokens> {
    delegation.shares = delegation.shares.minus(shares).map_err(|_| StakeError::InsufficientShares)?;
    if is_own(provider, delegation) {
        provider.self_shares = provider.self_shares.minus(shares)?;
    }
    redeem(&mut provider.active, shares)
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
    let tokens = match shares {
        all if all == pot.shares => pot.tokens,
        // Where a share is worth less than at first, the token of nobody would lift it above its part of the pot.
        part if pot.shares.0 / 1_000 >= pot.tokens.0 => Tokens(mul_div_floor(part.0, pot.tokens.0, pot.shares.0)?),
        part => tokens_for_shares(part, pot.tokens, pot.shares)?,
    };
    pot.tokens = pot.tokens.minus(tokens)?;
    pot.shares = pot.shares.minus(shares)?;
    Ok(tokens)
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        joule_interface::{Address, bytemuck::Zeroable},
        proptest::prelude::*,
    };

    const OWNERS: usize = 4;

    /// One provider, whose own stake is the first delegation, and the vault.
    #[derive(Clone)]
    struct World {
        provider: Provider,
        delegations: [Delegation; OWNERS],
        tickets: Vec<UnbondingTicket>,
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
        Seize {
            bond: usize,
            part: u64,
        },
        /// All but this part (of a million) of what is not bonded.
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
                    let (_, shares) = unstake(&mut self.provider, delegation, shares)?;
                    self.tickets.push(ticket(&self.provider, shares));
                }
                Step::Withdraw { ticket } if !self.tickets.is_empty() => {
                    let ticket = self.tickets.swap_remove(ticket % self.tickets.len());
                    self.vault -= withdraw(&mut self.provider, &ticket)?.0;
                }
                Step::Bond { part } => {
                    let amount = Tokens(mul_div_floor(self.provider.active.tokens.0, part, MILLION)?);
                    bond(&mut self.provider, amount)?;
                    self.bonds.push(amount);
                }
                Step::Release { bond } if !self.bonds.is_empty() => {
                    release(&mut self.provider, self.bonds.swap_remove(bond % self.bonds.len()))?;
                }
                Step::Seize { bond, part } if !self.bonds.is_empty() => {
                    let index = bond % self.bonds.len();
                    let amount = Tokens(mul_div_floor(self.bonds[index].0, part, MILLION)?);
                    seize(&mut self.provider, amount)?;
                    self.bonds[index] = self.bonds[index].minus(amount)?;
                    self.vault -= amount.0;
                }
                Step::Slash { keep } => {
                    let stake = self.provider.stake()?;
                    let amount = stake.minus(Tokens(mul_div_floor(stake.0, keep, MILLION)?))?;
                    let (active, unbonding) = slash(&mut self.provider, amount)?;
                    assert!(active.plus(unbonding)? <= amount);
                    self.vault -= active.0 + unbonding.0;
                }
                _ => {}
            }
            Ok(())
        }

        fn check(&self) {
            let Provider { active, unbonding, bonded, self_shares, .. } = self.provider;
            assert_eq!(self.vault, active.tokens.0 + unbonding.tokens.0);
            assert_eq!(active.shares.0, self.delegations.iter().map(|delegation| delegation.shares.0).sum());
            let tickets = self.tickets.iter().filter(|ticket| ticket.era == self.provider.era);
            assert_eq!(unbonding.shares.0, tickets.map(|ticket| ticket.shares.0).sum());
            assert_eq!(bonded.0, self.bonds.iter().map(|amount| amount.0).sum());
            assert!(bonded <= active.tokens);
            assert_eq!(self_shares, self.delegations[0].shares);
            assert!(!active.shares.is_zero() || active.tokens.is_zero());
            assert_eq!(unbonding.shares.is_zero(), unbonding.tokens.is_zero());
        }
    }

    /// A ticket of the present era.
    fn ticket(provider: &Provider, shares: Shares) -> UnbondingTicket {
        UnbondingTicket { shares, era: provider.era, ..UnbondingTicket::default() }
    }

    /// What the authority's own shares are worth.
    fn self_stake(provider: &Provider) -> Tokens {
        tokens_for_shares(provider.self_shares, provider.active.tokens, provider.active.shares).unwrap()
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
            1 => (any::<usize>(), MILLION - least_kept..=MILLION).prop_map(move |(bond, part)| Step::Seize { bond, part: MILLION - part.min(MILLION - least_kept) }),
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
                if !matches!(step, Step::Slash { .. } | Step::Seize { .. }) {
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
                if let Ok((left, shares)) = unstake(&mut world.provider, &mut mine, shares) {
                    prop_assert!(left.0 <= tokens);
                    let ticket = ticket(&world.provider, shares);
                    prop_assert!(withdraw(&mut world.provider, &ticket).unwrap() <= left);
                    // Who was there before has at least what they had.
                    prop_assert!(world.provider.active.tokens >= before.active.tokens);
                    prop_assert!(world.provider.unbonding.tokens >= others.tokens);
                    prop_assert_eq!(world.provider.active.shares, before.active.shares);
                }
            }
        }

        #[test]
        fn bonded_tokens_cannot_leave(tokens in 1u64..1 << 40, bonded in 1u64..1 << 40, part in 0..=MILLION) {
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
        assert_eq!(self_stake(&provider), Tokens(500));
        assert_eq!(unstake(&mut provider, &mut own, Shares(200_999)), Ok((Tokens(200), Shares(200_000))));
        assert_eq!(provider.active, Pot { tokens: Tokens(300), shares: Shares(299_001) });
        assert_eq!(provider.unbonding, Pot { tokens: Tokens(200), shares: Shares(200_000) });
        let ticket = ticket(&provider, Shares(200_000));
        assert_eq!(withdraw(&mut provider, &ticket), Ok(Tokens(200)));
    }

    #[test]
    fn nothing_valid_is_refused() {
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
        assert_eq!(self_stake(&provider), Tokens(10));
        unstake(&mut provider, &mut other, Shares(50_000)).unwrap();
        assert_eq!(self_stake(&provider), Tokens(10));
        unstake(&mut provider, &mut own, Shares(4_000)).unwrap();
        assert_eq!(self_stake(&provider), Tokens(6));
    }

    #[test]
    fn a_ticket_slashed_to_nothing_pays_nothing_and_hinders_no_other() {
        let (mut provider, mut own) = staked(10);
        let (_, shares) = unstake(&mut provider, &mut own, Shares(10_000)).unwrap();
        let before = ticket(&provider, shares);
        assert_eq!(slash(&mut provider, Tokens(10)), Ok((Tokens(0), Tokens(10))));
        assert_eq!((provider.unbonding, provider.era), (Pot::default(), 1));
        stake(&mut provider, &mut own, Tokens(7)).unwrap();
        let (_, shares) = unstake(&mut provider, &mut own, Shares(7_000)).unwrap();
        assert_eq!(withdraw(&mut provider, &before), Ok(Tokens::ZERO));
        let after = ticket(&provider, shares);
        assert_eq!((worth(&provider, &before), worth(&provider, &after)), (Ok(Tokens(0)), Ok(Tokens(7))));
        assert_eq!(withdraw(&mut provider, &after), Ok(Tokens(7)));
    }

    #[test]
    fn a_slash_takes_from_both_pots_as_they_hold() {
        let (mut provider, mut own) = staked(1_000);
        unstake(&mut provider, &mut own, Shares(250_000)).unwrap();
        assert_eq!(slash(&mut provider, Tokens(100)), Ok((Tokens(75), Tokens(25))));
        // The odd unit comes from the one that is leaving.
        assert_eq!(slash(&mut provider, Tokens(1)), Ok((Tokens(0), Tokens(1))));
        assert_eq!(slash(&mut provider, Tokens(u64::MAX)), Ok((Tokens(675), Tokens(224))));
        // Nothing is left, and the worthless shares can be given up.
        assert_eq!(slash(&mut provider, Tokens(5)), Ok((Tokens(0), Tokens(0))));
        assert_eq!(provider.active, Pot { tokens: Tokens(0), shares: Shares(750_000) });
        assert_eq!(unstake(&mut { provider }, &mut { own }, Shares(750_000)), Err(StakeError::ZeroAmount));
        give_up(&mut provider, &mut own).unwrap();
        assert_eq!(provider.active, Pot::default());
    }

    #[test]
    fn a_slash_leaves_what_jobs_hold() {
        let (mut provider, mut own) = staked(1_000);
        unstake(&mut provider, &mut own, Shares(200_000)).unwrap();
        bond(&mut provider, Tokens(600)).unwrap();
        // Of 800 active tokens 200 are free: a quarter, and so a quarter of the 200 that are leaving.
        assert_eq!(slash(&mut provider, Tokens(900)), Ok((Tokens(200), Tokens(50))));
        assert_eq!(slash(&mut provider, Tokens(650)), Ok((Tokens(0), Tokens(0))));
        release(&mut provider, Tokens(600)).unwrap();
        assert_eq!(slash(&mut provider, Tokens(650)), Ok((Tokens(520), Tokens(130))));
    }

    #[test]
    fn stake_proposed_to_be_slashed_cannot_be_bonded() {
        let (mut provider, _) = staked(1_000);
        provider.slash_pending = Tokens(300);
        assert_eq!(bond(&mut provider, Tokens(701)), Err(StakeError::InsufficientStake));
        bond(&mut provider, Tokens(700)).unwrap();
        seize(&mut provider, Tokens(200)).unwrap();
        assert_eq!((provider.bonded, provider.active.tokens), (Tokens(500), Tokens(800)));
        assert_eq!(seize(&mut provider, Tokens(501)), Err(StakeError::Overflow));
    }

    #[test]
    fn only_worthless_shares_are_given_up() {
        let (mut provider, mut own) = staked(1);
        let mut other = Delegation::zeroed();
        other.owner = Address::new_from_array([1; 32]);
        stake(&mut provider, &mut other, Tokens(1)).unwrap();
        let before = (provider, own);
        assert_eq!(give_up(&mut provider, &mut own), Err(StakeError::NotEmpty));
        (provider, own) = before;
        assert_eq!(unstake(&mut provider, &mut other, Shares(1_000)).unwrap().0, Tokens(1));
        own.shares = Shares(1);
        provider.active = Pot { tokens: Tokens(1), shares: Shares(1_000) };
        provider.self_shares = Shares(1);
        give_up(&mut provider, &mut own).unwrap();
        assert_eq!(provider.active, Pot { tokens: Tokens(1), shares: Shares(999) });
    }
}

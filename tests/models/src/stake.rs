//! A hundred thousand random actions on the pure transitions that the instructions are made of, against a reference in
//! exact rational numbers that loops over everybody.
//!
//! Everything that moves stake or rewards runs here as on chain; reading accounts and the token programs' calls are the
//! integration tests'. In episodes, because the reference's fractions grow with every step.

use {
    crate::Random,
    joule_interface::Address,
    joule_math::{Bps, Seconds, Shares, Timestamp, Tokens, tokens_for_shares},
    joule_stake::{
        positions::{self, Position},
        pots, rewards, slashing,
    },
    joule_stake_interface::state::{
        Delegation, Pool, PoolPolicy, Provider, Rewards, Slash, Slasher, UnbondingTicket, rights, status,
    },
    num_bigint::BigInt,
    num_rational::BigRational,
};

const PROVIDERS: usize = 2;
const OWNERS: usize = 4;
fn exact(number: u64) -> BigRational {
    BigRational::from_integer(BigInt::from(number))
}

#[derive(Clone)]
struct World {
    pool: Pool,
    rewards: Rewards,
    slasher: Slasher,
    providers: [Provider; PROVIDERS],
    delegations: [[Delegation; OWNERS]; PROVIDERS],
    tickets: Vec<(usize, usize, UnbondingTicket)>,
    bonds: Vec<(usize, Tokens)>,
    slashes: Vec<(usize, Slash)>,
    now: Timestamp,
    vault: u64,
    /// What each is owed in rewards and has not claimed, exactly.
    owed: [[BigRational; OWNERS]; PROVIDERS],
    commissions: [BigRational; PROVIDERS],
    /// What each put in and did not take out again, less its exact part of what was slashed and seized.
    principal: [[BigRational; OWNERS]; PROVIDERS],
    /// The same for what is on its way out, by ticket.
    leaving: Vec<BigRational>,
    /// Actions taken: each may leave up to a unit of its own rounding to the others.
    steps: u64,
}

impl World {
    fn new() -> Self {
        let address = |kind: u8, index: usize| Address::new_from_array([kind * 16 + index as u8; 32]);
        let rules = PoolPolicy {
            unbonding_period: Seconds(100),
            reward_period: Seconds(500),
            commission_delay: Seconds(50),
            slash_delay: Seconds(20),
            slash_execution_window: Seconds(100),
            slash_window: Seconds(10),
            jail_period: Seconds(40),
            max_commission: Bps(10_000),
            max_commission_step: Bps(10_000),
            slash_limit: Bps(10_000),
            ..PoolPolicy::default()
        };
        let pool = Pool { policy: rules, ..Pool::default() };
        let mut world = Self {
            pool,
            rewards: Rewards::default(),
            slasher: Slasher { rights: rights::ALL, window_limit: Tokens(u64::MAX), ..Slasher::default() },
            providers: [Provider::default(); PROVIDERS],
            delegations: [[Delegation::default(); OWNERS]; PROVIDERS],
            tickets: vec![],
            bonds: vec![],
            slashes: vec![],
            now: Timestamp(1_000_000),
            vault: 0,
            owed: core::array::from_fn(|_| core::array::from_fn(|_| exact(0))),
            commissions: core::array::from_fn(|_| exact(0)),
            principal: core::array::from_fn(|_| core::array::from_fn(|_| exact(0))),
            leaving: vec![],
            steps: 0,
        };
        for p in 0..PROVIDERS {
            world.providers[p].status = status::ACTIVE;
            world.providers[p].authority = address(1, p);
            world.providers[p].commission = Bps(1_000);
            for o in 0..OWNERS {
                world.delegations[p][o].multiplier = Bps::WHOLE;
                world.delegations[p][o].owner = if o == 0 { address(1, p) } else { address(2, o) };
            }
        }
        world
    }

    /// Settles everybody, and the reference likewise: what arrived, by weight, to the last fraction.
    fn settle(&mut self) {
        let before = self.rewards.undistributed;
        let (total, weights) = (self.rewards.total_weight, self.providers.map(|provider| provider.weight));
        let commissions = self.providers.map(|provider| provider.commission);
        rewards::advance(&mut self.rewards, self.now).unwrap();
        let arrived = before.0 - self.rewards.undistributed.0;
        for p in 0..PROVIDERS {
            let delegated = self.providers[p].delegated_weight;
            let shares = self.delegations[p].map(|delegation| delegation.weight);
            if arrived > 0 && !weights[p].is_zero() {
                let part = exact(arrived) * exact(weights[p].0) / exact(total.0);
                let commission = &part * exact(commissions[p].0 as u64) / exact(10_000);
                let rest = part - &commission;
                self.commissions[p] += commission;
                for (owed, weight) in self.owed[p].iter_mut().zip(shares) {
                    *owed += &rest * exact(weight.0) / exact(delegated.0);
                }
            }
            for o in 0..OWNERS {
                let (provider, delegation) = (&mut self.providers[p], &mut self.delegations[p][o]);
                rewards::settle(&mut self.rewards, provider, delegation, self.now).unwrap();
                rewards::reweigh(&mut self.rewards, provider, delegation).unwrap();
            }
        }
    }

    fn take(&mut self, random: &mut Random) -> Option<()> {
        let (p, o) = (random.below(PROVIDERS as u64) as usize, random.below(OWNERS as u64) as usize);
        let Self { rewards, providers, delegations, now, .. } = self;
        let now = *now;
        macro_rules! position {
            () => {
                Position { rewards, provider: &mut providers[p], delegation: &mut delegations[p][o], now }
            };
        }
        match random.below(23) {
            0..4 => {
                let scale = [10, 1_000, 1 << 40][random.below(3) as usize];
                let tokens = random.below(scale);
                position!().stake(Tokens(tokens)).ok()?;
                self.vault += tokens;
                self.principal[p][o] += exact(tokens);
            }
            4..7 => {
                let shares = Shares(random.below(delegations[p][o].shares.0.checked_add(1)?));
                let (pot, all) = (providers[p].active, delegations[p][o].shares);
                let (tokens, bought) = position!().unstake(shares).ok()?;
                // At most the exact part of the pot.
                assert!(exact(tokens.0) * exact(pot.shares.0) <= exact(shares.0) * exact(pot.tokens.0));
                let ripe = now.after(self.pool.policy.unbonding_period).unwrap();
                let ticket = UnbondingTicket {
                    shares: bought,
                    withdrawable_at: ripe,
                    era: providers[p].era,
                    ..UnbondingTicket::default()
                };
                self.tickets.push((p, o, ticket));
                self.set_out(p, o, shares, all);
            }
            7 => {
                let all = delegations[p][o].shares;
                let shares = Shares(random.below(all.0.checked_add(1)?));
                let ([first, second], [ours, theirs]) = (providers, delegations);
                let (from, into, source, target) = if p == 0 {
                    (first, second, &mut ours[o], &mut theirs[o])
                } else {
                    (second, first, &mut theirs[o], &mut ours[o])
                };
                let (_, bought, weight) = Position { rewards, provider: from, delegation: source, now }
                    .redelegate(into, target, shares)
                    .ok()?;
                let era = from.era;
                let target = Address::new_from_array([7; 32]);
                let ripe = now.after(self.pool.policy.unbonding_period).unwrap();
                let ticket = UnbondingTicket {
                    shares: bought,
                    withdrawable_at: ripe,
                    era,
                    weight,
                    new_delegation: target,
                    ..UnbondingTicket::default()
                };
                self.tickets.push((p, o, ticket));
                self.set_out(p, o, shares, all);
            }
            8..11 if !self.tickets.is_empty() => {
                let index = random.below(self.tickets.len() as u64) as usize;
                let (p, o, mut ticket) = self.tickets[index];
                if positions::is_redelegation(&ticket) {
                    let ([first, second], [ours, theirs]) = (providers, delegations);
                    let (from, into, target) =
                        if p == 0 { (first, second, &mut theirs[o]) } else { (second, first, &mut ours[o]) };
                    let mut there = Position { rewards, provider: into, delegation: target, now };
                    if random.below(4) == 0 {
                        there.stop_redelegation(&mut ticket).ok()?;
                        self.tickets[index].2 = ticket;
                    } else {
                        let (tokens, _) = there.complete_redelegation(from, &mut ticket).ok()?;
                        self.tickets[index].2 = ticket;
                        if !tokens.is_zero() {
                            let part = core::mem::replace(&mut self.leaving[index], exact(0));
                            assert!(exact(tokens.0) <= &part + exact(self.steps), "more than its principal");
                            self.principal[1 - p][o] += part;
                        }
                        if !tokens.is_zero() || ticket.era != from.era {
                            // A worthless one may still wait; then it weighs nothing, and is dropped all the same.
                            if ticket.weight.is_zero() {
                                self.leaving.swap_remove(index);
                                self.tickets.swap_remove(index);
                            }
                        }
                    }
                } else if random.below(3) == 0 {
                    Position { rewards, provider: &mut providers[p], delegation: &mut delegations[p][o], now }
                        .cancel(&ticket)
                        .ok()?;
                    self.tickets.swap_remove(index);
                    self.principal[p][o] += self.leaving.swap_remove(index);
                } else {
                    positions::may_leave(&providers[p], &ticket, now).ok()?;
                    let pot = providers[p].unbonding;
                    let tokens = pots::withdraw(&mut providers[p], &ticket).ok()?;
                    assert!(
                        exact(tokens.0) * exact(pot.shares.0.max(1)) <= exact(ticket.shares.0) * exact(pot.tokens.0)
                    );
                    self.vault -= tokens.0;
                    self.tickets.swap_remove(index);
                    let part = self.leaving.swap_remove(index);
                    assert!(exact(tokens.0) <= part + exact(self.steps), "more than its principal");
                }
            }
            11 => {
                let amount = Tokens(random.below(providers[p].active.tokens.0 + 1));
                pots::bond(&mut providers[p], amount).ok()?;
                self.bonds.push((p, amount));
            }
            12 if !self.bonds.is_empty() => {
                let index = random.below(self.bonds.len() as u64) as usize;
                let (p, amount) = self.bonds.swap_remove(index);
                let seized = if random.below(2) == 0 { random.below(amount.0 + 1) } else { 0 };
                let held = providers[p].active.tokens;
                pots::seize(&mut providers[p], Tokens(seized)).unwrap();
                pots::release(&mut providers[p], Tokens(amount.0 - seized)).unwrap();
                self.vault -= seized;
                self.lose(p, (Tokens(seized), held), (Tokens(0), Tokens(0)));
            }
            13 => {
                let part = 1 + random.below(4);
                let amount = Tokens(random.below(providers[p].stake().unwrap().0 / part + 1));
                let how = random.below(12).saturating_sub(9) as u8;
                let (ready, expires) =
                    slashing::propose(&self.pool, &mut self.slasher, &mut providers[p], amount, how, now).ok()?;
                let slash =
                    Slash { amount, executable_at: ready, expires_at: expires, sentence: how, ..Slash::default() };
                self.slashes.push((p, slash));
            }
            14..16 if !self.slashes.is_empty() => {
                let index = random.below(self.slashes.len() as u64) as usize;
                let (p, slash) = &mut self.slashes[index];
                if random.below(8) == 0 || now >= slash.expires_at {
                    slashing::drop_slash(&mut providers[*p], slash).unwrap();
                    self.slashes.swap_remove(index);
                } else {
                    let (p, held, wanted) = (*p, providers[*p], slash.amount.0 as u128);
                    let (active, unbonding) =
                        slashing::execute(&self.pool, rewards, &mut providers[p], slash, now).ok()?;
                    let pots = [held.active.tokens, held.unbonding.tokens].map(|tokens| tokens.0 as u128);
                    let (all, free) = (pots[0] + pots[1], pots[0] - held.bonded.0 as u128);
                    let taken = wanted.min(all);
                    // Of both alike; what jobs hold stays, and then as little of what leaves.
                    let even = (taken * pots[0]).checked_div(all).unwrap_or(0);
                    let parts = match even > free {
                        true => (free, pots[1] * free / pots[0]),
                        false => (even, taken - even),
                    };
                    assert_eq!((active.0 as u128, unbonding.0 as u128), parts, "who leaves is slashed like who stays");
                    self.vault -= active.0 + unbonding.0;
                    if slash.amount.is_zero() {
                        self.slashes.swap_remove(index);
                    }
                    self.lose(p, (active, held.active.tokens), (unbonding, held.unbonding.tokens));
                }
            }
            16 => {
                let tokens = random.below(1 << 30);
                rewards::fund(rewards, Tokens(tokens), self.pool.policy.reward_period, now).ok()?;
                self.vault += tokens;
            }
            17..19 => {
                let tokens = if random.below(2) == 0 {
                    let tokens = position!().claim().ok()?;
                    self.vault -= tokens.0;
                    tokens
                } else {
                    let tokens = position!().compound().ok()?.0;
                    self.principal[p][o] += exact(tokens.0);
                    tokens
                };
                self.owed[p][o] -= exact(tokens.0);
            }
            19 => {
                rewards::settle_provider(rewards, &mut providers[p], now).unwrap();
                let tokens = rewards::claim(rewards, &mut providers[p].commission_accrued).ok()?;
                self.commissions[p] -= exact(tokens.0);
                self.vault -= tokens.0;
            }
            20 => position!().lock(Seconds(random.below(400) as u32 * 86_400)).ok()?,
            21 => slashing::unjail(rewards, &mut providers[p], now).ok()?,
            22 => {
                let commission = Bps(random.below(10_002) as u16);
                slashing::set_commission(&self.pool, rewards, &mut providers[p], commission, now).ok()?;
            }
            _ => {}
        }
        Some(())
    }

    /// Part of a delegation's principal is on its way out.
    fn set_out(&mut self, p: usize, o: usize, shares: Shares, of: Shares) {
        let part = &self.principal[p][o] * exact(shares.0) / exact(of.0);
        self.principal[p][o] -= &part;
        self.leaving.push(part);
    }

    /// Tokens were taken out of what the pots held: from each who had put some in, its exact part.
    fn lose(&mut self, p: usize, active: (Tokens, Tokens), unbonding: (Tokens, Tokens)) {
        let left = |(taken, held): (Tokens, Tokens)| match held.0 {
            0 => exact(1),
            held => exact(held - taken.0) / exact(held),
        };
        let (active, unbonding) = (left(active), left(unbonding));
        self.principal[p].iter_mut().for_each(|principal| *principal *= &active);
        let leaving = self.leaving.iter_mut().zip(&self.tickets).filter(|(_, (of, _, _))| *of == p);
        leaving.for_each(|(part, _)| *part *= &unbonding);
    }

    /// The sum of all is the vault, and nobody can claim more than they are owed, or less by more than the rounding.
    fn check(&self) {
        let held: u64 = self.providers.iter().map(|provider| provider.stake().unwrap().0).sum();
        assert_eq!(self.vault, held + self.rewards.unclaimed.0);
        let one = exact(1);
        for p in 0..PROVIDERS {
            let provider = &self.providers[p];
            assert!(provider.bonded <= provider.active.tokens);
            assert_eq!(provider.active.shares.0, self.delegations[p].iter().map(|d| d.shares.0).sum::<u64>());
            assert_eq!(provider.delegated_weight.0, self.delegations[p].iter().map(|d| d.weight.0).sum::<u64>());
            assert_eq!(provider.self_shares, self.delegations[p][0].shares);
            let bonds = self.bonds.iter().filter(|(of, _)| *of == p).map(|(_, amount)| amount.0);
            assert_eq!(provider.bonded.0, bonds.sum::<u64>());
            let pending = self.slashes.iter().filter(|(of, _)| *of == p).map(|(_, slash)| slash.amount.0);
            assert_eq!(provider.slash_pending.0, pending.sum::<u64>());
            let claims = self.delegations[p].iter().map(|d| d.accrued).zip(&self.owed[p]);
            for (accrued, owed) in claims.chain([(provider.commission_accrued, &self.commissions[p])]) {
                let accrued = BigRational::new(BigInt::from(accrued.get()), BigInt::from(1u128 << 64));
                assert!(accrued <= *owed, "more than its exact entitlement");
                assert!(owed - accrued < one, "more than the rounding is kept");
            }
        }
        let dust = exact(self.steps);
        for (p, provider) in self.providers.iter().enumerate() {
            for (delegation, principal) in self.delegations[p].iter().zip(&self.principal[p]) {
                let worth = tokens_for_shares(delegation.shares, provider.active.tokens, provider.active.shares);
                assert!(exact(worth.unwrap().0) <= principal + &dust, "worth more than its principal");
            }
        }
        for ((p, _, ticket), part) in self.tickets.iter().zip(&self.leaving) {
            let worth = pots::worth(&self.providers[*p], ticket).unwrap();
            assert!(exact(worth.0) <= part + &dust, "worth more than its principal");
        }
        assert_eq!(self.rewards.total_weight.0, self.providers.iter().map(|provider| provider.weight.0).sum::<u64>());
    }
}

/// One episode of at most `steps` actions, which ends sooner when the choices do. Returns how many were tried, and taken.
pub fn episode(random: &mut Random, steps: u64) -> (u64, u64) {
    let mut world = World::new();
    for tried in 0..steps {
        if random.is_spent() {
            return (tried, world.steps);
        }
        world.now = Timestamp(world.now.0 + random.below(90) as i64);
        world.settle();
        world.check();
        let before = world.clone();
        // What fails on chain changes nothing.
        match world.take(random) {
            Some(()) => world.steps += 1,
            None => world = before,
        }
        world.check();
    }
    (steps, world.steps)
}

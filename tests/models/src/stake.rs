//! A hundred thousand random actions on the pure transitions that the instructions are made of, against a reference in
//! exact rational numbers that loops over everybody.
//!
//! Everything that moves stake or rewards runs here as on chain; reading accounts and the token programs' calls are the
//! integration tests'. In episodes, because the reference's fractions grow with every step.

use {
    crate::Random,
    joule_interface::Address,
    joule_math::{Bps, Seconds, Timestamp, Tokens, Weight},
    joule_stake::{
        rewards, slashing,
        staking::{
            positions::{self, Position},
            pots,
        },
    },
    joule_stake_interface::state::{
        Delegation, Pool, PoolPolicy, Provider, Rewards, Slash, Slasher, UnbondingPart, UnbondingTicket, rights, status,
    },
    num_bigint::BigInt,
    num_rational::BigRational,
};

const PROVIDERS: usize = 2;
const OWNERS: usize = 4;

/// A provider's own stake, in jobs or not, less what slashes took of bonds.
fn own_of(provider: &Provider) -> u64 {
    provider.own.0 + provider.bonded.0 - provider.lien.0
}

/// All that a slash can reach.
fn all_of(provider: &Provider) -> u64 {
    own_of(provider) + provider.delegated.tokens.0 + provider.unbonding.tokens.0
}

/// What tokens weigh, of which a lock multiplies each: by four at most, which is one.
fn weigh(tokens: u64, multiplier: Bps) -> u64 {
    (tokens as u128 * multiplier.0 as u128 / 40_000) as u64
}

/// What own stake weighs.
fn own_weight_of(provider: &Provider) -> u64 {
    weigh(own_of(provider) - provider.locked.0, Bps(10_000)) + weigh(provider.locked.0, provider.own_multiplier)
}

/// What part of a pot is left of tokens that came into it, rounded down; the last part is all of it.
fn left_of(provider: &Provider, part: &UnbondingPart) -> u64 {
    let pot = if part.withheld == 0 { &provider.unbonding } else { &provider.withheld };
    if pot.ticket_count == 1 {
        return pot.tokens.0;
    }
    let scales = BigInt::from(1) << (32 * pot.scale.wrapping_sub(part.scale).min(100));
    let left = BigInt::from(part.tokens.0) * pot.price / (BigInt::from(part.price) * scales);
    u64::try_from(left).expect("no more than it was")
}

/// What shares of the delegated pot are worth, rounded down.
fn worth_of(provider: &Provider, delegation: &Delegation) -> u64 {
    let worth = BigInt::from(delegation.shares.get()) * provider.delegated.price / (BigInt::from(1) << 63);
    u64::try_from(worth).expect("no more than a supply")
}

fn wide(number: u128) -> BigRational {
    BigRational::from_integer(BigInt::from(number))
}
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
    /// Whose, how much, and what was seized of it for a job's client.
    bonds: Vec<(usize, Tokens, UnbondingPart)>,
    /// Of whom, what, and the part of it that is of who did not leave since.
    slashes: Vec<(usize, Slash, BigRational)>,
    now: Timestamp,
    vault: u64,
    /// What each is owed in rewards and has not claimed, exactly.
    owed: [[BigRational; OWNERS]; PROVIDERS],
    commissions: [BigRational; PROVIDERS],
    /// What each put in and did not take out again, less its exact part of what was slashed and seized.
    principal: [[BigRational; OWNERS]; PROVIDERS],
    /// The same for what is on its way out, by ticket.
    leaving: Vec<BigRational>,
    /// What a ticket earned on its way to another provider, if nothing is slashed of it: its owner's part and that provider's.
    earned: Vec<[BigRational; 2]>,
    /// The same as `leaving`, of what was seized for clients, by bond.
    seized: Vec<BigRational>,
    /// Twice the weight of the good jobs that were reported, and the weight of all.
    reported: [[u64; 2]; PROVIDERS],
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
            slasher: Slasher {
                rights: rights::ALL,
                slot: 1,
                slash_share: Bps::WHOLE,
                window_limit: Tokens(u64::MAX),
                ..Slasher::default()
            },
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
            earned: vec![],
            seized: vec![],
            reported: [[0; 2]; PROVIDERS],
            steps: 0,
        };
        for p in 0..PROVIDERS {
            world.providers[p].status = status::ACTIVE;
            world.providers[p].authority = address(1, p);
            world.providers[p].commission = Bps(1_000);
            world.providers[p].own_multiplier = Bps::WHOLE;
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
        let (total, weights) = (self.rewards.total_weight, self.providers);
        rewards::advance(&mut self.rewards, self.now).unwrap();
        let arrived = before.0 - self.rewards.undistributed.0;
        for (p, was) in weights.iter().enumerate() {
            let part = |weight: Weight| match weight {
                Weight::ZERO => exact(0),
                weight => exact(arrived) * exact(weight.0) / exact(total.0),
            };
            // Own stake earns by what is there; what was seized earns nothing.
            self.owed[p][0] += part(was.own_weight.min(Weight(own_weight_of(was))));
            let rest = exact(10_000 - was.commission.0 as u64) / exact(10_000);
            let (pot, incoming) = (part(was.pot_weight), part(was.incoming_weight));
            let commission = exact(1) - &rest;
            self.commissions[p] += &pot * &commission;
            for (owed, delegation) in self.owed[p].iter_mut().zip(&self.delegations[p]) {
                if delegation.weight.get() != 0 {
                    *owed += &pot * &rest * wide(delegation.weight.get()) / wide(was.delegated_weight.get());
                }
            }
            for ((from, _, ticket), earned) in self.tickets.iter().zip(&mut self.earned) {
                if *from != p && !ticket.weight.is_zero() && !was.incoming_weight.is_zero() {
                    let part = &incoming * exact(ticket.weight.0) / exact(was.incoming_weight.0);
                    earned[0] += &part * &rest;
                    earned[1] += part * &commission;
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
        let pool = self.pool;
        let standing = now.after(Seconds(1)).unwrap();
        macro_rules! position {
            () => {
                Position { pool: &pool, rewards, provider: &mut providers[p], delegation: &mut delegations[p][o], now }
            };
        }
        match random.below(25) {
            0..4 => {
                let scale = [10, 1_000, 1 << 40][random.below(3) as usize];
                let tokens = random.below(scale);
                position!().stake(Tokens(tokens)).ok()?;
                assert!(o != 0 || !providers[p].has_own(Tokens(own_of(&providers[p])), now) || tokens == 0);
                assert!(o != 0 || providers[p].has_own(Tokens(own_of(&providers[p])), standing));
                self.vault += tokens;
                self.principal[p][o] += exact(tokens);
            }
            4..7 => {
                let amount = Self::some(random, &providers[p], &delegations[p][o], o);
                let (before, held) = (providers[p], Self::is_held(&pool, &providers[p], &delegations[p][o], now));
                let part = position!().unstake(amount).ok()?;
                assert!(o == 0 || !held, "locked stake leaves");
                if o == 0 {
                    let own = own_of(&before) as u128;
                    let all = all_of(&before).max(1) as u128;
                    let proposed = Self::proposed(&self.slashes, p).saturating_sub(before.withheld_liable.0);
                    let pending = (own * (proposed as u128).min(all)).div_ceil(all) as u64;
                    assert!(providers[p].own.0 >= pending.min(before.own.0), "what a slash is to take leaves");
                    assert!(!held || providers[p].own >= before.locked, "locked stake leaves");
                }
                assert!(amount == pots::ALL || part.tokens == amount, "another amount than was asked for");
                let withdrawable_at = now.after(self.pool.policy.unbonding_period).unwrap();
                self.tickets.push((p, o, UnbondingTicket { part, withdrawable_at, ..UnbondingTicket::default() }));
                self.set_out(p, o, part.tokens);
            }
            7 => {
                let amount = Self::some(random, &providers[p], &delegations[p][o], o);
                let ([first, second], [ours, theirs]) = (providers, delegations);
                let (from, into, source, target) = if p == 0 {
                    (first, second, &mut ours[o], &mut theirs[o])
                } else {
                    (second, first, &mut theirs[o], &mut ours[o])
                };
                let is_free = o != 0 || from.status != status::JAILED && from.pending_slash_count == 0;
                let withdrawable_at = now.after(self.pool.policy.unbonding_period).unwrap();
                let new_delegation = Address::new_from_array([7; 32]);
                let mut ticket = UnbondingTicket { withdrawable_at, new_delegation, ..UnbondingTicket::default() };
                Position { pool: &pool, rewards, provider: from, delegation: source, now }
                    .redelegate(into, target, amount, &mut ticket)
                    .ok()?;
                assert!(is_free, "jail costs no rewards");
                self.tickets.push((p, o, ticket));
                self.set_out(p, o, ticket.part.tokens);
            }
            8..11 if !self.tickets.is_empty() => {
                let index = random.below(self.tickets.len() as u64) as usize;
                let (p, o, mut ticket) = self.tickets[index];
                let worth = Tokens(left_of(&providers[p], &ticket.part));
                if positions::is_redelegation(&ticket) {
                    let ([first, second], [ours, theirs]) = (providers, delegations);
                    let (from, into, target) =
                        if p == 0 { (first, second, &mut theirs[o]) } else { (second, first, &mut ours[o]) };
                    let weight = ticket.weight;
                    let (lock, lock_ends) = (*target, ticket.lock_ends_at);
                    let mut there = Position { pool: &pool, rewards, provider: into, delegation: target, now };
                    let is_through = if random.below(4) == 0 {
                        there.stop_redelegation(from, &mut ticket).ok()?;
                        false
                    } else {
                        let proposed = from.pending_slash_count != 0 || there.provider.pending_slash_count != 0;
                        // It would start a lock again that lets its owner leave.
                        let joins = now < lock.lock_ends_at && (o != 0 || now < lock_ends);
                        let longer = lock.lock_ends_at > lock_ends || lock.lock_period > ticket.lock_period;
                        let takes_exit = joins && longer && Self::is_void(&pool, &lock, now);
                        let due = now >= ticket.withdrawable_at && !proposed && !takes_exit;
                        let (tokens, is_through) = there.complete_redelegation(from, &mut ticket).ok()?;
                        assert!(!is_through || tokens == worth, "another part than its own");
                        if is_through && !tokens.is_zero() && joins && longer {
                            let again = now.after(lock.lock_period).unwrap();
                            assert_eq!(there.delegation.lock_ends_at, again, "stake weighs more than it is locked");
                        }
                        assert!(
                            is_through == due || !positions::is_redelegation(&ticket),
                            "a ticket that is due stays"
                        );
                        is_through
                    };
                    // It earned by what is left of it, for both.
                    let [earned, commission] = core::mem::replace(&mut self.earned[index], [exact(0), exact(0)]);
                    if !weight.is_zero() {
                        let live = weight.min(Weight(weigh(worth.0, Bps(10_000))));
                        self.owed[1 - p][o] += earned * exact(live.0) / exact(weight.0);
                        self.commissions[1 - p] += commission * exact(live.0) / exact(weight.0);
                    }
                    self.tickets[index].2 = ticket;
                    if is_through {
                        let part = self.leaving.swap_remove(index);
                        assert!(exact(worth.0) <= &part + exact(self.steps), "more than its principal");
                        self.tickets.swap_remove(index);
                        self.earned.swap_remove(index);
                        self.principal[1 - p][o] += if o == 0 { exact(worth.0) } else { part };
                    }
                } else if random.below(3) == 0 {
                    let (provider, delegation) = (&mut providers[p], &mut delegations[p][o]);
                    Position { pool: &pool, rewards, provider, delegation, now }.cancel(&ticket).ok()?;
                    self.tickets.swap_remove(index);
                    self.earned.swap_remove(index);
                    let part = self.leaving.swap_remove(index);
                    self.principal[p][o] += if o == 0 { exact(worth.0) } else { part };
                } else {
                    if positions::is_redelegation(&ticket) {
                        return None;
                    }
                    let (was, before) = (ticket.part.withheld, providers[p]);
                    let due_at = ticket.withdrawable_at;
                    let UnbondingTicket { part, withdrawable_at, .. } = &mut ticket;
                    let policy = &self.pool.policy;
                    let (tokens, withheld) =
                        pots::leave_but_for_slashes(policy, &mut providers[p], part, withdrawable_at, now).ok()?;
                    assert_eq!(tokens.0 + withheld.0, worth.0, "another part than its own");
                    let is_free = was != 0 && before.withheld_liable.is_zero();
                    assert!(now >= due_at || is_free, "before its time");
                    self.vault -= tokens.0;
                    if withheld.is_zero() {
                        self.tickets.swap_remove(index);
                        self.earned.swap_remove(index);
                        let part = self.leaving.swap_remove(index);
                        assert!(exact(tokens.0) <= part + exact(self.steps), "more than its principal");
                    } else {
                        assert!(exact(worth.0) <= &self.leaving[index] + exact(self.steps), "more than its principal");
                        self.leaving[index] = exact(withheld.0);
                        self.tickets[index].2 = ticket;
                        if was == 0 {
                            // What proposals may take of it in all, of what is not withheld of others.
                            let all = Tokens(all_of(&before));
                            let proposed = Self::proposed(&self.slashes, p);
                            let pending = Tokens(proposed.saturating_sub(before.withheld_liable.0)).min(all);
                            assert_eq!(
                                withheld.0 as u128,
                                (worth.0 as u128 * pending.0 as u128).div_ceil(all.0 as u128)
                            );
                            let stay = exact(all.0 - worth.0) / exact(all.0);
                            let slashes = self.slashes.iter_mut().filter(|(of, ..)| *of == p);
                            slashes.for_each(|(_, _, part)| *part *= &stay);
                        }
                    }
                }
            }
            11 => {
                let amount = Tokens(random.below(providers[p].own.0 + 1));
                pots::bond(&mut providers[p], amount).ok()?;
                self.bonds.push((p, amount, UnbondingPart::default()));
                self.seized.push(exact(0));
            }
            12 if !self.bonds.is_empty() => {
                let index = random.below(self.bonds.len() as u64) as usize;
                let (p, amount, mut seized) = self.bonds[index];
                if amount.is_zero() {
                    // What was seized is the client's ticket.
                    if seized.price != 0 {
                        let tokens = pots::leave(&mut providers[p], &seized).unwrap();
                        self.vault -= tokens.0;
                        assert!(exact(tokens.0) <= &self.seized[index] + exact(self.steps), "more than was seized");
                    }
                    self.bonds.swap_remove(index);
                    self.seized.swap_remove(index);
                    return Some(());
                }
                let (own, delegators) = (own_of(&providers[p]), providers[p].delegated);
                let taken = if random.below(2) == 0 { Tokens(random.below(amount.0 + 1)) } else { Tokens(0) };
                if !taken.is_zero() {
                    let due = pots::seize(&mut providers[p], taken).unwrap();
                    let tokens = taken.minus(due).unwrap();
                    if random.below(2) == 0 {
                        self.vault -= tokens.0;
                    } else {
                        pots::seize_for_client(&mut providers[p], &mut seized, tokens).unwrap();
                        self.seized[index] += exact(tokens.0);
                    }
                    self.principal[p][0] -= exact(tokens.0);
                    assert_eq!(own_of(&providers[p]) + tokens.0, own, "a seizure takes own stake");
                }
                let own = own_of(&providers[p]);
                pots::release(&mut providers[p], amount.minus(taken).unwrap()).unwrap();
                assert_eq!(own_of(&providers[p]), own, "a release changes nothing of what is own");
                assert_eq!(providers[p].delegated, delegators, "a bond moved what is the delegators'");
                self.bonds[index] = (p, Tokens(0), seized);
            }
            13 => {
                let part = 1 + random.below(4);
                let amount = Tokens(random.below(all_of(&providers[p]) / part + 1));
                let how = random.below(12).saturating_sub(9) as u8;
                let (executable_at, expires_at) =
                    slashing::propose(&self.pool, &mut self.slasher, &mut providers[p], amount, how, now).ok()?;
                let Provider { staying, staying_scale, .. } = providers[p];
                let slash = Slash {
                    amount,
                    executable_at,
                    expires_at,
                    sentence: how,
                    staying,
                    staying_scale,
                    slot: 1,
                    ..Slash::default()
                };
                self.slashes.push((p, slash, exact(1)));
            }
            14..16 if !self.slashes.is_empty() => {
                let index = random.below(self.slashes.len() as u64) as usize;
                let (p, slash, part) = self.slashes[index].clone();
                if random.below(8) == 0 || now >= slash.expires_at {
                    slashing::drop_slash(&mut providers[p], &slash).unwrap();
                    self.slashes.swap_remove(index);
                } else {
                    let held = providers[p];
                    let loss = slashing::execute(&self.pool, rewards, &mut providers[p], &slash, now).ok()?;
                    self.slashes.swap_remove(index);
                    let own = own_of(&held) as u128;
                    let (pot, unbonding) = (held.delegated.tokens.0 as u128, held.unbonding.tokens.0 as u128);
                    let all = own + pot + unbonding;
                    let wanted = (slash.amount.0 - loss.withheld.0) as u128;
                    let stays = exact(slash.amount.0) * part;
                    assert!(exact(wanted as u64) >= stays, "who left pays less than nothing");
                    assert!(exact(wanted as u64) <= stays + exact(self.steps + 1), "who stays pays for who left");
                    let taken = wanted.min(all);
                    let from_own = if all == 0 { 0 } else { (taken * own).div_ceil(all) };
                    let rest = taken - from_own;
                    let leaving = (rest * unbonding).checked_div(pot + unbonding).unwrap_or(0);
                    let parts = (loss.own.0 as u128, loss.delegated.0 as u128, loss.unbonding.0 as u128);
                    assert_eq!(parts, (from_own, rest - leaving, leaving), "who leaves is slashed like who stays");
                    assert_eq!(loss.lien.0 as u128, from_own.saturating_sub(held.own.0 as u128), "free tokens first");
                    self.principal[p][0] -= exact(loss.own.0);
                    self.lose(
                        p,
                        (loss.delegated, held.delegated.tokens),
                        (loss.unbonding, held.unbonding.tokens),
                        (loss.withheld, held.withheld.tokens),
                    );
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
                    let tokens = position!().compound().ok()?;
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
            21 => slashing::leave_jail(rewards, &mut providers[p], now).ok()?,
            22 => {
                let commission = Bps(random.below(10_002) as u16);
                rewards::change_commission(&self.pool, rewards, &mut providers[p], commission, now).ok()?;
            }
            23 => {
                let (how, weight) = (1 + random.below(4) as u8, random.below(1 << 20) as u32);
                providers[p].reputation.count(how, weight, now).unwrap();
                // In halves.
                let good = [2, 1, 0, 0][how as usize - 1] * weight as u64;
                self.reported[p] = [self.reported[p][0] + good, self.reported[p][1] + weight as u64];
            }
            24 if random.below(4) == 0 => {
                self.pool.exit_began_at = now;
                self.pool.exit_ends_at = now.after(Seconds(200)).unwrap();
            }
            _ => {}
        }
        Some(())
    }

    /// A lock holds a delegation: it has not ended, and was not made void by a tombstone or an announcement after it began.
    fn is_held(pool: &Pool, provider: &Provider, delegation: &Delegation, now: Timestamp) -> bool {
        now < delegation.lock_ends_at && provider.status != status::TOMBSTONED && !Self::is_void(pool, delegation, now)
    }

    fn is_void(pool: &Pool, delegation: &Delegation, now: Timestamp) -> bool {
        let began_at = delegation.lock_ends_at.0 - delegation.lock_period.0 as i64;
        now < pool.exit_ends_at && began_at <= pool.exit_began_at.0
    }

    /// What is proposed to be slashed of a provider.
    fn proposed(slashes: &[(usize, Slash, BigRational)], p: usize) -> u64 {
        slashes.iter().filter(|(of, ..)| *of == p).map(|(_, slash, _)| slash.amount.0).sum()
    }

    /// Some tokens of a delegation, or all, or more than there are.
    fn some(random: &mut Random, provider: &Provider, delegation: &Delegation, o: usize) -> Tokens {
        let worth = if o == 0 { provider.own } else { Tokens(worth_of(provider, delegation)) };
        if random.below(4) == 0 { pots::ALL } else { Tokens(random.below(worth.0 + 2)) }
    }

    /// Part of a delegation's principal is on its way out.
    fn set_out(&mut self, p: usize, o: usize, tokens: Tokens) {
        let gone = o != 0 && self.delegations[p][o].shares.get() == 0;
        let left = &self.principal[p][o] - exact(tokens.0);
        // What rounding left of it is for whoever stays.
        self.principal[p][o] = if gone || left < exact(0) { exact(0) } else { left };
        self.leaving.push(exact(tokens.0));
        self.earned.push([exact(0), exact(0)]);
    }

    /// Tokens were taken out of what the pots held: from each who had put some in, its exact part.
    fn lose(&mut self, p: usize, delegated: (Tokens, Tokens), unbonding: (Tokens, Tokens), withheld: (Tokens, Tokens)) {
        let left = |(taken, held): (Tokens, Tokens)| match held.0 {
            0 => exact(1),
            held => exact(held - taken.0) / exact(held),
        };
        let delegated = left(delegated);
        let waiting = [left(unbonding), left(withheld)];
        self.principal[p].iter_mut().skip(1).for_each(|principal| *principal *= &delegated);
        let leaving = self.leaving.iter_mut().zip(&self.tickets).filter(|(_, (of, _, _))| *of == p);
        leaving.for_each(|(part, (_, _, ticket))| *part *= &waiting[ticket.part.withheld as usize]);
        let seized = self.seized.iter_mut().zip(&self.bonds).filter(|(_, (of, _, _))| *of == p);
        seized.for_each(|(part, (_, _, seized))| *part *= &waiting[seized.withheld as usize]);
    }

    /// The sum of all is the vault, and nobody can claim more than they are owed, or less by more than the rounding.
    fn check(&self) {
        let held = |provider: &Provider| {
            let pots = provider.delegated.tokens.0 + provider.unbonding.tokens.0 + provider.withheld.tokens.0;
            provider.own.0 + provider.bonded.0 + pots + provider.slashed.0 + provider.treasury_due.0
        };
        assert_eq!(self.vault, self.providers.iter().map(held).sum::<u64>() + self.rewards.unclaimed.0);
        let (one, dust) = (exact(1), exact(self.steps));
        for p in 0..PROVIDERS {
            let provider = &self.providers[p];
            assert!(provider.lien <= provider.bonded);
            assert!(provider.locked <= provider.own, "a job or a ticket holds what is locked");
            assert!(
                provider.locked.is_zero() || self.now < self.delegations[p][0].lock_ends_at,
                "locked without a lock"
            );
            let delegations = &self.delegations[p];
            assert_eq!(provider.delegated.shares.get(), delegations.iter().map(|d| d.shares.get()).sum::<u128>());
            assert_eq!(provider.delegated_weight.get(), delegations.iter().map(|d| d.weight.get()).sum::<u128>());
            assert_eq!(delegations[0].shares.get(), 0);
            let bonds = self.bonds.iter().filter(|(of, _, _)| *of == p);
            assert_eq!(provider.bonded.0, bonds.clone().map(|(_, amount, _)| amount.0).sum::<u64>());
            let pending = self.slashes.iter().filter(|(of, ..)| *of == p).map(|(_, slash, _)| slash.amount.0);
            assert_eq!(provider.slash_pending.0, pending.sum::<u64>());
            let on_the_way =
                self.tickets.iter().filter(|(from, _, _)| *from != p).map(|(_, _, ticket)| ticket.weight.0);
            assert_eq!(provider.incoming.0, on_the_way.sum::<u64>());
            let claims = delegations.iter().map(|d| d.accrued).zip(&self.owed[p]);
            for (accrued, owed) in claims.chain([(provider.commission_accrued, &self.commissions[p])]) {
                let accrued = BigRational::new(BigInt::from(accrued.get()), BigInt::from(1u128 << 64));
                assert!(accrued <= *owed, "more than its exact entitlement");
                assert!(owed - accrued < one, "more than the rounding is kept");
            }

            assert_eq!(exact(own_of(provider)), self.principal[p][0], "own stake is another");
            let [good, all] = [provider.reputation.good_jobs, provider.reputation.all_jobs];
            let [most, most_of_all] = self.reported[p];
            assert!(good <= most << 15 && all <= most_of_all << 16 && good <= all, "a better record than it cost");
            let worths = delegations.iter().map(|delegation| Tokens(worth_of(provider, delegation)));
            for (worth, principal) in worths.clone().zip(&self.principal[p]).skip(1) {
                assert!(exact(worth.0) <= principal + &dust, "worth more than its principal");
                assert!(exact(worth.0) + &dust + exact(1) >= *principal, "worth less than its principal");
            }
            assert!(worths.map(|worth| worth.0).sum::<u64>() <= provider.delegated.tokens.0, "more than the pot holds");

            let tickets = self.tickets.iter().filter(|(of, _, _)| *of == p).map(|(_, _, ticket)| ticket.part);
            let seized = bonds.map(|(_, _, seized)| *seized).filter(|part| part.price != 0);
            let parts: Vec<_> = tickets.chain(seized).collect();
            for (pot, withheld) in [(provider.unbonding, 0), (provider.withheld, 1)] {
                let parts = parts.iter().filter(|part| part.withheld == withheld);
                assert_eq!(parts.clone().count(), pot.ticket_count as usize);
                let worth = parts.map(|part| left_of(provider, part)).sum::<u64>();
                assert!(worth <= pot.tokens.0, "tickets are worth more than there is");
            }
            assert!(provider.withheld_liable <= provider.withheld.tokens, "more than what is withheld can be slashed");
        }
        for ((p, _, ticket), part) in self.tickets.iter().zip(&self.leaving) {
            let worth = Tokens(left_of(&self.providers[*p], &ticket.part));
            assert!(exact(worth.0) <= part + &dust, "worth more than its principal");
            assert!(exact(worth.0) + &dust + exact(1) >= *part, "worth less than its principal");
        }
        let weights = self.providers.iter().map(|one| one.own_weight.0 + one.pot_weight.0 + one.incoming_weight.0);
        assert_eq!(self.rewards.total_weight.0, weights.sum::<u64>());
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

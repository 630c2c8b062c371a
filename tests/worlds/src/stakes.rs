//! Stake: two providers, two delegators, a client to whom a bond was promised, a slasher, and anyone.

use {
    crate::{
        Scope,
        search::{Key, World, next_instant},
    },
    joule_interface::Address,
    joule_math::{Bps, Seconds, Timestamp, Tokens},
    joule_stake::{
        rewards, slashing,
        staking::{
            positions::{self, Position},
            pots,
        },
    },
    joule_stake_interface::state::{
        Delegation, Pool, PoolPolicy, Provider, Rewards, Slash, Slasher, UnbondingPart, UnbondingTicket, rights,
        sentence, status,
    },
    std::fmt,
};

const START: i64 = 1_000_000;
const UNBONDING: i64 = 100;
const SLASH_DELAY: i64 = 20;
const EXECUTION: i64 = 30;
const PROVIDERS: usize = 2;
/// Each provider's own stake and two delegators'.
const OWNERS: usize = 3;
/// Providers, delegators, the client of a bond.
const PEOPLE: usize = 5;
const CLIENT: usize = 4;

/// What is explored beside staking and leaving.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct With {
    slashes: bool,
    bonds: bool,
    redelegations: bool,
    rewards: bool,
}

#[derive(Clone, Copy, Debug)]
struct Ticket {
    provider: usize,
    owner: usize,
    /// When it was made.
    made_at: i64,
    ticket: UnbondingTicket,
}

#[derive(Clone, Copy, Debug)]
struct Proposal {
    slash: Slash,
    proposed_at: i64,
    /// Least that it takes, if nothing is seized meanwhile: as much of it as there was, beside what was proposed before.
    least: u64,
    /// A bond was locked since.
    before_bond: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Bond {
    amount: Tokens,
    seized: UnbondingPart,
    withdrawable_at: Timestamp,
    /// Slashes that were proposed since it was locked: it answers for those.
    proposals_since: u8,
}

/// A pool.
#[derive(Clone)]
pub struct Stakes {
    pool: Pool,
    rewards: Rewards,
    slasher: Slasher,
    providers: [Provider; PROVIDERS],
    delegations: [[Delegation; OWNERS]; PROVIDERS],
    tickets: Vec<Ticket>,
    slashes: Vec<Proposal>,
    bond: Option<Bond>,
    now: i64,
    with: With,
    put_in: [u64; PEOPLE],
    got: [u64; PEOPLE],
    funded: u64,
    /// Taken by slashes, and seized for the client.
    slashed: u64,
    seized: u64,
    /// How often stake was added, and slashes were proposed.
    spent: [u8; 2],
    /// Tickets that were ever made. A slash takes up to a unit of each by rounding, which is whose who leaves last.
    made: u64,
}

/// A move. Providers by number; owners: 0 is the provider itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Move {
    /// Time passes until then.
    Wait(i64),
    /// Somebody puts two tokens in.
    Stake(usize, usize),
    /// Somebody takes so many out, or all.
    Unstake(usize, usize, u64),
    /// An owner takes a ticket back in.
    Cancel(usize),
    /// A ticket is paid: its owner calls, or anyone.
    Withdraw(usize, bool),
    /// An owner goes to the other provider.
    Redelegate(usize, usize),
    /// Anyone completes that.
    Complete(usize),
    /// Anyone stops it.
    Stop(usize),
    /// A job holds so many tokens of the provider's.
    Bond(u64),
    /// Its client is given so many of them.
    Seize(u64),
    /// The job is over.
    Release,
    /// The client's part is paid: the client calls, or anyone.
    WithdrawSeized(bool),
    /// A slash is proposed.
    Propose(u64, u8),
    /// Anyone executes it.
    Execute(usize),
    /// Anyone drops it when its time is over.
    Expire(usize),
    /// It is vetoed.
    Veto(usize),
    /// The provider leaves jail.
    Unjail,
    /// Anyone funds rewards.
    Fund,
    /// An owner takes its rewards.
    Claim(usize, usize),
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let owner = |owner: usize| ["itself", "delegator 1", "delegator 2"][owner];
        match *self {
            Self::Wait(until) => write!(f, "time passes until second {}", until - START),
            Self::Stake(provider, by) => write!(f, "{} stakes 2 with provider {provider}", owner(by)),
            Self::Unstake(provider, by, u64::MAX) => write!(f, "{} takes all out of provider {provider}", owner(by)),
            Self::Unstake(provider, by, amount) => {
                write!(f, "{} takes {amount} out of provider {provider}", owner(by))
            }
            Self::Propose(amount, how) => write!(f, "a slash of {amount} is proposed, with sentence {how}"),
            other => write!(f, "{other:?}"),
        }
    }
}

fn who(kind: u8, index: usize) -> Address {
    Address::new_from_array([kind * 16 + index as u8; 32])
}

/// Whose the stake of an owner with a provider is.
fn person(provider: usize, owner: usize) -> usize {
    if owner == 0 { provider } else { 1 + owner }
}

impl Stakes {
    fn new(with: With) -> Self {
        let policy = PoolPolicy {
            unbonding_period: Seconds(UNBONDING as u32),
            reward_period: Seconds(10),
            commission_delay: Seconds(50),
            slash_delay: Seconds(SLASH_DELAY as u32),
            slash_execution_window: Seconds(EXECUTION as u32),
            slash_window: Seconds(10),
            jail_period: Seconds(40),
            max_commission: Bps(10_000),
            max_commission_step: Bps(10_000),
            slash_limit: Bps(10_000),
            ..PoolPolicy::default()
        };
        let slasher = Slasher {
            rights: rights::ALL,
            slot: 1,
            slash_share: Bps::WHOLE,
            window_limit: Tokens(u64::MAX),
            ..Slasher::default()
        };
        let mut stakes = Self {
            pool: Pool { policy, ..Pool::default() },
            rewards: Rewards::default(),
            slasher,
            providers: Default::default(),
            delegations: Default::default(),
            tickets: vec![],
            slashes: vec![],
            bond: None,
            now: START,
            with,
            put_in: [0; PEOPLE],
            got: [0; PEOPLE],
            funded: 0,
            slashed: 0,
            seized: 0,
            spent: [0; 2],
            made: 0,
        };
        for provider in 0..PROVIDERS {
            let account = &mut stakes.providers[provider];
            (account.status, account.authority) = (status::ACTIVE, who(1, provider));
            (account.commission, account.own_multiplier) = (Bps(1_000), Bps::WHOLE);
            for owner in 0..OWNERS {
                let delegation = &mut stakes.delegations[provider][owner];
                delegation.multiplier = Bps::WHOLE;
                delegation.owner = if owner == 0 { who(1, provider) } else { who(2, owner) };
            }
        }
        for (provider, owner, tokens) in [(0, 0, 5), (0, 1, 3), (0, 2, 2), (1, 0, 2)] {
            stakes.position(provider, owner).stake(Tokens(tokens)).expect("stake");
            stakes.put_in[person(provider, owner)] += tokens;
        }
        stakes
    }

    fn position(&mut self, provider: usize, owner: usize) -> Position<'_> {
        Position {
            pool: &self.pool,
            rewards: &mut self.rewards,
            provider: &mut self.providers[provider],
            delegation: &mut self.delegations[provider][owner],
            now: Timestamp(self.now),
        }
    }

    /// What each can take out, or has taken out.
    fn claims(&self) -> Result<[u64; PEOPLE], String> {
        let fails = |what: &str| format!("{what} cannot be computed");
        let mut claims = self.got;
        for (index, provider) in self.providers.iter().enumerate() {
            claims[index] += provider.own_stake().map_err(|_| fails("own stake"))?.0;
            for owner in 1..OWNERS {
                let worth = self.delegations[index][owner].worth(provider).map_err(|_| fails("a delegation"))?;
                claims[person(index, owner)] += worth.0;
            }
        }
        for Ticket { provider, owner, ticket, .. } in &self.tickets {
            let worth = self.providers[*provider].worth(&ticket.part).map_err(|_| fails("a ticket"))?;
            claims[person(*provider, *owner)] += worth.0;
        }
        if let Some(bond) = self.bond.filter(|bond| bond.seized.price != 0) {
            claims[CLIENT] += self.providers[0].worth(&bond.seized).map_err(|_| fails("what is seized"))?.0;
        }
        Ok(claims)
    }

    fn would(&self, one: Move) -> bool {
        self.clone().make(&one) == Ok(true)
    }

    /// How many tickets somebody has.
    fn parts_of(&self, person: usize) -> u64 {
        self.tickets.iter().filter(|one| crate::stakes::person(one.provider, one.owner) == person).count() as u64
    }

    fn vault(&self) -> u64 {
        self.put_in.iter().sum::<u64>() + self.funded - self.got.iter().sum::<u64>()
    }

    fn books(&self) -> Result<(), String> {
        let held = |provider: &Provider| {
            let pots = provider.delegated.tokens.0 + provider.unbonding.tokens.0 + provider.withheld.tokens.0;
            provider.own.0 + provider.bonded.0 + pots + provider.slashed.0 + provider.treasury_due.0
        };
        let held = self.providers.iter().map(held).sum::<u64>() + self.rewards.unclaimed.0;
        if held != self.vault() {
            return Err(format!("the vault has {}, and {held} are booked", self.vault()));
        }
        for (index, provider) in self.providers.iter().enumerate() {
            let shares: u128 = self.delegations[index].iter().map(|one| one.shares.get()).sum();
            let weight: u128 = self.delegations[index].iter().map(|one| one.weight.get()).sum();
            if (provider.delegated.shares.get(), provider.delegated_weight.get()) != (shares, weight) {
                return Err("a provider's shares or weight are not its delegations'".into());
            }
            let bonded = self.bond.filter(|_| index == 0).map_or(0, |bond| bond.amount.0);
            if provider.bonded.0 != bonded || provider.lien > provider.bonded {
                return Err(format!(
                    "{} are bonded, {} of it owed, for a bond of {bonded}",
                    provider.bonded.0, provider.lien.0
                ));
            }
            let pending: u64 = self.slashes.iter().filter(|_| index == 0).map(|one| one.slash.amount.0).sum();
            if provider.slash_pending.0 != pending || provider.withheld_liable > provider.withheld.tokens {
                return Err("what is proposed, or withheld for it, is booked wrongly".into());
            }
            let of = self.tickets.iter().filter(|one| one.provider == index).map(|one| one.ticket.part);
            let seized = self.bond.filter(|bond| index == 0 && bond.seized.price != 0).map(|bond| bond.seized);
            let parts: Vec<UnbondingPart> = of.chain(seized).collect();
            for (pot, withheld) in [(provider.unbonding, 0), (provider.withheld, 1)] {
                let parts: Vec<_> = parts.iter().filter(|part| part.withheld == withheld).collect();
                let worth: u64 = parts.iter().map(|part| pot.worth(part).map_or(u64::MAX / 4, |worth| worth.0)).sum();
                if parts.len() != pot.ticket_count as usize || worth > pot.tokens.0 {
                    return Err(format!("{} tickets are worth {worth} of {}", parts.len(), pot.tokens.0));
                }
            }
            let incoming = self.tickets.iter().filter(|one| one.provider != index).map(|one| one.ticket.weight.0);
            if provider.incoming.0 != incoming.sum::<u64>() {
                return Err("what is on its way is weighed wrongly".into());
            }
        }
        let weights = self.providers.iter().map(|provider| provider.weight().map_or(0, |weight| weight.0));
        if self.rewards.total_weight.0 != weights.sum::<u64>() {
            return Err("the pool's weight is not its providers'".into());
        }
        Ok(())
    }

    /// The first provider's slash of a proposal: what each loses by it.
    fn execute(&mut self, index: usize) -> Result<bool, String> {
        let (before, held, proposal) = (self.claims()?, self.providers[0], self.slashes[index]);
        let now = Timestamp(self.now);
        let (rewards, provider) = (&mut self.rewards, &mut self.providers[0]);
        let Ok(loss) = slashing::execute(&self.pool, rewards, provider, &proposal.slash, now) else {
            return Ok(false);
        };
        let from = proposal.proposed_at + SLASH_DELAY;
        if !(from..from + EXECUTION).contains(&self.now) {
            return Err(format!("it is executed in second {}, not in its time", self.now - START));
        }
        self.slashes.remove(index);
        let answers = self.bond.is_none_or(|bond| bond.proposals_since > 0);
        // Of several slashes each is rounded by itself: an odd unit may be left for a bond.
        let odd = self.spent[1].saturating_sub(1) as u64;
        if proposal.before_bond && !answers && loss.lien.0 > odd {
            return Err(format!("a slash that was proposed before a bond takes {} of it", loss.lien.0));
        }
        let taken = loss.own.0 + loss.delegated.0 + loss.unbonding.0 + loss.withheld.0;
        self.slashed += taken;
        let amount = proposal.slash.amount.0;
        // What another slash or a job took is not there any more.
        let is_alone = self.spent[1] == 1 && self.seized == 0;
        if taken > amount || taken < proposal.least && is_alone {
            return Err(format!("it takes {taken} of {amount}, and {} at least were there", proposal.least));
        }
        // Of all that did not leave since, the same part; the provider pays the odd unit.
        let all = held.stake().map_err(|_| "the stake cannot be computed")?.0;
        let (after, wanted) = (self.claims()?, amount - loss.withheld.0);
        let withheld = |person: usize| {
            let mine = |one: &&Ticket| crate::stakes::person(one.provider, one.owner) == person;
            self.tickets.iter().filter(mine).any(|one| one.ticket.part.withheld == 1)
        };
        for person in 0..PEOPLE {
            let lost = before[person] - after[person];
            let has = before[person] - self.got[person];
            let is_elsewhere = person == 1;
            if is_elsewhere && lost > 0 {
                return Err("a slash of one provider takes of another".into());
            }
            // Of each ticket rounding may take a unit.
            let parts = 1 + self.parts_of(person);
            let most = if all == 0 { 0 } else { (wanted.min(all) * has).div_ceil(all) } + parts;
            if lost > most && !withheld(person) && person != CLIENT {
                return Err(format!("person {person}, who had {has} of {all}, loses {lost} of {wanted}"));
            }
        }
        Ok(true)
    }

    fn drop_slash(&mut self, index: usize) -> Result<bool, String> {
        let before = self.claims()?;
        let slash = self.slashes.remove(index).slash;
        if slashing::drop_slash(&mut self.providers[0], &slash).is_err() {
            return Err("a proposal cannot be dropped".into());
        }
        if self.claims()? != before {
            return Err("a slash that is not executed takes something".into());
        }
        Ok(true)
    }
}

impl World for Stakes {
    type Move = Move;

    fn moves(&self, moves: &mut Vec<Move>) {
        let With { slashes, bonds, redelegations, rewards } = self.with;
        let times = self.tickets.iter().map(|one| one.ticket.withdrawable_at.0);
        let decided = self.slashes.iter().flat_map(|one| [one.slash.executable_at.0, one.slash.expires_at.0]);
        let seized = self.bond.iter().filter(|bond| bond.seized.price != 0).map(|bond| bond.withdrawable_at.0);
        let jail = self.providers[0].jail_ends_at.0;
        let arrival = self.rewards.updated_at.0 + self.rewards.distribution_period.0 as i64;
        let arrives = (!self.rewards.undistributed.is_zero()).then_some([arrival, (self.now + arrival) / 2]);
        let all = times.chain(decided).chain(seized).chain([jail]).chain(arrives.into_iter().flatten());
        moves.extend(next_instant(self.now, all).map(Move::Wait));
        for owner in 0..OWNERS {
            if self.spent[0] == 0 {
                moves.push(Move::Stake(0, owner));
            }
            moves.extend([Move::Unstake(0, owner, 1), Move::Unstake(0, owner, u64::MAX)]);
            if redelegations && owner > 0 {
                moves.extend([Move::Redelegate(0, owner), Move::Unstake(1, owner, u64::MAX)]);
            }
            if rewards && !self.delegations[0][owner].claimable().is_zero() {
                moves.push(Move::Claim(0, owner));
            }
        }
        for ticket in 0..self.tickets.len() {
            moves.extend([Move::Cancel(ticket), Move::Withdraw(ticket, true), Move::Withdraw(ticket, false)]);
            if positions::is_redelegation(&self.tickets[ticket].ticket) {
                moves.extend([Move::Complete(ticket), Move::Stop(ticket)]);
            }
        }
        match self.bond {
            None if bonds && self.seized == 0 => moves.push(Move::Bond(2)),
            Some(bond) => {
                moves.push(Move::Release);
                moves.extend([1, 2].into_iter().filter(|part| *part <= bond.amount.0).map(Move::Seize));
                if bond.seized.price != 0 {
                    moves.extend([Move::WithdrawSeized(true), Move::WithdrawSeized(false)]);
                }
            }
            None => {}
        }
        if slashes && self.spent[1] < 2 {
            moves.extend([Move::Propose(3, sentence::FINE), Move::Propose(5, sentence::JAIL)]);
            moves.push(Move::Propose(1, sentence::TOMBSTONE));
        }
        for slash in 0..self.slashes.len() {
            moves.extend([Move::Execute(slash), Move::Expire(slash), Move::Veto(slash)]);
        }
        if self.providers[0].status == status::JAILED {
            moves.push(Move::Unjail);
        }
        if rewards && self.funded == 0 {
            moves.push(Move::Fund);
        }
    }

    fn is_crank(one: &Move) -> bool {
        matches!(
            one,
            Move::Wait(_)
                | Move::Withdraw(_, false)
                | Move::Complete(_)
                | Move::Release
                | Move::WithdrawSeized(false)
                | Move::Execute(_)
                | Move::Expire(_)
        )
    }

    fn make(&mut self, one: &Move) -> Result<bool, String> {
        let now = Timestamp(self.now);
        let after = |seconds: i64| Timestamp(self.now + seconds);
        let done = match *one {
            Move::Wait(until) => {
                self.now = until;
                true
            }
            Move::Stake(provider, owner) => {
                self.spent[0] += 1;
                self.put_in[person(provider, owner)] += 2;
                self.position(provider, owner).stake(Tokens(2)).is_ok()
            }
            Move::Unstake(provider, owner, amount) => {
                let withdrawable_at = after(UNBONDING);
                let Ok(part) = self.position(provider, owner).unstake(Tokens(amount)) else { return Ok(false) };
                let ticket = UnbondingTicket { part, withdrawable_at, ..UnbondingTicket::default() };
                self.made += 1;
                self.tickets.push(Ticket { provider, owner, made_at: self.now, ticket });
                true
            }
            Move::Cancel(index) => {
                let Ticket { provider, owner, ticket, .. } = self.tickets[index];
                if self.position(provider, owner).cancel(&ticket).is_err() {
                    return Ok(false);
                }
                self.tickets.remove(index);
                true
            }
            Move::Withdraw(index, by_owner) => {
                let Ticket { provider, owner, made_at, mut ticket } = self.tickets[index];
                if positions::is_redelegation(&ticket) {
                    return Ok(false);
                }
                let was_withheld = ticket.part.withheld == 1;
                let UnbondingTicket { part, withdrawable_at, .. } = &mut ticket;
                let account = &mut self.providers[provider];
                let paid = pots::leave_but_for_slashes(&self.pool.policy, account, part, withdrawable_at, now);
                let Ok((tokens, withheld)) = paid else { return Ok(false) };
                if !withheld.is_zero() && !by_owner {
                    return Ok(false);
                }
                if !was_withheld && self.now < made_at + UNBONDING {
                    return Err("it is paid before its time".into());
                }
                self.got[person(provider, owner)] += tokens.0;
                self.tickets[index].ticket = ticket;
                if withheld.is_zero() {
                    self.tickets.remove(index);
                }
                true
            }
            Move::Redelegate(provider, owner) => {
                let mut ticket = UnbondingTicket {
                    withdrawable_at: after(UNBONDING),
                    new_delegation: who(7, owner),
                    ..UnbondingTicket::default()
                };
                let [first, second] = &mut self.providers;
                let [ours, theirs] = &mut self.delegations;
                let (rewards, delegation) = (&mut self.rewards, &mut ours[owner]);
                let mut here = Position { pool: &self.pool, rewards, provider: first, delegation, now };
                if here.redelegate(second, &mut theirs[owner], pots::ALL, &mut ticket).is_err() {
                    return Ok(false);
                }
                self.made += 1;
                self.tickets.push(Ticket { provider, owner, made_at: self.now, ticket });
                true
            }
            Move::Complete(index) | Move::Stop(index) => {
                let Ticket { owner, mut ticket, .. } = self.tickets[index];
                let completes = matches!(one, Move::Complete(_));
                let before = self.claims()?;
                let [first, second] = &mut self.providers;
                let delegation = &mut self.delegations[1][owner];
                let rewards = &mut self.rewards;
                let mut there = Position { pool: &self.pool, rewards, provider: second, delegation, now };
                let through = if completes {
                    there.complete_redelegation(first, &mut ticket).map(|(_, through)| through)
                } else {
                    there.stop_redelegation(first, &mut ticket).map(|()| false)
                };
                let Ok(through) = through else { return Ok(false) };
                self.tickets[index].ticket = ticket;
                if through {
                    self.tickets.remove(index);
                }
                let after = self.claims()?;
                if before.iter().zip(after).any(|(before, after)| after < *before) {
                    return Err(format!(
                        "to go to another provider costs somebody something: {before:?}, then {after:?}"
                    ));
                }
                true
            }
            Move::Bond(amount) => {
                let done = pots::bond(&mut self.providers[0], Tokens(amount)).is_ok();
                self.bond = Some(Bond { amount: Tokens(amount), ..Bond::default() });
                self.slashes.iter_mut().for_each(|one| one.before_bond = true);
                done
            }
            Move::Seize(amount) => {
                let before = self.claims()?;
                let (provider, mut bond) = (&mut self.providers[0], self.bond.expect("a bond"));
                let Ok(lien) = pots::seize(provider, Tokens(amount)) else { return Ok(false) };
                let tokens = Tokens(amount - lien.0);
                if pots::seize_for_client(provider, &mut bond.seized, tokens).is_err() {
                    return Ok(false);
                }
                bond.amount = Tokens(bond.amount.0 - amount);
                bond.withdrawable_at = after(UNBONDING);
                self.bond = Some(bond);
                self.seized += tokens.0;
                let after = self.claims()?;
                let others = |claims: [u64; PEOPLE]| [claims[1], claims[2], claims[3]];
                // What rounding left of a slash is whose who leaves last: one more may leave now.
                let dust = if self.slashed == 0 { 0 } else { self.made + 1 };
                let near = |before: u64, after: u64| before.abs_diff(after) <= dust;
                let same = others(before).into_iter().zip(others(after)).all(|(before, after)| near(before, after));
                if !same || !near(before[0], after[0] + tokens.0) {
                    return Err(format!("a seizure takes of others than the provider: {before:?}, then {after:?}"));
                }
                true
            }
            Move::Release => {
                let bond = self.bond.expect("a bond");
                if pots::release(&mut self.providers[0], bond.amount).is_err() {
                    return Err("a bond cannot be released".into());
                }
                self.bond = (bond.seized.price != 0).then_some(Bond { amount: Tokens(0), ..bond });
                true
            }
            Move::WithdrawSeized(by_client) => {
                let mut bond = self.bond.expect("a bond");
                let is_released = bond.amount.is_zero();
                let Bond { seized, withdrawable_at, .. } = &mut bond;
                let account = &mut self.providers[0];
                let paid = pots::leave_but_for_slashes(&self.pool.policy, account, seized, withdrawable_at, now);
                let Ok((tokens, withheld)) = paid else { return Ok(false) };
                if !(withheld.is_zero() || is_released && by_client) {
                    return Ok(false);
                }
                self.got[CLIENT] += tokens.0;
                if withheld.is_zero() {
                    bond.seized = UnbondingPart::default();
                }
                self.bond = (!is_released || !withheld.is_zero()).then_some(bond);
                true
            }
            Move::Propose(amount, how) => {
                self.spent[1] += 1;
                let (provider, amount) = (&mut self.providers[0], Tokens(amount));
                let there = provider.stake().map_err(|_| "the stake cannot be computed")?.0;
                let least = amount.0.min(there.saturating_sub(provider.pending().0));
                let times = slashing::propose(&self.pool, &mut self.slasher, provider, amount, how, now);
                let Ok((executable_at, expires_at)) = times else { return Ok(false) };
                let Provider { staying, staying_scale, .. } = *provider;
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
                if let Some(bond) = &mut self.bond {
                    bond.proposals_since += 1;
                }
                self.slashes.push(Proposal { slash, proposed_at: self.now, least, before_bond: false });
                true
            }
            Move::Execute(index) => return self.execute(index),
            Move::Expire(index) if now < self.slashes[index].slash.expires_at => false,
            Move::Expire(index) | Move::Veto(index) => return self.drop_slash(index),
            Move::Unjail => slashing::leave_jail(&mut self.rewards, &mut self.providers[0], now).is_ok(),
            Move::Fund => {
                self.funded = 7;
                rewards::fund(&mut self.rewards, Tokens(7), self.pool.policy.reward_period, now).is_ok()
            }
            Move::Claim(provider, owner) => {
                let Ok(tokens) = self.position(provider, owner).claim() else { return Ok(false) };
                let left = self.funded.checked_sub(tokens.0);
                self.funded = left.ok_or("more rewards are paid than were funded")?;
                true
            }
        };
        Ok(done)
    }

    fn check(&self) -> Result<(), String> {
        self.books()?;
        let claims = self.claims()?;
        // Who leaves last has what rounding left of others.
        let dust = if self.slashed == 0 { 0 } else { self.made + OWNERS as u64 };
        for (person, (has, put_in)) in claims.iter().zip(self.put_in).enumerate().take(CLIENT) {
            if *has > put_in + dust {
                return Err(format!("person {person} put {put_in} in, and has {has}"));
            }
            let untouched = self.slashed == 0 && (person > 0 || self.seized == 0);
            if untouched && *has != put_in {
                return Err(format!("person {person} has {has} of {put_in}, and nothing was slashed"));
            }
        }
        if claims[CLIENT] > self.seized + dust {
            return Err(format!("the client has {}, and {} were seized", claims[CLIENT], self.seized));
        }
        // All that is lost was taken by slashes, but for what rounding leaves to who leaves last.
        let (all, has) = (self.put_in.iter().sum::<u64>(), claims.iter().sum::<u64>());
        if has + self.slashed > all || has + self.slashed + self.made + OWNERS as u64 + 1 < all {
            return Err(format!("all have {has} of {all}, and {} were slashed", self.slashed));
        }
        // Whoever delegates can leave.
        for owner in 1..OWNERS {
            let worth = self.delegations[0][owner].worth(&self.providers[0]).map_or(0, |worth| worth.0);
            if worth > 0 && !self.would(Move::Unstake(0, owner, u64::MAX)) {
                return Err(format!("delegator {owner} has {worth}, and cannot leave"));
            }
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        self.tickets.is_empty() && self.slashes.is_empty() && self.bond.is_none()
    }

    fn write(&self, key: &mut Key) {
        // When rewards were brought up does not matter while none are to arrive; nor, here, for how long own stake has stood.
        let mut rewards = self.rewards;
        if rewards.undistributed.is_zero() {
            rewards.updated_at = Timestamp(0);
        }
        key.account(&rewards);
        for provider in &self.providers {
            let none = (Tokens(0), Timestamp(0));
            let mut provider = *provider;
            (provider.fresh, provider.fresh_ends_at) = none;
            (provider.newer, provider.newer_ends_at) = none;
            key.account(&provider);
        }
        self.delegations.iter().flatten().for_each(|delegation| key.account(delegation));
        for one in &self.tickets {
            key.add(&(one.provider, one.owner, one.made_at));
            key.account(&one.ticket);
        }
        for one in &self.slashes {
            key.account(&one.slash);
            key.add(&(one.proposed_at, one.least, one.before_bond));
        }
        if let Some(bond) = self.bond {
            key.account(&bond.seized);
            key.add(&(bond.amount.0, bond.withdrawable_at.0, bond.proposals_since));
        }
        key.add(&(
            self.now,
            self.put_in,
            self.got,
            self.funded,
            self.slashed,
            self.seized,
            self.spent,
            self.made,
            self.with,
        ));
        key.add(&(self.slasher.window_started_at.0, self.slasher.window_proposed.0));
    }

    fn tell(&self) -> String {
        let provider = &self.providers[0];
        let tickets: Vec<u64> = self.tickets.iter().map(|one| one.ticket.part.tokens.0).collect();
        let slashes: Vec<u64> = self.slashes.iter().map(|one| one.slash.amount.0).collect();
        format!(
            "second {}: own {}, bonded {}, owed of it {}, delegated {}, leaving {}, withheld {} of which slashes may take {}, \
             slashed {}; tickets {tickets:?}, proposed {slashes:?}; the two providers, the two delegators and the client have \
             {:?} of {:?}",
            self.now - START,
            provider.own.0,
            provider.bonded.0,
            provider.lien.0,
            provider.delegated.tokens.0,
            provider.unbonding.tokens.0,
            provider.withheld.tokens.0,
            provider.withheld_liable.0,
            provider.slashed.0,
            self.claims().unwrap_or_default(),
            self.put_in,
        )
    }
}

/// Pools in which there are slashes, bonds and slashes, redelegations and slashes, and rewards.
pub fn starts(_: Scope) -> Vec<Stakes> {
    let slashes = With { slashes: true, ..With::default() };
    let all = [
        slashes,
        With { bonds: true, ..slashes },
        With { redelegations: true, ..slashes },
        With { rewards: true, ..With::default() },
    ];
    let mut starts = all.map(Stakes::new).to_vec();
    // Two in the middle of something: jobs hold most of what a slash is to take; and a ticket is nearly due.
    let after = |with: With, moves: &[Move]| {
        let mut start = Stakes::new(with);
        moves.iter().for_each(|one| assert_eq!(start.make(one), Ok(true), "{one}"));
        start
    };
    starts.push(after(all[1], &[Move::Bond(4), Move::Propose(5, sentence::FINE), Move::Wait(START + 19)]));
    starts.push(after(slashes, &[Move::Unstake(0, 1, u64::MAX), Move::Wait(START + 99)]));
    starts
}

/// Moves from a start.
pub fn depth(scope: Scope) -> u32 {
    match scope {
        Scope::Small => 4,
        Scope::Large => 5,
    }
}

//! A pool of wrapped SOL whose authority and guardian have turned. Honest are H, a provider with stake of its own that comes little by
//! little, which takes jobs; D and B, who delegate, locked and not, read the news and leave before what is announced is in force; C,
//! the client of jobs, who is gone; S, a slasher that reports jobs and proposes what it learns. The coalition is the authority and the
//! guardian, P and Q, two providers, E, who delegates, and T and V, slashers whom the authority gives what it likes. Before it begins
//! much has happened already: see [`Governing::begin`], and what stands in `new`.

use {
    super::{Act, Balance, Gene, Scene, Stage, hash, pass_to, stake::seen},
    crate::{
        Network, Receipt,
        fixture::{Backer, Pool, TOKEN},
    },
    joule_bme_interface::state::Network as NetworkState,
    joule_interface::{Address, Instruction, TOKEN_PROGRAM},
    joule_math::{Bps, Seconds, Timestamp, Tokens},
    joule_stake_interface::{
        ID,
        event::*,
        pda,
        state::{
            Bond, Delegation, PolicyChange, Pool as PoolState, PoolPolicy, Provider, ProviderStub, Slash, Slasher,
            UnbondingTicket, WHOLE_JOB, outcome, rights, sentence, status,
        },
    },
    solana_keypair::Keypair,
    solana_signer::Signer,
    std::collections::{BTreeMap, BTreeSet},
};

const DAY: i64 = 86_400;
const H: usize = 0;
const D: usize = 1;
const B: usize = 2;
const C: usize = 3;
const P: usize = 4;
const Q: usize = 5;
const E: usize = 6;
const NAMES: [&str; 7] = ["H", "D", "B", "C", "P", "Q", "E"];
/// The providers: H's, P's, Q's.
const OWNERS: [usize; 3] = [H, P, Q];
/// What H has in the network's other pool.
const ELSEWHERE: u64 = 5 * TOKEN;
/// Who delegates to which provider; the first five are honest.
const BACKERS: [(usize, usize); 10] = [(H, 0), (D, 0), (D, 1), (B, 1), (B, 0), (P, 1), (Q, 2), (E, 1), (E, 2), (E, 0)];
const HONEST: usize = 5;
const STAKED: [u64; 4] = [60, 200, 100, 0];
const WALLET: u64 = 1_000 * TOKEN;
const DUST: i128 = 20_000;
const NATIVE: Address = Address::from_str_const("So11111111111111111111111111111111111111112");
/// The slashers: S, T, V.
const SLASHERS: [&str; 3] = ["S", "T", "V"];
/// How long a change waits at least, whatever it is.
const DELAY: i64 = 7_200;

/// What a slasher may do, and from when; what it may do until then.
#[derive(Clone, Copy, Default)]
struct Terms {
    rights: u32,
    share: u64,
    limit: u64,
    from: i64,
    /// Share and limit before.
    before: (u64, u64),
    /// Until when it has to be there, for what it locked.
    stays: i64,
}

impl Terms {
    fn slashes(&self) -> bool {
        self.rights & rights::SLASH as u32 != 0
    }

    /// Its share and its limit at a time.
    fn at(&self, now: i64) -> (u64, u64) {
        match (self.slashes(), now < self.from) {
            (false, _) => (0, 0),
            (true, true) => (self.share.min(self.before.0), self.limit.min(self.before.1)),
            (true, false) => (self.share, self.limit),
        }
    }
}

/// What was proposed of a provider since a window began.
#[derive(Clone, Default)]
struct Window {
    began: i64,
    /// The stake then: the most and the least that it may be counted as.
    stake: u64,
    least: u64,
    all: u64,
    /// By slasher: tokens, and sentences.
    by: [(u64, u8); 3],
}

/// How often what was promised did not hold.
#[derive(Clone, Default)]
struct Broken {
    early: u64,
    over: u64,
    silent: u64,
    held: u64,
    loose: u64,
    soon: u64,
    young: u64,
    idle: u64,
    back: u64,
    record: u64,
    gone: u64,
    left: u64,
}

/// The pool as it was after the last transaction.
#[derive(Clone, Default)]
struct Before {
    pool: Option<PoolState>,
    providers: [Option<Provider>; 3],
    delegations: Vec<Option<Delegation>>,
    tickets: BTreeMap<Address, UnbondingTicket>,
    slashers: [bool; 3],
}

#[derive(Clone, Default)]
struct Memory {
    broken: Broken,
    before: Before,
    /// When a policy that waits may be in force.
    change: i64,
    /// Whether one waited before the last transaction.
    change_waits: bool,
    slashers: [Terms; 3],
    windows: [Window; 3],
    /// By slasher: when its window began, and what it proposed since.
    proposed: [(i64, u64); 3],
    /// When changes were announced that are worse for backers.
    news: Vec<i64>,
    /// When D and B leave.
    leaves: [Option<i64>; 2],
    /// When the lock of a delegation began.
    locks: BTreeMap<Address, i64>,
    /// When a ticket, or what was seized, may leave.
    due: BTreeMap<Address, i64>,
    /// Own stake of each provider, whenever it changed.
    own: [Vec<(i64, u64)>; 3],
    /// Shortest time that stake ever had to stand, and longest; the highest least stake.
    standing: (u32, u32, u64),
    dead: [bool; 3],
    /// Good jobs, all jobs, as of that day.
    records: [(f64, f64, i64); 3],
    slashed: [u64; 3],
    /// H's jobs: bonds, and when they end. When the next begins, and when H adds to its stake.
    jobs: Vec<(Address, i64)>,
    next_job: i64,
    next_stake: i64,
    job_count: u64,
    /// Everything ends.
    closing: bool,
    later: BTreeMap<Address, i64>,
}

/// What honest people and keepers do.
enum Duty {
    Send(Instruction, Option<usize>, Address),
    Leave(usize),
    Work,
    Deliver(Address),
    Add,
}

/// See the module.
pub struct Governing {
    stage: Stage,
    network: Network,
    pool: Pool,
    keys: Vec<Keypair>,
    wallets: Vec<Address>,
    providers: [Address; 3],
    backers: Vec<Backer>,
    slashers: [Keypair; 3],
    /// Their accounts, and where a change of the policy waits.
    derived: [Address; 4],
    /// E had a provider, which is out for good.
    out: Address,
    /// Another pool of the network, without slashers, and H there.
    other: (Pool, Backer),
    had: [u64; 7],
    memory: Memory,
    first: Memory,
}

/// Whether the new rules are worse for whoever has stake in the pool, where what is slashed goes included.
fn is_worse((new, to): (&PoolPolicy, Address), (old, from): (&PoolPolicy, Address)) -> bool {
    let longer = [
        (new.unbonding_period, old.unbonding_period),
        (new.slash_execution_window, old.slash_execution_window),
        (new.jail_period, old.jail_period),
        (new.reward_period, old.reward_period),
        (old.slash_delay, new.slash_delay),
        (old.slash_window, new.slash_window),
        (old.commission_delay, new.commission_delay),
    ];
    let higher = [
        (new.slash_limit, old.slash_limit),
        (new.max_commission, old.max_commission),
        (new.max_commission_step, old.max_commission_step),
    ];
    longer.iter().any(|(more, less)| more > less)
        || higher.iter().any(|(more, less)| more > less)
        || new.min_slash < old.min_slash
        || new.slash_burned_share != old.slash_burned_share
        || to != from && to != Address::default()
}

fn all_of(provider: &Provider) -> u64 {
    own_of(provider) + provider.delegated.tokens.0 + provider.unbonding.tokens.0
}

fn own_of(provider: &Provider) -> u64 {
    provider.own.0 + provider.bonded.0 - provider.lien.0
}

fn part_of(share: u64, stake: u64) -> u64 {
    (stake as u128 * share as u128 / 10_000) as u64
}

impl Governing {
    fn provider(&self, p: usize) -> Option<Provider> {
        self.stage.find(self.providers[p])
    }

    fn place(&self, provider: Address) -> Option<usize> {
        self.providers.iter().position(|other| *other == provider)
    }

    fn party(&self, owner: Address) -> Option<usize> {
        self.keys.iter().position(|key| key.pubkey() == owner)
    }

    fn slasher(&self, s: usize) -> Address {
        self.derived[s]
    }

    fn delegation(&self, b: usize) -> Option<Delegation> {
        self.stage.find(self.backers[b].delegation)
    }

    fn worth(&self, b: usize) -> u64 {
        let (owner, p) = BACKERS[b];
        let Some(provider) = self.provider(p) else { return 0 };
        if owner == OWNERS[p] {
            return provider.own.0;
        }
        let shares = self.delegation(b).map_or(0, |delegation| delegation.shares.get());
        (shares as f64 * provider.delegated.price as f64 / joule_math::PRICE_ONE as f64) as u64
    }

    fn tickets(&self) -> Vec<(Address, UnbondingTicket)> {
        self.stage.all()
    }

    fn present(&self) -> Before {
        Before {
            pool: self.stage.find(self.pool.address),
            providers: std::array::from_fn(|p| self.provider(p)),
            delegations: (0..BACKERS.len()).map(|b| self.delegation(b)).collect(),
            tickets: self.tickets().into_iter().collect(),
            slashers: [0, 1, 2].map(|s| self.stage.find::<Slasher>(self.slasher(s)).is_some()),
        }
    }

    /// When a change may be in force that is announced now: who begins to leave within a day has left, and so has who left before.
    fn earliest(&self, now: i64, change_waits: bool) -> i64 {
        let pools = [&self.memory.before.pool, &self.stage.find::<PoolState>(self.pool.address)];
        let periods = pools.iter().filter_map(|pool| pool.as_ref()).map(|pool| pool.policy.unbonding_period.0);
        let waiting = self.stage.find::<PolicyChange>(self.derived[3]).filter(|_| change_waits);
        let waiting = waiting.map_or(0, |change| change.policy.unbonding_period.0);
        let period = periods.min().unwrap_or_default().max(waiting);
        let tickets = self.memory.before.tickets.values().filter(|ticket| ticket.part.withheld == 0);
        let last = tickets.map(|ticket| ticket.withdrawable_at.0).max().unwrap_or_default();
        (now + DELAY).max((now + period as i64).max(last) + DAY)
    }

    fn announce(&mut self, now: i64) {
        self.memory.news.push(now);
        for (who, wait) in [DAY - 1, 3_600].into_iter().enumerate() {
            let at = self.memory.leaves[who].map_or(now + wait, |at| at.min(now + wait));
            self.memory.leaves[who] = Some(at);
        }
    }

    /// A lock is void: a change was announced in the second in which it began, or later, and is not in force.
    fn is_void(&self, began: i64, now: i64) -> bool {
        let pools = [&self.memory.before.pool, &self.stage.find::<PoolState>(self.pool.address)];
        let open = pools.iter().filter_map(|pool| pool.as_ref()).any(|pool| now < pool.exit_ends_at.0);
        open && self.memory.news.iter().any(|at| *at >= began)
    }

    /// Compares what happened with what was promised, and remembers it.
    fn watch(&mut self, receipt: &Receipt) {
        let now = self.stage.now();
        let after = self.present();
        let terms = self.memory.slashers;
        self.watch_changes(receipt, &after, now);
        self.watch_slashes(receipt, &after, now, &terms);
        self.watch_stake(receipt, &after, now);
        self.watch_bonds(receipt, &after, now);
        self.memory.before = after;
        self.memory.change_waits = self.stage.find::<PolicyChange>(self.derived[3]).is_some();
    }

    fn watch_changes(&mut self, receipt: &Receipt, after: &Before, now: i64) {
        let (Some(old), Some(new)) = (self.memory.before.pool, after.pool) else { return };
        let pool = self.pool.address;
        let of_it = |source: Address| source == pool;
        for event in receipt.events::<PolicyProposed>(ID).into_iter().filter(|event| of_it(event.header.source)) {
            let change = self.stage.find::<PolicyChange>(self.derived[3]);
            // What was withdrawn at once opens the way out as well.
            let worse = change.map_or(new.exit_ends_at > old.exit_ends_at, |change| {
                is_worse((&change.policy, change.treasury), (&old.policy, old.treasury))
            });
            self.memory.change = if worse { self.earliest(now, true) } else { now + DELAY };
            self.memory.broken.early += (event.executable_at.0 < self.memory.change) as u64;
            if worse {
                self.announce(now);
            }
        }
        for _ in
            receipt.events::<PolicyChanged>(ID).into_iter().filter(|event| event.header.source == self.pool.address)
        {
            self.memory.broken.early += (now < self.memory.change) as u64;
            let policy = new.policy;
            let (shortest, longest, least) = self.memory.standing;
            let standing = policy.standing_period.0;
            self.memory.standing = (shortest.min(standing), longest.max(standing), least.max(policy.min_self_stake.0));
        }
        for event in receipt.events::<SlasherChanged>(ID) {
            let Some(s) = (0..3).find(|s| self.slasher(*s) == event.slasher) else { continue };
            let was = self.memory.slashers[s];
            let mut is =
                Terms { rights: event.rights, share: event.slash_share as u64, limit: event.window_limit.0, ..was };
            let is_raised = is.slashes() && (!was.slashes() || is.share > was.share || is.limit > was.limit);
            if is_raised {
                is.before = was.at(now);
                // What another instruction of the transaction announces may come after it.
                is.from = self.earliest(now, self.memory.change_waits);
                self.memory.broken.early += (event.active_at.0 < is.from) as u64;
                self.announce(now);
            }
            if is.slashes() && !was.slashes() {
                // It begins anew, in what all slashers together may propose.
                self.memory.windows.iter_mut().for_each(|window| window.by[s] = (0, 0));
            }
            if is.rights & rights::BOND as u32 == 0 && was.rights & rights::BOND as u32 != 0 {
                is.stays = now + old.policy.unbonding_period.0.min(new.policy.unbonding_period.0) as i64;
            }
            self.memory.slashers[s] = is;
        }
        // Whoever goes has no rights, and what it did is over.
        let window = old.policy.slash_window.0.min(new.policy.slash_window.0) as i64;
        for s in (0..3).filter(|s| self.memory.before.slashers[*s] && !after.slashers[*s]) {
            let Terms { rights, stays, .. } = self.memory.slashers[s];
            let proposed = self.memory.proposed[s].0;
            self.memory.broken.gone += (rights != 0 || now < stays || now < proposed + window) as u64;
        }
    }

    fn window(&self, p: usize, now: i64) -> Window {
        let length = self.memory.before.pool.map_or(0, |pool| pool.policy.slash_window.0 as i64);
        let window = &self.memory.windows[p];
        if now < window.began + length {
            return window.clone();
        }
        let stake = self.memory.before.providers[p].as_ref().map_or(0, all_of);
        Window { began: now, stake, least: stake, ..Window::default() }
    }

    /// `terms` of slashers were before the transaction, which may have changed them before or after it proposed.
    fn watch_slashes(&mut self, receipt: &Receipt, after: &Before, now: i64, terms: &[Terms; 3]) {
        for event in receipt.events::<SlashProposed>(ID) {
            let Some(p) = self.place(event.header.source) else { continue };
            let Some(s) = (0..3).find(|s| self.slasher(*s) == event.slasher) else { continue };
            let Some(pool) = after.pool else { continue };
            let states = [&self.memory.before.providers[p], &after.providers[p]];
            let stake = states.into_iter().flatten().map(all_of).max().unwrap_or_default();
            let mut window = self.window(p, now);
            window.stake = if window.began == now { window.stake.max(stake) } else { window.stake };
            let length = pool.policy.slash_window.0 as i64;
            let (began, proposed) = self.memory.proposed[s];
            let (began, proposed) = if now < began + length { (began, proposed) } else { (now, 0) };
            let proposed = proposed.saturating_add(event.amount.0);
            window.all += event.amount.0;
            window.by[s].0 += event.amount.0;
            window.by[s].1 += (event.sentence != sentence::FINE as u64) as u8;
            let [was, is] = [terms[s], self.memory.slashers[s]].map(|terms| terms.at(now));
            let (share, limit) = (was.0.max(is.0), was.1.max(is.1));
            let most = |share| part_of(share, stake.max(window.stake));
            let is_over = proposed > limit
                || event.amount.0 > 0
                    && (window.by[s].0 > most(share) || window.all > most(pool.policy.slash_limit.0 as u64))
                || window.by[s].1 > 3;
            self.memory.broken.over += is_over as u64;
            self.memory.broken.early += (now < terms[s].from.min(self.memory.slashers[s].from)) as u64;
            self.memory.windows[p] = window;
            self.memory.proposed[s] = (began, proposed);
        }
        for p in 0..3 {
            let mut pending = BTreeMap::<_, u64>::new();
            for (_, slash) in self.stage.all::<Slash>() {
                if slash.provider == self.providers[p] {
                    *pending.entry((slash.slasher, slash.slot)).or_default() += 1;
                }
            }
            self.memory.broken.over += pending.values().filter(|count| **count > 4).count() as u64;
        }
        for event in receipt.events::<Slashed>(ID) {
            let taken = event.own.0 + event.delegated.0 + event.unbonding.0 + event.withheld.0;
            self.place(event.header.source).into_iter().for_each(|p| self.memory.slashed[p] += taken);
        }
        for event in receipt.events::<StatusChanged>(ID) {
            let place = self.place(event.header.source).filter(|_| event.status == status::TOMBSTONED as u64);
            place.into_iter().for_each(|p| self.memory.dead[p] = true);
        }
        for p in 0..3 {
            let lives = after.providers[p].is_some_and(|provider| provider.status != status::TOMBSTONED);
            self.memory.broken.back += (self.memory.dead[p] && lives) as u64;
        }
        let lives = |provider: Provider| provider.status != status::TOMBSTONED;
        self.memory.broken.back += self.stage.find::<Provider>(self.out).is_some_and(lives) as u64;
    }

    fn backer(&self, provider: Address, owner: Address) -> Option<usize> {
        self.backers.iter().position(|backer| backer.provider == provider && backer.owner == owner)
    }

    /// Stake that was locked before has left, and may not.
    fn leaves_a_lock(&self, b: usize, moves: bool, after: &Before, now: i64) -> bool {
        let before = &self.memory.before;
        let Some(was) = before.delegations[b].filter(|was| now < was.lock_ends_at.0) else { return false };
        let began = self.memory.locks.get(&self.backers[b].delegation).copied().unwrap_or(was.lock_ends_at.0);
        let (owner, p) = BACKERS[b];
        let (Some(then), Some(is)) = (before.providers[p], after.providers[p]) else { return false };
        if owner == OWNERS[p] && is.own >= then.locked {
            return false;
        }
        let states = [then, is];
        let is_out = states.iter().any(|state| state.status == status::TOMBSTONED);
        let may_move = |state: &Provider| {
            state.status == status::JAILED
                || state.next_commission_at != Timestamp(0) && state.next_commission > state.commission
        };
        let moves = moves && owner != OWNERS[p] && states.iter().any(may_move);
        !is_out && !moves && !self.is_void(began, now)
    }

    fn watch_stake(&mut self, receipt: &Receipt, after: &Before, now: i64) {
        let before = self.memory.before.clone();
        let mut loose = 0;
        let unstaked =
            receipt.events::<Unstaked>(ID).into_iter().map(|event| (event.header.source, event.owner, false));
        let moved = receipt.events::<Redelegated>(ID).into_iter().map(|event| (event.header.source, event.owner, true));
        for (provider, owner, moves) in unstaked.chain(moved) {
            let b = self.backer(provider, owner);
            loose += b.is_some_and(|b| self.leaves_a_lock(b, moves, after, now)) as u64;
        }
        // Stake that joins a lock was locked as long, or the lock begins again.
        for (b, (owner, p)) in BACKERS.into_iter().enumerate() {
            let (Some(was), Some(is)) = (before.delegations[b], after.delegations[b]) else { continue };
            let joins = is.shares.get() > was.shares.get() && owner != OWNERS[p];
            let began_now = is.lock_ends_at.0 == now + is.lock_period.0 as i64;
            if !joins || began_now || is.lock_ends_at != was.lock_ends_at || now >= is.lock_ends_at.0 {
                continue;
            }
            let arrived = receipt.events::<RedelegationCompleted>(ID).into_iter();
            let arrived = arrived.filter(|event| event.header.source == self.providers[p] && event.tokens.0 > 0);
            let locks: Vec<_> = arrived.filter_map(|event| before.tickets.get(&event.ticket)).collect();
            let as_long = |ticket: &&UnbondingTicket| {
                ticket.lock_ends_at >= is.lock_ends_at && ticket.lock_period >= is.lock_period
            };
            loose += (locks.is_empty() || !locks.iter().all(as_long)) as u64;
        }
        for b in 0..BACKERS.len() {
            let lock =
                |state: &Option<Delegation>| state.map_or((0, 0), |state| (state.lock_ends_at.0, state.lock_period.0));
            let [was, (is, period)] = [&before.delegations[b], &after.delegations[b]].map(lock);
            let delegation = self.backers[b].delegation;
            if is == 0 {
                self.memory.locks.remove(&delegation);
            } else if (is, period) != was {
                // A lock that came with stake from another provider began there.
                let came = after.tickets.iter().any(|(address, ticket)| {
                    !before.tickets.contains_key(address)
                        && ticket.new_delegation == delegation
                        && ticket.lock_ends_at.0 == is
                });
                // While leaving is free, nobody but the owner starts a lock again.
                let arrived = receipt.events::<RedelegationCompleted>(ID);
                let others = arrived.iter().any(|event| event.tokens.0 > 0 && event.owner == self.backers[b].owner);
                let is_open = before.pool.is_some_and(|pool| now < pool.exit_ends_at.0);
                if !(others && is_open && was.0 > now) {
                    self.memory.locks.insert(delegation, if came { is - period as i64 } else { now });
                }
            }
        }
        let pools = [&before.pool, &after.pool];
        let period = pools.into_iter().flatten().map(|pool| pool.policy.unbonding_period.0).min().unwrap_or(0) as i64;
        for address in after.tickets.keys().filter(|address| !before.tickets.contains_key(address)) {
            self.memory.due.insert(*address, now + period);
        }
        let mut soon = 0;
        let withdrawn = receipt.events::<Withdrawn>(ID).into_iter().map(|event| event.ticket);
        let completed = receipt.events::<RedelegationCompleted>(ID).into_iter();
        let completed = completed.filter(|event| event.tokens.0 > 0).map(|event| event.ticket);
        for ticket in withdrawn.chain(completed) {
            let withheld = before.tickets.get(&ticket).is_some_and(|ticket| ticket.part.withheld != 0);
            soon += (!withheld && self.memory.due.get(&ticket).is_some_and(|due| now < *due)) as u64;
        }
        for event in receipt.events::<SeizedWithdrawn>(ID) {
            soon += self.memory.due.get(&event.bond).is_some_and(|due| now < *due) as u64;
        }
        for event in receipt.events::<BondSeized>(ID).into_iter().filter(|event| event.destination == 0) {
            self.memory.due.insert(event.receiver, now + period);
        }
        self.memory.broken.loose += loose;
        self.memory.broken.soon += soon;
    }

    /// Of its own stake, what has been there for so long.
    fn stood(&self, p: usize, for_seconds: u32, now: i64) -> u64 {
        let since = now - for_seconds.max(1) as i64;
        let own = &self.memory.own[p];
        let first = own.iter().rev().find(|(at, _)| *at <= since).map_or(0, |(_, own)| *own);
        own.iter().filter(|(at, _)| *at > since).map(|(_, own)| *own).min().map_or(first, |least| least.min(first))
    }

    fn watch_bonds(&mut self, receipt: &Receipt, after: &Before, now: i64) {
        let locked = receipt.events::<BondLocked>(ID).into_iter().map(|event| event.header.source);
        let locked = locked.chain(receipt.events::<BondSwapped>(ID).into_iter().map(|event| event.header.source));
        let locked: Vec<usize> = locked.filter_map(|provider| self.place(provider)).collect();
        for p in locked {
            let pools = [&self.memory.before.pool, &after.pool];
            let least = pools.into_iter().flatten().map(|pool| pool.policy.min_self_stake.0).min().unwrap_or(0);
            self.memory.broken.young += (self.stood(p, self.memory.standing.0, now) < least) as u64;
        }
        for p in 0..3 {
            let own = after.providers[p].as_ref().map_or(0, own_of);
            if self.memory.own[p].last().is_none_or(|(_, last)| *last != own) {
                self.memory.own[p].push((now, own));
            }
        }
        let released = receipt.events::<BondReleased>(ID).into_iter();
        let released = released.map(|event| (event.header.source, event.outcome, event.weight));
        let reported = receipt.events::<JobReported>(ID).into_iter();
        let reported = reported.map(|event| (event.header.source, event.outcome, event.weight));
        for (provider, how, weight) in released.chain(reported) {
            let Some(p) = self.place(provider).filter(|_| how != outcome::NONE as u32) else { continue };
            let (good, all, day) = self.memory.records[p];
            // Half of it is forgotten in ninety days, day by day.
            let fades = 0.5f64.powf((now / DAY - day).max(0) as f64 / 90.0);
            let weight = weight as f64 / WHOLE_JOB as f64;
            let part = [0.0, 1.0, 0.5, 0.0, 0.0][how.min(4) as usize];
            self.memory.records[p] = (good * fades + weight * part, all * fades + weight, day.max(now / DAY));
        }
        for p in 0..3 {
            let stub = self.stage.find::<ProviderStub>(self.providers[p]).map(|stub| stub.reputation);
            let Some(is) = after.providers[p].map(|provider| provider.reputation).or(stub) else { continue };
            let (good, all, _) = self.memory.records[p];
            let differs =
                |is: u64, promised: f64| (is as f64 / 2f64.powi(32) - promised).abs() > 1e-3 * promised + 1e-3;
            let is_other = differs(is.good_jobs, good) || differs(is.all_jobs, all);
            self.memory.broken.record += is_other as u64;
        }
    }

    /// Of its own stake, what came within so long.
    fn came(&self, p: usize, for_seconds: u32, now: i64) -> u64 {
        let since = now - for_seconds.max(1) as i64;
        let steps = self.memory.own[p].windows(2).filter(|step| step[1].0 > since);
        steps.map(|step| step[1].1.saturating_sub(step[0].1)).sum()
    }

    fn send_as(&mut self, instruction: Instruction, signers: &[Keypair]) -> bool {
        match self.stage.transact(&[instruction], &signers.iter().collect::<Vec<_>>()) {
            Ok(receipt) => {
                self.watch(&receipt);
                true
            }
            Err(_) => false,
        }
    }

    fn send(&mut self, instruction: Instruction, who: Option<usize>) -> bool {
        let signers: Vec<Keypair> = who.iter().map(|&who| self.keys[who].insecure_clone()).collect();
        self.send_as(instruction, &signers)
    }

    fn unstake(&self, b: usize, amount: u64) -> Option<Instruction> {
        let ticket = self.pool.ticket(&self.backers[b], self.delegation(b)?.ticket_count);
        Some(self.pool.unstake_instruction(&self.stage.world, &self.backers[b], ticket, amount))
    }

    fn redelegate(&self, [from, to]: [usize; 2], amount: u64) -> Option<Instruction> {
        let places = (&self.backers[from], &self.backers[to]);
        let count = self.delegation(from)?.ticket_count;
        Some(self.pool.redelegate_instruction(&self.stage.world, places, count, amount))
    }

    fn withdraw(&self, address: Address, ticket: &UnbondingTicket) -> Instruction {
        let tokens = self.wallets[self.party(ticket.owner).unwrap_or(E)];
        let known = self.backer(ticket.provider, ticket.owner).map(|b| self.backers[b]);
        let backer = known.unwrap_or_else(|| Backer::of(ticket.provider, ticket.owner, tokens));
        let mut withdraw = self.pool.withdraw_instruction(&self.stage.world, &backer, address);
        withdraw.accounts[8].pubkey = ticket.payer;
        withdraw
    }

    fn withdraw_seized(&self, address: Address, bond: &Bond) -> Instruction {
        let client = self.party(bond.client);
        let tokens = self.wallets[client.unwrap_or(E)];
        let mut withdraw =
            self.pool.withdraw_seized_instruction(bond.provider, address, bond.client, tokens, bond.payer);
        withdraw.accounts[0].is_signer = client.is_some_and(|client| client >= P);
        withdraw
    }

    /// Tokens that leave go to their owner, or to E.
    fn to_whom(&self, mut withdraw: Instruction, gene: &Gene) -> Instruction {
        if gene.b % 4 == 3 {
            withdraw.accounts[5].pubkey = self.wallets[E];
        }
        withdraw
    }

    fn open(&self, b: usize) -> Instruction {
        self.pool.open_delegation_instruction(&self.stage.world, &self.backers[b])
    }

    /// Leaves with everything: what is announced is worse.
    fn leave(&mut self, who: usize) {
        let now = self.stage.now();
        let owner = self.keys[who].pubkey();
        for (address, ticket) in self.tickets().into_iter().filter(|(_, ticket)| ticket.owner == owner) {
            let Some(new) = self.stage.find::<Delegation>(ticket.new_delegation) else { continue };
            let began = ticket.lock_ends_at.0 - ticket.lock_period.0 as i64;
            let free = now >= ticket.lock_ends_at.0 || self.is_void(began, now);
            let stop = self.pool.stop_redelegation_instruction(address, &ticket, new.provider);
            let stopped = self.send(stop, Some(who));
            self.memory.broken.held += (free && !stopped) as u64;
        }
        for b in (0..HONEST).filter(|b| BACKERS[*b].0 == who) {
            let Some(delegation) = self.delegation(b).filter(|_| self.worth(b) > 1) else { continue };
            let began = self.memory.locks.get(&self.backers[b].delegation).copied().unwrap_or_default();
            let out = self.provider(BACKERS[b].1).is_some_and(|provider| provider.status == status::TOMBSTONED);
            let free = now >= delegation.lock_ends_at.0 || out || self.is_void(began, now);
            let left = self.unstake(b, u64::MAX).is_some_and(|unstake| self.send(unstake, Some(who)));
            self.memory.broken.held += (free && !left) as u64;
        }
    }

    /// Before it begins, B has begun to leave, and then the unbonding period was shortened; a slash of V's was vetoed, and V has lost its
    /// right; S has fined P, and T proposes more.
    fn begin(&mut self) {
        let authority = self.network.authority.insecure_clone();
        let arrange = |scene: &mut Self, instruction: Instruction, signer: Option<&Keypair>| {
            let signers: Vec<Keypair> = signer.iter().map(|key| key.insecure_clone()).collect();
            assert!(scene.send_as(instruction, &signers), "everybody does what is his");
        };
        let propose = |scene: &mut Self, s: usize, whole: u64| {
            let (key, count) = (scene.slashers[s].insecure_clone(), scene.provider(1).map_or(0, |p| p.slash_count));
            let (which, world) = ((scene.providers[1], count), &scene.stage.world);
            let by = key.pubkey();
            let propose = scene.pool.propose_slash_instruction(world, by, which, whole * TOKEN, sentence::FINE);
            arrange(scene, propose, Some(&key));
        };
        let unstake = self.unstake(3, 10 * TOKEN).expect("it is open");
        arrange(self, unstake, Some(&self.keys[B].insecure_clone()));
        let state = self.stage.find::<PoolState>(self.pool.address).expect("it was just created");
        let policy = PoolPolicy { unbonding_period: Seconds(7 * DAY as u32), ..state.policy };
        let world = &self.stage.world;
        let shorten = self.pool.propose_policy_instruction(world, &self.network, policy, state.treasury);
        arrange(self, shorten, Some(&authority));
        propose(self, 2, 30);
        for (address, slash) in self.stage.all::<Slash>() {
            let veto = self.pool.veto_slash_instruction(authority.pubkey(), address, &slash);
            arrange(self, veto, Some(&authority));
        }
        let v = (self.slashers[2].pubkey(), false);
        let take = self.pool.grant_instruction(&self.stage.world, &self.network, v, (0, 0, 0));
        arrange(self, take, Some(&authority));
        self.accuse(1, 60, sentence::FINE);
        let now = self.stage.now();
        pass_to(self, now + DAY + 1);
        let execute = self.pool.execute_policy_instruction(&self.stage.world);
        arrange(self, execute, None);
        propose(self, 1, 10);
        propose(self, 1, 10);
        self.stage.begin();
        self.first = self.memory.clone();
    }

    fn is_paused(&self) -> bool {
        self.stage.find::<NetworkState>(self.network.address).is_some_and(|network| network.require_unpaused().is_err())
    }

    /// What S has the right to, and has had long enough.
    fn s_has(&self, right: u8) -> bool {
        let now = self.stage.now();
        let terms = self.memory.slashers[0];
        let waits = self.stage.find::<Slasher>(self.slasher(0)).is_some_and(|slasher| now < slasher.active_at.0);
        terms.rights & right as u32 != 0 && !(right == rights::SLASH && waits)
    }

    /// H takes a job. It has the stake for it for two periods already, if it has it at all.
    fn take_job(&mut self) {
        let now = self.stage.now();
        self.memory.next_job = now + 5 * DAY;
        self.memory.job_count += 1;
        let mut job = [0x90; 32];
        job[..8].copy_from_slice(&self.memory.job_count.to_le_bytes());
        let job = Address::new_from_array(job);
        let bond = pda::bond::find(&self.providers[0], &job).0;
        let [h, s, c] = [self.keys[H].pubkey(), self.slashers[0].pubkey(), self.keys[C].pubkey()];
        let lock = self.pool.lock_bond_instruction(&self.stage.world, [h, s], bond, [job, c], 2 * TOKEN);
        let signers = [self.keys[H].insecure_clone(), self.slashers[0].insecure_clone()];
        let (_, longest, least) = self.memory.standing;
        // A slash takes of what has stood, and not of what came since.
        let stands = self.stood(0, 2 * longest, now).saturating_sub(self.came(0, 2 * longest, now)) >= least;
        let can = self.provider(0).is_some_and(|provider| {
            provider.status == status::ACTIVE
                && provider.lien.is_zero()
                && provider.slash_pending.is_zero()
                && provider.own.0 >= provider.locked.0 + 2 * TOKEN
        });
        let may = stands && can && self.s_has(rights::BOND) && !self.is_paused();
        if self.send_as(lock, &signers) {
            // Its first job is a long one.
            let long = self.memory.jobs.is_empty();
            self.memory.jobs.push((bond, now + if long { 60 } else { 2 } * DAY));
        } else {
            self.memory.broken.idle += may as u64;
        }
    }

    fn deliver(&mut self, address: Address) {
        self.memory.jobs.retain(|(bond, _)| *bond != address);
        let Some(bond) = self.stage.find::<Bond>(address) else { return };
        let s = self.slashers[0].insecure_clone();
        let how = if self.s_has(rights::REPORT) { outcome::DELIVERED } else { outcome::NONE };
        let release = self.pool.release_bond_instruction(s.pubkey(), address, &bond, (how, WHOLE_JOB / 4));
        self.send_as(release, &[s]);
    }

    /// S learns of a fault, and proposes what it may.
    fn accuse(&mut self, p: usize, x: u8, how: u8) {
        let now = self.stage.now();
        let (Some(provider), Some(pool)) = (self.provider(p), self.stage.find::<PoolState>(self.pool.address)) else {
            return;
        };
        if !self.s_has(rights::SLASH) {
            return;
        }
        let slasher = self.stage.find::<Slasher>(self.slasher(0));
        let slot = slasher.map_or(0, |slasher| slasher.slot);
        let slashes = self.stage.all::<Slash>().into_iter();
        let mine = |slash: &Slash| slash.provider == self.providers[p] && slash.slasher == self.slasher(0);
        if slashes.filter(|(_, slash)| mine(slash) && slash.slot == slot).count() >= 4 {
            return;
        }
        let window = self.window(p, now);
        let stake = window.least.max(all_of(&provider));
        let terms = self.memory.slashers[0];
        let (tokens, sentences) = window.by[0];
        let of_all = part_of(pool.policy.slash_limit.0 as u64, stake).saturating_sub(window.all);
        let most = part_of(terms.share, stake).saturating_sub(tokens).min(of_all);
        let amount = (most as u128 * x as u128 / 255) as u64;
        let amount = if amount < pool.policy.min_slash.0 { most } else { amount };
        if terms.limit != u64::MAX {
            return;
        }
        let how = match (sentences < 3, amount) {
            (false, 0) => return,
            (false, _) => sentence::FINE,
            (true, 0) => how.max(sentence::JAIL),
            (true, _) => how,
        };
        let s = self.slashers[0].insecure_clone();
        let which = (self.providers[p], provider.slash_count);
        let propose = self.pool.propose_slash_instruction(&self.stage.world, s.pubkey(), which, amount, how);
        let proposed = self.send_as(propose, &[s]);
        self.memory.broken.silent += !proposed as u64;
    }

    /// An honest delegator does what he likes.
    fn follow(&mut self, gene: &Gene) {
        let now = self.stage.now();
        let Some(b) = gene.first(&[1, 2, 3, 4]).copied() else { return };
        let who = BACKERS[b].0;
        let locked = self.delegation(b).is_some_and(|delegation| now < delegation.lock_ends_at.0);
        match gene.name::<Self>() {
            "see one leave" => {
                let worth = self.worth(b);
                let amount = if gene.x < 64 { worth / 2 } else { u64::MAX };
                let Some(unstake) = self.unstake(b, amount).filter(|_| worth > 2) else { return };
                let left = self.send(unstake, Some(who));
                self.memory.broken.held += (!locked && !left) as u64;
            }
            // Nobody comes who has just left.
            "see one come" if self.memory.leaves[who - D].is_none() => {
                if self.delegation(b).is_none() {
                    let open = self.open(b);
                    self.send(open, None);
                }
                let amount = (20 + gene.x as u64 / 4) * TOKEN;
                let stake = self.pool.stake_instruction(&self.backers[b], amount);
                self.send(stake, Some(who));
            }
            _ if self.memory.leaves[who - D].is_none() => {
                let lock = self.pool.lock_stake_instruction(&self.backers[b], self.lock_period(gene));
                self.send(lock, Some(who));
            }
            _ => {}
        }
    }

    /// For how long one locks: some weeks, or until another deadline.
    fn lock_period(&self, gene: &Gene) -> u32 {
        let (now, weeks) = (self.stage.now(), (2 + gene.x as i64 % 50) * 7 * DAY);
        let all: Vec<i64> = self.stage.deadlines(365 * DAY).into_iter().filter(|at| *at >= now + 14 * DAY).collect();
        let at = if gene.x < 128 { gene.second(&all).copied() } else { None };
        at.map_or(weeks, |at| at - now) as u32
    }

    /// D is locked with a provider that announces a higher commission: D goes to H with the rest of the lock.
    fn move_on(&mut self, receipt: &Receipt) {
        let now = self.stage.now();
        let mut raised = receipt.events::<CommissionChanged>(ID).into_iter();
        let raised = raised.rfind(|event| event.header.source == self.providers[1]);
        let (Some(event), Some([from, to])) = (raised, self.provider(1).zip(self.provider(0)).map(|(a, b)| [a, b]))
        else {
            return;
        };
        let (Some(here), Some(there)) = (self.delegation(2), self.delegation(1)) else { return };
        let is_locked = now < here.lock_ends_at.0;
        if event.commission <= from.commission.0 as u64 || self.worth(2) < 2 || !is_locked {
            return;
        }
        // Stake whose lock is void leaves without it, and not into another.
        let began = self.memory.locks.get(&self.backers[2].delegation).copied().unwrap_or_default();
        let fits = now < there.lock_ends_at.0 && there.lock_ends_at >= here.lock_ends_at && !self.is_void(began, now);
        // Of who is out for good one leaves at once, and goes nowhere else.
        let fits = fits && from.status != status::TOMBSTONED;
        let may =
            fits && to.status == status::ACTIVE && (to.delegated.shares.get() == 0 || to.delegated.price > 1 << 45);
        let moved = self.redelegate([2, 1], u64::MAX).is_some_and(|redelegate| self.send(redelegate, Some(D)));
        self.memory.broken.held += (may && !moved) as u64;
    }

    fn duties(&self) -> Vec<(i64, Duty)> {
        let mut duties = vec![];
        let mut add = |at: i64, address: Address, instruction: Instruction, who: Option<usize>| {
            let at = self.memory.later.get(&address).map_or(at, |later| at.max(*later));
            duties.push((at, Duty::Send(instruction, who, address)));
        };
        for (address, slash) in self.stage.all::<Slash>() {
            let execute = if self.stage.now() < slash.expires_at.0 {
                self.pool.execute_slash_instruction(address, &slash)
            } else {
                self.pool.expire_slash_instruction(address, &slash)
            };
            add(slash.executable_at.0, address, execute, None);
        }
        for (address, ticket) in self.tickets() {
            let Some(owner) = self.party(ticket.owner).filter(|owner| *owner < P) else { continue };
            let new = self.stage.find::<Delegation>(ticket.new_delegation);
            if let Some(new) = new {
                let complete = self.pool.complete_redelegation_instruction(address, &ticket, new.provider);
                add(ticket.withdrawable_at.0 + DAY / 2, address, complete, None);
            } else {
                let wait = if owner == D { 0 } else { DAY / 4 };
                add(ticket.withdrawable_at.0 + wait, address, self.withdraw(address, &ticket), Some(owner));
            }
        }
        for (address, bond) in self.stage.all::<Bond>() {
            if bond.client == self.keys[C].pubkey() && bond.seized.price != 0 {
                add(bond.withdrawable_at.0 + DAY / 4, address, self.withdraw_seized(address, &bond), None);
            }
            // A slasher without the right to bonds cannot keep them.
            let slasher = self.stage.find::<Slasher>(bond.slasher);
            if let Some(slasher) = slasher.filter(|slasher| slasher.rights & rights::BOND == 0)
                && bond.slasher != Address::default()
            {
                let anyone = self.stage.world.payer().pubkey();
                let release = self.pool.release_bond_instruction(anyone, address, &bond, (outcome::NONE, 0));
                add(slasher.bonds_free_at.0 + DAY, address, release, None);
            }
        }
        if let Some(provider) = self.provider(0).filter(|provider| provider.status == status::JAILED) {
            let unjail = self.pool.unjail_instruction(self.keys[H].pubkey());
            add(provider.jail_ends_at.0, self.providers[0], unjail, Some(H));
        }
        for (who, at) in self.memory.leaves.iter().enumerate() {
            duties.extend(at.map(|at| (at, Duty::Leave(who))));
        }
        if !self.memory.closing {
            duties.push((self.memory.next_job, Duty::Work));
            duties.push((self.memory.next_stake, Duty::Add));
            duties.extend(self.memory.jobs.iter().map(|(bond, at)| (*at, Duty::Deliver(*bond))));
        }
        duties
    }

    fn policy(&self, gene: &Gene) -> Option<(PoolPolicy, Address, &'static str)> {
        let pool = self.stage.find::<PoolState>(self.pool.address)?;
        let mut policy = pool.policy;
        let longer = |period: Seconds| {
            let period = period.0 as u64;
            Seconds(gene.amount(2 * period, period).clamp(3_600, 365 * 86_400) as u32)
        };
        let share = |share: Bps| Bps(gene.amount(2 * share.0 as u64 + 100, share.0 as u64).min(10_000) as u16);
        let what = match gene.a % 14 {
            0 | 1 => {
                policy.unbonding_period = longer(policy.unbonding_period);
                policy.slash_delay = policy.slash_delay.min(policy.unbonding_period);
                "unbonding period"
            }
            2 => {
                policy.slash_delay = longer(policy.slash_delay).min(policy.unbonding_period);
                "slash delay"
            }
            3 => {
                policy.slash_execution_window = longer(policy.slash_execution_window);
                "execution window"
            }
            4 => {
                policy.slash_window = longer(policy.slash_window);
                "slash window"
            }
            5 => {
                policy.slash_limit = share(policy.slash_limit);
                "slash limit"
            }
            6 => {
                policy.slash_burned_share = share(policy.slash_burned_share);
                "burned share"
            }
            7 => {
                policy.min_self_stake = Tokens(gene.amount(100 * TOKEN, 50 * TOKEN));
                "least own stake"
            }
            8 => {
                policy.min_slash = Tokens(gene.amount(20 * TOKEN, 10 * TOKEN));
                "least slash"
            }
            9 => {
                policy.max_commission_step = share(policy.max_commission_step);
                "commission step"
            }
            10 => {
                policy.commission_delay = longer(policy.commission_delay);
                "commission delay"
            }
            _ => "treasury",
        };
        let treasury = match gene.b % 4 {
            0 | 1 if what != "treasury" => pool.treasury,
            2 => self.wallets[P],
            3 if what == "treasury" => ID,
            _ => self.wallets[E],
        };
        Some((policy, treasury, what))
    }
}

impl Scene for Governing {
    const NAME: &'static str = "pool";
    const HALTS: bool = true;
    const LONGEST_TEXT: usize = 400_000;
    const MOVES: &'static [&'static str] = &[
        "change the policy",
        "execute the policy",
        "cancel the policy",
        "set a slasher",
        "close a slasher",
        "close the pool",
        "propose",
        "veto",
        "stake",
        "unstake",
        "lock",
        "redelegate",
        "complete",
        "stop",
        "withdraw",
        "set a commission",
        "unjail",
        "serve",
        "fail",
        "release",
        "withdraw what was seized",
        "report",
        "close a delegation",
        "close a provider",
        "register",
        "commit a fault",
        "see one leave",
        "see one come",
        "see one lock",
    ];

    fn new() -> Self {
        let mut world = Stage::chain();
        let keys: Vec<Keypair> = NAMES.iter().map(|_| world.user()).collect();
        // T and V have no accounts at their keys: they may make some.
        let slashers = [world.user(), world.key(), world.key()];
        let mint = world.mint();
        let native = world.account(mint.address).expect("the mint is there");
        world.set_account(NATIVE, native);
        let wallets: Vec<Address> = keys.iter().map(|key| world.associated_account(NATIVE, key.pubkey())).collect();
        for wallet in &wallets {
            let mut account = world.account(*wallet).expect("it was just made");
            account.lamports += WALLET;
            account.data[64..72].copy_from_slice(&WALLET.to_le_bytes());
            world.set_account(*wallet, account);
        }
        let elsewhere = world.associated_account(mint.address, keys[H].pubkey());
        world.mint_to(&mint, elsewhere, ELSEWHERE);
        let network = Network::of_mint(&mut world, mint);
        let treasury = world.user();
        let treasury = world.associated_account(NATIVE, treasury.pubkey());
        let pool = Pool::unborn(&network, NATIVE, TOKEN_PROGRAM);
        let rules = PoolPolicy {
            min_self_stake: Tokens(50 * TOKEN),
            min_slash: Tokens(10 * TOKEN),
            slash_execution_window: Seconds(3 * DAY as u32),
            slash_burned_share: Bps(0),
            unbonding_period: Seconds(14 * DAY as u32),
            standing_period: Seconds(7 * DAY as u32),
            ..Pool::rules()
        };
        let mut create = pool.create_instruction(&world, &network, rules);
        create.accounts[9].pubkey = treasury;
        world.ok(&[create], &[&network.authority]);
        // What W locked is not given back yet, and W is closed already.
        let gone = world.key();
        let grants = [
            (&slashers[0], (rights::ALL, u64::MAX, 2_000)),
            (&slashers[1], (rights::SLASH, 60 * TOKEN, 1_500)),
            (&slashers[2], (rights::SLASH, 60 * TOKEN, 1_000)),
            (&gone, (rights::BOND, 0, 0)),
        ];
        for (key, terms) in grants {
            let grant = pool.grant_instruction(&world, &network, (key.pubkey(), true), terms);
            world.ok(&[grant], &[&network.authority]);
        }
        let providers = OWNERS.map(|owner| pool.register(&world, &keys[owner]));
        let backers: Vec<Backer> = (BACKERS.iter())
            .map(|&(owner, p)| Backer::of(providers[p], keys[owner].pubkey(), wallets[owner]))
            .collect();
        for (b, whole) in [(0, 0), (1, 100), (2, 100), (3, 100), (4, 0), (5, 100), (7, 50), (9, 0)] {
            let key = &keys[BACKERS[b].0];
            world.ok(&[pool.open_delegation_instruction(&world, &backers[b])], &[]);
            if whole > 0 {
                world.ok(&[pool.stake_instruction(&backers[b], whole * TOKEN)], &[key]);
            }
        }
        let staked_at = world.now().0;
        // D's locks end in the same second, and one is longer.
        let lock = |b: usize, days: i64| pool.lock_stake_instruction(&backers[b], (days * DAY) as u32);
        world.ok(&[lock(1, 100)], &[&keys[D]]);
        world.run(56 * DAY as u64);
        let job = Address::new_from_array([0x6f; 32]);
        let (bond, parties) = (pda::bond::find(&providers[1], &job).0, [keys[P].pubkey(), gone.pubkey()]);
        let serve = pool.lock_bond_instruction(&world, parties, bond, [job, keys[E].pubkey()], TOKEN);
        world.ok(&[serve], &[&keys[P], &gone]);
        let take = pool.grant_instruction(&world, &network, (gone.pubkey(), false), (0, 0, 0));
        world.ok(&[take], &[&network.authority]);
        // Another slasher is announced; before its time, D locks again.
        world.run(3 * DAY as u64);
        let (announced_at, another) = (world.now().0, world.key());
        let announce = pool.grant_instruction(&world, &network, (another.pubkey(), true), (rights::SLASH, 0, 500));
        world.ok(&[announce], &[&network.authority]);
        world.run(11 * DAY as u64);
        world.ok(&[pool.close_slasher_instruction(&world, pool.slasher(gone.pubkey()))], &[]);
        world.ok(&[lock(2, 30)], &[&keys[D]]);
        // H's stake does not stand yet.
        world.ok(&[pool.stake_instruction(&backers[0], 60 * TOKEN)], &[&keys[H]]);
        let locked_at = world.now().0;
        let out = pool.register(&world, &keys[E]);
        let propose = pool.propose_slash_instruction(&world, slashers[0].pubkey(), (out, 0), 0, sentence::TOMBSTONE);
        let slash = propose.accounts[5].pubkey;
        world.ok(&[propose], &[&slashers[0]]);
        world.run(2 * DAY as u64);
        world.ok(&[pool.execute_slash_instruction(slash, &world.read(slash))], &[]);
        world.ok(&[pool.close_provider_instruction(&world, keys[E].pubkey())], &[&keys[E]]);
        let other = Pool::new(&world, &network);
        let provider = other.register(&world, &keys[H]);
        let elsewhere = other.open_delegation(&world, provider, keys[H].pubkey(), elsewhere);
        world.ok(&[other.stake_instruction(&elsewhere, ELSEWHERE)], &[&keys[H]]);
        let mut coalition: Vec<Keypair> = [P, Q, E].map(|who| keys[who].insecure_clone()).into();
        coalition.push(network.authority.insecure_clone());
        coalition.extend(slashers[1..].iter().map(Keypair::insecure_clone));
        let pretenders = vec![
            wallets[E],
            wallets[P],
            keys[E].pubkey(),
            keys[P].pubkey(),
            providers[1],
            providers[2],
            backers[7].delegation,
            backers[9].delegation,
            pool.slasher(slashers[1].pubkey()),
            slashers[1].pubkey(),
            other.address,
            other.rewards,
            other.vault,
            ID,
        ];
        let stage = Stage::new(world, &network, coalition, pretenders);
        let had = std::array::from_fn(|who| stage.tokens(wallets[who]));
        let now = stage.now();
        let memory = Memory::default();
        let first = Memory::default();
        let [s, t, v] = slashers.each_ref().map(|slasher| pool.slasher(slasher.pubkey()));
        let derived = [s, t, v, pool.change()];
        let mut scene = Self {
            stage,
            network,
            pool,
            keys,
            wallets,
            providers,
            backers,
            slashers,
            derived,
            out,
            other: (other, elsewhere),
            had,
            memory,
            first,
        };
        let terms =
            |(rights, limit, share): (u8, u64, u64)| Terms { rights: rights as u32, share, limit, ..Terms::default() };
        scene.first = Memory {
            before: scene.present(),
            slashers: [
                terms((rights::ALL, u64::MAX, 2_000)),
                terms((rights::SLASH, 60 * TOKEN, 1_500)),
                terms((rights::SLASH, 60 * TOKEN, 1_000)),
            ],
            locks: [(1, staked_at), (2, locked_at)].map(|(b, at)| (scene.backers[b].delegation, at)).into(),
            own: [(locked_at, 60), (staked_at, 100), (staked_at, 0)].map(|(at, own)| vec![(0, 0), (at, own * TOKEN)]),
            standing: (7 * DAY as u32, 7 * DAY as u32, 50 * TOKEN),
            records: [(0.0, 0.0, now / DAY); 3],
            news: vec![announced_at],
            // S's window began with what put E out.
            proposed: [(locked_at, 0), (0, 0), (0, 0)],
            next_job: now + DAY,
            next_stake: now + 5 * DAY,
            ..Memory::default()
        };
        scene.memory = scene.first.clone();
        scene.begin();
        scene
    }

    fn stage(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn reset(&mut self) {
        self.stage.reset();
        self.memory = self.first.clone();
    }

    fn act(&mut self, gene: &Gene) -> Option<Act> {
        let name = gene.name::<Self>();
        let pool = self.pool;
        let world = &self.stage.world;
        let tokens = |amount: u64| match amount {
            u64::MAX => "all".into(),
            _ => format!("{:.3} tokens", amount as f64 / TOKEN as f64),
        };
        let own: Vec<usize> = (HONEST..BACKERS.len()).collect();
        let b = *gene.first(&own)?;
        let (owner, p) = BACKERS[b];
        let who = format!("{} at {}'s", NAMES[owner], NAMES[OWNERS[p]]);
        let s = *gene.first(&[1, 2])?;
        Some(match name {
            "change the policy" => {
                let (policy, treasury, what) = self.policy(gene)?;
                let propose = pool.propose_policy_instruction(world, &self.network, policy, treasury);
                Act::new(format!("another {what} is proposed; the treasury is {treasury}"), propose)
            }
            "execute the policy" => Act::new("what was proposed is in force", pool.execute_policy_instruction(world)),
            "cancel the policy" => {
                Act::new("what was proposed is cancelled", pool.cancel_policy_instruction(world, &self.network))
            }
            "set a slasher" => {
                let s = *gene.first(&[0, 1, 2])?;
                let key = self.slashers[s].pubkey();
                let is_new = self.stage.find::<Slasher>(pool.slasher(key)).is_none();
                let rights = *gene.second(&[
                    0,
                    rights::ALL,
                    rights::BOND | rights::SLASH,
                    0,
                    rights::SLASH,
                    rights::BOND,
                    rights::SLASH | rights::REPORT,
                ])?;
                let slashes = rights & rights::SLASH != 0;
                let state = self.stage.find::<PoolState>(pool.address)?;
                let own = self.stage.find::<Slasher>(pool.slasher(key)).map_or(0, |slasher| slasher.slash_share.0);
                let free = (state.policy.slash_limit.0 + own).saturating_sub(state.slash_shares.0) as u64;
                let share = if slashes { gene.amount(free, free).min(10_000) as u16 } else { 0 };
                let limit = if gene.x.is_multiple_of(2) { 60 * TOKEN } else { u64::MAX };
                let grant = pool.grant_instruction(world, &self.network, (key, is_new), (rights, limit, share));
                let name = SLASHERS[s];
                Act::new(format!("{name} has the rights {rights}, up to {} and {share} bps", tokens(limit)), grant)
            }
            "close a slasher" => {
                let s = *gene.first(&[0, 1, 2])?;
                let close = pool.close_slasher_instruction(world, self.slasher(s));
                Act::new(format!("{} is closed", SLASHERS[s]), close)
            }
            "close the pool" => {
                let pool = *gene.first(&[pool, self.other.0])?;
                let treasury = self.stage.find::<PoolState>(pool.address)?.treasury;
                let treasury = if treasury == Address::default() { ID } else { treasury };
                let close = pool.close_instruction(world, &self.network, treasury);
                Act::new(format!("the pool {} is closed", pool.address), close)
            }
            "propose" => {
                let p = *gene.second(&[1, 0, 2])?;
                let provider = self.provider(p)?;
                let (share, limit) = self.memory.slashers[s].at(self.stage.now());
                let most = part_of(share, all_of(&provider)).min(limit);
                // It knows what is too little.
                let least = self.stage.find::<PoolState>(pool.address)?.policy.min_slash.0;
                let amount = gene.amount(2 * most, most);
                let amount = if amount == 0 { 0 } else { amount.max(least) };
                let how =
                    [sentence::FINE, sentence::JAIL, sentence::FINE, sentence::TOMBSTONE][gene.b as usize / 4 % 4];
                let which = (self.providers[p], provider.slash_count);
                let propose = pool.propose_slash_instruction(world, self.slashers[s].pubkey(), which, amount, how);
                let (by, of) = (SLASHERS[s], NAMES[OWNERS[p]]);
                Act::new(format!("{by} proposes {} of {of}, sentence {how}", tokens(amount)), propose)
            }
            "veto" => {
                let (address, slash) = *gene.first(&self.stage.all::<Slash>())?;
                let veto = pool.veto_slash_instruction(self.network.authority.pubkey(), address, &slash);
                Act::new(format!("the authority vetoes slash {address}"), veto)
            }
            "stake" | "unstake" | "lock" | "redelegate" if self.delegation(b).is_none() => {
                Act::new(format!("the delegation of {who} is opened"), self.open(b))
            }
            "stake" => {
                let amount = gene.amount(200 * TOKEN, self.stage.tokens(self.wallets[owner]));
                Act::new(format!("{who} stakes {}", tokens(amount)), pool.stake_instruction(&self.backers[b], amount))
            }
            "unstake" => {
                let worth = self.worth(b);
                let amount = gene.amount(worth, worth);
                Act::new(format!("{who} unstakes {}", tokens(amount)), self.unstake(b, amount)?)
            }
            "lock" => {
                let period = self.lock_period(gene);
                let lock = pool.lock_stake_instruction(&self.backers[b], period);
                Act::new(format!("{who} locks for {} days", period as f64 / DAY as f64), lock)
            }
            "redelegate" => {
                let to: Vec<usize> = own.iter().copied().filter(|&to| BACKERS[to].0 == owner && to != b).collect();
                let (to, worth) = (*gene.second(&to)?, self.worth(b));
                let amount = gene.amount(worth, worth);
                let text = format!("{who} redelegates {} to {}", tokens(amount), NAMES[OWNERS[BACKERS[to].1]]);
                Act::new(text, self.redelegate([b, to], amount)?)
            }
            "complete" | "stop" => {
                let on_the_way: Vec<_> = self
                    .tickets()
                    .into_iter()
                    .filter(|(_, ticket)| ticket.new_delegation != Address::default())
                    .collect();
                let (address, ticket) = *gene.first(&on_the_way)?;
                let new = self.stage.find::<Delegation>(ticket.new_delegation)?.provider;
                let act = if name == "stop" {
                    pool.stop_redelegation_instruction(address, &ticket, new)
                } else {
                    pool.complete_redelegation_instruction(address, &ticket, new)
                };
                let whose = self.party(ticket.owner).map_or("somebody", |owner| NAMES[owner]);
                Act::new(format!("{name} {whose}'s redelegation"), act)
            }
            "withdraw" => {
                let (address, ticket) = *gene.first(&self.tickets())?;
                let whose = self.party(ticket.owner).map_or("somebody", |owner| NAMES[owner]);
                Act::new(format!("{whose}'s ticket is paid"), self.to_whom(self.withdraw(address, &ticket), gene))
            }
            "set a commission" => {
                let (p, commission) = (*gene.first(&[1, 2])?, 12 * gene.x as u16);
                let set = pool.set_commission_instruction(self.keys[OWNERS[p]].pubkey(), commission);
                Act::new(format!("{} sets its commission to {commission} bps", NAMES[OWNERS[p]]), set)
            }
            "unjail" => {
                let owner = OWNERS[*gene.first(&[1, 2])?];
                Act::new(format!("{} leaves jail", NAMES[owner]), pool.unjail_instruction(self.keys[owner].pubkey()))
            }
            "serve" => {
                let (p, s) = (*gene.first(&[1, 2])?, gene.b as usize % 2);
                let (own, free) = (self.provider(p)?.own.0, self.provider(p)?.available().ok()?.0);
                let amount = gene.amount(own, free);
                let job = Address::new_from_array([0x70 + gene.b % 8; 32]);
                let bond = pda::bond::find(&self.providers[p], &job).0;
                let client = self.keys[[C, E][s]].pubkey();
                let signers = [self.keys[OWNERS[p]].pubkey(), self.slashers[s].pubkey()];
                let lock = pool.lock_bond_instruction(world, signers, bond, [job, client], amount);
                let (name, by) = (NAMES[OWNERS[p]], SLASHERS[s]);
                let act = Act::new(format!("{name} locks a bond of {} with {by}", tokens(amount)), lock);
                if s == 0 { act.with(&[&self.slashers[0]]) } else { act }
            }
            "fail" | "release" => {
                let s = gene.b as usize % 2;
                let slasher = self.slasher(s);
                // Of whoever is gone, anyone's.
                let is_there = |slasher| self.stage.find::<Slasher>(slasher).is_some();
                let of = |bond: &Bond| bond.slasher == slasher || bond.amount.0 > 0 && !is_there(bond.slasher);
                let mine = |bond: &Bond| of(bond) && bond.provider != self.providers[0];
                let bonds: Vec<_> = self.stage.all::<Bond>().into_iter().filter(|(_, bond)| mine(bond)).collect();
                let (address, bond) = *gene.first(&bonds)?;
                let key = self.slashers[s].pubkey();
                let act = if name == "fail" {
                    let amount = gene.amount(bond.amount.0, bond.amount.0);
                    let seize = pool.seize_bond_instruction(key, address, &bond, amount);
                    Act::new(format!("{} of bond {address} is seized", tokens(amount)), seize)
                } else {
                    let how =
                        if self.memory.slashers[s].rights & rights::REPORT as u32 == 0 { 0 } else { gene.b / 2 % 5 };
                    let weight = WHOLE_JOB as u64 * gene.x as u64 / 128;
                    let release = pool.release_bond_instruction(key, address, &bond, (how, weight as u32));
                    Act::new(format!("bond {address} is released, outcome {how}"), release)
                };
                if s == 0 { act.with(&[&self.slashers[0]]) } else { act }
            }
            "report" => {
                let (p, s) = (*gene.first(&[2, 1])?, [0, 2][gene.b as usize % 2]);
                let weight = WHOLE_JOB as u64 * gene.x as u64 / 128;
                let (how, key) = (1 + gene.b / 2 % 4, self.slashers[s].pubkey());
                let report = pool.report_job_instruction(key, self.providers[p], (how, weight as u32));
                let (by, of) = (SLASHERS[s], NAMES[OWNERS[p]]);
                let act = Act::new(format!("{by} reports a job of {of}, outcome {how}"), report);
                if s == 0 { act.with(&[&self.slashers[0]]) } else { act }
            }
            "withdraw what was seized" => {
                let bonds = self.stage.all::<Bond>().into_iter().filter(|(_, bond)| bond.seized.price != 0);
                let (address, bond) = *gene.first(&bonds.collect::<Vec<_>>())?;
                let withdraw = self.to_whom(self.withdraw_seized(address, &bond), gene);
                Act::new(format!("what was seized of {address} is paid"), withdraw)
            }
            "close a delegation" => {
                let b = *gene.first(&(0..BACKERS.len()).collect::<Vec<_>>())?;
                let (owner, p) = BACKERS[b];
                let close = pool.close_delegation_instruction(world, &self.backers[b]);
                Act::new(format!("the delegation of {} at {}'s is closed", NAMES[owner], NAMES[OWNERS[p]]), close)
            }
            "close a provider" | "register" => {
                let owner = *gene.first(&[Q, P, E])?;
                let key = self.keys[owner].pubkey();
                let act = if name == "register" {
                    pool.register_instruction(world, key)
                } else {
                    pool.close_provider_instruction(world, key)
                };
                Act::new(format!("{name}: {}", NAMES[owner]), act)
            }
            "commit a fault" => {
                let p = *gene.first(&[1, 2])?;
                self.provider(p)?;
                self.stage.aside(format!("S learns of a fault of {}", NAMES[OWNERS[p]]))
            }
            "see one leave" | "see one come" | "see one lock" => {
                let (owner, p) = BACKERS[*gene.first(&[1, 2, 3, 4])?];
                self.stage.aside(format!("{} at {}'s: {}", NAMES[owner], NAMES[OWNERS[p]], &name[8..]))
            }
            _ => return None,
        })
    }

    fn respond(&mut self, genes: &[Gene], receipt: &Receipt) {
        self.watch(receipt);
        self.move_on(receipt);
        for gene in genes {
            match gene.name::<Self>() {
                "commit a fault" => {
                    let how =
                        [sentence::FINE, sentence::JAIL, sentence::FINE, sentence::TOMBSTONE][gene.b as usize % 4];
                    self.accuse(1 + gene.a as usize % 2, gene.x, how);
                }
                "see one leave" | "see one come" | "see one lock" => self.follow(gene),
                _ => {}
            }
        }
    }

    fn seen(&mut self) -> Vec<u64> {
        let now = self.stage.now();
        let mut all: Vec<u64> = (0..3).map(|p| seen(p, self.provider(p).as_ref(), &self.stage)).collect();
        let slashers: Vec<_> = (0..3)
            .map(|s| self.stage.find::<Slasher>(self.slasher(s)).map(|state| (state.rights, now < state.active_at.0)))
            .collect();
        let waits = self.stage.find::<PolicyChange>(self.derived[3]).map(|change| now < change.executable_at.0);
        all.push(hash(&("governed", slashers, waits)));
        let is_open = self.stage.find::<PoolState>(self.pool.address).is_none_or(|pool| now < pool.exit_ends_at.0);
        all.extend((0..BACKERS.len()).map(|b| {
            let delegation = self.delegation(b);
            let locked = delegation.is_some_and(|delegation| now < delegation.lock_ends_at.0);
            let incoming = delegation.map(|delegation| delegation.incoming_count.min(2));
            let closed = self.stage.find::<ProviderStub>(self.providers[BACKERS[b].1]).is_some();
            hash(&("backer", b, locked, is_open, incoming, closed))
        }));
        for p in 0..3 {
            let Window { by, .. } = &self.memory.windows[p];
            all.push(hash(&("proposed", p, by.map(|(tokens, sentences)| (tokens > 0, sentences.min(4))))));
        }
        all
    }

    fn wake(&mut self) -> Option<i64> {
        self.duties().iter().map(|(at, _)| *at).min()
    }

    fn pass(&mut self, _: i64, _: i64) {}

    fn work(&mut self) {
        let now = self.stage.now();
        for (at, duty) in self.duties() {
            if at > now {
                continue;
            }
            match duty {
                Duty::Send(instruction, who, address) => {
                    if !self.send(instruction, who) {
                        self.memory.later.insert(address, now + DAY / 4);
                    }
                }
                Duty::Leave(who) => {
                    self.memory.leaves[who] = None;
                    self.leave(who + D);
                }
                Duty::Work => self.take_job(),
                Duty::Deliver(bond) => self.deliver(bond),
                Duty::Add => {
                    self.memory.next_stake = now + 5 * DAY;
                    let stake = self.pool.stake_instruction(&self.backers[0], TOKEN);
                    self.send(stake, Some(H));
                }
            }
        }
    }

    fn wind_up(&mut self) {
        let anyone = self.stage.world.payer().pubkey();
        // What waits is in force; then S still has a say.
        if let Some(change) = self.stage.find::<PolicyChange>(self.derived[3]) {
            let now = self.stage.now();
            if change.executable_at.0 < now + 40 * DAY {
                pass_to(self, change.executable_at.0.max(now));
                let execute = self.pool.execute_policy_instruction(&self.stage.world);
                self.send(execute, None);
            }
        }
        self.accuse(1, 128, sentence::FINE);
        self.memory.closing = true;
        for _ in 0..8 {
            let now = self.stage.now();
            let Some(last) = self.stage.all::<Slash>().iter().map(|(_, slash)| slash.executable_at.0).max() else {
                break;
            };
            self.memory.later.clear();
            pass_to(self, last.max(now + 1) + 1);
        }
        // Stake on its way to a lock may start it again.
        for _ in 0..3 {
            let free = self.stage.all::<Slasher>().into_iter().map(|(_, slasher)| slasher.bonds_free_at.0);
            let jails = (0..3).filter_map(|p| self.provider(p)).map(|provider| provider.jail_ends_at.0);
            let locks = self.stage.all::<Delegation>().into_iter().map(|(_, delegation)| delegation.lock_ends_at.0);
            let now = self.stage.now();
            pass_to(self, free.chain(jails).chain(locks).max().unwrap_or_default().max(now) + 1);
        }
        for (address, bond) in self.stage.all::<Bond>() {
            let key = (0..3).find(|s| self.slasher(*s) == bond.slasher).map(|s| self.slashers[s].insecure_clone());
            let is_there = self.stage.find::<Slasher>(bond.slasher).is_some();
            let signer = key.filter(|_| is_there);
            let by = signer.as_ref().map_or(anyone, Signer::pubkey);
            let release = self.pool.release_bond_instruction(by, address, &bond, (outcome::NONE, 0));
            self.send_as(release, &signer.into_iter().collect::<Vec<_>>());
        }
        for (p, owner) in OWNERS.into_iter().enumerate() {
            if self.provider(p).is_some_and(|provider| provider.status == status::JAILED) {
                let unjail = self.pool.unjail_instruction(self.keys[owner].pubkey());
                self.send(unjail, Some(owner));
            }
        }
        for round in 0..2 {
            for (address, ticket) in self.tickets() {
                let Some(new) = self.stage.find::<Delegation>(ticket.new_delegation) else { continue };
                let stop = self.pool.stop_redelegation_instruction(address, &ticket, new.provider);
                self.send(stop, self.party(ticket.owner));
            }
            for b in (HONEST..BACKERS.len()).chain(0..HONEST) {
                let unstake = if self.worth(b) == 0 { None } else { self.unstake(b, u64::MAX) };
                if let Some(unstake) = unstake {
                    self.send(unstake, Some(BACKERS[b].0));
                }
            }
            if round == 1 && self.tickets().is_empty() && self.stage.all::<Bond>().is_empty() {
                break;
            }
            let now = self.stage.now();
            let tickets = self.tickets().into_iter().map(|(_, ticket)| ticket.withdrawable_at.0);
            let seized = self.stage.all::<Bond>().into_iter().map(|(_, bond)| bond.withdrawable_at.0);
            pass_to(self, tickets.chain(seized).max().unwrap_or_default().max(now) + 1);
            let mut tickets = self.tickets();
            tickets.sort_by_key(|(_, ticket)| self.party(ticket.owner).is_some_and(|owner| owner < P));
            for (address, ticket) in tickets {
                let withdraw = self.withdraw(address, &ticket);
                self.send(withdraw, self.party(ticket.owner));
            }
            for (address, bond) in self.stage.all::<Bond>() {
                let withdraw = self.withdraw_seized(address, &bond);
                self.send(withdraw, self.party(bond.client).filter(|client| *client >= P));
            }
        }
        // H leaves the other pool as well.
        let (other, backer) = self.other;
        let ticket = self.stage.find::<Delegation>(backer.delegation).map_or(0, |delegation| delegation.ticket_count);
        let ticket = other.ticket(&backer, ticket);
        let unstake = other.unstake_instruction(&self.stage.world, &backer, ticket, u64::MAX);
        let left_other = self.send(unstake, Some(H));
        let treasury = self.stage.find::<PoolState>(self.pool.address).map_or(ID, |pool| pool.treasury);
        for provider in self.providers {
            let settle = self.pool.settle_slashed_instruction(provider, treasury);
            self.send(settle, None);
        }
        let known: BTreeSet<Address> = self.keys.iter().map(Signer::pubkey).collect();
        let bonds = self.stage.all::<Bond>().into_iter();
        let bonds = bonds.filter(|(_, bond)| bond.reusable == 0 && known.contains(&bond.client)).count();
        let slashes = self.stage.all::<Slash>().len();
        let rest = |provider: &Provider| {
            [provider.bonded, provider.lien, provider.slashed, provider.treasury_due].iter().any(|rest| !rest.is_zero())
        };
        let rest = (0..3).filter_map(|p| self.provider(p)).filter(rest).count();
        let staked = (0..BACKERS.len()).filter(|b| self.worth(*b) >= 2).count();
        let tickets = self.tickets().into_iter().filter(|(_, ticket)| ticket.provider != backer.provider).count();
        self.memory.broken.left = (bonds + slashes + tickets + rest + staked + !left_other as usize) as u64;
    }

    fn balances(&mut self) -> Vec<Balance> {
        let Broken { early, over, silent, held, loose, soon, young, idle, back, record, gone, left } =
            self.memory.broken.clone();
        let honest = |who: usize, promise| {
            let staked = STAKED[who] * TOKEN;
            let lost: u64 =
                (0..3).filter(|p| BACKERS[..HONEST].contains(&(who, *p))).map(|p| self.memory.slashed[p]).sum();
            Balance {
                who: NAMES[who],
                promise,
                amounts: [self.had[who] + staked, self.stage.tokens(self.wallets[who])],
                promised: (self.had[who] + staked) as i128 - lost as i128,
                coalition: false,
                slack: DUST,
            }
        };
        vec![
            honest(H, "a provider loses no more than slashes of its own"),
            honest(D, "who delegates loses no more than slashes of his providers"),
            honest(B, "who delegates loses no more than slashes of his providers"),
            honest(C, "a client loses nothing by stake"),
            Balance::never("backers", "what is worse for them waits until who leaves has left", early),
            Balance::never("backers", "a slasher proposes no more than its share, its limit and the pool's", over),
            Balance::never("S", "a slasher that has its right can propose its share", silent),
            Balance::never("backers", "who may leave can", held),
            Balance::never("who is locked", "a lock holds whoever has its weight, as long as it says", loose),
            Balance::never("slashers", "nothing leaves before its unbonding period", soon),
            Balance::never("clients", "own stake stands before it backs a job", young),
            Balance::never("H", "who has had the least own stake for two periods takes jobs", idle),
            Balance::never("clients", "who is out for good stays out", back),
            Balance::never("clients", "a record is what its jobs cost, and fades day by day", record),
            Balance::never("backers", "a slasher is closed when it has no rights, and what it did is over", gone),
            Balance::never("all", "all that is staked, leaves or is bonded comes out", left),
            self.stage.rent(),
        ]
    }
}

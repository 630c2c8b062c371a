//! Jobs that are paid in credits, and a network that takes the right to spend them. Honest are C, a client; H, a provider, which starts what
//! it is given, of every other job in the last second of its time, hurries and settles once the right is to end, and ends what cannot be paid
//! any more; A, an arbiter, who decides by what is right, or sleeps. The coalition is K, a client; P, a provider; X, who passes by; and the
//! network's authority.

use {
    super::{Act, Balance, Gene, Scene, Stage, hash, pass_to, stage::market_of},
    crate::{
        Network, Receipt,
        fixture::{Backer, Job, Market, Pool, TOKEN, usual_terms},
    },
    joule_bme_interface::{
        instruction::{ReclaimCredits, ReclaimCreditsArgs},
        pda,
        state::{CreditAccount, ProviderWork, Spender},
    },
    joule_escrow_interface::{
        ID,
        state::{Job as JobState, NONE, Terms, job_state, matching, pricing},
    },
    joule_interface::{Address, Instruction},
    joule_math::{Amount, Bps, Seconds, Tokens},
    joule_stake_interface::state::{Bond, Delegation, UnbondingTicket},
    solana_keypair::Keypair,
    solana_signer::Signer,
    std::collections::{BTreeMap, BTreeSet},
};

const C: usize = 0;
const H: usize = 1;
const K: usize = 2;
const P: usize = 3;
const X: usize = 4;
const NAMES: [&str; 5] = ["C", "H", "K", "P", "X"];
const STAKE: u64 = 300 * TOKEN;
const BOND: u64 = 7 * TOKEN;
const DAY: i64 = 86_400;
const WEEK: u32 = 7 * DAY as u32;
/// For so long before the end of the right H does not rely on it.
const CARE: i64 = 60;
const RIGHT: [u8; 32] = [0xaa; 32];
const NO_RESULT: [u8; 32] = [0; 32];
/// What is lost by rounding up and down, in credits.
const DUST: i128 = 2_000;

/// A number of a client's in a market.
struct Place {
    client: usize,
    market: usize,
    /// As H and P would work on it.
    jobs: [Job; 2],
}

#[derive(Clone, Default)]
struct Memory {
    /// What K owes H, and C owes P, by posting.
    due: [BTreeMap<(usize, u64), f64>; 2],
    /// What was refused is tried again: when, and how often it was.
    later: BTreeMap<Address, (i64, u32)>,
    /// The right's number, and until when it lasts, if its end is announced.
    right: (u16, i64),
    /// H's postings that had not started when the announcement was taken back, of which no trace stays.
    risked: BTreeSet<(usize, u64)>,
    sleeps: bool,
    is_idle: bool,
}

/// See the module.
pub struct Revoking {
    stage: Stage,
    network: Network,
    pool: Pool,
    keys: Vec<Keypair>,
    arbiter: Keypair,
    markets: Vec<Market>,
    places: Vec<Place>,
    staked: Vec<Address>,
    own: [Backer; 2],
    had: Vec<u64>,
    memory: Memory,
}

impl Revoking {
    fn key(&self, who: usize) -> Address {
        self.keys[who].pubkey()
    }

    fn state(&self, place: usize) -> Option<JobState> {
        self.stage.find(self.places[place].jobs[0].address)
    }

    fn job(&self, place: usize) -> (Job, &Market, Option<JobState>) {
        let Place { market, jobs, .. } = &self.places[place];
        let state = self.state(place);
        let is_h = state.as_ref().is_some_and(|state| state.provider == self.key(H));
        let mut job = jobs[!is_h as usize];
        job.matching = state.as_ref().map_or(job.matching, |state| state.matching);
        (job, &self.markets[market_of(&self.markets, state.as_ref(), *market)], state)
    }

    /// When the right ends, if that is announced; it ended when it was given anew.
    fn ends_at(&self, state: Option<&JobState>) -> Option<i64> {
        let spender = self.stage.find::<Spender>(self.markets[0].spender);
        match (spender, state) {
            (None, _) => Some(0),
            (Some(spender), Some(state)) if spender.number != state.spender_number => Some(0),
            (Some(spender), _) => Some(spender.closes_at.0).filter(|closes| *closes != 0),
        }
    }

    /// Credits of somebody that are free; work of a provider.
    fn credits(&self, who: usize) -> u64 {
        let (network, owner) = (self.network.address, self.key(who));
        if [H, P].contains(&who) {
            let work = self.stage.find::<ProviderWork>(pda::provider_work::find(&network, &owner, &[0]).0);
            return work.map_or(0, |work| work.total_work.0);
        }
        let credits = self.stage.find::<CreditAccount>(pda::credit_account::find(&network, &owner).0);
        credits.map_or(0, |credits| credits.balance.0)
    }

    fn settle_bond(&self, place: usize) -> Instruction {
        let (job, market, state) = self.job(place);
        let mut settle = market.settle_bond_instruction(&job, self.staked[self.places[place].client]);
        if state.is_none_or(|job| job.bond == NONE) {
            for meta in &mut settle.accounts[5..] {
                (meta.pubkey, meta.is_writable) = (ID, false);
            }
        }
        self.stage.repaid(settle, 5, 6)
    }

    fn send(&mut self, instruction: Instruction, who: usize) -> bool {
        let key = if who < NAMES.len() { &self.keys[who] } else { &self.arbiter };
        let key = key.insecure_clone();
        let signs = instruction.accounts.iter().any(|meta| meta.is_signer && meta.pubkey == key.pubkey());
        let done = self.stage.attempt(instruction, signs.then_some(&key).as_slice());
        self.watch();
        done
    }

    /// Results that are due; and who may have waited for a right in vain.
    fn watch(&mut self) {
        let spender = self.stage.find::<Spender>(self.markets[0].spender);
        let right = spender.map_or((0, 0), |spender| (spender.number, spender.closes_at.0));
        let (number, closes_at) = std::mem::replace(&mut self.memory.right, right);
        if right == (number, 0) && closes_at != 0 {
            let waits = |place: usize| {
                let state = self.state(place).filter(|state| state.provider == self.key(H))?;
                let is_waiting = [job_state::BIDDING, job_state::ASSIGNED].contains(&state.state);
                is_waiting.then_some((place, state.posting_id))
            };
            let waiting: Vec<_> = (0..self.places.len()).filter_map(waits).collect();
            self.memory.risked.extend(waiting);
        }
        for place in 0..self.places.len() {
            let Some(state) = self.state(place).filter(|state| state.terms.pricing == pricing::FIXED) else { continue };
            let delivered = [job_state::DELIVERED, job_state::REJECTED, job_state::OWING, job_state::FINISHED];
            if state.result == NO_RESULT || !delivered.contains(&state.state) {
                continue;
            }
            let (client, price) = (self.places[place].client, state.price.0 as f64);
            if state.provider == self.key(H) && state.result == RIGHT {
                self.memory.due[0].insert((place, state.posting_id), price);
            } else if state.provider == self.key(P) && client == C {
                self.memory.due[1].insert((place, state.posting_id), price);
            }
        }
    }

    /// What honest people have to do: when, with which job, what, and who signs.
    fn duties(&self) -> Vec<(i64, Address, Instruction, usize)> {
        const A: usize = NAMES.len();
        let (mut duties, now) = (vec![], self.stage.now());
        for place in 0..self.places.len() {
            let (job, market, Some(state)) = self.job(place) else { continue };
            let terms = &market.terms;
            let (client, is_h) = (self.places[place].client, state.provider == self.key(H));
            if !is_h && client != C && self.memory.is_idle {
                continue;
            }
            let (fixed, deadline) = (terms.pricing == pricing::FIXED, state.deadline_at.0);
            let who = if is_h { H } else { C };
            let worker = if is_h { H } else { P };
            let right = self.ends_at(Some(&state));
            let is_late = is_h && place % 2 == 1;
            let is_over = right.is_some_and(|right| right <= now);
            let acts = is_h || !self.memory.is_idle;
            let earliest = state.started_at.0 + terms.min_duration.0 as i64;
            let duty = match state.state {
                job_state::BIDDING if client == K && state.provider == NONE && now <= deadline => {
                    let own = Job { matching: job.matching, ..self.places[place].jobs[0] };
                    (0, market.bid_instruction(&self.stage.world, &own, state.price.0 / 20 * 19, None), H)
                }
                job_state::BIDDING => (deadline + 1, market.award_instruction(&job), X),
                job_state::POSTED | job_state::ASSIGNED if acts && now <= deadline => {
                    let at = if is_late { deadline } else { 0 };
                    (at, market.start_instruction(&self.stage.world, &job), worker)
                }
                // There is no hurry.
                job_state::POSTED | job_state::ASSIGNED => {
                    (deadline + 10 * DAY, market.cancel_instruction(&job, self.key(who)), who)
                }
                // Nothing is paid any more.
                job_state::RUNNING if is_h && is_over => {
                    (0, market.finish_instruction(&job, self.key(H), NO_RESULT), H)
                }
                job_state::RUNNING if fixed && acts => {
                    // What starts after the announcement is to be paid in time, but for what its client extended since.
                    let judged = terms.acceptance_window.0 as i64 + terms.arbitration_window.0 as i64 + CARE;
                    let is_sure = right
                        .is_none_or(|right| state.started_at.0 > right - 30 * DAY && state.ends_at.0 + judged <= right);
                    let at = if is_late && is_sure { state.ends_at.0 } else { earliest };
                    (at, market.deliver_instruction(&job, RIGHT), worker)
                }
                job_state::RUNNING if is_h && right.is_some_and(|right| now < right - CARE) => {
                    let at = state.ends_at.0.min(right.unwrap_or_default() - CARE - 1);
                    if at == state.ends_at.0 {
                        (at, market.finish_instruction(&job, job.provider, NO_RESULT), H)
                    } else if now <= at {
                        (at, market.settle_instruction(&job), H)
                    } else {
                        continue;
                    }
                }
                job_state::RUNNING => {
                    let late = if fixed { terms.late_window.0 as i64 + 1 } else { 0 };
                    (state.ends_at.0 + late, market.finish_instruction(&job, self.key(who), NO_RESULT), who)
                }
                job_state::DELIVERED if client == C => (0, market.accept_instruction(&job, job.client), C),
                job_state::DELIVERED => (deadline + 1, market.accept_instruction(&job, self.key(X)), X),
                job_state::REJECTED if self.memory.sleeps => {
                    (deadline + 1, market.resolve_instruction(&job, self.key(X), 0, 0), X)
                }
                job_state::REJECTED => {
                    let pay = if state.result == RIGHT { 10_000 } else { 0 };
                    (0, market.resolve_instruction(&job, self.arbiter.pubkey(), pay, 0), A)
                }
                job_state::OWING => (0, market.settle_instruction(&job), who),
                _ if state.bond_unsettled == 1 && state.has_ended() => (0, self.settle_bond(place), who),
                _ => continue,
            };
            let (at, instruction, who) = duty;
            let at = self.memory.later.get(&job.address).map_or(at, |(later, _)| at.max(*later));
            duties.push((at, job.address, instruction, who));
        }
        duties
    }
}

impl Scene for Revoking {
    const NAME: &'static str = "rights";
    const MOVES: &'static [&'static str] = &[
        "be hired by C",
        "hire H",
        "post",
        "start",
        "settle",
        "stop",
        "quit",
        "deliver",
        "time is up",
        "accept",
        "reject",
        "cancel",
        "cancel by time",
        "extend",
        "settle the bond",
        "close",
        "announce the end of the right",
        "take that back",
        "end the right",
        "give the right again",
        "find the arbiter asleep",
        "be idle, or diligent again",
    ];

    fn new() -> Self {
        let mut world = Stage::chain();
        let keys: Vec<Keypair> = NAMES.iter().map(|_| world.user()).collect();
        let arbiter = world.user();
        let holders: Vec<Address> = keys.iter().map(|key| key.pubkey()).collect();
        let (network, staked) = Network::new(&mut world, &holders);
        let pool = Pool::new(&world, &network);
        for who in [C, K] {
            let credits = network.open_credit_account(&world, holders[who]);
            world.ok(&[network.buy_instruction(holders[who], staked[who], credits, 200 * TOKEN)], &[&keys[who]]);
        }
        let own = [H, P].map(|who| {
            network.open_provider_work(&world, holders[who]);
            let provider = pool.register(&world, &keys[who]);
            let own = pool.open_delegation(&world, provider, holders[who], staked[who]);
            world.ok(&[pool.stake_instruction(&own, STAKE)], &[&keys[who]]);
            own
        });
        let bonded = Terms {
            price: Amount(10),
            min_duration: Seconds(60),
            max_duration: Seconds(60 * DAY as u32),
            start_window: Seconds(WEEK),
            wait_window: Seconds(3_600),
            bond_amount: Tokens(BOND),
            failure_penalty: Bps::WHOLE,
            no_start_penalty: Bps(2_500),
            reports: 1,
            ..usual_terms()
        };
        let fixed = Terms {
            pricing: pricing::FIXED,
            price: Amount(5_000_000),
            arbiter: arbiter.pubkey(),
            late_window: Seconds(100),
            acceptance_window: Seconds(10 * DAY as u32),
            arbitration_window: Seconds(10 * DAY as u32),
            default_pay: Bps::WHOLE,
            max_duration: Seconds(20 * DAY as u32),
            ..bonded
        };
        let first = Market::unborn(&network, &pool, 0, bonded);
        network.add_spender(&world, first.authority);
        pool.add_slasher(&world, &network, first.authority);
        let markets: Vec<Market> =
            [(1, bonded), (2, fixed)].map(|(id, terms)| Market::another(&world, &network, &pool, id, terms)).into();
        let mut places = vec![];
        for client in [C, K] {
            for (market, of) in markets.iter().enumerate() {
                for _ in 0..2 {
                    let nonce = places.len() as u64;
                    let jobs = [H, P].map(|who| {
                        let work = pda::provider_work::find(&network.address, &holders[who], &[0]).0;
                        of.job(holders[client], nonce, holders[who], work)
                    });
                    places.push(Place { client, market, jobs });
                }
            }
        }
        world.run(86_400);
        // Both clients have a job that waits for its provider: C one for P, K one for H.
        for (place, to) in [(0, 1), (4, 0)] {
            let Place { client, market, jobs } = &places[place];
            let post = markets[*market].post_instruction(&world, &jobs[to], 40 * DAY as u32);
            world.ok(&[post], &[&keys[*client]]);
        }
        let credits = |who: usize| pda::credit_account::find(&network.address, &holders[who]).0;
        let pretenders = vec![
            credits(K),
            holders[X],
            holders[P],
            holders[K],
            staked[X],
            pda::provider_work::find(&network.address, &holders[P], &[0]).0,
            network.work_shard(1),
            own[1].provider,
            places[4].jobs[1].address,
            ID,
        ];
        let coalition = [&keys[K], &keys[P], &keys[X], &network.authority].map(Keypair::insecure_clone).into();
        let stage = Stage::new(world, &network, coalition, pretenders);
        let (had, memory) = (vec![], Memory::default());
        let mut scene = Self { stage, network, pool, keys, arbiter, markets, places, staked, own, had, memory };
        // What is locked for the jobs that wait is theirs as well.
        let held = |who: usize| -> u64 {
            let own = scene.stage.all::<JobState>().into_iter().filter(|(_, job)| job.client == scene.key(who));
            own.map(|(_, job)| job.held.0).sum()
        };
        scene.had = (0..NAMES.len()).map(|who| scene.credits(who) + held(who)).collect();
        scene
    }

    fn stage(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn reset(&mut self) {
        self.stage.reset();
        self.memory = Memory::default();
    }

    fn act(&mut self, gene: &Gene) -> Option<Act> {
        let name = gene.name::<Self>();
        let spender = self.markets[0].spender;
        let (text, act) = match name {
            "be hired by C" | "hire H" | "post" => {
                let (client, to) = match name {
                    "be hired by C" => (C, P),
                    "hire H" => (K, H),
                    _ => (K, P),
                };
                let free = |place: &usize| {
                    self.places[*place].client == client && self.state(*place).is_none_or(|state| state.is_over())
                };
                let place = *gene.first(&(0..self.places.len()).filter(free).collect::<Vec<_>>())?;
                let market = &self.markets[self.places[place].market];
                let how = *gene.second(&[matching::DIRECT, matching::AUCTION])?;
                let job = Job { matching: how, ..self.places[place].jobs[(to == P) as usize] };
                let seconds = 60 + market.terms.max_duration.0 / 256 * gene.x as u32;
                let post = market.post_instruction(&self.stage.world, &job, seconds);
                let how = if how == matching::DIRECT { NAMES[to] } else { "who bids least" };
                let text = format!("{} posts job {place} for {how}, {seconds} seconds", NAMES[client]);
                let act = Act::new(text, post);
                return Some(if client == C { act.with(&[&self.keys[C]]) } else { act });
            }
            "announce the end of the right" => (
                "the authority announces the end of the right",
                self.network.revoke_spender_instruction(spender, 30 * DAY as u32),
            ),
            "take that back" => ("it takes that back", self.network.restore_spender_instruction(spender)),
            "end the right" => ("the right ends", self.network.close_spender_instruction(&self.stage.world, spender)),
            "give the right again" => {
                let add = self.network.add_spender_instruction(&self.stage.world, self.markets[0].authority, 0);
                ("the authority gives the right again", add)
            }
            "find the arbiter asleep" => {
                self.memory.sleeps = true;
                return Some(self.stage.aside("the arbiter falls asleep"));
            }
            "be idle, or diligent again" => {
                self.memory.is_idle = !self.memory.is_idle;
                let text = if self.memory.is_idle { "P does nothing by itself" } else { "P does its work again" };
                return Some(self.stage.aside(text));
            }
            _ => return self.work_on(name, gene),
        };
        Some(Act::new(text, act))
    }

    fn respond(&mut self, _: &[Gene], _: &Receipt) {
        self.watch();
    }

    /// Whose jobs are in which state, and what became of the right to their credits.
    fn seen(&mut self) -> Vec<u64> {
        let now = self.stage.now();
        let shape = |place: usize| {
            let (_, market, state) = self.job(place);
            let state = state?;
            let right = self.ends_at(Some(&state)).map_or(0, |at| 1 + (at <= now) as usize);
            let by_h = (state.provider == self.key(H)) as usize;
            let fixed = (market.terms.pricing == pricing::FIXED) as usize;
            Some(hash(&[self.places[place].client, fixed, by_h, state.state as usize, right]))
        };
        (0..self.places.len()).filter_map(shape).collect()
    }

    fn wake(&mut self) -> Option<i64> {
        self.duties().iter().map(|(at, ..)| *at).min()
    }

    fn pass(&mut self, from: i64, to: i64) {
        for place in 0..self.places.len() {
            let Some(state) = self.state(place).filter(|state| state.state == job_state::RUNNING) else { continue };
            if state.terms.pricing != pricing::METERED {
                continue;
            }
            let right = self.ends_at(Some(&state));
            let (client, is_h) = (self.places[place].client, state.provider == self.key(H));
            // H relies on it as long as it is sure; C pays until it ends.
            let until = right.map_or(i64::MAX, |right| if is_h { right - CARE - 1 } else { right });
            let seconds = (to.min(state.ends_at.0).min(until) - from.max(state.started_at.0)).max(0);
            let which = if is_h { 0 } else { 1 };
            if is_h || client == C {
                let due = self.memory.due[which].entry((place, state.posting_id)).or_default();
                *due += state.price.0 as f64 * seconds as f64;
            }
        }
    }

    fn work(&mut self) {
        let now = self.stage.now();
        for (at, address, instruction, who) in self.duties() {
            if at <= now && !self.send(instruction, who) {
                let (later, times) = self.memory.later.entry(address).or_default();
                *later = now + (if who == P { 3_600 } else { 40 } << times.saturating_sub(3).min(12));
                *times += 1;
            }
        }
    }

    fn wind_up(&mut self) {
        for round in 0..14 {
            let now = self.stage.now();
            pass_to(self, now + [3_600, DAY, 5 * DAY, 12 * DAY][(round as usize).min(3)]);
            if self.stage.all::<JobState>().is_empty() {
                break;
            }
            for place in 0..self.places.len() {
                let (job, market, Some(state)) = self.job(place) else { continue };
                let caller = self.key(X);
                let crank = match state.state {
                    job_state::POSTED | job_state::ASSIGNED => market.cancel_instruction(&job, caller),
                    job_state::BIDDING => market.award_instruction(&job),
                    job_state::RUNNING => market.finish_instruction(&job, caller, NO_RESULT),
                    job_state::DELIVERED => market.accept_instruction(&job, caller),
                    job_state::REJECTED => market.resolve_instruction(&job, caller, 0, 0),
                    job_state::OWING => market.settle_instruction(&job),
                    _ if state.bond_unsettled == 1 => self.settle_bond(place),
                    _ => self.stage.repaid(market.close_job_instruction(&self.stage.world, &job), 0, 1),
                };
                self.send(crank, X);
            }
        }
        // What is locked for a right that has ended is free again once it is gone.
        self.send(self.network.close_spender_instruction(&self.stage.world, self.markets[0].spender), X);
        for who in [K, C] {
            let (owner, network) = (self.key(who), self.network.address);
            let credit_account = pda::credit_account::find(&network, &owner).0;
            let reclaim = ReclaimCredits { owner, network, credit_account };
            self.send(reclaim.instruction(&ReclaimCreditsArgs {}), who);
        }
        let bonds = self.stage.all::<Bond>();
        for (own, who) in [(self.own[1], P), (self.own[0], H)] {
            let Some(count) = self.stage.find::<Delegation>(own.delegation).map(|own| own.ticket_count) else {
                continue;
            };
            let ticket = self.pool.ticket(&own, count);
            let unstake = self.pool.unstake_instruction(&self.stage.world, &own, ticket, u64::MAX);
            self.send(unstake, who);
        }
        let now = self.stage.now();
        pass_to(self, now + 8 * DAY);
        for (address, ticket) in self.stage.all::<UnbondingTicket>() {
            let place = (ticket.provider == self.own[1].provider) as usize;
            let withdraw = self.pool.withdraw_instruction(&self.stage.world, &self.own[place], address);
            self.send(withdraw, [H, P][place]);
        }
        for (address, bond) in bonds {
            let Some(client) = [C, K].into_iter().find(|&who| self.key(who) == bond.client) else { continue };
            let tokens = self.staked[client];
            let withdraw =
                self.pool.withdraw_seized_instruction(bond.provider, address, bond.client, tokens, bond.payer);
            self.send(withdraw, client);
        }
    }

    fn balances(&mut self) -> Vec<Balance> {
        let [earned, owed] = [0, 1].map(|which| self.memory.due[which].values().sum::<f64>() as i128);
        let balance = |who, promise, all: &[usize], change: i128, coalition| {
            let had = all.iter().map(|&who| self.had[who]).sum::<u64>();
            let has = all.iter().map(|&who| self.credits(who)).sum();
            Balance { who, promise, amounts: [had, has], promised: had as i128 + change, coalition, slack: DUST }
        };
        let stake = self.stage.tokens(self.staked[H]);
        vec![
            balance("H, work", "a provider is paid for all that it did while it could be paid", &[H], earned, false),
            Balance {
                who: "H, stake",
                promise: "nobody is punished for what the network took away",
                amounts: [1_000 * TOKEN, stake],
                promised: 1_000 * TOKEN as i128 - self.memory.risked.len() as i128 * (BOND / 4) as i128,
                coalition: false,
                slack: DUST,
            },
            balance("C, credits", "a client pays for what it got", &[C], -owed, false),
            balance("the coalition", "it has what it put in, and pay for work", &[K, P], owed - earned, true),
            Stage::never("everybody", "anyone brings every job to its end", self.stage.all::<JobState>().len()),
            self.stage.rent(),
        ]
    }
}

impl Revoking {
    /// Something that is done with a job.
    fn work_on(&self, name: &str, gene: &Gene) -> Option<Act> {
        let fits = |state: &JobState| {
            let of_p = state.provider == self.key(P);
            match name {
                "start" => of_p && [job_state::POSTED, job_state::ASSIGNED].contains(&state.state),
                "quit" | "deliver" => state.state == job_state::RUNNING && of_p,
                "settle" | "stop" | "time is up" | "extend" => state.state == job_state::RUNNING,
                "accept" | "reject" => state.state == job_state::DELIVERED,
                "cancel" => [job_state::POSTED, job_state::BIDDING, job_state::ASSIGNED].contains(&state.state),
                "cancel by time" => {
                    let waits = [job_state::POSTED, job_state::ASSIGNED].contains(&state.state);
                    waits && self.stage.now() > state.deadline_at.0
                }
                "settle the bond" => state.has_ended() && state.bond_unsettled == 1,
                _ => state.is_over(),
            }
        };
        let there = (0..self.places.len()).filter_map(|place| Some((place, self.state(place)?)));
        let there: Vec<usize> = there.filter(|(_, state)| fits(state)).map(|(place, _)| place).collect();
        let place = *gene.first(&there)?;
        let (job, market, _) = self.job(place);
        let (x, client) = (self.key(X), NAMES[self.places[place].client]);
        let (text, act) = match name {
            "start" => ("P starts", market.start_instruction(&self.stage.world, &job)),
            "settle" => ("it is settled", market.settle_many_instruction(&[job], gene.amount(1_000, u64::MAX))),
            "stop" => ("its client stops it", market.finish_instruction(&job, job.client, NO_RESULT)),
            "quit" => ("P quits", market.finish_instruction(&job, job.provider, NO_RESULT)),
            "deliver" => ("P delivers", market.deliver_instruction(&job, RIGHT)),
            "time is up" => ("X says that time is up", market.finish_instruction(&job, x, NO_RESULT)),
            "accept" => ("it is accepted", market.accept_instruction(&job, *gene.second(&[job.client, x])?)),
            "reject" => ("it is rejected", market.reject_instruction(&job)),
            "cancel" => ("it is cancelled", market.cancel_instruction(&job, job.client)),
            "cancel by time" => ("X cancels", market.cancel_instruction(&job, x)),
            "extend" => ("it is extended", market.extend_instruction(&job, gene.x as u32 * 3_600)),
            "settle the bond" => ("its bond is settled", self.settle_bond(place)),
            "close" => ("it is closed", market.close_job_instruction(&self.stage.world, &job)),
            _ => return None,
        };
        Some(Act::new(format!("job {place}, {client}'s: {text}"), act))
    }
}

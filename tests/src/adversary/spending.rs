//! Jobs that are paid in credits, in a network of two lanes, whose rights to spend them end. Honest are C, a client; and H, a provider,
//! which starts what it is given, settles before a right ends, and ends its jobs in time. The coalition is K, a client; P, a provider;
//! and X, who passes by, and receives fees in a record of work that it may close. The network's authority ends rights, restores them,
//! and adds them again, when the coalition likes.

use {
    super::{Act, Balance, Gene, Scene, Stage, hash, pass_to, queues::closed, stage::market_of},
    crate::{
        Network, Receipt,
        fixture::{Job, Market, Pool, TOKEN, usual_terms},
    },
    joule_bme_interface::{
        instruction::{ReclaimCredits, ReclaimCreditsArgs},
        state::{CreditAccount, EpochTerms, Network as NetworkState, ProviderWork, Spender},
    },
    joule_escrow_interface::state::{Job as JobState, Terms, job_state},
    joule_interface::{Address, Instruction},
    joule_math::{Amount, Bps, Seconds, Timestamp},
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
const LANES: usize = 2;
/// Work shards of the lanes.
const SHARDS: [u8; LANES] = [0, 2];
/// Millionths of a dollar a second.
const PRICE: u64 = 10_000;
/// Hundredths, in the first lane's market.
const FEE: u64 = 5;
const SHORTEST: i64 = 30;
const NONCES: u64 = 3;
const NO_RESULT: [u8; 32] = [0; 32];
const DUST: i128 = 100;
/// How long before it ends everybody knows that a right ends.
const GRACES: [u32; 4] = [60, 600, 3_600, 7_200];

struct Place {
    client: usize,
    lane: usize,
    /// As H and P would work on it.
    jobs: [Job; 2],
}

#[derive(Clone, Copy, Debug, Default)]
struct Record {
    client: usize,
    provider: usize,
    lane: usize,
    /// What its provider earned while the right to its credits lasted, the fee included.
    due: u64,
}

#[derive(Clone, Default)]
struct Memory {
    records: BTreeMap<(usize, u64), Record>,
    later: BTreeMap<usize, i64>,
    settled: BTreeSet<(usize, i64)>,
    /// When the right of that number ends.
    ends: BTreeMap<u16, i64>,
    seen: BTreeMap<usize, u64>,
    /// Jobs that are paid by another lane's right; and by how much less is locked than jobs hold.
    crossed: u64,
    unlocked: u64,
    stuck: u64,
}

/// See the module.
pub struct Spending {
    stage: Stage,
    network: Network,
    keys: Vec<Keypair>,
    markets: Vec<Market>,
    places: Vec<Place>,
    credits: [Address; 2],
    works: Vec<[Address; LANES]>,
    had: [u64; 2],
    memory: Memory,
}

impl Spending {
    fn state(&self, place: usize) -> Option<JobState> {
        self.stage.find(self.places[place].jobs[0].address)
    }

    fn key(&self, who: usize) -> Address {
        self.keys[who].pubkey()
    }

    fn worker(&self, state: &JobState) -> usize {
        if state.provider == self.key(H) { H } else { P }
    }

    fn job(&self, place: usize) -> (Job, Market, Option<JobState>) {
        let Place { client, lane, jobs } = &self.places[place];
        let state = self.state(place);
        let worker = state.as_ref().map_or(P, |state| self.worker(state));
        let lane_now = market_of(&self.markets, state.as_ref(), *lane);
        // What is paid in its lane is as in a job that belongs there.
        let like = self.places.iter().find(|other| other.client == *client && other.lane == lane_now);
        let [own, like] =
            [jobs, &like.expect("each client has one in each lane").jobs].map(|jobs| jobs[(worker == P) as usize]);
        let job = Job { payee: like.payee, work_shard_or_vault: like.work_shard_or_vault, ..own };
        (job, self.markets[lane_now], state)
    }

    fn right(&self, lane: usize) -> Option<Spender> {
        self.stage.find(self.markets[lane].spender)
    }

    /// When the right to a job's credits ends.
    fn right_ends(&self, state: &JobState) -> i64 {
        self.memory.ends.get(&state.spender_number).copied().unwrap_or(i64::MAX)
    }

    fn watch(&mut self) {
        for lane in 0..LANES {
            if let Some(right) = self.right(lane) {
                match right.closes_at.0 {
                    0 => drop(self.memory.ends.remove(&right.number)),
                    at => drop(self.memory.ends.insert(right.number, at)),
                }
            }
        }
        for place in 0..self.places.len() {
            let Some(state) = self.state(place) else { continue };
            let client = self.places[place].client;
            let lane = market_of(&self.markets, Some(&state), self.places[place].lane);
            if self.memory.seen.insert(place, state.posting_id) != Some(state.posting_id) {
                let own = self.right(lane).is_some_and(|right| right.number == state.spender_number);
                self.memory.crossed += !own as u64;
            }
            if state.started_at.0 != 0 {
                let provider = self.worker(&state);
                let record = self.memory.records.entry((place, state.posting_id)).or_default();
                (record.client, record.provider, record.lane) = (client, provider, lane);
            }
        }
        for (client, credits) in [C, K].into_iter().zip(self.credits) {
            let Some(account) = self.stage.find::<CreditAccount>(credits) else { continue };
            for right in (0..LANES).filter_map(|lane| self.right(lane)).collect::<Vec<_>>() {
                let id = right.id as usize;
                let holds = (0..self.places.len())
                    .filter(|&place| self.places[place].client == client)
                    .filter_map(|place| self.state(place))
                    .filter(|state| state.spender_number == right.number)
                    .map(|state| state.held.0)
                    .sum::<u64>();
                let locked = if account.locked_for[id] == right.number { account.locked[id].0 } else { 0 };
                self.memory.unlocked = self.memory.unlocked.max(holds.saturating_sub(locked));
            }
        }
    }

    fn send(&mut self, instruction: Instruction, who: usize) -> bool {
        let key = self.keys[who].insecure_clone();
        let signs = instruction.accounts.iter().any(|meta| meta.is_signer && meta.pubkey == key.pubkey());
        let done = self.stage.attempt(instruction, signs.then_some(&key).as_slice());
        self.watch();
        done
    }

    /// What somebody does by himself: when, with which job, what, and who signs.
    fn duties(&self) -> Vec<(i64, usize, Instruction, usize)> {
        let mut duties = vec![];
        let now = self.stage.now();
        for place in 0..self.places.len() {
            let (job, market, state) = self.job(place);
            let Some(state) = state else { continue };
            let (worker, right) = (self.worker(&state), self.right_ends(&state));
            let duty = match state.state {
                job_state::POSTED if now <= state.deadline_at.0 => {
                    (0, market.start_instruction(&self.stage.world, &job), worker)
                }
                job_state::POSTED => (0, market.cancel_instruction(&job, self.key(X)), X),
                job_state::RUNNING if right > state.ends_at.0 => {
                    (state.ends_at.0, market.finish_instruction(&job, job.provider, NO_RESULT), worker)
                }
                // Nothing can be paid when the right has ended.
                job_state::RUNNING if now < right && !self.memory.settled.contains(&(place, right)) => {
                    (right - 1, market.settle_instruction(&job), worker)
                }
                job_state::RUNNING => (right, market.finish_instruction(&job, job.provider, NO_RESULT), worker),
                job_state::OWING => (0, market.settle_instruction(&job), X),
                _ => continue,
            };
            let (at, instruction, who) = duty;
            let at = self.memory.later.get(&place).map_or(at, |later| at.max(*later));
            duties.push((at, place, instruction, who));
        }
        duties
    }
}

impl Scene for Spending {
    const NAME: &'static str = "spending";
    const MOVES: &'static [&'static str] = &[
        "be hired by C",
        "hire H",
        "post",
        "finish",
        "stop",
        "extend",
        "cancel",
        "settle",
        "settle two",
        "close",
        "see a right end",
        "see a right restored",
        "close a right",
        "see a right added",
        "reclaim",
        "close the record of fees, or open it",
    ];

    fn new() -> Self {
        let mut world = Stage::chain();
        let keys: Vec<Keypair> = NAMES.iter().map(|_| world.user()).collect();
        let holders: Vec<Address> = keys.iter().map(Signer::pubkey).collect();
        let (network, tokens) = Network::new(&mut world, &holders);
        let mut state: NetworkState = world.read(network.address);
        for (lane, weight) in [300, 100].into_iter().enumerate() {
            (state.policy.lane_weights[lane], state.lanes[lane].weight) = (weight, weight);
        }
        state.terms = EpochTerms::of(&state.policy, state.weights());
        world.forge(network.address, &state);
        let pool = Pool::new(&world, &network);
        world.ok(&[network.add_lane_shard_instruction(&world, SHARDS[1], 1)], &[&network.authority]);
        let credits = [C, K].map(|who| network.open_credit_account(&world, holders[who]));
        network.refresh_price(&mut world);
        for (credits, who) in credits.into_iter().zip([C, K]) {
            world.ok(&[network.buy_instruction(holders[who], tokens[who], credits, 500 * TOKEN)], &[&keys[who]]);
        }
        let works: Vec<[Address; LANES]> = (holders.iter())
            .map(|holder| std::array::from_fn(|lane| network.open_lane_work(&world, *holder, lane as u8)))
            .collect();
        let usual = Terms {
            price: Amount(PRICE),
            min_duration: Seconds(SHORTEST as u32),
            max_duration: Seconds(7_200),
            ..usual_terms()
        };
        let with_fee = Terms { fee_share: Bps(FEE as u16 * 100), fee_payee: works[X][0], ..usual };
        let markets: Vec<Market> = [with_fee, usual]
            .into_iter()
            .enumerate()
            .map(|(lane, terms)| {
                let id = 1 + lane as u64;
                let market = Market::unborn(&network, &pool, id, terms).without_pool().in_lane(&network, lane as u8);
                let add = network.add_spender_instruction(&world, market.authority, lane as u8);
                world.ok(&[add], &[&network.authority]);
                market.create(&world, &network)
            })
            .collect();
        let mut places = vec![];
        for client in [C, K] {
            for (lane, market) in markets.iter().enumerate() {
                for number in 0..NONCES {
                    let nonce = lane as u64 * NONCES + number;
                    let shard = network.work_shard(SHARDS[lane]);
                    let jobs = [H, P].map(|who| {
                        let job = market.job(holders[client], nonce, holders[who], works[who][lane]);
                        Job { work_shard_or_vault: shard, ..job }
                    });
                    places.push(Place { client, lane, jobs });
                }
            }
        }
        world.run(60);
        let coalition: Vec<Keypair> = [K, P, X].map(|who| keys[who].insecure_clone()).into();
        let pretenders = vec![
            works[X][0],
            works[X][1],
            works[P][0],
            works[P][1],
            holders[X],
            markets[0].spender,
            markets[1].spender,
            credits[1],
            network.work_shard(1),
            network.work_shard(SHARDS[1]),
            network.address,
        ];
        let stage = Stage::new(world, &network, coalition, pretenders);
        let had = credits.map(|credits| stage.find::<CreditAccount>(credits).map_or(0, |credits| credits.balance.0));
        Self { stage, network, keys, markets, places, credits, works, had, memory: Memory::default() }
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
        let lane = gene.a as usize % LANES;
        let market = self.markets[lane];
        let authority = self.network.authority.insecure_clone();
        match name {
            "be hired by C" | "hire H" | "post" => {
                let client = if name == "be hired by C" { C } else { K };
                let to = (name != "hire H") as usize;
                let free = |place: &usize| {
                    self.places[*place].client == client && self.state(*place).is_none_or(|state| state.is_over())
                };
                let free: Vec<usize> = (0..self.places.len()).filter(free).collect();
                let place = *gene.first(&free)?;
                let Place { lane, jobs, .. } = &self.places[place];
                // At times out of another lane's right.
                let spender = self.markets[if gene.x < 200 || client == C { *lane } else { 1 - *lane }].spender;
                let market = Market { spender, ..self.markets[*lane] };
                let seconds = SHORTEST as u32 + gene.b as u32 * 20;
                let post = market.post_instruction(&self.stage.world, &jobs[to], seconds);
                let text = format!("{} posts job {place} for {}, {seconds} seconds", NAMES[client], ["H", "P"][to]);
                let act = Act::new(text, post);
                return Some(if client == C { act.with(&[&self.keys[C]]) } else { act });
            }
            "see a right end" => {
                let mut right = self.right(lane).filter(|right| right.closes_at.0 == 0)?;
                // It was announced a month before: the rest of that time.
                let rest = *gene.second(&GRACES)?;
                right.closes_at = Timestamp(self.stage.now() + rest as i64);
                let spender = market.spender;
                self.stage.world.forge(spender, &right);
                self.stage.note(spender);
                self.watch();
                return Some(self.stage.aside(format!("the right in lane {lane} ends in {rest} seconds")));
            }
            "see a right restored" | "see a right added" => {
                let act = if name == "see a right restored" {
                    self.network.restore_spender_instruction(market.spender)
                } else {
                    self.network.add_spender_instruction(&self.stage.world, market.authority, lane as u8)
                };
                return Some(Act::new(format!("{name}, in lane {lane}"), act).with(&[&authority]));
            }
            "close a right" => {
                let close = self.network.close_spender_instruction(&self.stage.world, market.spender);
                return Some(Act::new(format!("X closes the right in lane {lane}"), close));
            }
            "reclaim" => {
                let (who, credit_account) = *gene.first(&[(K, self.credits[1]), (C, self.credits[0])])?;
                let reclaim = ReclaimCredits { owner: self.key(who), network: self.network.address, credit_account };
                let act =
                    Act::new(format!("{} reclaims credits", NAMES[who]), reclaim.instruction(&ReclaimCreditsArgs {}));
                return Some(if who == C { act.with(&[&self.keys[C]]) } else { act });
            }
            "close the record of fees, or open it" => {
                let there = self.stage.find::<ProviderWork>(self.works[X][0]);
                return Some(match there {
                    Some(_) => {
                        let close = self.network.close_provider_work_instruction(&self.stage.world, self.key(X));
                        Act::new("X closes its record of work", close)
                    }
                    None => {
                        let open = self.network.open_lane_work_instruction(&self.stage.world, self.key(X), 0);
                        Act::new("X opens its record of work again", open)
                    }
                });
            }
            _ => {}
        }
        let fits = |place: &usize| {
            let Some(state) = self.state(*place) else { return false };
            let of_p = self.worker(&state) == P;
            match name {
                "finish" => of_p && state.state == job_state::RUNNING,
                "stop" | "extend" => state.state == job_state::RUNNING,
                "cancel" => state.state == job_state::POSTED,
                "settle" | "settle two" => [job_state::RUNNING, job_state::OWING].contains(&state.state),
                _ => state.is_over(),
            }
        };
        let there: Vec<usize> = (0..self.places.len()).filter(|&place| self.state(place).is_some()).collect();
        let fitting: Vec<usize> = there.iter().copied().filter(fits).collect();
        let place = *gene.first(if gene.a < 200 { &fitting } else { &there })?;
        let (job, own, _) = self.job(place);
        let other = self.markets[(own.address == self.markets[0].address) as usize].spender;
        let market = if gene.x.is_multiple_of(4) { Market { spender: other, ..own } } else { own };
        let client = NAMES[self.places[place].client];
        let most = gene.amount(PRICE * 100, u64::MAX);
        let (text, act) = match name {
            "finish" => ("P ends it".into(), market.finish_all_instruction(&[(job, NO_RESULT)], job.provider, most)),
            "stop" => {
                let who = *gene.second(&[job.client, self.key(X)])?;
                (format!("{client} or X ends it"), market.finish_all_instruction(&[(job, NO_RESULT)], who, most))
            }
            "extend" => {
                let seconds = gene.b as u32 * 10;
                (format!("{client} extends by {seconds} seconds"), market.extend_instruction(&job, seconds))
            }
            "cancel" => {
                let who = *gene.second(&[job.client, self.key(X)])?;
                (format!("{client} or X cancels"), market.cancel_instruction(&job, who))
            }
            "settle" => (format!("X settles at most {most}"), market.settle_many_instruction(&[job], most)),
            "settle two" => {
                let (other, ..) = self.job(*gene.second(&fitting)?);
                ("X settles it with another".into(), market.settle_many_instruction(&[job, other], u64::MAX))
            }
            _ => ("X closes".into(), market.close_job_instruction(&self.stage.world, &job)),
        };
        Some(Act::new(format!("job {place}: {text}"), act))
    }

    fn respond(&mut self, _: &[Gene], _: &Receipt) {
        self.watch();
        self.work();
    }

    /// Whose jobs are in which state, and what became of the right to their credits.
    fn seen(&mut self) -> Vec<u64> {
        let now = self.stage.now();
        let shape = |place: usize| {
            let state = self.state(place)?;
            let client = self.places[place].client;
            let lane = market_of(&self.markets, Some(&state), self.places[place].lane);
            let right = match self.right_ends(&state) {
                i64::MAX => 0,
                at => 1 + (at <= now) as usize,
            };
            let is_present = self.right(lane).is_some_and(|right| right.number == state.spender_number) as usize;
            Some(hash(&[client, lane, self.worker(&state), state.state as usize, right, is_present]))
        };
        (0..self.places.len()).filter_map(shape).collect()
    }

    fn wake(&mut self) -> Option<i64> {
        self.duties().iter().map(|(at, ..)| *at).min()
    }

    fn pass(&mut self, from: i64, to: i64) {
        for place in 0..self.places.len() {
            let Some(state) = self.state(place).filter(|state| state.state == job_state::RUNNING) else { continue };
            // It is settled in the last second of the right.
            let end = state.ends_at.0.min(self.right_ends(&state).saturating_sub(1));
            let Some(record) = self.memory.records.get_mut(&(place, state.posting_id)) else { continue };
            record.due += PRICE * (to.min(end) - from.max(state.started_at.0)).max(0) as u64;
        }
    }

    fn work(&mut self) {
        let now = self.stage.now();
        for (at, place, instruction, who) in self.duties() {
            if at > now {
                continue;
            }
            let state = self.state(place);
            let done = self.send(instruction, who);
            if let Some(state) = state.filter(|state| state.state == job_state::RUNNING && done) {
                self.memory.settled.insert((place, self.right_ends(&state)));
            }
            if !done {
                self.memory.later.insert(place, now + 60);
            }
        }
    }

    fn wind_up(&mut self) {
        for _ in 0..8 {
            let now = self.stage.now();
            pass_to(self, now + 4_000);
            for place in 0..self.places.len() {
                let (job, market, state) = self.job(place);
                let Some(state) = state else { continue };
                let caller = self.key(X);
                let crank = match state.state {
                    job_state::POSTED => market.cancel_instruction(&job, caller),
                    job_state::RUNNING => market.finish_instruction(&job, caller, NO_RESULT),
                    job_state::OWING => market.settle_instruction(&job),
                    _ => closed(&market, &self.stage.world, &job, &state),
                };
                self.send(crank, X);
            }
            if self.stage.all::<JobState>().is_empty() {
                break;
            }
        }
        self.memory.stuck = self.stage.all::<JobState>().len() as u64;
    }

    fn balances(&mut self) -> Vec<Balance> {
        let Memory { records, crossed, unlocked, stuck, .. } = &self.memory;
        let net = |record: &Record| {
            let share = if record.lane == 0 { 100 - FEE } else { 100 };
            record.due as i128 * share as i128 / 100
        };
        let sum = |fits: &dyn Fn(&Record) -> bool, of: &dyn Fn(&Record) -> i128| -> i128 {
            records.values().filter(|record| fits(record)).map(of).sum()
        };
        let earned = sum(&|record| record.provider == H, &net);
        let owed = sum(&|record| record.client == C, &|record| record.due as i128);
        let for_others = sum(&|record| record.client == K && record.provider == H, &net);
        let worked = |who: usize| -> u64 {
            let works = self.works[who].iter().filter_map(|work| self.stage.find::<ProviderWork>(*work));
            works.map(|work| work.total_work.0).sum()
        };
        let credits = |place: usize| -> u64 {
            let account = self.stage.find::<CreditAccount>(self.credits[place]);
            account.map_or(0, |account| account.balance.0 + account.locked.iter().map(|locked| locked.0).sum::<u64>())
        };
        let balance = |who, promise, had: u64, has: u64, change: i128, coalition| Balance {
            who,
            promise,
            amounts: [had, has],
            promised: had as i128 + change,
            coalition,
            slack: DUST,
        };
        let count = |who, promise, count: u64| Balance { slack: 0, ..balance(who, promise, 0, count, 0, true) };
        vec![
            balance(
                "H",
                "a provider is paid for all time in which the right to its job's credits lasts",
                0,
                worked(H),
                earned,
                false,
            ),
            balance("C", "a client pays for that time alone", self.had[0], credits(0), -owed, false),
            balance(
                "the coalition",
                "it has what it put in, and pay for work",
                self.had[1],
                credits(1) + worked(P) + worked(X),
                owed - for_others,
                true,
            ),
            count("lanes", "a job is paid by its own lane's right", *crossed),
            count("locks", "what jobs hold is locked for them", *unlocked),
            count("jobs", "each job ends by what anyone may do", *stuck),
            self.stage.rent(),
        ]
    }
}

//! Jobs that are reserved ahead, and machines whose beacon speaks for their jobs. Honest are C, a client, who leaves and stops as it is told; and H,
//! a provider, that takes what is offered to it, starts at its time or as late as it may, is alive, says so by its beacon, and works to the end. The
//! coalition is K, a client; P, a provider that does as H until it is told to be idle; and X, who passes by. Jobs are paid by the second or at a fixed price.

use {
    super::{
        Act, Balance, Gene, Scene, Stage,
        market::{
            DAY, Duty, NO_RESULT, PAY, Patience, People, Presence, STAKED, Town, open_or_close, wake, wind_up, work,
        },
    },
    crate::{
        Receipt,
        fixture::{Beacon, Job, Market, TOKEN, by_beacon, usual_terms},
    },
    joule_escrow_interface::state::{Beacon as BeaconState, Job as JobState, Terms, job_state, matching, pricing},
    joule_interface::{Address, Instruction},
    joule_math::{Amount, Bps, Seconds, Tokens},
    joule_stake_interface::state::Provider,
    std::{collections::BTreeMap, rc::Rc},
};

const C: usize = 0;
const H: usize = 1;
const K: usize = 2;
const P: usize = 3;
const X: usize = 4;
const NAMES: [&str; 5] = ["C", "H", "K", "P", "X"];
const PROVIDERS: [usize; 2] = [H, P];
const COALITION: [usize; 3] = [K, P, X];
const PRICES: [u64; 2] = [TOKEN / 100, 3 * TOKEN];
const BOND: u64 = 7 * TOKEN;
const FAILURE: f64 = 0.5;
const NO_START: f64 = 0.25;
const HEARTBEAT: f64 = 0.2;
const INTERVAL: i64 = 120;
const START_WINDOW: i64 = 300;
/// The shortest job that anyone posts, and that H takes.
const SHORTEST: i64 = 120;
/// From when on a result counts, of a job by the second and at a fixed price.
const RESULTS: [i64; 2] = [SHORTEST, 20];
/// What a client pays for at least that leaves or stops, and of the time since the start at most.
const LEAST: i64 = 10;
const MOST: i64 = 60;
/// For how long an honest client waits beyond what it knows of halts.
const CARE: i64 = 200;
const CAPACITY: u16 = 3;
const RIGHT: [u8; 32] = [0xaa; 32];
/// How long before the start it can be offered, and over how long the price of leaving rises.
const AHEAD: [i64; 4] = [60, 900, 3_600, 14_400];
const LEADS: [u32; 4] = [1, 600, 3_600, 172_800];

struct Place {
    client: usize,
    market: usize,
    /// As H and P would work on it.
    jobs: Vec<Job>,
}

/// What a client offered.
#[derive(Clone, Copy, Debug, Default)]
struct Offer {
    starts_at: i64,
    lead: f64,
    fee: f64,
}

impl Offer {
    /// The part of all that it costs to leave then.
    fn part(&self, now: i64) -> f64 {
        let passed = (self.lead - (self.starts_at - now).max(0) as f64).max(0.0);
        self.fee * (passed / self.lead.max(1.0)).min(1.0)
    }
}

/// What became of a posting.
#[derive(Clone, Copy, Debug, Default)]
struct Record {
    client: usize,
    provider: usize,
    fixed: bool,
    offer: Option<Offer>,
    duration: i64,
    started: i64,
    presence: Presence,
    shown: i64,
    beat_at: i64,
    paid: u64,
    settled: f64,
    /// What is due, once it is over.
    due: f64,
    /// The part of its bond that P lost to C.
    bond: f64,
    is_over: bool,
}

impl Record {
    fn cost(&self) -> f64 {
        if self.fixed { PRICES[1] as f64 } else { (PRICES[0] as i64 * self.duration) as f64 }
    }

    /// The price of some seconds.
    fn price_of(&self, seconds: i64) -> f64 {
        self.cost() * (seconds.min(self.duration) as f64 / self.duration.max(1) as f64)
    }

    fn penalty(&self, missed: i64) -> f64 {
        missed as f64 * HEARTBEAT * (PRICES[0] as i64 * INTERVAL) as f64
    }

    /// What it has earned by its time, or because its client stopped it.
    fn earned(&self, is_stopped: bool, halted: bool) -> f64 {
        if self.fixed {
            let part = self.price_of(self.presence.ran.max(LEAST));
            let least = self.offer.map_or(0.0, |offer| offer.fee * self.cost());
            return if is_stopped { part.max(least) } else { 0.0 };
        }
        let (seen, missed) = if halted { (self.presence.ran, 0) } else { self.presence.seen(INTERVAL) };
        let mut pay = self.price_of(seen);
        if is_stopped {
            let short = if self.presence.ran < LEAST { self.price_of(LEAST) } else { 0.0 };
            let there = if self.presence.ran == 0 { 1.0 } else { seen as f64 / self.presence.ran as f64 };
            let least = self.offer.map_or(0.0, |offer| offer.fee * self.cost() * there);
            pay = pay.max(short).max(least);
        }
        (pay - self.penalty(missed)).max(self.settled)
    }
}

/// What a job was like after the last transaction.
#[derive(Clone, Copy)]
struct Was {
    posting: u64,
    state: u8,
    /// When its time to start is over, as halts had moved it, and without them.
    last_start: i64,
    deadline: i64,
}

#[derive(Clone, Default)]
struct Memory {
    records: BTreeMap<(usize, u64), Record>,
    last: BTreeMap<usize, Was>,
    /// For whom a client posted a job.
    named: BTreeMap<(usize, u64), usize>,
    patience: Patience,
    is_idle: bool,
    /// What this transaction was told: C offers, leaves or stops; H leaves.
    told: Option<&'static str>,
    /// What H lost by leaving as it was told.
    left: f64,
    /// How often a job was another's than its client said, was offered by another, or began too early.
    taken: usize,
    offered: usize,
    early: usize,
    crowded: usize,
    stuck: usize,
}

/// See the module.
pub struct Promising {
    stage: Stage,
    people: Rc<People>,
    markets: Vec<Market>,
    places: Vec<Place>,
    beacons: [Beacon; 2],
    memory: Memory,
}

impl Promising {
    fn state(&self, place: usize) -> Option<JobState> {
        self.stage.find(self.places[place].jobs[0].address)
    }

    fn worker(&self, state: &JobState) -> Option<usize> {
        PROVIDERS.into_iter().find(|&who| self.people.key(who) == state.provider)
    }

    /// A job as its provider works on it, or as `who` would.
    fn job(&self, place: usize, who: usize) -> (Job, Market) {
        let Place { market, jobs, .. } = &self.places[place];
        let worker = self.state(place).and_then(|state| self.worker(&state)).unwrap_or(who);
        let mut job = jobs[(worker == P) as usize];
        if let Some(state) = self.state(place) {
            job.matching = state.matching;
        }
        (job, self.markets[*market])
    }

    fn beacon(&self, who: usize) -> &Beacon {
        &self.beacons[(who == P) as usize]
    }

    /// What starts a job, and puts it on its provider's beacon.
    fn start(&self, place: usize, who: usize, by_beacon: bool) -> Vec<Instruction> {
        let (job, market) = self.job(place, who);
        let is_reserved = self.state(place).is_some_and(|state| state.state == job_state::ASSIGNED);
        let start = match is_reserved {
            true => market.start_without_bond_instruction(&job, job.posting(&self.stage.world)),
            false => market.start_instruction(&self.stage.world, &job),
        };
        let beacon = self.stage.find::<BeaconState>(self.beacon(who).address);
        let has_room = beacon.is_some_and(|beacon| beacon.jobs < beacon.capacity);
        let join =
            (by_beacon && has_room && market.terms.offers_beacon()).then(|| self.beacon(who).join_instruction(&[job]));
        [start].into_iter().chain(join).collect()
    }

    /// The same with what its beacon says of it, if it is on one.
    fn told_by_beacon(&self, place: usize, act: Instruction) -> Vec<Instruction> {
        let state = self.state(place);
        let who = state.as_ref().and_then(|state| self.worker(state)).unwrap_or(H);
        let is_on = state.is_some_and(|state| state.on_beacon == 1);
        let read = is_on.then(|| self.beacon(who).read_instruction(&[self.job(place, who).0]));
        read.into_iter().chain([act]).collect()
    }

    /// Until when a provider starts a reserved job, and when its time to start is over.
    fn last_start(&self, state: &JobState) -> (i64, i64) {
        let (deadline, set_at) = (state.deadline_at.0, state.deadline_at.0 - START_WINDOW);
        (self.stage.in_time(set_at, deadline), self.stage.moved(set_at, deadline) + CARE)
    }

    /// What lies when its job ended.
    fn end(&self, place: usize, caller: usize) -> Option<Vec<Instruction>> {
        let state = self.state(place)?;
        let who = self.worker(&state).unwrap_or(H);
        let (job, market) = self.job(place, who);
        let receiver = self.people.wallets[STAKED][self.places[place].client];
        let end = self.people.end(&self.stage, &market, &job, caller, receiver)?;
        if state.state == job_state::RUNNING {
            return Some(self.told_by_beacon(place, end));
        }
        let leave = (state.on_beacon == 1).then(|| self.beacon(who).leave_instruction(&[job]));
        Some(leave.into_iter().chain([end]).collect())
    }

    /// What a gene offers.
    fn offer_of(&self, gene: &Gene) -> Offer {
        let ahead = AHEAD[gene.x as usize % AHEAD.len()];
        let lead = LEADS[gene.x as usize / 4 % LEADS.len()];
        let fee = (10_000 - gene.x as u16 / 16 * 600) as f64 / 10_000.0;
        Offer { starts_at: self.stage.now() + ahead, lead: lead as f64, fee }
    }

    fn offer(&self, job: &Job, market: &Market, offer: &Offer) -> Instruction {
        market.offer_instruction(job, offer.starts_at, offer.lead as u32, (offer.fee * 10_000.0).round() as u16)
    }

    /// What is seen of a job that has a provider.
    fn note(&mut self, place: usize, state: &JobState, now: i64) {
        let (key, worker) = ((place, state.posting_id), self.worker(state));
        if state.matching == matching::DIRECT
            && let Some(worker) = worker
        {
            self.memory.named.entry(key).or_insert(worker);
        }
        let is_running = state.state == job_state::RUNNING;
        let Some(provider) = worker.filter(|_| is_running || state.state == job_state::ASSIGNED) else { return };
        self.memory.taken += self.memory.named.get(&key).is_some_and(|named| *named != provider) as usize;
        let starts_at = if is_running { state.started_at.0 } else { state.deadline_at.0 - START_WINDOW };
        let (lead, fee) = (state.lead_period.0 as f64, state.cancellation_fee.0 as f64 / 10_000.0);
        let beacon = self.stage.find::<BeaconState>(self.beacon(provider).address).filter(|_| state.on_beacon == 1);
        let record = self.memory.records.entry(key).or_insert_with(|| Record {
            client: self.places[place].client,
            provider,
            fixed: state.terms.pricing == pricing::FIXED,
            offer: (lead != 0.0).then_some(Offer { starts_at, lead, fee }),
            duration: state.duration.0 as i64,
            ..Record::default()
        });
        if !is_running {
            return;
        }
        let shown = beacon.map_or(state.last_heartbeat_at, |beacon| beacon.last_beat_at).0;
        if record.started == 0 {
            (record.started, record.beat_at, record.shown) = (state.started_at.0, now, shown);
            self.memory.early += record.offer.is_some_and(|offer| now < offer.starts_at) as usize;
        }
        record.duration = record.duration.max(state.ends_at.0 - record.started);
        if record.fixed {
            return;
        }
        // It may have been settled before it beat in the same transaction.
        let (seen, missed) = record.presence.so_far(INTERVAL);
        if shown != record.shown {
            record.presence.beat(INTERVAL);
            (record.shown, record.beat_at) = (shown, now);
        }
        if state.paid.0 > record.paid {
            let due = record.price_of(seen) - record.penalty(missed);
            (record.paid, record.settled) = (state.paid.0, record.settled.max(due));
        }
    }

    /// What one transaction made of a job.
    fn compare(&mut self, place: usize, last: Was, state: Option<&JobState>) {
        let (now, halted) = (self.stage.now(), !self.stage.halts.is_empty());
        let moved = self.stage.moved(last.deadline - START_WINDOW, last.deadline);
        let told = self.memory.told;
        let key = (place, last.posting);
        let client = self.places[place].client;
        let same = state.filter(|state| state.posting_id == last.posting);
        let is = same.map_or(0, |state| state.state);
        if client == C && is == job_state::OFFERED && last.state != is {
            self.memory.offered += (told != Some("offer")) as usize;
        }
        let is_over = matches!(is, 0 | job_state::OWING | job_state::FINISHED | job_state::CANCELLED);
        let Some(record) = self.memory.records.get_mut(&key).filter(|record| is_over && !record.is_over) else {
            return;
        };
        record.is_over = true;
        let is_h = record.provider == H;
        if last.state == job_state::ASSIGNED {
            let Some(offer) = record.offer else { return };
            let part = offer.part(now).max(LEAST as f64 / record.duration as f64).min(1.0);
            let is_late = now > last.last_start;
            // A client that leaves pays for the time since the start as well, as of any job that was assigned.
            let waited = (now - offer.starts_at).clamp(LEAST, MOST) as f64 / record.duration as f64;
            let price = record.cost() * part.max(waited).min(1.0);
            match (client, is_h) {
                // H leaves as it was told.
                (_, true) if told == Some("H leaves") => self.memory.left += BOND as f64 * part,
                // Or its client did.
                (C, _) if told == Some("C leaves") => record.due = if now <= moved { price } else { 0.0 },
                (_, true) if !is_late => record.due = price,
                // P left, or did not start.
                (C, false) if now < offer.starts_at => record.bond = part,
                (C, false) if is_late => record.bond = NO_START.max(offer.fee),
                _ => {}
            }
        } else if last.state == job_state::RUNNING {
            let lasted = now - record.started;
            // In the last second of a fixed price its client may still stop it.
            let is_time_over = lasted >= record.duration + record.fixed as i64;
            let result = same.map_or(NO_RESULT, |state| state.result);
            let has_result = result != NO_RESULT && lasted >= RESULTS[record.fixed as usize];
            let is_done = has_result || is_time_over && !record.fixed;
            // H ends its jobs at their end, and a client before.
            let is_stopped = !is_done && if is_h { !is_time_over } else { told == Some("C stops") };
            let earned = record.earned(is_stopped, halted || is_h);
            record.due = if record.fixed && has_result { record.cost() } else { earned };
            if !is_h && client == C && !is_done && !is_stopped {
                record.bond = FAILURE.max(record.offer.map_or(0.0, |offer| offer.fee));
            }
        }
    }
}

impl Town for Promising {
    fn people(&self) -> Rc<People> {
        self.people.clone()
    }

    fn chain(&self) -> &Stage {
        &self.stage
    }

    fn patience(&mut self) -> &mut Patience {
        &mut self.memory.patience
    }

    fn duties(&self) -> Vec<Duty> {
        let (mut duties, now) = (vec![], self.stage.now());
        let mut beats = [i64::MAX; 2];
        for place in 0..self.places.len() {
            let Some(state) = self.state(place) else { continue };
            let (client, fixed) = (self.places[place].client, state.terms.pricing == pricing::FIXED);
            let named = self.memory.named.get(&(place, state.posting_id)).copied();
            let worker = self.worker(&state).or(named).unwrap_or(H);
            let (job, market) = self.job(place, worker);
            let record = self.memory.records.get(&(place, state.posting_id)).copied().unwrap_or_default();
            let is_too_short = (state.duration.0 as i64) < SHORTEST;
            let is_idle = if worker == P { self.memory.is_idle } else { is_too_short };
            let (deadline, keeper) = (state.deadline_at.0, if client == C { C } else { H });
            let ours = client == C || worker == H;
            let (last, over) = self.last_start(&state);
            let ends_at = state.ends_at.0;
            match state.state {
                job_state::OFFERED if now <= deadline && !is_idle => {
                    let take = vec![market.take_instruction(&self.stage.world, &job)];
                    duties.push(Duty::new(0, job.bond, take, worker));
                }
                job_state::POSTED if !is_idle && now <= deadline => {
                    duties.push(Duty::new(0, job.bond, self.start(place, worker, true), worker));
                }
                job_state::ASSIGNED if !is_idle && now <= over => {
                    let starts_at = deadline - START_WINDOW;
                    let at = if place % 2 == 1 { last } else { starts_at };
                    duties.push(Duty::new(at, job.bond, self.start(place, worker, true), worker));
                }
                job_state::RUNNING if !is_idle => {
                    let which = (worker == P) as usize;
                    let next = record.beat_at + INTERVAL / 2;
                    if fixed {
                        let earliest = state.started_at.0 + RESULTS[1];
                        let latest = self.stage.in_time(state.started_at.0, ends_at).max(earliest);
                        let at = if place % 2 == 1 { latest } else { earliest };
                        let finish = vec![market.finish_instruction(&job, job.provider, RIGHT)];
                        duties.push(Duty::new(at, job.bond, finish, worker));
                    } else if next < ends_at && state.on_beacon == 1 {
                        beats[which] = beats[which].min(next);
                    } else if next < ends_at {
                        let beat = vec![market.heartbeat_instruction(&job)];
                        duties.push(Duty::new(next, job.bond, beat, worker));
                    }
                }
                _ => {}
            }
            if !ours {
                continue;
            }
            let by = self.people.key(keeper);
            let end = match state.state {
                job_state::OFFERED => (deadline + 1, vec![market.cancel_instruction(&job, by)]),
                job_state::POSTED if client == C => (deadline + CARE, vec![market.cancel_instruction(&job, by)]),
                job_state::ASSIGNED if client == C && worker != H => {
                    // By H, for anyone may: C would leave a provider that is not late, whatever C knows of halts.
                    let cancel = market.cancel_instruction(&job, self.people.key(H));
                    duties.push(Duty::new(over + 1, job.address, vec![cancel], H));
                    continue;
                }
                job_state::RUNNING => {
                    let finish = market.finish_instruction(&job, by, NO_RESULT);
                    let at = self.stage.moved(state.started_at.0, ends_at) + if fixed { 1 } else { 0 };
                    (if fixed { at } else { ends_at }, self.told_by_beacon(place, finish))
                }
                _ if state.is_over() => continue,
                job_state::OWING | job_state::FINISHED | job_state::CANCELLED => match self.end(place, keeper) {
                    Some(end) => (0, end),
                    None => continue,
                },
                _ => continue,
            };
            duties.push(Duty::new(end.0, job.address, end.1, keeper));
        }
        for ((beacon, at), who) in self.beacons.iter().zip(beats).zip(PROVIDERS) {
            if at < i64::MAX {
                duties.push(Duty::new(at, beacon.address, vec![beacon.beat_instruction()], who));
            }
        }
        duties
    }

    fn ends(&self) -> Vec<Instruction> {
        (0..self.places.len()).filter_map(|place| self.end(place, X)).flatten().collect()
    }

    fn watch(&mut self) {
        let now = self.stage.now();
        for place in 0..self.places.len() {
            let state = self.state(place);
            let was = state.as_ref().map(|state| Was {
                posting: state.posting_id,
                state: state.state,
                last_start: self.last_start(state).1 - CARE,
                deadline: state.deadline_at.0,
            });
            let last = match was {
                Some(was) => self.memory.last.insert(place, was),
                None => self.memory.last.remove(&place),
            };
            if let Some(state) = &state {
                self.note(place, state, now);
            }
            if let Some(last) = last {
                self.compare(place, last, state.as_ref());
            }
        }
        for beacon in &self.beacons {
            let of = |job: &JobState| job.on_beacon == 1 && job.provider == beacon.provider;
            let on = self.stage.all::<JobState>().iter().filter(|(_, job)| of(job)).count();
            let counted = self.stage.find::<BeaconState>(beacon.address).map_or(0, |beacon| beacon.jobs as usize);
            self.memory.crowded += (on > CAPACITY as usize || on != counted) as usize;
        }
    }
}

impl Scene for Promising {
    const NAME: &'static str = "reserved";
    const HALTS: bool = true;
    const MOVES: &'static [&'static str] = &[
        "be hired by C",
        "be reserved by C",
        "see C leave",
        "see C stop",
        "see H leave",
        "hire",
        "reserve",
        "offer",
        "take",
        "start",
        "beat",
        "deliver",
        "quit",
        "stop",
        "extend",
        "cancel",
        "settle",
        "end",
        "read the beacon",
        "leave the beacon",
        "open or close the beacon",
        "deposit",
        "withdraw",
        "be idle, or diligent again",
    ];

    fn new() -> Self {
        let mut world = Stage::chain();
        let people = People::arrive(&mut world, NAMES.len(), &[C, K], &PROVIDERS);
        let bonded = Terms {
            bond_amount: Tokens(BOND),
            failure_penalty: Bps(5_000),
            no_start_penalty: Bps(2_500),
            min_duration: Seconds(RESULTS[0] as u32),
            start_window: Seconds(START_WINDOW as u32),
            matching: matching::DIRECT | matching::AUCTION,
            reports: 1,
            ..usual_terms()
        };
        let measured = Terms {
            price: Amount(PRICES[0]),
            heartbeat_interval: Seconds(INTERVAL as u32),
            heartbeat_penalty: Bps(2_000),
            ..bonded
        };
        let min_duration = Seconds(RESULTS[1] as u32);
        let fixed = Terms { pricing: pricing::FIXED, price: Amount(PRICES[1]), min_duration, ..bonded };
        let markets: Vec<Market> = [by_beacon(measured), fixed]
            .into_iter()
            .enumerate()
            .map(|(id, terms)| {
                let market = Market::unborn(&people.network, &people.pool, id as u64, terms).paid_in(&people.mint);
                market.create(&world, &people.network)
            })
            .collect();
        let mut places = vec![];
        for client in [C, K] {
            for (market, of) in markets.iter().enumerate() {
                for number in 0..if market == 0 { 4 } else { 2 } {
                    let jobs = people.job(of, client, market as u64 * 4 + number, &PROVIDERS);
                    places.push(Place { client, market, jobs });
                }
            }
        }
        let beacons = PROVIDERS.map(|who| {
            let beacon = Beacon::of(people.key(who));
            let open = beacon.open_with_instruction(&world, INTERVAL as u32, CAPACITY);
            world.ok(&[open], &[&people.keys[who]]);
            beacon
        });
        world.run(DAY as u64);
        let mut pretenders: Vec<Address> = [X, P, K].map(|who| people.wallets[PAY][who]).into();
        pretenders.extend([X, P, K].map(|who| people.key(who)));
        pretenders.extend([
            people.wallets[STAKED][X],
            people.deposits[&K].address,
            people.deposits[&K].vault,
            beacons[1].address,
            people.own[&P].provider,
            places[places.len() / 2].jobs[1].address,
            places[places.len() / 2].jobs[1].bond,
        ]);
        let stage = Stage::new(world, &people.network, people.of(&COALITION), pretenders);
        Self { stage, people: Rc::new(people), markets, places, beacons, memory: Memory::default() }
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
        let people = self.people.clone();
        let world = &self.stage.world;
        match name {
            "be hired by C" | "be reserved by C" | "hire" | "reserve" => {
                let client = if name.ends_with('C') { C } else { K };
                let is_free = |place: &usize| {
                    self.places[*place].client == client && self.state(*place).is_none_or(|state| state.is_over())
                };
                let free: Vec<usize> = (0..self.places.len()).filter(is_free).collect();
                let place = *gene.first(&free)?;
                let is_reserved = name.contains("reserve");
                let market = self.markets[self.places[place].market];
                let to = gene.b as usize % 2;
                // Or whoever takes it.
                let is_open = is_reserved && gene.b as usize % 8 / 2 == 3;
                let mut job = self.places[place].jobs[if client == C { 1 - to } else { to }];
                if is_open {
                    job.matching = matching::AUCTION;
                }
                let whom = if is_open { "anyone" } else { NAMES[people.who(&job.provider)?] };
                let seconds = SHORTEST as u32 + gene.b as u32 / 8 * 30;
                let post = market.post_instruction(world, &job, seconds);
                let mut act =
                    Act::new(format!("{} posts job {place} for {whom}, {seconds} seconds", NAMES[client]), post);
                if is_reserved {
                    let offer = self.offer_of(gene);
                    let Offer { starts_at, lead, fee } = offer;
                    let ahead = starts_at - self.stage.now();
                    act.text += &format!(", in {ahead} seconds, to be left for up to {fee:.2} within {lead} seconds");
                    act.more.push(self.offer(&job, &market, &offer));
                }
                return Some(if client == C { act.with(&[&people.keys[C]]) } else { act });
            }
            "open or close the beacon" => {
                let beacon = self.beacon(*gene.first(&[P, H])?);
                let receiver = people.key(*gene.second(&[P, X])?);
                return Some(open_or_close(&self.stage, beacon, receiver, INTERVAL as u32, CAPACITY));
            }
            "deposit" | "withdraw" => {
                let who = *gene.first(&[K, C])?;
                let with = *gene.second(&[who, K, X])?;
                return Some(people.deposit_or_withdraw(name, gene, (who, NAMES[who]), K, with));
            }
            "be idle, or diligent again" => {
                self.memory.is_idle = !self.memory.is_idle;
                let what = if self.memory.is_idle { "does nothing by itself" } else { "does its work again" };
                return Some(self.stage.aside(format!("P {what}")));
            }
            _ => {}
        }
        let fits = |place: &usize| {
            let Some(state) = self.state(*place) else { return false };
            let (of_p, client) = (self.worker(&state) == Some(P), self.places[*place].client);
            let assigned = state.state == job_state::ASSIGNED;
            let running = state.state == job_state::RUNNING;
            match name {
                "see C leave" => client == C && (assigned || state.state == job_state::OFFERED),
                "see C stop" => client == C && running,
                "see H leave" => assigned && self.worker(&state) == Some(H) && self.stage.now() < state.starts_at().0,
                "offer" => state.state == job_state::POSTED,
                "take" => state.state == job_state::OFFERED,
                "start" => of_p && (assigned || state.state == job_state::POSTED),
                "beat" | "deliver" | "quit" => of_p && running,
                "stop" | "extend" => running && (client == K || gene.a >= 200),
                "cancel" => assigned || matches!(state.state, job_state::POSTED | job_state::OFFERED),
                "settle" => running || state.state == job_state::OWING,
                _ => true,
            }
        };
        let there: Vec<usize> = (0..self.places.len()).filter(|&place| self.state(place).is_some()).collect();
        let fitting: Vec<usize> = there.iter().copied().filter(fits).collect();
        let is_told = name.starts_with("see");
        let place = *gene.first(if gene.a < 220 || is_told { &fitting } else { &there })?;
        let client = self.places[place].client;
        let (job, market) = self.job(place, P);
        let who = people.who(&job.provider).unwrap_or(P);
        let beacon = self.beacon(who);
        let several = |text: String, acts: Vec<Instruction>| {
            let mut acts = acts.into_iter();
            let act = Act::new(format!("job {place}: {text}"), acts.next().expect("at least one"));
            Act { more: acts.collect(), ..act }
        };
        let finish = |caller: usize, result| market.finish_instruction(&job, people.key(caller), result);
        Some(match name {
            "see C leave" => several("C leaves".into(), vec![market.cancel_instruction(&job, people.key(C))])
                .with(&[&people.keys[C]]),
            "see C stop" => {
                several("C stops".into(), self.told_by_beacon(place, finish(C, NO_RESULT))).with(&[&people.keys[C]])
            }
            "see H leave" => several("H leaves".into(), vec![market.cancel_instruction(&job, people.key(H))])
                .with(&[&people.keys[H]]),
            "offer" => {
                let offer = self.offer(&job, &market, &self.offer_of(gene));
                let by = *gene.second(&[client, K])?;
                several(format!("{} offers it", NAMES[by]), vec![crate::world::swap(offer, 0, people.key(by))])
            }
            "take" => {
                let own = Job { matching: job.matching, ..self.places[place].jobs[1] };
                several("P takes it".into(), vec![market.take_instruction(world, &own)])
            }
            "start" => several("P starts".into(), self.start(place, P, gene.x < 180)),
            "beat" if gene.x.is_multiple_of(2) => several("P's beacon beats".into(), vec![beacon.beat_instruction()]),
            "beat" => several("P beats".into(), vec![market.heartbeat_instruction(&job)]),
            "deliver" => several("P delivers".into(), self.told_by_beacon(place, finish(P, RIGHT))),
            "quit" => several("P quits".into(), self.told_by_beacon(place, finish(P, NO_RESULT))),
            "stop" => {
                let by = *gene.second(&[client, X])?;
                let stop = finish(by, NO_RESULT);
                let acts = if gene.x < 200 { self.told_by_beacon(place, stop) } else { vec![stop] };
                several(format!("{} stops", NAMES[by]), acts)
            }
            "extend" => {
                let seconds = gene.x as u32 * 8;
                let extend = market.extend_instruction(&job, seconds);
                several(format!("{} extends by {seconds} seconds", NAMES[client]), vec![extend])
            }
            "cancel" => {
                let by = *gene.second(&[client, P, X])?;
                several(format!("{} cancels", NAMES[by]), vec![market.cancel_instruction(&job, people.key(by))])
            }
            "settle" => several("X settles".into(), vec![market.settle_many_instruction(&[job], u64::MAX)]),
            "read the beacon" => several("its beacon is read".into(), vec![beacon.read_instruction(&[job])]),
            "leave the beacon" => several("it leaves its beacon".into(), vec![beacon.leave_instruction(&[job])]),
            _ => {
                let mut end = self.end(place, X)?;
                // Without what its beacon says, or while it is on it.
                if gene.x >= 128 {
                    end.drain(..end.len() - 1);
                }
                several("X ends it".into(), end)
            }
        })
    }

    fn respond(&mut self, genes: &[Gene], _: &Receipt) {
        self.memory.told = genes.first().and_then(|gene| match gene.name::<Self>() {
            "be reserved by C" => Some("offer"),
            "see C leave" => Some("C leaves"),
            "see C stop" => Some("C stops"),
            "see H leave" => Some("H leaves"),
            _ => None,
        });
        self.watch();
        self.memory.told = None;
    }

    fn seen(&mut self) -> Vec<u64> {
        let of = |(place, state): (usize, JobState)| {
            let worker = self.worker(&state).map_or(0, |who| who as u64);
            let kind = (self.places[place].client * 2 + self.places[place].market) as u64;
            ((kind * 16 + state.state as u64) * 8 + worker) * 4
                + state.is_reserved() as u64 * 2
                + state.on_beacon as u64
        };
        (0..self.places.len()).filter_map(|place| self.state(place).map(|state| of((place, state)))).collect()
    }

    fn wake(&mut self) -> Option<i64> {
        wake(self)
    }

    fn pass(&mut self, from: i64, to: i64) {
        for place in 0..self.places.len() {
            let Some(state) = self.state(place).filter(|state| state.state == job_state::RUNNING) else { continue };
            let Some(record) = self.memory.records.get_mut(&(place, state.posting_id)) else { continue };
            record.presence.ran += (to.min(state.ends_at.0) - from.max(record.started)).max(0);
        }
    }

    fn work(&mut self) {
        work(self);
    }

    fn wind_up(&mut self) {
        wind_up(self, X);
        let close = self.beacons[0].close_instruction(&self.stage.world, self.people.key(H));
        self.people.clone().send(&mut self.stage, &[close], H);
        let is_open = self.stage.find::<BeaconState>(self.beacons[0].address).is_some();
        self.memory.stuck = self.left() + is_open as usize;
    }

    fn balances(&mut self) -> Vec<Balance> {
        let sum = |fits: &dyn Fn(&Record) -> bool, of: &dyn Fn(&Record) -> f64| -> f64 {
            self.memory.records.values().filter(|record| fits(record)).map(of).sum()
        };
        let due = |record: &Record| record.due;
        let earned = sum(&|record| record.provider == H, &due);
        let owed = sum(&|record| record.client == C, &due);
        let of_h = |client: usize| sum(&|record| record.client == client && record.provider == H, &due);
        let bonds = BOND as f64 * sum(&|_| true, &|record| record.bond);
        let left = self.memory.left;
        let balance = |who, of, change, coalition| self.people.balance(&self.stage, who, of, change, coalition);
        let record = self.stage.find::<Provider>(self.people.own[&H].provider).map(|own| own.reputation);
        let blamed = record.map_or(0, |record| (record.failed + record.disputed + record.late) as usize);
        vec![
            balance(("H, pay", "who was reserved is paid for its time, or for being left"), (PAY, &[H]), earned, false),
            balance(
                ("H, stake", "who is there loses no bond, and who leaves a part of it"),
                (STAKED, &[H]),
                -left,
                false,
            ),
            balance(("C, pay", "a client pays for time that it saw, and for leaving"), (PAY, &[C]), -owed, false),
            balance(
                ("C, bonds", "a client has a part of the bond of who leaves it, or does not start, or quits"),
                (STAKED, &[C]),
                bonds,
                false,
            ),
            balance(
                ("the coalition, pay", "it has what it put in, and pay for work"),
                (PAY, &COALITION),
                owed - of_h(C) - of_h(K),
                true,
            ),
            balance(
                ("the coalition, stake", "it has what it staked, less the bonds it lost, and what H left it"),
                (STAKED, &COALITION),
                left - bonds,
                true,
            ),
            Stage::never("H, record", "a provider that is there in time is not blamed", blamed),
            Stage::never("everybody", "who acts in time is not late", self.stage.late),
            Stage::never("jobs", "a job that names its provider is that one's", self.memory.taken),
            Stage::never("C", "a client alone offers its job ahead", self.memory.offered),
            Stage::never("jobs", "a reserved job starts at its time", self.memory.early),
            Stage::never(
                "beacons",
                "a beacon knows how many jobs are on it, and takes no more than it can",
                self.memory.crowded,
            ),
            Stage::never("everybody", "anyone brings every job to its end", self.memory.stuck),
            self.stage.rent(),
        ]
    }
}

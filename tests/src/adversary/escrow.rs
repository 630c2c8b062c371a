//! Markets of a network. Honest are C, a client, who accepts what is right and rejects what is not; H, a provider, which bids, starts what it
//! is given, beats in time and delivers: of every other job late in its time, which pauses and halts move; A, an arbiter, who
//! decides by what is right, or sleeps. The coalition is K, a client, P, a provider, which does its work like an honest one while it is not
//! idle, and X, who passes by. [`Hiring`] has the two usual markets; [`Serving`] a service with notice and hand-backs, results that cost a
//! stake to reject, results that are not accepted, and a pool in which the program is no slasher, of which all but the last pay a fee.

use {
    super::{Act, Balance, Gene, Scene, Stage, hash, pass_to, stage::market_of},
    crate::{
        Network, Receipt,
        fixture::{Backer, Deposit, Job, Market, Pool, TOKEN, usual_terms},
    },
    joule_escrow_interface::{
        ID,
        state::{Job as JobState, NONE, Terms, job_state, matching, outcome, pricing},
    },
    joule_interface::{Address, Instruction, TOKEN_PROGRAM},
    joule_math::{Amount, Bps, Seconds, Tokens},
    joule_stake_interface::state::{Bond, Delegation, Provider, UnbondingTicket},
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
const WALLET: u64 = 1_000 * TOKEN;
const DEPOSIT: u64 = 200 * TOKEN;
const STAKE: u64 = 300 * TOKEN;
const BOND: u64 = 7 * TOKEN;
const RIGHT: [u8; 32] = [0xaa; 32];
const WRONG: [u8; 32] = [0xbb; 32];
const NO_RESULT: [u8; 32] = [0; 32];
const BID_EXTENSION: u32 = 30;
const START_WINDOW: u32 = 300;
const NO_START: f64 = 0.25;
/// For how long an honest client waits beyond what it knows of halts.
const CARE: i64 = 200;
/// What a client pays for at least, and at most for an assignment that it cancels, in seconds.
const PAID: [i64; 2] = [10, 60];
const SHORTEST: u32 = 20;
/// Of who rejects, and of the pay where nobody judges.
const HALF: Bps = Bps(5_000);
const NOTICE_MINUTES: u16 = 4;
/// One whole job is as much as pays a fee of one token.
const WHOLE_JOB_FEE: u8 = 9;
const DUST: i128 = 5_000;

/// A number of a client's in a market.
struct Place {
    client: usize,
    market: usize,
    /// As H and P would work on it.
    jobs: [Job; 2],
}

/// What became of a posting.
#[derive(Clone, Debug, Default)]
struct Record {
    client: usize,
    provider: usize,
    /// What H earned by its time or its result, the fee included; what C owes P at most.
    due: f64,
    /// What its client loses besides: of nobody's gain.
    lost: f64,
    /// The part of `due` that is the fee.
    fee: f64,
    price: f64,
    started: i64,
    /// Until when it ran, once that is over.
    stopped: Option<i64>,
    /// The longest time that was agreed.
    agreed: f64,
    /// Time in which its provider was seen; without a heartbeat; and how many were missed.
    seen: f64,
    downtime: i64,
    missed: i64,
    beat_at: i64,
    is_rejected: bool,
    /// What H has at least for a job that was stopped.
    least: f64,
    /// Of C's: what of P's bond is C's.
    bond: f64,
}

/// What a job was like after the last transaction.
#[derive(Clone, Copy)]
struct Was {
    posting: u64,
    market: usize,
    state: u8,
    worker: Option<usize>,
    hand_backs: u8,
    notice: u8,
    unsettled: u8,
    /// Whether a bond stands for it: not before it starts, if its provider waited in a queue.
    bonded: bool,
    ends_at: i64,
    /// When its provider was found; when its time to start is over.
    assigned_at: i64,
    last: (i64, i64),
    price: f64,
    duration: f64,
}

#[derive(Clone, Default)]
struct Memory {
    records: BTreeMap<(usize, u64), Record>,
    last: BTreeMap<usize, Was>,
    /// Who handed a job back since it was posted.
    handed_back_by: BTreeMap<usize, BTreeSet<usize>>,
    /// What hand-backs cost C; what of P's bonds is burned for them.
    hand_backs: [f64; 2],
    /// How often one handed a job back twice; a service ended before its notice; a failure counted for too little.
    twice: usize,
    unannounced: usize,
    belittled: usize,
    /// When the network was paused.
    pauses: Vec<[i64; 2]>,
    /// What was refused is tried again: when, and how often it was.
    later: BTreeMap<Address, (i64, u32)>,
    sleeps: bool,
    /// P leaves undone what an honest provider would do.
    is_idle: bool,
}

/// The usual markets.
pub type Hiring = Jobs<false>;
/// The others.
pub type Serving = Jobs<true>;

/// See the module.
pub struct Jobs<const OTHERS: bool> {
    stage: Stage,
    pool: Pool,
    keys: Vec<Keypair>,
    arbiter: Keypair,
    markets: Vec<Market>,
    places: Vec<Place>,
    /// What pays, and what is staked.
    wallets: [Vec<Address>; 2],
    deposits: Vec<Deposit>,
    own: [Backer; 2],
    had: [Vec<u64>; 2],
    memory: Memory,
}

impl<const OTHERS: bool> Jobs<OTHERS> {
    /// Where K has what pays.
    pub fn wallet_of_k(&self) -> Address {
        self.wallets[0][K]
    }

    fn state(&self, place: usize) -> Option<JobState> {
        self.stage.find(self.places[place].jobs[0].address)
    }

    /// The worker of a job: H or P.
    fn worker(&self, state: &JobState) -> Option<usize> {
        [H, P].into_iter().find(|&who| self.keys[who].pubkey() == state.provider)
    }

    fn job(&self, place: usize) -> (Job, Market, Option<JobState>) {
        let Place { market, jobs, .. } = &self.places[place];
        let state = self.state(place);
        let worker = state.as_ref().and_then(|state| self.worker(state)).unwrap_or(P);
        let mut job = jobs[(worker == P) as usize];
        if let Some(state) = state {
            job.matching = state.matching;
        }
        (job, self.markets[market_of(&self.markets, state.as_ref(), *market)], state)
    }

    /// What a job that is not the program's any more left there.
    fn settle_bond(&self, place: usize) -> Instruction {
        let (job, market, state) = self.job(place);
        let mut settle = market.settle_bond_instruction(&job, self.wallets[1][self.places[place].client]);
        if state.is_none_or(|job| job.bond == NONE) {
            for meta in &mut settle.accounts[5..] {
                (meta.pubkey, meta.is_writable) = (ID, false);
            }
        }
        self.stage.repaid(settle, 5, 6)
    }

    /// Until when H starts an assigned job, and when its time to start is over: pauses and halts since then have moved it.
    fn last_start(&self, state: &JobState) -> (i64, i64) {
        let deadline = state.deadline_at.0;
        let set_at = deadline - state.terms.start_window.0 as i64;
        let now = self.stage.now();
        let paused = |[from, to]: &[i64; 2]| (to.min(&now) - from.max(&set_at)).max(0);
        let deadline = deadline + self.memory.pauses.iter().map(paused).sum::<i64>();
        // While the clock catches up, not all of that is noted yet.
        (self.stage.in_time(set_at, deadline), self.stage.moved(set_at, deadline) + CARE)
    }

    /// The last second of the time for what is to be done with a result.
    fn moved(&self, state: &JobState, window: Seconds) -> i64 {
        self.stage.moved(state.deadline_at.0 - window.0 as i64, state.deadline_at.0)
    }

    /// Seconds of halts in that time, at most.
    fn halted(&self, from: i64, to: i64) -> f64 {
        let of = |[began, ended, counts]: &[i64; 3]| {
            let overlap = (to.min(*ended) - from.max(*began)).max(0) as f64;
            overlap * *counts as f64 / (ended - began).max(1) as f64
        };
        // While the clock catches up, what counts is noted later.
        let is_slow = |[began, ended, counts]: &[i64; 3]| {
            (*counts < ended - began || ended == began) && *began < to && ended + 120 > from
        };
        let unnoted = self.stage.catches_up || self.stage.halts.iter().any(is_slow);
        self.stage.halts.iter().map(of).sum::<f64>() + if unnoted { 100.0 } else { 0.0 }
    }

    fn was(&self, state: &JobState) -> Was {
        Was {
            posting: state.posting_id,
            market: market_of(&self.markets, Some(state), 0),
            state: state.state,
            worker: self.worker(state),
            hand_backs: state.hand_backs,
            notice: state.notice_given,
            unsettled: state.bond_unsettled,
            bonded: state.bond != NONE,
            ends_at: state.ends_at.0,
            assigned_at: state.deadline_at.0 - state.terms.start_window.0 as i64,
            last: self.last_start(state),
            price: state.price.0 as f64,
            duration: state.duration.0 as f64,
        }
    }

    /// What happened to jobs.
    fn watch(&mut self) {
        let now = self.stage.now();
        for place in 0..self.places.len() {
            let state = self.state(place);
            let last = match &state {
                Some(state) => self.memory.last.insert(place, self.was(state)),
                None => self.memory.last.remove(&place),
            };
            if let Some(last) = last {
                self.compare(place, last, state.as_ref());
            }
            let Some(state) = state else { continue };
            if state.hand_backs == 0 {
                self.memory.handed_back_by.remove(&place);
            }
            let Some(provider) = self.worker(&state).filter(|_| state.started_at.0 != 0) else { continue };
            let (client, terms) = (self.places[place].client, &state.terms);
            let agreed = (state.ends_at.0 - state.started_at.0) as f64;
            let record = self.memory.records.entry((place, state.posting_id)).or_insert_with(|| Record {
                client,
                provider,
                fee: terms.fee_share.0 as f64 / 10_000.0,
                price: state.price.0 as f64,
                agreed,
                started: state.started_at.0,
                beat_at: state.started_at.0,
                ..Record::default()
            });
            if terms.pricing == pricing::METERED {
                record.agreed = record.agreed.max(agreed);
            }
            let mut record = record.clone();
            if record.stopped.is_none() {
                let is_running = state.state == job_state::RUNNING;
                let until = if is_running { state.last_heartbeat_at.0 } else { now.min(state.ends_at.0) };
                record.silence(until, terms.heartbeat_interval.0 as i64);
                record.stopped = (!is_running).then_some(until);
                if !is_running && terms.pricing == pricing::METERED && provider == P && client == C {
                    record.bond = self.lost_by_silence(&record, &state);
                }
            }
            record.is_rejected |= state.state == job_state::REJECTED;
            if let Some(stopped) = record.stopped.filter(|_| provider == H && state.result == NO_RESULT) {
                // A client that stops pays for some time at least.
                let seconds = (stopped - record.started).max(PAID[0]) as f64;
                let fixed = terms.pricing == pricing::FIXED;
                let least = record.price * if fixed { (seconds / record.agreed).min(1.0) } else { PAID[0] as f64 };
                record.least = least;
            }
            self.result(&mut record, &state);
            self.memory.records.insert((place, state.posting_id), record);
        }
    }

    /// What is due for a result at a fixed price, and what it costs who failed.
    fn result(&self, record: &mut Record, state: &JobState) {
        let over = [job_state::OWING, job_state::FINISHED].contains(&state.state);
        let delivered = over || [job_state::DELIVERED, job_state::REJECTED].contains(&state.state);
        if state.terms.pricing != pricing::FIXED || !delivered {
            return;
        }
        let (price, is_right) = (record.price, state.result == RIGHT);
        let stake = state.terms.rejection_stake.0 as f64 / 10_000.0 * price;
        let by_default = state.terms.default_pay.0 as f64 / 10_000.0 * price;
        let is_one = record.provider == H && is_right || record.provider == P && record.client == C;
        if !is_one {
            return;
        }
        if state.terms.acceptance_window == Seconds(0) {
            // What comes before the shortest time is no result.
            let ran = record.stopped.map_or(0, |stopped| stopped - record.started);
            let is_due = state.result != NO_RESULT && ran >= state.terms.min_duration.0 as i64;
            record.due = if is_due { price } else { 0.0 };
            record.bond = if over && state.result == NO_RESULT { BOND as f64 } else { 0.0 };
        } else if !over || self.memory.sleeps || !record.is_rejected {
            // Until it is judged, it counts as if nobody did.
            let is_silent = record.is_rejected && self.memory.sleeps;
            record.due = if is_silent {
                by_default
            } else if is_right || self.memory.sleeps {
                price
            } else {
                0.0
            };
            record.lost = if is_silent { stake } else { 0.0 };
            record.bond = if over && !is_right && !self.memory.sleeps { BOND as f64 } else { 0.0 };
        } else {
            // Who rejects what is right loses the stake.
            record.due = if is_right { price } else { 0.0 };
            record.lost = if is_right { stake } else { 0.0 };
            record.bond = if is_right { 0.0 } else { BOND as f64 };
        }
        record.bond *= (record.provider == P) as u8 as f64;
    }

    /// What a provider that was not seen loses of its bond at least, by the terms: the penalties beyond its pay, as a part of what the job
    /// costs.
    fn lost_by_silence(&self, record: &Record, state: &JobState) -> f64 {
        let (terms, until) = (&state.terms, record.stopped.unwrap_or_default());
        let share = |of: Bps| of.0 as f64 / 10_000.0;
        let lasted = (until - record.started) as f64;
        let (interval, halted) = (terms.heartbeat_interval.0 as f64, self.halted(record.started, until));
        let ran = lasted - (record.downtime as f64 - halted).max(0.0);
        let missed = (record.missed as f64 - (halted / interval.max(1.0)).ceil()).max(0.0);
        let pay = record.price * ran;
        let available = (ran * 10_000.0 / lasted.max(1.0)).floor();
        let short = (terms.min_availability.0 as f64 - available).max(0.0);
        let part = (terms.shortfall_penalty.0 as f64 * short / 100.0).floor().min(10_000.0) / 10_000.0;
        let penalty = missed * share(terms.heartbeat_penalty) * record.price * interval + part * pay;
        let uncovered = (penalty - pay).max(0.0) / (record.price * record.agreed).max(1.0);
        let failed = if state.outcome == outcome::FAILED { share(terms.failure_penalty) } else { 0.0 };
        terms.bond_amount.0 as f64 * (uncovered + failed).min(1.0)
    }

    /// What one transaction made of a job.
    fn compare(&mut self, place: usize, last: Was, state: Option<&JobState>) {
        let (now, client) = (self.stage.now(), self.places[place].client);
        let market = self.markets[last.market];
        let fee = market.terms.fee_share.0 as f64 / 10_000.0;
        let same = state.filter(|state| state.posting_id == last.posting);
        // Handed back, it is posted anew.
        if let (Some(_), Some(worker)) = (state.filter(|state| state.hand_backs > last.hand_backs), last.worker) {
            let price = last.price * PAID[0] as f64;
            let cost = last.price * last.duration;
            self.memory.hand_backs[0] += if client == C { price } else { 0.0 };
            self.memory.hand_backs[1] += BOND as f64 * price / cost;
            self.memory.twice += !self.memory.handed_back_by.entry(place).or_default().insert(worker) as usize;
        }
        if let Some(state) = same.filter(|state| state.notice_given > last.notice) {
            let least = now + market.terms.notice_minutes as i64 * 60;
            self.memory.unannounced += (state.ends_at.0 < last.ends_at.min(least)) as usize;
        }
        let is_unstarted = last.state == job_state::ASSIGNED
            && same.is_none_or(|state| state.state == job_state::OWING || state.has_ended());
        let key = (place, last.posting);
        if is_unstarted && last.worker == Some(H) && now <= last.last.0 && !self.stage.is_paused() {
            // Who is given a job and waits for its time has a part of it.
            let seconds = (now - last.assigned_at).clamp(PAID[0], PAID[1]) as f64;
            let fixed = market.terms.pricing == pricing::FIXED;
            let due = last.price * if fixed { seconds / last.duration } else { seconds };
            let record = Record { client, provider: H, due, fee, stopped: Some(now), ..Record::default() };
            self.memory.records.insert(key, record);
        }
        let moved = last.last.1 - last.assigned_at != START_WINDOW as i64 + CARE;
        let is_late = is_unstarted && last.worker == Some(P) && now > last.last.1 && !moved;
        if is_late && client == C && last.bonded {
            let bond = market.terms.bond_amount.0 as f64 * NO_START;
            let record = Record { client, provider: P, bond, stopped: Some(now), ..Record::default() };
            self.memory.records.insert(key, record);
        }
        let settled = same.filter(|state| last.unsettled == 1 && state.bond_unsettled == 0);
        let failed = settled.filter(|state| state.outcome == outcome::FAILED && last.worker == Some(P));
        let own = self.stage.find::<Provider>(self.own[1].provider);
        if let (Some(_), Some(own)) = (failed, own)
            && market.terms.bond_amount != Tokens(0)
        {
            let fixed = market.terms.pricing == pricing::FIXED;
            let cost = last.price * if fixed { 1.0 } else { last.duration };
            let weight = cost * fee / 10f64.powi(WHOLE_JOB_FEE as i32) * 2f64.powi(32);
            self.memory.belittled += ((own.reputation.all_jobs as f64) < weight * 0.99) as usize;
        }
    }

    /// Sends what `signer` signs, if the instruction asks for that.
    fn send(&mut self, instruction: Instruction, signer: &Keypair) -> bool {
        let signs = instruction.accounts.iter().any(|meta| meta.is_signer && meta.pubkey == signer.pubkey());
        let done = self.stage.attempt(instruction, signs.then_some(signer).as_slice());
        self.watch();
        done
    }

    /// What honest people have to do: when, with which job, what, and who signs.
    fn duties(&self) -> Vec<(i64, Address, Instruction, Keypair)> {
        let (mut duties, now) = (vec![], self.stage.now());
        let key = |who: usize| self.keys[who].insecure_clone();
        for place in 0..self.places.len() {
            let (job, market, state) = self.job(place);
            let Some(state) = state else { continue };
            let (worker, client) = (self.worker(&state), self.places[place].client);
            let is_h = worker == Some(H);
            let ours = is_h || client == C;
            let terms = &market.terms;
            if worker.is_none() && state.state == job_state::BIDDING && client == C && !self.memory.is_idle {
                // P bids half.
                let own = Job { matching: job.matching, ..self.places[place].jobs[1] };
                let bid = market.bid_instruction(&self.stage.world, &own, state.price.0 / 2, None);
                duties.push((0, job.bond, bid, key(P)));
            }
            if client == K && state.state == job_state::ASSIGNED && !self.memory.is_idle {
                // K waits for nobody, and for no pause.
                let deadline = state.deadline_at.0;
                let over = self.stage.moved(deadline - START_WINDOW as i64, deadline) + 1;
                duties.push((
                    over,
                    self.places[place].jobs[1].bond,
                    market.cancel_instruction(&job, job.client),
                    key(K),
                ));
            }
            if worker == Some(P) && !self.memory.is_idle {
                let next = state.last_heartbeat_at.0 + terms.heartbeat_interval.0 as i64;
                let duty = match state.state {
                    job_state::POSTED | job_state::ASSIGNED => {
                        Some((0, market.start_instruction(&self.stage.world, &job)))
                    }
                    job_state::RUNNING if terms.pricing == pricing::FIXED => {
                        let at = state.started_at.0 + terms.min_duration.0 as i64;
                        let at_once = terms.acceptance_window == Seconds(0);
                        let finish = market.finish_instruction(&job, job.provider, RIGHT);
                        Some((at, if at_once { finish } else { market.deliver_instruction(&job, RIGHT) }))
                    }
                    job_state::RUNNING if terms.heartbeat_interval != Seconds(0) && next < state.ends_at.0 => {
                        Some((next, market.heartbeat_instruction(&job)))
                    }
                    _ => None,
                };
                // Apart from what others have to do with the job.
                duties.extend(duty.map(|(at, act)| (at, job.bond, act, key(P))));
            }
            let deadline = state.deadline_at.0;
            let by = |who: usize| self.keys[who].pubkey();
            let who = if is_h { H } else { C };
            // Of every other job H uses all of its time.
            let is_late = place % 2 == 1;
            let earliest = state.started_at.0 + terms.min_duration.0 as i64;
            let start_at = match is_late {
                true if self.stage.is_paused() => i64::MAX,
                true => self.last_start(&state).0,
                _ => 0,
            };
            let deliver_at = match is_late {
                true => self.stage.in_time(state.started_at.0, state.ends_at.0).max(earliest),
                _ => earliest,
            };
            let duty = match state.state {
                job_state::POSTED | job_state::ASSIGNED if is_h => {
                    (start_at, market.start_instruction(&self.stage.world, &job), H)
                }
                job_state::POSTED | job_state::ASSIGNED if client == C => {
                    (self.last_start(&state).1 + 1, market.cancel_instruction(&job, by(C)), C)
                }
                job_state::BIDDING if client == K && state.provider == NONE && now <= deadline => {
                    let own = Job { matching: job.matching, ..self.places[place].jobs[0] };
                    (0, market.bid_instruction(&self.stage.world, &own, state.price.0 / 20 * 19, None), H)
                }
                job_state::BIDDING if client == C || is_h => (deadline + 1, market.award_instruction(&job), who),
                job_state::RUNNING if is_h && terms.pricing == pricing::METERED => {
                    // Some seconds before it is due: not every second of a halt is noted.
                    let next = state.last_heartbeat_at.0 + terms.heartbeat_interval.0 as i64 * 2 / 3;
                    if terms.heartbeat_interval != Seconds(0) && next < state.ends_at.0 {
                        (next, market.heartbeat_instruction(&job), H)
                    } else {
                        (state.ends_at.0, market.finish_instruction(&job, by(H), NO_RESULT), H)
                    }
                }
                job_state::RUNNING if is_h && terms.acceptance_window == Seconds(0) => {
                    (deliver_at, market.finish_instruction(&job, by(H), RIGHT), H)
                }
                job_state::RUNNING if is_h => (deliver_at, market.deliver_instruction(&job, RIGHT), H),
                job_state::RUNNING if client == C => {
                    let late = if terms.pricing == pricing::FIXED { terms.late_window.0 as i64 } else { -1 };
                    let over = self.stage.moved(state.started_at.0, state.ends_at.0 + late) + 1;
                    (over, market.finish_instruction(&job, by(C), NO_RESULT), C)
                }
                job_state::DELIVERED if client == C && state.result == RIGHT => {
                    (0, market.accept_instruction(&job, by(C)), C)
                }
                job_state::DELIVERED if client == C => (0, market.reject_instruction(&job), C),
                job_state::DELIVERED if is_h => {
                    (self.moved(&state, terms.acceptance_window) + 1, market.accept_instruction(&job, by(H)), H)
                }
                job_state::REJECTED if ours && self.memory.sleeps => (
                    self.moved(&state, terms.arbitration_window) + 1,
                    market.resolve_instruction(&job, by(who), 0, 0),
                    who,
                ),
                job_state::REJECTED => {
                    let pay = if state.result == RIGHT { 10_000 } else { 0 };
                    let resolve = market.resolve_instruction(&job, self.arbiter.pubkey(), pay, 10_000 - pay);
                    duties.push((0, job.address, resolve, self.arbiter.insecure_clone()));
                    continue;
                }
                job_state::OWING if ours => (0, market.settle_instruction(&job), who),
                _ if ours && state.bond_unsettled == 1 && state.has_ended() => (0, self.settle_bond(place), who),
                _ => continue,
            };
            let (at, instruction, who) = duty;
            duties.push((at, job.address, instruction, key(who)));
        }
        for (at, address, ..) in &mut duties {
            *at = self.memory.later.get(address).map_or(*at, |(later, _)| (*at).max(*later));
        }
        duties
    }
}

impl<const OTHERS: bool> Scene for Jobs<OTHERS> {
    const NAME: &'static str = if OTHERS { "services" } else { "escrow" };
    const HALTS: bool = true;
    const MOVES: &'static [&'static str] = &[
        "be hired by C",
        "hire H",
        "post",
        "start",
        "bid",
        "award",
        "beat",
        "settle",
        "extend",
        "stop",
        "quit",
        "deliver",
        "deliver and be paid",
        "time is up",
        "accept",
        "reject",
        "resolve",
        "cancel",
        "cancel by time",
        "hand back",
        "give notice",
        "settle the bond",
        "close",
        "deposit",
        "withdraw",
        "join",
        "leave",
        "sweep",
        "renew",
        "unstake",
        "stake",
        "withdraw stake",
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
        let mint = world.mint_of(TOKEN_PROGRAM);
        let paid: Vec<Address> = (holders.iter())
            .map(|holder| {
                let wallet = world.associated_account(mint.address, *holder);
                world.mint_to(&mint, wallet, WALLET);
                wallet
            })
            .collect();
        let deposits: Vec<Deposit> = [C, K]
            .map(|who| {
                let deposit = Deposit::of(holders[who], mint.address, mint.token_program);
                let put = deposit.deposit_instruction(holders[who], paid[who], DEPOSIT);
                world.ok(&[deposit.open_instruction(&world)], &[]);
                world.ok(&[put], &[&keys[who]]);
                deposit
            })
            .into();
        let own = [H, P].map(|who| {
            let provider = pool.register(&world, &keys[who]);
            let own = pool.open_delegation(&world, provider, holders[who], staked[who]);
            world.ok(&[pool.stake_instruction(&own, STAKE)], &[&keys[who]]);
            own
        });
        let bonded = Terms {
            min_duration: Seconds(SHORTEST),
            max_duration: Seconds(1_200),
            wait_window: Seconds(300),
            start_window: Seconds(START_WINDOW),
            bid_step: Bps(300),
            bid_extension: Seconds(BID_EXTENSION),
            max_queue_entries: 2,
            bond_amount: Tokens(BOND),
            failure_penalty: Bps::WHOLE,
            no_start_penalty: Bps(2_500),
            reports: 1,
            whole_job_fee: WHOLE_JOB_FEE,
            ..usual_terms()
        };
        let metered = Terms {
            price: Amount(TOKEN / 100),
            heartbeat_interval: Seconds(120),
            min_duration: Seconds(120),
            min_availability: Bps(9_500),
            shortfall_penalty: Bps(700),
            heartbeat_penalty: Bps(3_000),
            ..bonded
        };
        let fixed = Terms {
            pricing: pricing::FIXED,
            price: Amount(3 * TOKEN),
            arbiter: arbiter.pubkey(),
            late_window: Seconds(100),
            late_penalty: Bps(2_000),
            acceptance_window: Seconds(120),
            arbitration_window: Seconds(100),
            default_pay: Bps::WHOLE,
            ..bonded
        };
        let treasury = world.user().pubkey();
        let fee_payee = world.associated_account(mint.address, treasury);
        let fee = |terms: Terms| Terms { fee_share: Bps(1_000), fee_payee, ..terms };
        let service = Terms { is_service: 1, notice_minutes: NOTICE_MINUTES, ..metered };
        let judged = Terms { rejection_stake: HALF, default_pay: HALF, default_bond_penalty: Bps(0), ..fixed };
        let at_once = Terms { acceptance_window: Seconds(0), arbitration_window: Seconds(0), ..fixed };
        let first = Market::unborn(&network, &pool, 0, metered);
        pool.add_slasher(&world, &network, first.authority);
        let all = if OTHERS { vec![fee(service), fee(judged), fee(at_once)] } else { vec![metered, fixed] };
        let mut markets: Vec<Market> = (1..)
            .zip(all)
            .map(|(id, terms)| {
                let market = Market::unborn(&network, &pool, id, terms).paid_in(&mint);
                market.create(&world, &network).with_queue(&world, 5)
            })
            .collect();
        if OTHERS {
            // A pool in which the program was never made a slasher.
            let other = world.mint_of(TOKEN_PROGRAM);
            let elsewhere = Pool::unborn(&network, other.address, other.token_program);
            let create = elsewhere.create_instruction(&world, &network, Pool::rules());
            world.ok(&[create], &[&network.authority]);
            for who in [H, P] {
                elsewhere.register(&world, &keys[who]);
            }
            let terms = Terms { price: Amount(TOKEN / 100), reports: 1, ..usual_terms() };
            let market = Market::unborn(&network, &elsewhere, 9, terms).paid_in(&mint);
            markets.push(market.create(&world, &network).with_queue(&world, 5));
        }
        let mut places = vec![];
        for client in [C, K] {
            for (market, of) in markets.iter().enumerate() {
                for number in 0..if OTHERS { 2 } else { 3 } {
                    let nonce = (market * 3 + number) as u64;
                    let jobs = [H, P].map(|who| of.job(holders[client], nonce, holders[who], paid[who]));
                    places.push(Place { client, market, jobs });
                }
            }
        }
        world.run(86_400);
        // Jobs wait already: C's for P, or for anybody in the queue; K's for H, which uses all of its time.
        let waiting = if OTHERS { vec![0, 1, 2, 9, 11, 13] } else { vec![0, 3, 7, 9] };
        let queued = if OTHERS { 1 } else { usize::MAX };
        for place in waiting {
            let Place { client, market, jobs } = &places[place];
            let (client, market, mut job) = (*client, &markets[*market], jobs[(*client == C) as usize]);
            job.matching = if place == queued { matching::QUEUE } else { matching::DIRECT };
            let post = market.post_instruction(&world, &job, market.terms.min_duration.0 + 480);
            world.ok(&[post], &[&keys[client]]);
        }
        let coalition: Vec<Keypair> = [K, P, X].map(|who| keys[who].insecure_clone()).into();
        let pretenders = vec![
            paid[X],
            holders[X],
            paid[P],
            holders[P],
            staked[X],
            holders[K],
            paid[K],
            deposits[1].address,
            deposits[1].vault,
            own[1].provider,
            places[places.len() / 2].jobs[1].address,
            places[places.len() / 2].jobs[1].bond,
            ID,
        ];
        let stage = Stage::new(world, &network, coalition, pretenders);
        let wallets = [paid, staked];
        let had = wallets.each_ref().map(|wallets| wallets.iter().map(|wallet| stage.tokens(*wallet)).collect());
        let memory = Memory::default();
        Self { stage, pool, keys, arbiter, markets, places, wallets, deposits, own, had, memory }
    }

    fn stage(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn reset(&mut self) {
        self.stage.reset();
        self.memory = Memory::default();
        self.watch();
    }

    fn act(&mut self, gene: &Gene) -> Option<Act> {
        let name = gene.name::<Self>();
        let half = self.places.len() / 2;
        let tokens = |amount: u64| format!("{:.9}", amount as f64 / TOKEN as f64);
        // Posting takes a free place of the client's; all else mostly what is there.
        let posting = |client: usize| {
            let own: Vec<usize> = (0..half).map(|place| place + if client == C { 0 } else { half }).collect();
            let free = |place: &usize| self.state(*place).is_none_or(|state| state.is_over());
            let own: Vec<usize> = own.into_iter().filter(free).collect();
            gene.first(&own).copied()
        };
        let there: Vec<usize> = (0..self.places.len()).filter(|&place| self.state(place).is_some()).collect();
        let payer = self.stage.world.payer().pubkey();
        let post = |client: usize, to: usize, matching: u8| -> Option<(Instruction, String)> {
            let place = posting(client)?;
            let market = self.markets[self.places[place].market];
            let mut job = self.places[place].jobs[(to == P) as usize];
            job.matching = matching;
            let seconds = market.terms.min_duration.0 + gene.x as u32 * 3;
            let how = match matching {
                matching::DIRECT => format!("for {}", NAMES[to]),
                matching::QUEUE => "in the queue".into(),
                _ => "in an auction".into(),
            };
            let kind = if market.terms.pricing == pricing::METERED { "metered" } else { "at a fixed price" };
            let text = format!("{} posts job {place}, {kind}, {seconds} seconds, {how}", NAMES[client]);
            Some((market.post_instruction(&self.stage.world, &job, seconds), text))
        };
        match name {
            "be hired by C" => {
                let how = *gene.second(&[matching::DIRECT, matching::QUEUE, matching::AUCTION])?;
                let (post, text) = post(C, P, how)?;
                return Some(Act::new(text, post).with(&[&self.keys[C]]));
            }
            "hire H" => {
                let (post, text) = post(K, H, matching::DIRECT)?;
                return Some(Act::new(text, post));
            }
            "post" => {
                let how = *gene.second(&[matching::DIRECT, matching::QUEUE, matching::AUCTION])?;
                let (post, text) = post(K, P, how)?;
                return Some(Act::new(text, post));
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
            "deposit" | "withdraw" => {
                let (who, deposit) = *gene.first(&[(K, self.deposits[1]), (C, self.deposits[0])])?;
                let wallet = self.wallets[0][*gene.second(&[who, K, X])?];
                let amount = gene.amount(DEPOSIT, DEPOSIT);
                let (text, act) = if name == "deposit" {
                    ("puts in", deposit.deposit_instruction(self.keys[who].pubkey(), wallet, amount))
                } else {
                    ("takes out", deposit.withdraw_instruction(wallet, amount))
                };
                return Some(Act::new(format!("{} {text} {}", NAMES[who], tokens(amount)), act));
            }
            "join" | "leave" | "sweep" => {
                let (market, number) = (gene.a as usize % self.markets.len(), gene.b % 2);
                let m = self.markets[market];
                let act = match name {
                    "join" => m.join_instruction(self.keys[P].pubkey(), number),
                    "leave" => m.leave_instruction(self.keys[P].pubkey(), number),
                    _ => m.sweep_instruction(4, &[]),
                };
                return Some(Act::new(format!("P: {name}, in market {market}"), act));
            }
            "unstake" | "stake" | "withdraw stake" => {
                let own = self.own[1];
                let amount = gene.amount(STAKE, STAKE);
                let count = self.stage.find::<Delegation>(own.delegation)?.ticket_count;
                let act = match name {
                    "stake" => self.pool.stake_instruction(&own, amount),
                    "unstake" => {
                        let ticket = self.pool.ticket(&own, count);
                        self.pool.unstake_instruction(&self.stage.world, &own, ticket, amount)
                    }
                    _ => {
                        let (ticket, _) = *gene.first(&self.stage.all::<UnbondingTicket>())?;
                        self.pool.withdraw_instruction(&self.stage.world, &own, ticket)
                    }
                };
                return Some(Act::new(format!("P: {name}, {}", tokens(amount)), act));
            }
            _ => {}
        }
        // Mostly where it fits.
        let fits = |place: &usize| {
            let Some(state) = self.state(*place) else { return false };
            let of_p = self.worker(&state) == Some(P);
            match name {
                "start" => {
                    let is_open = state.provider == NONE || of_p;
                    is_open && [job_state::POSTED, job_state::ASSIGNED].contains(&state.state)
                }
                "bid" | "award" => state.state == job_state::BIDDING,
                "beat" | "quit" | "deliver" | "deliver and be paid" | "hand back" | "give notice" => {
                    state.state == job_state::RUNNING && of_p
                }
                "extend" | "stop" | "time is up" => state.state == job_state::RUNNING,
                "settle" => [job_state::RUNNING, job_state::OWING].contains(&state.state),
                "accept" | "reject" => state.state == job_state::DELIVERED,
                "resolve" => state.state == job_state::REJECTED,
                // Or once it is assigned.
                "cancel" if gene.x % 2 == 1 => state.state == job_state::ASSIGNED,
                "cancel" | "cancel by time" => {
                    [job_state::POSTED, job_state::BIDDING, job_state::ASSIGNED].contains(&state.state)
                }
                "settle the bond" => state.has_ended() && state.bond_unsettled == 1,
                "close" => state.is_over(),
                _ => state.is_over(),
            }
        };
        let fitting: Vec<usize> = there.iter().copied().filter(fits).collect();
        let place = *gene.first(if gene.a < 200 { &fitting } else { &there })?;
        let (job, market, state) = self.job(place);
        let [x, p] = [X, P].map(|who| self.keys[who].pubkey());
        // P takes what is for anybody.
        let mine = self.places[place].jobs[1];
        let mine = Job { matching: job.matching, ..mine };
        let client = NAMES[self.places[place].client];
        let (text, act) = match name {
            "start" => ("P starts".into(), market.start_instruction(&self.stage.world, &mine)),
            "bid" => {
                let last = state.map_or(0, |job| job.price.0);
                let price = last * (10_000 - gene.x as u64 * 30) / 10_000;
                let best = state.filter(|job| job.provider != NONE).map(|_| job);
                let bid = market.bid_instruction(&self.stage.world, &mine, price, best.as_ref());
                (format!("P bids {}", tokens(price)), bid)
            }
            "award" => ("X awards".into(), market.award_instruction(&job)),
            "beat" => ("its provider beats".into(), market.heartbeat_instruction(&job)),
            "settle" => {
                let most = gene.amount(TOKEN, u64::MAX);
                (format!("X settles at most {most}"), market.settle_many_instruction(&[job], most))
            }
            "extend" => {
                let seconds = gene.x as u32 * 4;
                (format!("{client} extends by {seconds} seconds"), market.extend_instruction(&job, seconds))
            }
            "stop" => (format!("{client} stops"), market.finish_instruction(&job, job.client, NO_RESULT)),
            "quit" => ("P quits".into(), market.finish_instruction(&job, p, NO_RESULT)),
            "deliver" | "deliver and be paid" => {
                let result = *gene.second(&[RIGHT, WRONG])?;
                let what = if result == RIGHT { "what is right" } else { "what is wrong" };
                let act = if name == "deliver" {
                    market.deliver_instruction(&mine, result)
                } else {
                    market.finish_instruction(&mine, p, result)
                };
                (format!("P delivers {what}"), act)
            }
            "time is up" => ("X says that time is up".into(), market.finish_instruction(&job, x, NO_RESULT)),
            "accept" => {
                let who = *gene.second(&[job.client, x])?;
                ("it is accepted".into(), market.accept_instruction(&job, who))
            }
            "reject" => (format!("{client} rejects"), market.reject_instruction(&job)),
            "resolve" => {
                let pay = gene.x as u16 * 39;
                let resolve = market.resolve_instruction(&job, x, pay, 10_000 - pay);
                (format!("X resolves with {pay} bps of pay"), resolve)
            }
            "cancel" => (format!("{client} cancels"), market.cancel_instruction(&job, job.client)),
            "cancel by time" => ("X cancels".into(), market.cancel_instruction(&job, x)),
            "hand back" => ("P hands back".into(), market.hand_back_instruction(&mine)),
            "give notice" => ("P gives notice".into(), market.notice_instruction(&mine)),
            "settle the bond" => ("X settles the bond".into(), self.settle_bond(place)),
            "renew" => (format!("{client} renews"), market.renew_instruction(&self.stage.world, &job)),
            "close" => {
                let mut close = market.close_job_instruction(&self.stage.world, &job);
                close.accounts[1].pubkey = payer;
                ("X closes".into(), close)
            }
            _ => return None,
        };
        Some(Act::new(format!("job {place}: {text}"), act))
    }

    fn respond(&mut self, _: &[Gene], _: &Receipt) {
        self.watch();
    }

    /// Whose jobs are in which state.
    fn seen(&mut self) -> Vec<u64> {
        let shape = |place: usize| {
            let state = self.state(place)?;
            let Place { client, market, .. } = self.places[place];
            let market = market_of(&self.markets, Some(&state), market);
            let worker = self.worker(&state).unwrap_or(X);
            let more = [state.hand_backs as usize, state.notice_given as usize, state.bond_unsettled as usize];
            let lasts = (state.duration.0 > self.markets[market].terms.min_duration.0 * 10) as usize;
            let parts = [client, market, worker, state.state as usize, state.outcome as usize, lasts];
            Some(hash(&[&parts[..], &more].concat()))
        };
        (0..self.places.len()).filter_map(shape).collect()
    }

    fn wake(&mut self) -> Option<i64> {
        self.duties().iter().map(|(at, ..)| *at).min()
    }

    fn pass(&mut self, from: i64, to: i64) {
        if self.stage.is_paused() {
            self.memory.pauses.push([from, to]);
        }
        for place in 0..self.places.len() {
            let Some(state) = self.state(place).filter(|state| state.state == job_state::RUNNING) else { continue };
            let Some(record) = self.memory.records.get_mut(&(place, state.posting_id)) else { continue };
            let over = |end: i64| (to.min(end) - from.max(state.started_at.0)).max(0) as f64;
            if state.terms.pricing == pricing::METERED {
                let seen = state.last_heartbeat_at.0 + state.terms.heartbeat_interval.0 as i64;
                // Where no heartbeats are asked for, all time is seen.
                let is_seen = record.provider == H || state.terms.heartbeat_interval == Seconds(0);
                let end = if is_seen { state.ends_at.0 } else { state.ends_at.0.min(seen) };
                record.seen += over(end);
            } else if record.provider == H {
                let ran = (to - state.started_at.0) as f64;
                record.due = record.price * (ran / record.agreed.max(1.0)).min(1.0);
            }
        }
    }

    fn work(&mut self) {
        let now = self.stage.now();
        for (at, address, instruction, key) in self.duties() {
            let is_tried = self.memory.later.contains_key(&address);
            let late = self.stage.late;
            if at <= now && !self.send(instruction, &key) {
                // Who was refused before, for another reason, may be late.
                self.stage.late = if is_tried { late } else { self.stage.late };
                // P gives up sooner.
                let pause = if key.pubkey() == self.keys[P].pubkey() { 3_600 } else { 40 };
                let (later, times) = self.memory.later.entry(address).or_default();
                *later = now + (pause << times.saturating_sub(3).min(12));
                *times += 1;
            }
        }
    }

    fn wind_up(&mut self) {
        let anyone = self.keys[X].insecure_clone();
        for round in 0..14 {
            let now = self.stage.now();
            // Halts have moved what is due.
            let halted: i64 = self.stage.halts.iter().map(|[.., counts]| counts).sum();
            pass_to(self, now + if round < 3 { 400 } else { 2_000 + halted });
            if self.stage.all::<JobState>().is_empty() {
                break;
            }
            for place in 0..self.places.len() {
                let (job, market, state) = self.job(place);
                let Some(state) = state else { continue };
                let caller = anyone.pubkey();
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
                self.send(crank, &anyone);
            }
        }
        for (who, deposit) in [(K, self.deposits[1]), (C, self.deposits[0])] {
            let free = self.stage.find::<joule_escrow_interface::state::Deposit>(deposit.address);
            let Some(free) = free.map(|deposit| deposit.free.0) else { continue };
            let take = deposit.withdraw_instruction(self.wallets[0][who], free);
            let key = self.keys[who].insecure_clone();
            self.send(take, &key);
        }
        let bonds: Vec<_> = self.stage.all::<Bond>();
        for (own, who) in [(self.own[1], P), (self.own[0], H)] {
            let Some(count) = self.stage.find::<Delegation>(own.delegation).map(|own| own.ticket_count) else {
                continue;
            };
            let ticket = self.pool.ticket(&own, count);
            let unstake = self.pool.unstake_instruction(&self.stage.world, &own, ticket, u64::MAX);
            let key = self.keys[who].insecure_clone();
            self.send(unstake, &key);
        }
        let now = self.stage.now();
        pass_to(self, now + 8 * 86_400);
        for (address, ticket) in self.stage.all::<UnbondingTicket>() {
            let place = (ticket.provider == self.own[1].provider) as usize;
            let own = self.own[place];
            let withdraw = self.pool.withdraw_instruction(&self.stage.world, &own, address);
            let key = self.keys[[H, P][place]].insecure_clone();
            self.send(withdraw, &key);
        }
        for (address, bond) in bonds {
            let Some(client) = [C, K].into_iter().find(|&who| self.keys[who].pubkey() == bond.client) else { continue };
            let tokens = self.wallets[1][client];
            let withdraw =
                self.pool.withdraw_seized_instruction(bond.provider, address, bond.client, tokens, bond.payer);
            let key = self.keys[client].insecure_clone();
            self.send(withdraw, &key);
        }
    }

    fn balances(&mut self) -> Vec<Balance> {
        let sum = |of: &dyn Fn(&Record) -> f64| self.memory.records.values().map(of).sum::<f64>();
        let is =
            |record: &Record, client: usize, provider: usize| record.client == client && record.provider == provider;
        let due = |record: &Record| {
            let stopped = record.stopped.unwrap_or(i64::MAX);
            // Halts are paid as time in which a job runs, and forgive as much of its provider's other silence.
            let lasted = (stopped - record.started) as f64;
            record.due + record.price * (record.seen + self.halted(record.started, stopped)).min(lasted.max(0.0))
        };
        let due = |record: &Record| {
            if record.seen == 0.0 { record.due.max(record.least) } else { due(record).max(record.least) }
        };
        let net = |record: &Record| due(record) * (1.0 - record.fee);
        let earned = sum(&|record| if record.provider == H { net(record) } else { 0.0 });
        let pays =
            |who: usize, by: usize| sum(&|record| if is(record, who, by) { due(record) + record.lost } else { 0.0 });
        let owed = sum(&|record| if is(record, C, P) { net(record) } else { 0.0 });
        let of_c = pays(C, P) + self.memory.hand_backs[0];
        let of_k = pays(K, H);
        let bonds = sum(&|record| if is(record, C, P) { record.bond } else { 0.0 });
        let burned = self.memory.hand_backs[1];
        let record = self.stage.find::<Provider>(self.own[0].provider).map(|own| own.reputation).unwrap_or_default();
        // Where nobody judges, the terms say how a rejected result went.
        let silent = |record: &Record| (record.provider == H && record.is_rejected && self.memory.sleeps) as u8 as f64;
        let blamed = (record.failed + record.disputed + record.late) as usize;
        let blamed = blamed.saturating_sub(sum(&silent) as usize);
        let deposit = |who: usize| if [C, K].contains(&who) { DEPOSIT } else { 0 };
        let stake = |who: usize| if [H, P].contains(&who) { STAKE } else { 0 };
        let amounts = |kind: usize, who: &[usize]| -> [u64; 2] {
            let more = |who: usize| if kind == 0 { deposit(who) } else { stake(who) };
            let had = who.iter().map(|&who| self.had[kind][who] + more(who)).sum();
            [had, who.iter().map(|&who| self.stage.tokens(self.wallets[kind][who])).sum()]
        };
        let balance = |who, promise, amounts: [u64; 2], change: f64, coalition| Balance {
            who,
            promise,
            amounts,
            promised: amounts[0] as i128 + change as i128,
            coalition,
            slack: DUST,
        };
        let all = [K, P, X];
        vec![
            balance(
                "H, pay",
                "a provider that starts, beats and delivers in time is paid for all of it",
                amounts(0, &[H]),
                earned,
                false,
            ),
            balance("H, stake", "a provider that does what it has to loses no bond", amounts(1, &[H]), 0.0, false),
            balance(
                "C, pay",
                "a client pays for time that it saw, and for results that are right",
                amounts(0, &[C]),
                -of_c,
                false,
            ),
            balance("C, bonds", "a client has the bond of a provider that failed", amounts(1, &[C]), bonds, false),
            balance(
                "the coalition, pay",
                "it has what it put in, and pay for work",
                amounts(0, &all),
                owed - of_k,
                true,
            ),
            balance(
                "the coalition, stake",
                "it has what it staked, less the bonds it lost",
                amounts(1, &all),
                -bonds - burned,
                true,
            ),
            Stage::never("H, record", "a provider that is there in time is not blamed", blamed),
            Stage::never("everybody", "who acts in time is not late", self.stage.late),
            Stage::never("P, record", "a failure counts as much as its success would have", self.memory.belittled),
            Stage::never("C, notice", "a service ends after its notice", self.memory.unannounced),
            Stage::never("C, queue", "nobody hands a job back twice", self.memory.twice),
            Stage::never("everybody", "anyone brings every job to its end", self.stage.all::<JobState>().len()),
            self.stage.rent(),
        ]
    }
}

impl Record {
    /// Its provider beat, or it is over.
    fn silence(&mut self, until: i64, interval: i64) {
        let gap = until - self.beat_at;
        if interval != 0 && gap > interval {
            self.downtime += gap - interval;
            self.missed += (gap - 1) / interval;
        }
        self.beat_at = self.beat_at.max(until);
    }
}

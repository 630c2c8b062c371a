//! Gangs. Honest are C, a client, whose gangs have substitutes, or end when a member is out; and H, a provider, whose machine is alive and says
//! so by its beacon: it joins what is posted, and settles itself whenever a gang's clock stands. The coalition is K, a client; P, a provider on a
//! beacon; Q, one that sends heartbeats of its own; and X, who passes by. P and Q join, and are alive, until they are told to be idle.

use {
    super::{
        Act, Balance, Gene, Scene, Stage,
        market::{DAY, Duty, PAY, Patience, People, Presence, STAKED, Town, open_or_close, wake, wind_up, work},
    },
    crate::{
        Receipt,
        fixture::{Beacon, Gang, Job, Market, TOKEN, by_beacon, of_beacon, usual_terms},
        world::swap,
    },
    joule_escrow_interface::{
        instruction::{HeartbeatMember, SettleMember},
        state::{Beacon as BeaconState, Gang as GangState, Job as JobState, Terms, gang_state, job_state, matching},
    },
    joule_interface::{Address, Instruction},
    joule_math::{Amount, Bps, Seconds, Tokens},
    joule_stake_interface::state::Provider,
    std::{
        collections::{BTreeMap, BTreeSet},
        rc::Rc,
    },
};

const C: usize = 0;
const H: usize = 1;
const K: usize = 2;
const P: usize = 3;
const Q: usize = 4;
const X: usize = 5;
const NAMES: [&str; 6] = ["C", "H", "K", "P", "Q", "X"];
const PROVIDERS: [usize; 3] = [H, P, Q];
const COALITION: [usize; 4] = [K, P, Q, X];
const PRICE: u64 = TOKEN / 100;
const BOND: u64 = 7 * TOKEN;
const FAILURE: f64 = 0.5;
const HEARTBEAT: f64 = 0.3;
const INTERVAL: i64 = 120;
/// A member that is silent for longer has failed.
const SILENT: i64 = 3 * INTERVAL;
const WAIT: u32 = 300;
/// What a client pays for at least that stops.
const LEAST: i64 = 10;
/// Gangs of a client, and accounts for places of each.
const GANGS: usize = 2;
const ACCOUNTS: u64 = 5;
/// Jobs on each beacon.
const CAPACITY: u16 = 2;

/// An account for a place.
struct Place {
    gang: usize,
    /// As each provider would work on it.
    jobs: Vec<Job>,
}

/// What a member of a gang did.
#[derive(Clone, Copy, Debug, Default)]
struct Record {
    client: usize,
    provider: usize,
    /// It was there before the clock began.
    is_first: bool,
    presence: Presence,
    /// What its place holds.
    cost: f64,
    duration: i64,
    /// When its last heartbeat came, and what its beacon or its job says of that.
    last_beat: i64,
    shown: i64,
    /// What was paid; at least and at most what of it was due before it was over.
    paid: u64,
    settled: [f64; 2],
    /// The client ended it: it is paid for the shortest time at least.
    least: bool,
    /// It was silent for too long when the clock stopped.
    is_silent: bool,
    /// The part of its bond that it lost: because it went, and because it was silent.
    lost: f64,
    lost_by_silence: f64,
    is_over: bool,
}

impl Record {
    /// The price of that time, and the penalty on it.
    fn price((seen, missed): (i64, i64)) -> (f64, f64) {
        ((PRICE as i64 * seen) as f64, missed as f64 * HEARTBEAT * (PRICE as i64 * INTERVAL) as f64)
    }

    /// What it has earned, and what of penalties its pay does not cover.
    fn earned(&self, halted: bool) -> (f64, f64) {
        let (seen, missed) = if halted { (self.presence.ran, 0) } else { self.presence.seen(INTERVAL) };
        let least = if self.least && self.presence.ran < LEAST { LEAST } else { 0 };
        let (pay, penalty) = Self::price((seen.max(least), missed));
        let [least, most] = self.settled.map(|settled| settled.max(pay - penalty));
        (most, (penalty - (pay - least)).max(0.0))
    }

    /// It takes a place while the clock does not run, and goes before it did.
    fn has_waited_alone(&self) -> bool {
        !self.is_first && self.presence.ran == 0
    }

    /// What it loses that holds up the others.
    fn price_of_leaving(&self) -> f64 {
        LEAST as f64 / self.duration as f64
    }
}

/// What a gang was like after the last transaction.
#[derive(Clone, Copy, Default)]
struct Was {
    state: u8,
    posted_at: i64,
    deadline_at: i64,
    /// Seconds that its clock ran.
    ran: i64,
    duration: i64,
}

#[derive(Clone, Default)]
struct Memory {
    records: BTreeMap<(usize, u64, usize), Record>,
    gangs: BTreeMap<usize, Was>,
    patience: Patience,
    /// Of which stand of which gang H has settled itself.
    settled: BTreeSet<(usize, u64, i64)>,
    idle: [bool; 2],
    /// How often more jobs were on a beacon than it takes, or than it knows of.
    crowded: usize,
    /// What was not at its end.
    stuck: usize,
}

/// See the module.
pub struct Training {
    stage: Stage,
    people: Rc<People>,
    market: Market,
    gangs: Vec<(Gang, usize)>,
    places: Vec<Place>,
    beacons: [Beacon; 2],
    memory: Memory,
}

impl Training {
    fn state(&self, place: usize) -> Option<JobState> {
        self.stage.find(self.places[place].jobs[0].address)
    }

    fn gang(&self, gang: usize) -> Option<GangState> {
        self.stage.find(self.gangs[gang].0.address)
    }

    /// The places of a gang that have a job, with who has them.
    fn seats(&self, gang: usize) -> Vec<(usize, JobState, Option<usize>)> {
        let Some(state) = self.gang(gang) else { return vec![] };
        let is_there = |place: &usize| {
            let address = self.places[*place].jobs[0].address;
            state.places.iter().any(|place| place.job == address)
        };
        let places = (0..self.places.len()).filter(is_there);
        places.filter_map(|place| self.state(place).map(|job| (place, job, self.people.who(&job.provider)))).collect()
    }

    /// Who is in: not those who are out already.
    fn members(&self, gang: usize) -> Vec<(usize, JobState, usize)> {
        let seats = self.seats(gang).into_iter();
        seats
            .filter_map(|(place, job, who)| Some((place, job, who?)))
            .filter(|(_, job, _)| job.stopped_at.0 == 0)
            .collect()
    }

    /// The job of a place, as `who` works on it.
    fn job(&self, place: usize, who: usize) -> Job {
        let index = PROVIDERS.iter().position(|&provider| provider == who).unwrap_or(0);
        self.places[place].jobs[index]
    }

    fn beacon_of(&self, who: usize) -> Option<&Beacon> {
        match who {
            H => Some(&self.beacons[0]),
            P => Some(&self.beacons[1]),
            _ => None,
        }
    }

    /// What joins, settles or takes out a member, with its beacon if it is on one.
    fn with_beacon(&self, instruction: Instruction, who: usize, is_on: bool) -> Instruction {
        match self.beacon_of(who).filter(|_| is_on) {
            Some(beacon) => of_beacon(instruction, beacon),
            None => instruction,
        }
    }

    fn settle(&self, place: usize, state: &JobState, caller: usize) -> Instruction {
        self.settle_in(&self.gangs[self.places[place].gang].0, place, state, caller)
    }

    /// A place may be posted in another gang of its client's than usual.
    fn settle_in(&self, gang: &Gang, place: usize, state: &JobState, caller: usize) -> Instruction {
        let who = self.people.who(&state.provider).unwrap_or(H);
        let settle = gang.settle_instruction(&self.market, &self.job(place, who), self.people.key(caller));
        self.with_beacon(settle, who, state.on_beacon == 1)
    }

    fn take_out(&self, place: usize, state: &JobState, caller: usize) -> Instruction {
        let who = self.people.who(&state.provider).unwrap_or(H);
        let (gang, _) = &self.gangs[self.places[place].gang];
        let show = gang.take_out_instruction(&self.market, self.people.key(caller), &self.job(place, who));
        self.with_beacon(show, who, state.on_beacon == 1)
    }

    fn join(&self, place: usize, who: usize, by_beacon: bool) -> Instruction {
        let (gang, _) = &self.gangs[self.places[place].gang];
        let join = gang.join_instruction(&self.stage.world, &self.market, &self.job(place, who));
        self.with_beacon(join, who, by_beacon)
    }

    /// What ends a place once its gang let it go; it leaves its beacon first.
    fn end(&self, place: usize, state: &JobState, caller: usize) -> Option<Vec<Instruction>> {
        let who = self.people.who(&state.provider).unwrap_or(H);
        let job = self.job(place, who);
        let end = self.people.end(&self.stage, &self.market, &job, caller, self.market.staked.0)?;
        let beacon = self.beacon_of(who).filter(|_| state.on_beacon == 1);
        Some(beacon.map(|beacon| beacon.leave_instruction(&[job])).into_iter().chain([end]).collect())
    }

    /// An account for a place of a gang that is free, of so many one after the other.
    fn free(&self, gang: usize, count: usize) -> Option<Vec<Job>> {
        let own: Vec<usize> = (0..self.places.len()).filter(|&place| self.places[place].gang == gang).collect();
        let is_free = |place: &usize| self.state(*place).is_none_or(|state| state.is_over());
        let free = own.windows(count).find(|places| places.iter().all(is_free))?;
        Some(free.iter().map(|&place| self.places[place].jobs[0]).collect())
    }

    /// What posts a gang with its places.
    fn posting(&self, gang: usize, size: usize, seconds: u32) -> Option<[Instruction; 2]> {
        let (of, world) = (&self.gangs[gang].0, &self.stage.world);
        let places = self.free(gang, size)?;
        Some([
            of.post_instruction(world, &self.market, size as u8, seconds),
            of.places_instruction(world, &self.market, &places),
        ])
    }

    /// Whether the clock of a gang runs: all of its places have a member.
    fn runs(&self, gang: usize) -> bool {
        let Some(state) = self.gang(gang) else { return false };
        state.state == gang_state::RUNNING && self.members(gang).len() == state.size as usize
    }

    /// What became of a gang's members in a transaction: who is out, and by what.
    fn compare(&mut self, index: usize, last: Was, state: Option<&GangState>) {
        let now = self.stage.now();
        let is = state.map_or(0, |state| state.state);
        let ran = last.state == gang_state::RUNNING && last.ran < last.duration;
        let is_open = matches!(is, gang_state::FILLING | gang_state::RUNNING | gang_state::BROKEN);
        let of_gang = |key: &(usize, u64, usize)| self.places[key.0].gang == index;
        let keys: Vec<_> = (self.memory.records.iter())
            .filter(|(key, record)| of_gang(key) && !record.is_over)
            .map(|(key, _)| *key)
            .collect();
        for key in keys {
            let (place, posting, who) = key;
            let job = self.state(place).filter(|job| job.posting_id == posting);
            let is_in = job.is_some_and(|job| {
                job.state == job_state::GANG && job.stopped_at.0 == 0 && job.provider == self.people.key(who)
            });
            let record = self.memory.records.get_mut(&key).expect("it is there");
            let is_silent = record.presence.silent() > SILENT;
            let (of_c, is_h) = (record.client == C, who == H);
            match (last.state, is) {
                (gang_state::FILLING, gang_state::CANCELLED) => record.least = true,
                (gang_state::RUNNING, gang_state::STOPPED) if ran => {
                    // Of a gang that is filled in the second of its posting, members are as substitutes.
                    let is_prompt = state.is_some_and(|state| state.started_at.0 <= last.posted_at);
                    record.least |= record.presence.ran > 0 || record.is_first && !is_prompt;
                    record.lost_by_silence = if is_silent { FAILURE } else { 0.0 };
                }
                (gang_state::RUNNING, gang_state::BROKEN) => record.is_silent = is_silent,
                (gang_state::BROKEN, gang_state::RUNNING) => record.is_silent = false,
                (gang_state::BROKEN, gang_state::STOPPED) if record.is_silent => record.lost_by_silence = FAILURE,
                _ => {}
            }
            if is_in {
                continue;
            }
            record.is_over = true;
            match last.state {
                gang_state::FILLING if is == gang_state::FILLING && now <= last.deadline_at => {
                    record.lost = record.price_of_leaving();
                }
                gang_state::RUNNING if ran => {
                    // C dismisses nobody, and H does not quit.
                    record.lost = if of_c && is_open { FAILURE } else { 0.0 };
                    record.lost_by_silence = if is_silent { FAILURE } else { 0.0 };
                    record.least |= is_h && is_open;
                }
                gang_state::RUNNING if is_silent => record.lost_by_silence = FAILURE,
                gang_state::BROKEN => {
                    record.lost_by_silence = if record.is_silent { FAILURE } else { 0.0 };
                    let in_time = now <= last.deadline_at && is_open;
                    if of_c && in_time && record.has_waited_alone() {
                        record.lost = record.price_of_leaving();
                    }
                    record.least |= is_h && is_open;
                }
                _ => {}
            }
        }
    }

    fn key_of(&self, place: usize, state: &JobState, who: usize) -> (usize, u64, usize) {
        (place, state.posting_id, who)
    }
}

impl Town for Training {
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
        for (index, (gang, client)) in self.gangs.iter().enumerate() {
            let Some(state) = self.gang(index) else { continue };
            let (seats, members) = (self.seats(index), self.members(index));
            let was = self.memory.gangs.get(&index).copied().unwrap_or_default();
            let is_open = matches!(state.state, gang_state::FILLING | gang_state::BROKEN);
            let is_past = now > state.deadline_at.0;
            let is_over = state.has_ended() || self.runs(index) && was.ran >= was.duration;
            // Who keeps the gang: its client, or, of K's, H if it is in it.
            let has_h = seats.iter().any(|(.., who)| *who == Some(H));
            let keeper = if *client == C { C } else { H };
            if is_open && (*client == C || has_h) {
                let by_c = state.state == gang_state::BROKEN && *client == C && index % 2 == 1;
                let at = if by_c { 0 } else { state.deadline_at.0 + 1 };
                let stop = gang.stop_instruction(self.people.key(keeper));
                duties.push(Duty::new(at, gang.address, vec![stop], keeper));
            }
            if is_open && !is_past && state.posted < state.size && *client == C && index % 2 == 0 {
                let left = was.duration - was.ran;
                if left >= self.market.terms.min_duration.0 as i64
                    && let Some(place) = self.free(index, 1)
                {
                    let post = gang.places_instruction(&self.stage.world, &self.market, &place);
                    duties.push(Duty::new(0, place[0].address, vec![post], C));
                }
            }
            if is_open && !is_past && state.posted == state.size {
                let mut free = seats.iter().filter(|(.., who)| who.is_none()).map(|(place, ..)| *place);
                for who in [H, P, Q] {
                    let is_idle = who != H && self.memory.idle[who - P];
                    let is_in = seats.iter().any(|(.., member)| *member == Some(who));
                    if is_idle || is_in {
                        continue;
                    }
                    let Some(place) = free.next() else { break };
                    let by_beacon = self.beacon_of(who);
                    let on = by_beacon.and_then(|beacon| self.stage.find::<BeaconState>(beacon.address));
                    if by_beacon.is_some() && on.is_none_or(|beacon| beacon.jobs >= beacon.capacity) {
                        continue;
                    }
                    let act = vec![self.join(place, who, true)];
                    duties.push(Duty::new(0, self.job(place, who).bond, act, who));
                }
            }
            let stands = state.state == gang_state::BROKEN;
            for (place, job, who) in &members {
                let record = self.memory.records.get(&self.key_of(*place, job, *who)).copied().unwrap_or_default();
                let key = (*place, job.posting_id, state.stopped_at.0);
                if stands && *who == H && state.started_at.0 != 0 && !self.memory.settled.contains(&key) {
                    duties.push(Duty::new(0, self.job(*place, H).address, vec![self.settle(*place, job, H)], H));
                }
                let is_idle = *who != H && self.memory.idle[*who - P];
                if (stands || self.runs(index)) && !is_over && !is_idle {
                    let next = record.last_beat.max(state.started_at.0) + INTERVAL / 2;
                    match *who {
                        H => beats[0] = beats[0].min(next),
                        P if job.on_beacon == 1 => beats[1] = beats[1].min(next),
                        _ => {
                            let job = self.job(*place, *who);
                            let beat = gang.heartbeat_instruction(&job);
                            duties.push(Duty::new(next, job.bond, vec![beat], *who));
                        }
                    }
                }
                // H shows that a member is silent: C would dismiss one that is not.
                if *client == C && self.runs(index) && !is_over && *who != H {
                    let at = now + (SILENT + 1 - record.presence.silent()).max(0);
                    let end = now + was.duration - was.ran;
                    if at < end {
                        let show = self.take_out(*place, job, H);
                        duties.push(Duty::new(at, self.job(*place, *who).bond, vec![show], H));
                    }
                }
            }
            if self.runs(index) && !is_over && (*client == C || has_h) {
                // Then its time is over.
                let end = now + was.duration - was.ran;
                for (place, job, who) in &members {
                    if *client == C || *who == H {
                        let settle = vec![self.settle(*place, job, keeper)];
                        duties.push(Duty::new(end, self.job(*place, H).address, settle, keeper));
                    }
                }
            }
            for (place, job, who) in &seats {
                let is_out = job.stopped_at.0 != 0;
                if (is_out || is_over) && (*client == C || *who == Some(H)) {
                    let settle = vec![self.settle(*place, job, keeper)];
                    duties.push(Duty::new(0, self.job(*place, H).address, settle, keeper));
                }
            }
        }
        for place in 0..self.places.len() {
            let Some(state) = self.state(place) else { continue };
            let client = self.gangs[self.places[place].gang].1;
            let is_h = state.provider == self.people.key(H);
            let is_left = state.state == job_state::OWING
                || state.has_ended() && (state.bond_unsettled == 1 || state.on_beacon == 1);
            if is_left && (client == C || is_h) {
                let keeper = if client == C { C } else { H };
                if let Some(end) = self.end(place, &state, keeper) {
                    duties.push(Duty::new(0, self.job(place, H).address, end, keeper));
                }
            }
        }
        for (beacon, (at, who)) in self.beacons.iter().zip(beats.into_iter().zip([H, P])) {
            if at < i64::MAX {
                duties.push(Duty::new(at, beacon.address, vec![beacon.beat_instruction()], who));
            }
        }
        duties
    }

    fn ends(&self) -> Vec<Instruction> {
        let mut ends = vec![];
        for (index, (gang, _)) in self.gangs.iter().enumerate() {
            let Some(state) = self.gang(index) else { continue };
            if matches!(state.state, gang_state::FILLING | gang_state::BROKEN) {
                ends.push(gang.stop_instruction(self.people.key(X)));
            }
            ends.extend(self.seats(index).iter().map(|(place, job, _)| self.settle_in(gang, *place, job, X)));
            ends.push(swap(gang.close_instruction(&self.stage.world), 1, state.payer));
        }
        for place in 0..self.places.len() {
            if let Some(state) = self.state(place) {
                ends.extend(self.end(place, &state, X).into_iter().flatten());
            }
        }
        ends
    }

    fn left(&self) -> usize {
        self.stage.all::<JobState>().len() + self.stage.all::<GangState>().len()
    }

    fn watch(&mut self) {
        let now = self.stage.now();
        // Of which member's place the last instruction was, if it settled or was a heartbeat.
        let sent = |kind: u8| {
            let last = self.stage.sent.last().filter(|sent| sent.data.first() == Some(&kind))?;
            last.accounts.get(2).map(|job| job.pubkey)
        };
        let [settled, beaten] = [SettleMember::DISCRIMINATOR, HeartbeatMember::DISCRIMINATOR].map(sent);
        for index in 0..self.gangs.len() {
            let client = self.gangs[index].1;
            let last = self.memory.gangs.get(&index).copied().unwrap_or_default();
            let state = self.gang(index);
            let was = state.as_ref().map(|state| Was {
                state: state.state,
                posted_at: if last.state == 0 { now } else { last.posted_at },
                deadline_at: state.deadline_at.0,
                ran: if state.started_at.0 == 0 { 0 } else { last.ran },
                duration: state.duration.0 as i64,
            });
            // Who came.
            for (place, job, who) in self.members(index) {
                let key = self.key_of(place, &job, who);
                if let Some(state) = state.as_ref().filter(|_| settled == Some(self.places[place].jobs[0].address)) {
                    self.memory.settled.insert((place, job.posting_id, state.stopped_at.0));
                }
                let is_first = matches!(last.state, 0 | gang_state::FILLING);
                let record = self.memory.records.entry(key).or_insert_with(|| Record {
                    client,
                    provider: who,
                    is_first,
                    cost: job.deposited.0 as f64,
                    duration: job.duration.0 as i64,
                    last_beat: now,
                    shown: job.last_heartbeat_at.0,
                    ..Record::default()
                });
                record.is_over = false;
                let beacon = self.beacon_of(who).filter(|_| job.on_beacon == 1);
                let beacon = beacon.and_then(|beacon| self.stage.find::<BeaconState>(beacon.address));
                let shown = beacon.map_or(job.last_heartbeat_at, |beacon| beacon.last_beat_at).0;
                let record = self.memory.records.get_mut(&key).expect("it is there");
                let before = record.presence.so_far(INTERVAL);
                // Who settles a member writes there when the clock began.
                if shown != record.shown && state.as_ref().is_some_and(|state| shown != state.started_at.0) {
                    record.presence.beat(INTERVAL);
                    record.last_beat = now;
                }
                record.shown = shown;
                // While the clock stands it shows nothing new.
                if beaten == Some(self.places[place].jobs[0].address) {
                    record.last_beat = now;
                }
                if job.paid.0 > record.paid {
                    // It may have been settled before it beat in the same transaction, or after.
                    for (settled, seen) in record.settled.iter_mut().zip([record.presence.so_far(INTERVAL), before]) {
                        let (pay, penalty) = Record::price(seen);
                        *settled = settled.max(pay - penalty);
                    }
                    record.paid = job.paid.0;
                }
            }
            self.compare(index, last, state.as_ref());
            match was {
                Some(was) => drop(self.memory.gangs.insert(index, was)),
                None => drop(self.memory.gangs.remove(&index)),
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

impl Scene for Training {
    const NAME: &'static str = "gangs";
    const HALTS: bool = true;
    const MOVES: &'static [&'static str] = &[
        "see C post a gang",
        "see C stop its gang",
        "post a gang",
        "post places",
        "join",
        "leave",
        "quit",
        "dismiss",
        "show",
        "stop",
        "settle",
        "beat",
        "end a place",
        "read the beacon",
        "leave the beacon",
        "open or close the beacon",
        "close a gang",
        "deposit",
        "withdraw",
        "be idle, or alive again",
    ];

    fn new() -> Self {
        let mut world = Stage::chain();
        let people = People::arrive(&mut world, NAMES.len(), &[C, K], &PROVIDERS);
        let terms = Terms {
            price: Amount(PRICE),
            matching: matching::GANG,
            bond_amount: Tokens(BOND),
            failure_penalty: Bps(5_000),
            heartbeat_penalty: Bps(3_000),
            heartbeat_interval: Seconds(INTERVAL as u32),
            min_duration: Seconds(INTERVAL as u32),
            wait_window: Seconds(WAIT),
            reports: 1,
            ..usual_terms()
        };
        let market = Market::unborn(&people.network, &people.pool, 0, by_beacon(terms)).paid_in(&people.mint);
        let market = market.create(&world, &people.network);
        let (mut gangs, mut places) = (vec![], vec![]);
        for client in [C, K] {
            for number in 0..GANGS {
                let gang = gangs.len();
                gangs.push((Gang::of(people.key(client), number as u64), client));
                for account in 0..ACCOUNTS {
                    let jobs = people.job(&market, client, number as u64 * ACCOUNTS + account, &PROVIDERS);
                    let jobs = jobs.into_iter().map(|job| Job { matching: matching::GANG, ..job }).collect();
                    places.push(Place { gang, jobs });
                }
            }
        }
        let beacons = [H, P].map(|who| {
            let beacon = Beacon::of(people.key(who));
            let open = beacon.open_with_instruction(&world, INTERVAL as u32, CAPACITY);
            world.ok(&[open], &[&people.keys[who]]);
            beacon
        });
        world.run(DAY as u64);
        let deposit = people.deposits[&K];
        let mut pretenders: Vec<Address> = [X, P].map(|who| people.wallets[PAY][who]).into();
        pretenders.extend([X, P, Q, K].map(|who| people.key(who)));
        pretenders.extend([
            people.wallets[STAKED][X],
            people.wallets[STAKED][K],
            deposit.address,
            deposit.vault,
            beacons[1].address,
            people.own[&P].provider,
            people.own[&Q].provider,
            gangs[GANGS].0.address,
            places[places.len() / 2].jobs[1].address,
            places[places.len() / 2].jobs[1].bond,
        ]);
        let stage = Stage::new(world, &people.network, people.of(&COALITION), pretenders);
        Self { stage, people: Rc::new(people), market, gangs, places, beacons, memory: Memory::default() }
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
        let all: Vec<usize> = (0..self.gangs.len()).collect();
        let gangs = &self.gangs;
        let of = |client: usize| all.iter().copied().filter(move |&gang| gangs[gang].1 == client);
        let is_open = |gang: &usize| {
            let state = self.gang(*gang).map_or(0, |gang| gang.state);
            matches!(state, gang_state::FILLING | gang_state::RUNNING | gang_state::BROKEN)
        };
        match name {
            "see C post a gang" | "post a gang" => {
                let client = if name == "post a gang" { K } else { C };
                let free: Vec<usize> = of(client).filter(|&gang| self.gang(gang).is_none()).collect();
                let gang = *gene.first(&free)?;
                let (size, seconds) = (2 + (gene.b as usize) % 2, INTERVAL as u32 + gene.x as u32 * 5);
                let [post, places] = self.posting(gang, size, seconds)?;
                let text = format!("{} posts gang {gang} of {size} for {seconds} seconds", NAMES[client]);
                let act = Act::new(text, post);
                return Some(match client {
                    C => Act { more: vec![places], ..act }.with(&[&people.keys[C]]),
                    // Or it posts places later.
                    _ if gene.b >= 200 => act,
                    _ => Act { more: vec![places], ..act },
                });
            }
            "see C stop its gang" => {
                let open: Vec<usize> = of(C).filter(is_open).collect();
                let gang = *gene.first(&open)?;
                let stop = self.gangs[gang].0.stop_instruction(people.key(C));
                return Some(Act::new(format!("C stops gang {gang}"), stop).with(&[&people.keys[C]]));
            }
            "post places" => {
                let open: Vec<usize> = of(K).filter(is_open).collect();
                let gang = *gene.first(&open)?;
                let count = 1 + gene.b as usize % 2;
                let places = self.free(gang, count)?;
                let post = self.gangs[gang].0.places_instruction(world, &self.market, &places);
                return Some(Act::new(format!("K posts {count} places of gang {gang}"), post));
            }
            "stop" => {
                let open: Vec<usize> = all.iter().copied().filter(is_open).collect();
                let gang = *gene.first(&open)?;
                let caller = *gene.second(&[K, X])?;
                let stop = self.gangs[gang].0.stop_instruction(people.key(caller));
                return Some(Act::new(format!("{} stops gang {gang}", NAMES[caller]), stop));
            }
            "close a gang" => {
                let there: Vec<usize> = all.iter().copied().filter(|&gang| self.gang(gang).is_some()).collect();
                let gang = *gene.first(&there)?;
                return Some(Act::new(format!("X closes gang {gang}"), self.gangs[gang].0.close_instruction(world)));
            }
            "open or close the beacon" => {
                let beacon = *self.beacon_of(*gene.first(&[P, H])?)?;
                let receiver = people.key(*gene.second(&[P, X])?);
                return Some(open_or_close(&self.stage, &beacon, receiver, INTERVAL as u32, CAPACITY));
            }
            "deposit" | "withdraw" => {
                let who = *gene.first(&[K, C])?;
                let with = *gene.second(&[who, K, X])?;
                return Some(people.deposit_or_withdraw(name, gene, (who, NAMES[who]), K, with));
            }
            "be idle, or alive again" => {
                let which = gene.a as usize % 2;
                self.memory.idle[which] = !self.memory.idle[which];
                let what = if self.memory.idle[which] { "does nothing by itself" } else { "is alive again" };
                return Some(self.stage.aside(format!("{} {what}", NAMES[P + which])));
            }
            _ => {}
        }
        let seats: Vec<(usize, JobState, Option<usize>)> = all.iter().flat_map(|&gang| self.seats(gang)).collect();
        let own = |who: &Option<usize>| matches!(who, Some(P | Q));
        let fits = |(place, _, who): &(usize, JobState, Option<usize>)| match name {
            "join" => who.is_none(),
            "leave" | "quit" | "beat" => own(who),
            "dismiss" => who.is_some() && self.gangs[self.places[*place].gang].1 == K,
            "show" => who.is_some(),
            _ => true,
        };
        let fitting: Vec<_> = seats.iter().copied().filter(fits).collect();
        let is_of_gang = !matches!(name, "end a place" | "read the beacon" | "leave the beacon");
        if is_of_gang {
            let (place, state, who) = *gene.first(if gene.a < 220 { &fitting } else { &seats })?;
            let (gang, _) = self.gangs[self.places[place].gang];
            let which = *gene.second(&[P, Q])?;
            let member = who.unwrap_or(which);
            let job = self.job(place, member);
            let is_on = state.on_beacon == 1;
            let (text, act) = match name {
                "join" => {
                    let by_beacon = which == P && gene.x < 200;
                    (format!("{} joins", NAMES[which]), self.join(place, which, by_beacon))
                }
                "leave" => {
                    let leave = gang.leave_instruction(&self.market, &job);
                    (format!("{} leaves", NAMES[member]), self.with_beacon(leave, member, is_on))
                }
                "quit" => (format!("{} quits", NAMES[member]), self.take_out(place, &state, member)),
                "dismiss" => (format!("K dismisses {}", NAMES[member]), self.take_out(place, &state, K)),
                "show" => (format!("X shows that {} is silent", NAMES[member]), self.take_out(place, &state, X)),
                "beat" if is_on && gene.x < 200 => {
                    (format!("{}'s beacon beats", NAMES[member]), self.beacon_of(member)?.beat_instruction())
                }
                "beat" => (format!("{} beats", NAMES[member]), gang.heartbeat_instruction(&job)),
                _ => ("X settles".into(), self.settle(place, &state, X)),
            };
            return Some(Act::new(format!("gang {}, place {place}: {text}", self.places[place].gang), act));
        }
        let there: Vec<usize> = (0..self.places.len()).filter(|&place| self.state(place).is_some()).collect();
        let place = *gene.first(&there)?;
        let state = self.state(place)?;
        let who = people.who(&state.provider).unwrap_or(P);
        let job = self.job(place, who);
        let (text, act) = match name {
            "end a place" => {
                let end = self.people.end(&self.stage, &self.market, &job, X, self.market.staked.0)?;
                ("X ends it", end)
            }
            "read the beacon" => ("its beacon is read", self.beacon_of(who)?.read_instruction(&[job])),
            _ => ("it leaves its beacon", self.beacon_of(who)?.leave_instruction(&[job])),
        };
        Some(Act::new(format!("place {place}: {text}"), act))
    }

    fn respond(&mut self, _: &[Gene], _: &Receipt) {
        self.watch();
    }

    fn seen(&mut self) -> Vec<u64> {
        let of = |gang: usize| {
            let seats = self
                .seats(gang)
                .iter()
                .map(|(.., who)| who.map_or(0, |who| who as u64))
                .fold(0, |all, who| all * 7 + who);
            self.gang(gang).map_or(0, |state| state.state as u64 * 10_000 + seats)
        };
        (0..self.gangs.len()).map(|gang| of(gang) * 4 + gang as u64 / 2).collect()
    }

    fn wake(&mut self) -> Option<i64> {
        wake(self)
    }

    fn pass(&mut self, from: i64, to: i64) {
        for index in 0..self.gangs.len() {
            if !self.runs(index) {
                continue;
            }
            let Some(was) = self.memory.gangs.get_mut(&index) else { continue };
            let seconds = (to - from).min(was.duration - was.ran).max(0);
            was.ran += seconds;
            for (place, job, who) in self.members(index) {
                let key = self.key_of(place, &job, who);
                if let Some(record) = self.memory.records.get_mut(&key) {
                    record.presence.ran += seconds;
                }
            }
        }
    }

    fn work(&mut self) {
        work(self);
    }

    fn wind_up(&mut self) {
        wind_up(self, X);
        self.memory.stuck = self.left();
        let close = self.beacons[0].close_instruction(&self.stage.world, self.people.key(H));
        self.people.clone().send(&mut self.stage, &[close], H);
        self.memory.stuck += self.stage.find::<BeaconState>(self.beacons[0].address).is_some() as usize;
    }

    fn balances(&mut self) -> Vec<Balance> {
        let halted = !self.stage.halts.is_empty();
        let sum = |fits: &dyn Fn(&Record) -> bool, of: &dyn Fn(&Record) -> f64| -> f64 {
            self.memory.records.values().filter(|record| fits(record)).map(of).sum()
        };
        // H is there all the time.
        let due = |record: &Record| record.earned(halted || record.provider == H).0;
        let earned = sum(&|record| record.provider == H, &due);
        let owed = sum(&|record| record.client == C, &due);
        let to_h = sum(&|record| record.client == K && record.provider == H, &due);
        let by_c = sum(&|record| record.client == C && record.provider == H, &due);
        let lost = sum(&|record| record.provider != H, &|record| {
            let silent = if halted { 0.0 } else { record.lost_by_silence };
            let uncovered = record.earned(halted).1 / record.cost.max(1.0);
            BOND as f64 * (record.lost.max(silent) + uncovered).min(1.0)
        });
        let balance = |who, of, change, coalition| self.people.balance(&self.stage, who, of, change, coalition);
        let record = self.stage.find::<Provider>(self.people.own[&H].provider).map(|own| own.reputation);
        let blamed = record.map_or(0, |record| (record.failed + record.disputed + record.late) as usize);
        vec![
            balance(
                ("H, pay", "a member that is alive is paid for each second that its gang's clock ran"),
                (PAY, &[H]),
                earned,
                false,
            ),
            balance(("H, stake", "a member that is alive loses no bond"), (STAKED, &[H]), 0.0, false),
            balance(
                ("C, pay", "a client pays for seconds in which all were there, and that it saw"),
                (PAY, &[C]),
                -owed,
                false,
            ),
            balance(("C, bonds", "what a member loses is nobody's gain"), (STAKED, &[C]), 0.0, true),
            balance(
                ("the coalition, pay", "it has what it put in, and pay for work"),
                (PAY, &COALITION),
                owed - by_c - to_h,
                true,
            ),
            balance(
                ("the coalition, stake", "it has what it staked, less what is lost by who goes or is silent"),
                (STAKED, &COALITION),
                -lost,
                true,
            ),
            Stage::never("H, record", "a member that is alive is not blamed", blamed),
            Stage::never("everybody", "who acts in time is not late", self.stage.late),
            Stage::never(
                "beacons",
                "a beacon knows how many jobs are on it, and takes no more than it can",
                self.memory.crowded,
            ),
            Stage::never("everybody", "anyone brings every gang to its end", self.memory.stuck),
            self.stage.rent(),
        ]
    }
}

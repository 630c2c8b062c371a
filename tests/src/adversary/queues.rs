//! Queues of markets, and their terms. Honest are C, a client, whose jobs wait in a queue; H, a provider, which serves C alone, takes
//! its jobs out of the long queue as soon as it may, and is away at times; a keeper, who cancels what waited too long, and sweeps
//! providers that are gone. The coalition is K, a client of many jobs; P, a provider with stake, and Q, one without, which wait, take
//! jobs of anybody, hand them back and go; X, who passes by; and the network's authority, who changes terms.

use {
    super::{Act, Balance, Gene, Scene, Stage, hash, pass_to, stage::market_of},
    crate::{
        Network, Receipt, World,
        fixture::{Deposit, Job, Market, Pool, TOKEN, Verified, accepted, usual_terms, usual_verification},
    },
    joule_escrow_interface::{
        ID,
        state::{
            HAND_BACK_WINDOW, Job as JobState, MAX_HAND_BACKS, Market as MarketState, NONE, Queue, QueueEntry,
            STARTABLE_AFTER, STARTABLE_JOBS, Terms, Verification, job_state, matching, pricing, side,
        },
    },
    joule_interface::{Account as _, Address, Instruction, TOKEN_PROGRAM},
    joule_math::{Amount, Bps, Seconds, Tokens},
    joule_stake_interface::{
        instruction::{CloseProvider, CloseProviderArgs},
        state::ProviderStub,
    },
    solana_keypair::Keypair,
    solana_signer::Signer,
    solana_system_interface::instruction::transfer,
    std::collections::BTreeMap,
};

const C: usize = 0;
const H: usize = 1;
const K: usize = 2;
const P: usize = 3;
const Q: usize = 4;
const X: usize = 5;
const NAMES: [&str; 6] = ["C", "H", "K", "P", "Q", "X"];
const WALLET: u64 = 1_000 * TOKEN;
const DEPOSIT: u64 = 600 * TOKEN;
const STAKE: u64 = 300 * TOKEN;
const BOND: u64 = 7 * TOKEN;
const PRICE: u64 = TOKEN / 100;
const DAY: i64 = 86_400;
/// A long queue, in which jobs wait for a month; a short one, whose jobs are handed back; one in which providers wait; and a market
/// without a queue whose results are verified by an arbiter.
const LONG: usize = 0;
const SHORT: usize = 1;
const OPEN: usize = 2;
const VERIFIED: usize = 3;
const QUEUES: [usize; 3] = [LONG, SHORT, OPEN];
const SLOTS: [u16; QUEUES.len()] = [24, 3, 4];
/// Numbers of a client's jobs in each market.
const NONCES: [[usize; QUEUES.len()]; 2] = [[3, 3, 2], [24, 5, 2]];
/// How many K posts at once, and how many it cancels.
const AT_ONCE: [usize; QUEUES.len()] = [8, 2, 1];
const CANCELS: usize = 12;
const NO_RESULT: [u8; 32] = [0; 32];

const PROMISES: [&str; 6] = [
    "who is one of the first sixteen that wait, or waits for sixteen minutes, is served, whoever else waits",
    "where nobody waits there is room for who comes",
    "a job that is handed back waits again in its place",
    "a provider that is gone is swept out of a queue",
    "what terms threaten with can be taken, and somebody decides about results",
    "a job keeps the terms that it was posted on",
];
const SERVED: usize = 0;
const ROOM: usize = 1;
const AGAIN: usize = 2;
const SWEPT: usize = 3;
const TERMS: usize = 4;
const KEPT: usize = 5;

/// What closes a job: whoever paid its rent gets it.
pub(super) fn closed(market: &Market, world: &World, job: &Job, state: &JobState) -> Instruction {
    let mut close = market.close_job_instruction(world, job);
    close.accounts[1].pubkey = state.payer;
    close
}

struct Place {
    client: usize,
    market: usize,
    /// As H, P and Q would work on it.
    jobs: [Job; 3],
}

/// What somebody does by himself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Duty {
    Start,
    Cancel,
    Finish,
    Settle,
    Sweep,
}

#[derive(Clone, Default)]
struct Memory {
    broken: [u64; PROMISES.len()],
    /// Jobs as they were.
    last: BTreeMap<usize, JobState>,
    later: BTreeMap<usize, i64>,
    /// Which of C's jobs waits to be posted.
    wants: Vec<usize>,
    is_away: bool,
    /// When a job was taken last, in each market.
    taken_at: [i64; QUEUES.len() + 1],
    swept_at: i64,
    stuck: u64,
}

/// See the module.
pub struct Queueing {
    stage: Stage,
    network: Network,
    pool: Pool,
    keys: Vec<Keypair>,
    markets: Vec<Market>,
    places: Vec<Place>,
    staked: Vec<Address>,
    /// Of H, P and Q.
    providers: [Address; 3],
    memory: Memory,
}

impl Queueing {
    fn state(&self, place: usize) -> Option<JobState> {
        self.stage.find(self.places[place].jobs[0].address)
    }

    fn key(&self, who: usize) -> Address {
        self.keys[who].pubkey()
    }

    fn worker(&self, state: &JobState) -> Option<usize> {
        [H, P, Q].into_iter().find(|&who| self.key(who) == state.provider)
    }

    fn job(&self, place: usize) -> (Job, Market, Option<JobState>) {
        let Place { market, jobs, .. } = &self.places[place];
        let state = self.state(place);
        let worker = state.as_ref().and_then(|state| self.worker(state)).unwrap_or(P);
        let job = jobs[[H, P, Q].iter().position(|&who| who == worker).expect("a provider")];
        (job, self.markets[market_of(&self.markets, state.as_ref(), *market)], state)
    }

    /// Of a job as another would work on it.
    fn by(&self, place: usize, who: usize) -> Job {
        self.places[place].jobs[[H, P, Q].iter().position(|&other| other == who).expect("a provider")]
    }

    fn is_paused(&self) -> bool {
        self.stage.find::<joule_bme_interface::state::Network>(self.network.address).is_some_and(|it| it.paused != 0)
    }

    /// Jobs that wait in a market's queue, and have no provider.
    fn waiting(&self, market: usize) -> Vec<(usize, JobState)> {
        let waits = |state: &JobState| state.state == job_state::POSTED && state.matching == matching::QUEUE;
        let all = (0..self.places.len()).filter_map(|place| Some((place, self.state(place).filter(waits)?)));
        all.filter(|(_, state)| state.market == self.markets[market].address).collect()
    }

    fn queue(&self, market: usize) -> Option<(Queue, Vec<QueueEntry>)> {
        let account = self.stage.accounts.get(&self.markets[market].queue)?;
        let queue = *crate::books::read_queue(account)?;
        let entries = account.data[Queue::SIZE..].chunks_exact(size_of::<QueueEntry>());
        Some((queue, entries.map(bytemuck::pod_read_unaligned).collect()))
    }

    fn watch(&mut self) {
        let now = self.stage.now();
        for place in 0..self.places.len() {
            let Some(state) = self.state(place) else {
                self.memory.last.remove(&place);
                continue;
            };
            let market = market_of(&self.markets, Some(&state), self.places[place].market);
            let last = self.memory.last.insert(place, state);
            if state.state == job_state::RUNNING && last.is_none_or(|last| last.state != job_state::RUNNING) {
                self.memory.taken_at[market] = now;
            }
            let Some(last) = last else { continue };
            if last.posting_id == state.posting_id {
                self.memory.broken[KEPT] += (last.terms != state.terms) as u64;
            }
            let is_handed_back = state.hand_backs > last.hand_backs;
            let jobs_wait = self.queue(market).is_some_and(|(queue, _)| queue.used == 0 || queue.side == side::JOBS);
            let waits = state.hand_backs < MAX_HAND_BACKS && now <= state.deadline_at.0 && jobs_wait;
            if is_handed_back && waits {
                self.memory.broken[AGAIN] += (state.state != job_state::POSTED) as u64;
            }
        }
        let mut wrong = 0;
        for market in &self.markets {
            let Some(state) = self.stage.find::<MarketState>(market.address) else { continue };
            let terms = state.terms;
            let threatens = terms.heartbeat_penalty != Bps(0) || terms.shortfall_penalty != Bps(0);
            // What a metered job earned is paid as it runs.
            wrong += (threatens && terms.pricing == pricing::METERED && terms.bond_amount.is_zero()) as u64;
            let verification = self.stage.find::<Verification>(state.verification);
            let decides = verification.is_none_or(|verification| verification.verifier != NONE);
            wrong += (!decides && terms.arbiter == NONE) as u64;
        }
        self.memory.broken[TERMS] += wrong;
    }

    fn send(&mut self, instruction: Instruction, who: usize) -> bool {
        let key = self.keys[who].insecure_clone();
        let signs = instruction.accounts.iter().any(|meta| meta.is_signer && meta.pubkey == key.pubkey());
        let done = self.stage.attempt(instruction, signs.then_some(&key).as_slice());
        self.watch();
        done
    }

    /// Sends what one signs, several in a transaction if that is accepted.
    fn send_all(&mut self, all: Vec<Instruction>, who: usize) {
        let key = self.keys[who].insecure_clone();
        for some in all.chunks(CANCELS) {
            let signs =
                some.iter().flat_map(|act| &act.accounts).any(|meta| meta.is_signer && meta.pubkey == key.pubkey());
            if self.stage.transact(some, signs.then_some(&key).as_slice()).is_err() {
                for act in some {
                    self.send(act.clone(), who);
                }
            }
        }
        self.watch();
    }

    /// K takes back what waits.
    fn take_back(&mut self) {
        let waiting = QUEUES.into_iter().flat_map(|market| self.waiting(market));
        let of_k = waiting.map(|(place, _)| place).filter(|&place| self.places[place].client == K);
        let cancel = |place: usize| {
            let (_, market, _) = self.job(place);
            market.cancel_instruction(&self.by(place, P), self.key(K))
        };
        let cancels = of_k.map(cancel).collect();
        self.send_all(cancels, K);
    }

    /// The provider that is gone and is the first that waits.
    fn gone(&self, market: usize) -> Option<Address> {
        let (queue, entries) = self.queue(market)?;
        let first = entries.get(queue.head as usize).filter(|_| queue.used != 0 && queue.side == side::PROVIDERS)?;
        let who = [P, Q, H].into_iter().find(|&who| self.key(who) == first.occupant)?;
        let provider = self.providers[[H, P, Q].iter().position(|&other| other == who)?];
        (first.expires_at.0 >= self.stage.now() && self.stage.find::<ProviderStub>(provider).is_some())
            .then_some(provider)
    }

    /// What there is to do: when, with which job or in which market, what, who signs, and which promise says that it can be done.
    fn duties(&self) -> Vec<(i64, usize, Duty, usize, Option<usize>)> {
        let mut duties = vec![];
        let is_paused = self.is_paused();
        for place in 0..self.places.len() {
            let Some(state) = self.state(place) else { continue };
            let Place { client, market, .. } = self.places[place];
            let market = market_of(&self.markets, Some(&state), market);
            let (worker, of_c) = (self.worker(&state), client == C);
            let waits = state.state == job_state::POSTED && state.matching == matching::QUEUE;
            let duty = match state.state {
                job_state::POSTED | job_state::ASSIGNED if self.stage.now() > state.deadline_at.0 => {
                    (0, Duty::Cancel, X, None)
                }
                _ if waits && of_c && market == LONG && !self.memory.is_away && !is_paused => {
                    let of_market = self.waiting(market);
                    // Those of one second are numbered alike.
                    let may_be_before = |other: &JobState| other.posting_id <= state.posting_id;
                    let others = of_market.iter().filter(|(at, _)| *at != place);
                    let before = others.filter(|(_, other)| may_be_before(other)).count();
                    let posted = state.deadline_at.0 - state.terms.wait_window.0 as i64;
                    let now = before < STARTABLE_JOBS as usize;
                    let at = if now { 0 } else { posted + STARTABLE_AFTER.0 as i64 };
                    (at, Duty::Start, H, Some(SERVED))
                }
                job_state::ASSIGNED if worker == Some(H) => (0, Duty::Start, H, None),
                job_state::POSTED | job_state::ASSIGNED => (state.deadline_at.0 + 1, Duty::Cancel, X, None),
                job_state::RUNNING => (state.ends_at.0, Duty::Finish, X, None),
                job_state::OWING => (0, Duty::Settle, X, None),
                _ => continue,
            };
            let (at, what, who, promise) = duty;
            let at = self.memory.later.get(&place).map_or(at, |later| at.max(*later));
            duties.push((at, place, what, who, promise));
        }
        for market in QUEUES {
            if self.gone(market).is_some() {
                duties.push((self.memory.swept_at, market, Duty::Sweep, X, Some(SWEPT)));
            }
        }
        duties
    }

    /// What a duty is now.
    fn duty(&self, what: Duty, place: usize) -> Option<Instruction> {
        if what == Duty::Sweep {
            return Some(self.markets[place].sweep_instruction(1, &[self.gone(place)?]));
        }
        let (job, market, _) = self.job(place);
        Some(match what {
            Duty::Start => market.start_instruction(&self.stage.world, &self.by(place, H)),
            Duty::Finish => market.finish_instruction(&job, self.key(X), NO_RESULT),
            Duty::Settle => market.settle_instruction(&job),
            _ => market.cancel_instruction(&job, self.key(X)),
        })
    }

    /// C posts what it wants to.
    fn post_wanted(&mut self) {
        for place in std::mem::take(&mut self.memory.wants) {
            let Place { market, .. } = self.places[place];
            let is_closed = self
                .stage
                .find::<MarketState>(self.markets[market].address)
                .is_none_or(|state| state.closed != 0 || state.terms != self.markets[market].terms);
            // It knows the terms that it posts on.
            if is_closed {
                continue;
            }
            let (seen, now) = (self.waiting(market).len(), self.stage.now());
            // Room is kept for what was taken in the last two minutes.
            let nobody = seen == 0 && now > self.memory.taken_at[market] + 130 && !self.is_paused();
            let post = self.markets[market].post_instruction(&self.stage.world, &self.by(place, H), 300);
            let done = self.send(post, C);
            self.memory.broken[ROOM] += (nobody && !done) as u64;
        }
    }
}

impl Scene for Queueing {
    const NAME: &'static str = "queues";
    const MOVES: &'static [&'static str] = &[
        "see C post",
        "see H go, or come back",
        "post",
        "post many",
        "cancel",
        "cancel many",
        "start",
        "hand back",
        "quit",
        "finish",
        "close",
        "join",
        "leave",
        "sweep",
        "grow the queue",
        "register",
        "close its provider",
        "see terms changed",
        "send lamports ahead",
    ];

    fn new() -> Self {
        let mut world = Stage::chain();
        let keys: Vec<Keypair> = NAMES.iter().map(|_| world.user()).collect();
        let holders: Vec<Address> = keys.iter().map(Signer::pubkey).collect();
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
        for who in [C, K] {
            let deposit = Deposit::of(holders[who], mint.address, mint.token_program);
            world.ok(&[deposit.open_instruction(&world)], &[]);
            world.ok(&[deposit.deposit_instruction(holders[who], paid[who], DEPOSIT)], &[&keys[who]]);
        }
        let own = [H, P].map(|who| {
            let provider = pool.register(&world, &keys[who]);
            let own = pool.open_delegation(&world, provider, holders[who], staked[who]);
            world.ok(&[pool.stake_instruction(&own, STAKE)], &[&keys[who]]);
            own
        });
        pool.register(&world, &keys[Q]);
        let long = Terms {
            price: Amount(PRICE),
            min_duration: Seconds(60),
            max_duration: Seconds(1_200),
            wait_window: Seconds(30 * DAY as u32),
            start_window: Seconds(90),
            matching: matching::QUEUE,
            max_queue_entries: 2,
            ..usual_terms()
        };
        let short = Terms {
            wait_window: Seconds(3_600),
            bond_amount: Tokens(BOND),
            fee_share: Bps(500),
            fee_payee: paid[X],
            failure_penalty: Bps::WHOLE,
            no_start_penalty: Bps(2_500),
            ..long
        };
        let verified = Terms { bond_amount: Tokens(BOND), ..accepted(holders[X], usual_terms()) };
        let first = Market::unborn(&network, &pool, 0, long);
        pool.add_slasher(&world, &network, first.authority);
        let markets: Vec<Market> = [(1, long), (2, short), (3, long), (4, verified)]
            .map(|(id, terms)| Market::unborn(&network, &pool, id, terms).paid_in(&mint).create(&world, &network))
            .into();
        for (market, slots) in markets.iter().zip(SLOTS) {
            market.with_queue(&world, slots);
        }
        let of = Verified::create(&world, &network, ID, (network.mint, network.token_program), usual_verification());
        world.ok(&[of.set_instruction(&network, &markets[VERIFIED])], &[&network.authority]);
        let mut places = vec![];
        let mut nonce = 0;
        for (client, counts) in [C, K].into_iter().zip(NONCES) {
            for (market, count) in counts.into_iter().enumerate() {
                for _ in 0..count {
                    let jobs = [H, P, Q].map(|who| {
                        let job = markets[market].job(holders[client], nonce, holders[who], paid[who]);
                        Job { matching: matching::QUEUE, ..job }
                    });
                    places.push(Place { client, market, jobs });
                    nonce += 1;
                }
            }
        }
        world.run(DAY as u64);
        // All queues are in use: in the long one C's job is behind many of K's, in the short one it is between two.
        let of = |client: usize, market: usize| {
            let own = places.iter().filter(move |place: &&Place| place.client == client && place.market == market);
            own.map(|place| place.jobs[1]).collect::<Vec<Job>>()
        };
        for (client, market, range) in
            [(K, LONG, 0..9), (K, LONG, 9..18), (C, LONG, 0..1), (K, SHORT, 0..1), (C, SHORT, 0..1), (K, SHORT, 1..2)]
        {
            let post = markets[market].post_many_instruction(&world, &of(client, market)[range], 300, PRICE);
            world.ok(&[post], &[&keys[client]]);
        }
        for who in [Q, H, P] {
            world.ok(&[markets[OPEN].join_instruction(holders[who], 0)], &[&keys[who]]);
        }
        let coalition: Vec<Keypair> = [K, P, Q, X].map(|who| keys[who].insecure_clone()).into();
        let pretenders = vec![
            paid[X],
            holders[X],
            holders[P],
            pool.provider(holders[Q]),
            own[1].provider,
            markets[LONG].queue,
            markets[SHORT].queue,
            places[places.len() - 1].jobs[1].address,
            ID,
        ];
        let providers = [H, P, Q].map(|who| pool.provider(holders[who]));
        let stage = Stage::new(world, &network, coalition, pretenders);
        Self { stage, network, pool, keys, markets, places, staked, providers, memory: Memory::default() }
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
        let all: Vec<usize> = (0..self.places.len()).collect();
        let free = |client: usize, market: usize| -> Vec<usize> {
            let fits = |place: &usize| {
                let Place { client: of, market: at, .. } = self.places[*place];
                of == client && at == market && self.state(*place).is_none_or(|state| state.is_over())
            };
            all.iter().copied().filter(fits).collect()
        };
        let at = QUEUES[gene.a as usize % QUEUES.len()];
        let market = self.markets[at];
        let p_or_q = [P, Q][gene.b as usize % 2];
        match name {
            "see C post" => {
                let place = *gene.second(
                    &free(C, at).into_iter().filter(|it| !self.memory.wants.contains(it)).collect::<Vec<_>>(),
                )?;
                self.memory.wants.push(place);
                return Some(self.stage.aside(format!("C posts job {place}")));
            }
            "see H go, or come back" => {
                self.memory.is_away = !self.memory.is_away;
                let text = if self.memory.is_away { "H goes away" } else { "H comes back" };
                return Some(self.stage.aside(text));
            }
            "post" | "post many" => {
                let free = free(K, at);
                let count = if name == "post" { 1 } else { AT_ONCE[at] };
                // One after the other by their numbers.
                let first = *if gene.b < 128 { free.first() } else { gene.second(&free) }?;
                let some: Vec<Job> = (first..first + count)
                    .take_while(|place| free.contains(place))
                    .map(|place| self.by(place, P))
                    .collect();
                let post = market.post_many_instruction(&self.stage.world, &some, 60 + gene.x as u32, PRICE);
                return Some(Act::new(format!("K posts {} jobs in queue {at}, from {first}", some.len()), post));
            }
            "cancel many" => {
                let of_k: Vec<usize> = self
                    .waiting(at)
                    .into_iter()
                    .map(|(place, _)| place)
                    .filter(|&it| self.places[it].client == K)
                    .collect();
                let keep = gene.b as usize % 3;
                let mut cancels: Vec<Instruction> = of_k
                    .iter()
                    .skip(keep)
                    .take(CANCELS)
                    .map(|&place| market.cancel_instruction(&self.by(place, P), self.key(K)))
                    .collect();
                let first = (!cancels.is_empty()).then(|| cancels.remove(0))?;
                let text = format!("K cancels all of its jobs in queue {at} but {keep}");
                return Some(Act { more: cancels, ..Act::new(text, first) });
            }
            "join" | "leave" => {
                let number = gene.x % 2;
                let who = self.key(p_or_q);
                let act = if name == "join" {
                    market.join_instruction(who, number)
                } else {
                    market.leave_instruction(who, number)
                };
                return Some(Act::new(format!("{}: {name}, in queue {at}", NAMES[p_or_q]), act));
            }
            "sweep" => {
                let shown = [vec![], vec![self.pool.provider(self.key(p_or_q))]];
                let sweep = market.sweep_instruction(1 + gene.x as u16 % 20, gene.second(&shown)?);
                return Some(Act::new(format!("X sweeps queue {at}"), sweep));
            }
            "grow the queue" => {
                (gene.x < 40).then_some(())?;
                let grow = market.grow_queue_instruction(&self.stage.world, 1 + gene.x as u16 % 4);
                return Some(Act::new(format!("X lets queue {at} grow"), grow));
            }
            "register" => {
                let register = self.pool.register_instruction(&self.stage.world, self.key(Q));
                return Some(Act::new("Q registers", register));
            }
            "close its provider" => {
                let close = CloseProvider {
                    authority: self.key(p_or_q),
                    pool: self.pool.address,
                    provider: self.pool.provider(self.key(p_or_q)),
                    rewards: self.pool.rewards,
                    rent_receiver: self.stage.world.payer().pubkey(),
                };
                let text = format!("{} closes its provider", NAMES[p_or_q]);
                return Some(Act::new(text, close.instruction(&CloseProviderArgs {})));
            }
            "send lamports ahead" => {
                // Where a job or a wait will be.
                let mut there: Vec<Address> = free(C, at).into_iter().map(|place| self.by(place, H).address).collect();
                there.push(market.waiting_provider(self.key(P), gene.x % 2));
                let (to, most) = (*gene.second(&there)?, self.stage.world.rent(JobState::SIZE));
                let lamports = gene.amount(most, most);
                let text = format!("{lamports} lamports go to {to}, where nothing is yet");
                return Some(Act::new(text, transfer(&self.key(X), &to, lamports.min(1 << 30))));
            }
            "see terms changed" => {
                let place = gene.a as usize % self.markets.len();
                let (market, state) =
                    (self.markets[place], self.stage.find::<MarketState>(self.markets[place].address)?);
                let mut terms = if gene.x < 40 { market.terms } else { state.terms };
                let part = Bps((gene.x as u16 % 5) * 2_500);
                match gene.b % 12 {
                    0 => terms.arbiter = [NONE, self.key(X)][gene.x as usize % 2],
                    1 => terms.bond_amount = Tokens(BOND * (gene.x as u64 % 3)),
                    2 => terms.heartbeat_penalty = part,
                    3 => terms.shortfall_penalty = part,
                    4 => terms.heartbeat_interval = Seconds(60 * (gene.x as u32 % 2)),
                    5 => terms.price = Amount(PRICE * (1 + gene.x as u64 % 3)),
                    6 => terms.failure_penalty = part,
                    7 => terms.wait_window = Seconds(600 * (1 + gene.x as u32)),
                    8 => terms.acceptance_window = Seconds(gene.x as u32 * 60),
                    9 => terms.pricing = gene.x % 3,
                    10 => terms.min_self_stake = Tokens(STAKE * (gene.x as u64 % 2)),
                    _ => (terms.heartbeat_interval, terms.heartbeat_penalty) = (Seconds(60), part),
                }
                let set = market.set_instruction(&self.network, terms, (gene.b >= 240) as u8);
                let text = format!("the authority changes terms of market {place}");
                return Some(Act::new(text, set).with(&[&self.network.authority]));
            }
            _ => {}
        }
        let fits = |place: &usize| {
            let Some(state) = self.state(*place) else { return false };
            let theirs = [Some(P), Some(Q)].contains(&self.worker(&state));
            match name {
                "start" => state.state == job_state::POSTED || state.state == job_state::ASSIGNED && theirs,
                "cancel" => state.state == job_state::POSTED && self.places[*place].client == K,
                "hand back" => {
                    let until = state.started_at.0 + HAND_BACK_WINDOW.0 as i64;
                    state.state == job_state::RUNNING && theirs && self.stage.now() <= until
                }
                "quit" => state.state == job_state::RUNNING && theirs,
                "finish" => state.state == job_state::RUNNING,
                _ => state.is_over(),
            }
        };
        let there: Vec<usize> = all.iter().copied().filter(|&place| self.state(place).is_some()).collect();
        let mut fitting: Vec<usize> = there.iter().copied().filter(fits).collect();
        // Rather C's.
        if gene.b >= 128 {
            fitting.retain(|&place| self.places[place].client == C);
        }
        let place = *gene.first(if gene.a < 200 { &fitting } else { &there })?;
        let (job, market, state) = self.job(place);
        let (text, act) = match name {
            "start" => {
                // Without stake there is no bond.
                let bonded = market.terms.bond_amount != Tokens(0);
                let who = match state?.state {
                    job_state::ASSIGNED => self.worker(&state?).unwrap_or(P),
                    _ if bonded => P,
                    _ => p_or_q,
                };
                let start = market.start_instruction(&self.stage.world, &self.by(place, who));
                (format!("{} starts", NAMES[who]), start)
            }
            "cancel" => ("K cancels".to_string(), market.cancel_instruction(&job, job.client)),
            "hand back" => ("it is handed back".into(), market.hand_back_instruction(&job)),
            "quit" => ("its provider quits".into(), market.finish_instruction(&job, job.provider, NO_RESULT)),
            "finish" => ("X ends it".into(), market.finish_instruction(&job, self.key(X), NO_RESULT)),
            _ => ("X closes".into(), market.close_job_instruction(&self.stage.world, &job)),
        };
        Some(Act::new(format!("job {place}: {text}"), act))
    }

    fn respond(&mut self, _: &[Gene], _: &Receipt) {
        self.watch();
        self.post_wanted();
        self.work();
    }

    /// How full each queue is, how long the gap is that is first, and whether somebody honest waits behind it.
    fn seen(&mut self) -> Vec<u64> {
        let shape = |market: usize| {
            let (queue, entries) = self.queue(market)?;
            let slots = (queue.head..).take(queue.used as usize).map(|slot| slot % queue.capacity.max(1));
            let gap =
                slots.take_while(|slot| entries.get(*slot as usize).is_some_and(|it| it.occupant == NONE)).count();
            let of_c = self.waiting(market).iter().filter(|(place, _)| self.places[*place].client == C).count();
            let quarters = |slots: u32| (slots * 4).div_ceil(queue.capacity.max(1)) as usize;
            let [used, waiting] = [quarters(queue.used), quarters(queue.waiting)];
            let is_away = self.memory.is_away as usize;
            Some(hash(&[market, queue.side as usize, used, waiting, gap.div_ceil(8), of_c, is_away]))
        };
        QUEUES.into_iter().filter_map(shape).collect()
    }

    fn wake(&mut self) -> Option<i64> {
        self.duties().iter().map(|(at, ..)| *at).min()
    }

    fn pass(&mut self, _: i64, _: i64) {}

    fn work(&mut self) {
        let now = self.stage.now();
        for (at, place, what, who, promise) in self.duties() {
            let Some(instruction) = (at <= now).then(|| self.duty(what, place)).flatten() else { continue };
            let used =
                |scene: &Self| -> u32 { QUEUES.iter().filter_map(|&market| Some(scene.queue(market)?.0.used)).sum() };
            let before = used(self);
            let done = self.send(instruction, who);
            if promise == Some(SWEPT) {
                let is_swept = done && used(self) < before;
                self.memory.broken[SWEPT] += !is_swept as u64;
                self.memory.swept_at = if is_swept { 0 } else { now + DAY };
            } else if !done {
                self.memory.later.insert(place, now + 600);
                self.memory.broken[promise.unwrap_or(0)] += promise.is_some() as u64;
            }
        }
    }

    fn wind_up(&mut self) {
        self.memory.is_away = false;
        for round in 0..8 {
            if round == 1 {
                self.take_back();
            }
            let now = self.stage.now();
            pass_to(self, now + if round == 1 { 31 * DAY } else { 2_000 });
            let mut cranks = vec![];
            for place in 0..self.places.len() {
                let (job, market, state) = self.job(place);
                let Some(state) = state else { continue };
                let crank = match state.state {
                    _ if state.bond_unsettled == 1 && state.has_ended() => {
                        let mut settle = market.settle_bond_instruction(&job, self.staked[self.places[place].client]);
                        if state.bond == NONE {
                            for meta in &mut settle.accounts[5..] {
                                (meta.pubkey, meta.is_writable) = (ID, false);
                            }
                        }
                        settle
                    }
                    _ if state.is_over() => closed(&market, &self.stage.world, &job, &state),
                    _ => continue,
                };
                cranks.push(crank);
            }
            self.send_all(cranks, X);
            if self.stage.all::<JobState>().is_empty() {
                break;
            }
        }
        self.memory.stuck = self.stage.all::<JobState>().len() as u64;
    }

    fn balances(&mut self) -> Vec<Balance> {
        let count = |who, promise, count: u64| Balance {
            who,
            promise,
            amounts: [0, count],
            promised: 0,
            coalition: true,
            slack: 0,
        };
        let mut all: Vec<Balance> =
            PROMISES.iter().zip(self.memory.broken).map(|(promise, broken)| count("queues", promise, broken)).collect();
        all.push(count("jobs", "each job ends by what anyone may do", self.memory.stuck));
        all.push(self.stage.rent());
        all
    }
}

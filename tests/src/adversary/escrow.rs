//! Markets of a network. Honest are C, a client, who accepts what is right and rejects what is not; H, a provider, which starts what it
//! is given, beats in time and delivers; A, an arbiter, who decides by what is right, or sleeps. The coalition is K, a client, P, a
//! provider, which does its work like an honest one while it is not idle, and X, who passes by.

use {
    super::{Act, Balance, Gene, Scene, Stage, pass_to},
    crate::{
        Network, Receipt,
        fixture::{Backer, Deposit, Job, Market, Pool, TOKEN, usual_terms},
    },
    joule_escrow_interface::{
        ID,
        state::{Job as JobState, NONE, Terms, job_state, matching, pricing},
    },
    joule_interface::{Address, Instruction, TOKEN_PROGRAM},
    joule_math::{Amount, Bps, Seconds, Tokens},
    joule_stake_interface::state::{Bond, Delegation, UnbondingTicket},
    solana_keypair::Keypair,
    solana_signer::Signer,
    std::collections::BTreeMap,
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
/// Metered, with heartbeats; at a fixed price, by results.
const METERED: usize = 0;
const FIXED: usize = 1;
const MARKETS: usize = 2;
const NONCES: usize = 3;
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
    /// What H earned by its time or its result; what C owes P at most.
    due: f64,
    /// Time that was agreed at the start.
    agreed: f64,
    /// Of C's: what of P's bond is C's.
    bond: f64,
}

#[derive(Clone, Default)]
struct Memory {
    records: BTreeMap<(usize, u64), Record>,
    later: BTreeMap<Address, i64>,
    sleeps: bool,
    /// P leaves undone what an honest provider would do.
    is_idle: bool,
}

/// See the module.
pub struct Hiring {
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

impl Hiring {
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
        (job, self.markets[*market], state)
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
        settle
    }

    /// What happened to jobs that H does, or that P does for C.
    fn watch(&mut self) {
        for place in 0..self.places.len() {
            let Some(state) = self.state(place) else { continue };
            let Some(provider) = self.worker(&state) else { continue };
            let client = self.places[place].client;
            let fixed = self.places[place].market == FIXED;
            let key = (place, state.posting_id);
            if state.started_at.0 == 0 {
                continue;
            }
            let record = self.memory.records.entry(key).or_insert_with(|| Record {
                client,
                provider,
                agreed: (state.ends_at.0 - state.started_at.0) as f64,
                ..Record::default()
            });
            let over = [job_state::DELIVERED, job_state::REJECTED, job_state::OWING, job_state::FINISHED];
            if !fixed || !over.contains(&state.state) {
                continue;
            }
            let price = state.price.0 as f64;
            if provider == H && state.result == RIGHT {
                record.due = price;
            }
            if provider == P && client == C {
                // What is right is accepted; what is wrong is paid only if nobody judges it.
                record.due = if state.result == RIGHT || self.memory.sleeps { price } else { 0.0 };
                let is_over = [job_state::OWING, job_state::FINISHED].contains(&state.state);
                record.bond = if is_over && state.result != RIGHT && !self.memory.sleeps { BOND as f64 } else { 0.0 };
            }
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
        let mut duties = vec![];
        let key = |who: usize| self.keys[who].insecure_clone();
        for place in 0..self.places.len() {
            let (job, market, state) = self.job(place);
            let Some(state) = state else { continue };
            let (worker, client) = (self.worker(&state), self.places[place].client);
            let is_h = worker == Some(H);
            let ours = is_h || client == C;
            let terms = &market.terms;
            if worker == Some(P) && !self.memory.is_idle {
                let next = state.last_heartbeat_at.0 + terms.heartbeat_interval.0 as i64;
                let duty = match state.state {
                    job_state::POSTED | job_state::ASSIGNED => {
                        Some((0, market.start_instruction(&self.stage.world, &job)))
                    }
                    job_state::RUNNING if terms.pricing == pricing::FIXED => {
                        let at = state.started_at.0 + terms.min_duration.0 as i64;
                        Some((at, market.deliver_instruction(&job, RIGHT)))
                    }
                    job_state::RUNNING if next < state.ends_at.0 => Some((next, market.heartbeat_instruction(&job))),
                    _ => None,
                };
                // Apart from what others have to do with the job.
                duties.extend(duty.map(|(at, act)| (at, job.bond, act, key(P))));
            }
            let deadline = state.deadline_at.0;
            let by = |who: usize| self.keys[who].pubkey();
            let who = if is_h { H } else { C };
            let duty = match state.state {
                job_state::POSTED | job_state::ASSIGNED if is_h => {
                    (0, market.start_instruction(&self.stage.world, &job), H)
                }
                job_state::POSTED | job_state::ASSIGNED if client == C => {
                    (deadline + 1, market.cancel_instruction(&job, by(C)), C)
                }
                job_state::BIDDING if client == C => (deadline + 1, market.award_instruction(&job), C),
                job_state::RUNNING if is_h && terms.pricing == pricing::METERED => {
                    let next = state.last_heartbeat_at.0 + terms.heartbeat_interval.0 as i64;
                    if next < state.ends_at.0 {
                        (next, market.heartbeat_instruction(&job), H)
                    } else {
                        (state.ends_at.0, market.finish_instruction(&job, by(H), NO_RESULT), H)
                    }
                }
                job_state::RUNNING if is_h => {
                    let at = state.started_at.0 + terms.min_duration.0 as i64;
                    (at, market.deliver_instruction(&job, RIGHT), H)
                }
                job_state::RUNNING if client == C => {
                    let late = if terms.pricing == pricing::FIXED { terms.late_window.0 as i64 + 1 } else { 0 };
                    (state.ends_at.0 + late, market.finish_instruction(&job, by(C), NO_RESULT), C)
                }
                job_state::DELIVERED if client == C && state.result == RIGHT => {
                    (0, market.accept_instruction(&job, by(C)), C)
                }
                job_state::DELIVERED if client == C => (0, market.reject_instruction(&job), C),
                job_state::DELIVERED if is_h => (deadline + 1, market.accept_instruction(&job, by(H)), H),
                job_state::REJECTED if ours && self.memory.sleeps => {
                    (deadline + 1, market.resolve_instruction(&job, by(who), 0, 0), who)
                }
                job_state::REJECTED => {
                    let pay = if state.result == RIGHT { 10_000 } else { 0 };
                    let resolve = market.resolve_instruction(&job, self.arbiter.pubkey(), pay, 10_000 - pay);
                    duties.push((0, job.address, resolve, self.arbiter.insecure_clone()));
                    continue;
                }
                job_state::OWING if ours => (0, market.settle_instruction(&job), who),
                _ if ours && state.bond_unsettled == 1 && state.is_over() => (0, self.settle_bond(place), who),
                _ => continue,
            };
            let (at, instruction, who) = duty;
            duties.push((at, job.address, instruction, key(who)));
        }
        for (at, address, ..) in &mut duties {
            *at = self.memory.later.get(address).map_or(*at, |later| (*at).max(*later));
        }
        duties
    }
}

impl Scene for Hiring {
    const NAME: &'static str = "escrow";
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
            min_duration: Seconds(20),
            max_duration: Seconds(1_200),
            wait_window: Seconds(300),
            start_window: Seconds(90),
            bid_step: Bps(300),
            bid_extension: Seconds(30),
            max_queue_entries: 2,
            bond_amount: Tokens(BOND),
            failure_penalty: Bps::WHOLE,
            no_start_penalty: Bps(2_500),
            reports: 1,
            ..usual_terms()
        };
        let metered = Terms {
            price: Amount(TOKEN / 100),
            heartbeat_interval: Seconds(60),
            min_duration: Seconds(60),
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
        let first = Market::unborn(&network, &pool, 0, metered);
        pool.add_slasher(&world, &network, first.authority);
        let markets: Vec<Market> = [(1, metered), (2, fixed)]
            .map(|(id, terms)| {
                let market = Market::unborn(&network, &pool, id, terms).paid_in(&mint);
                market.create(&world, &network).with_queue(&world, 5)
            })
            .into();
        let mut places = vec![];
        for client in [C, K] {
            for (market, of) in markets.iter().enumerate() {
                for number in 0..NONCES {
                    let nonce = (market * NONCES + number) as u64;
                    let jobs = [H, P].map(|who| of.job(holders[client], nonce, holders[who], paid[who]));
                    places.push(Place { client, market, jobs });
                }
            }
        }
        world.run(86_400);
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
            places[MARKETS * NONCES].jobs[1].address,
            places[MARKETS * NONCES].jobs[1].bond,
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
            let seconds = 20 + gene.x as u32 * 3;
            let how = match matching {
                matching::DIRECT => format!("for {}", NAMES[to]),
                matching::QUEUE => "in the queue".into(),
                _ => "in an auction".into(),
            };
            let kind = if self.places[place].market == METERED { "metered" } else { "at a fixed price" };
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
                let (market, number) = (*gene.first(&[0, 1])?, gene.b % 2);
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
                "cancel" | "cancel by time" => {
                    [job_state::POSTED, job_state::BIDDING, job_state::ASSIGNED].contains(&state.state)
                }
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

    fn wake(&mut self) -> Option<i64> {
        self.duties().iter().map(|(at, ..)| *at).min()
    }

    fn pass(&mut self, from: i64, to: i64) {
        for place in 0..self.places.len() {
            let Some(state) = self.state(place).filter(|state| state.state == job_state::RUNNING) else { continue };
            let Some(record) = self.memory.records.get_mut(&(place, state.posting_id)) else { continue };
            let price = state.price.0 as f64;
            let over = |end: i64| (to.min(end) - from.max(state.started_at.0)).max(0) as f64;
            if state.terms.pricing == pricing::METERED {
                let seen = state.last_heartbeat_at.0 + state.terms.heartbeat_interval.0 as i64;
                let end = if record.provider == H { state.ends_at.0 } else { state.ends_at.0.min(seen) };
                record.due += price * over(end);
            } else if record.provider == H {
                let ran = (to - state.started_at.0) as f64;
                record.due = price * (ran / record.agreed.max(1.0)).min(1.0);
            }
        }
    }

    fn work(&mut self) {
        let now = self.stage.now();
        for (at, address, instruction, key) in self.duties() {
            if at <= now && !self.send(instruction, &key) {
                // P gives up sooner.
                let pause = if key.pubkey() == self.keys[P].pubkey() { 3_600 } else { 40 };
                self.memory.later.insert(address, now + pause);
            }
        }
    }

    fn wind_up(&mut self) {
        let anyone = self.keys[X].insecure_clone();
        for round in 0..14 {
            let now = self.stage.now();
            pass_to(self, now + if round < 3 { 400 } else { 2_000 });
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
                    _ => market.close_job_instruction(&self.stage.world, &job),
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
        let earned = sum(&|record| if record.provider == H { record.due } else { 0.0 });
        let owed = sum(&|record| if is(record, C, P) { record.due } else { 0.0 });
        let bonds = sum(&|record| if is(record, C, P) { record.bond } else { 0.0 });
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
                -owed,
                false,
            ),
            balance("C, bonds", "a client has the bond of a provider that failed", amounts(1, &[C]), bonds, false),
            balance(
                "the coalition, pay",
                "it has what it put in, and pay for work",
                amounts(0, &all),
                owed - earned,
                true,
            ),
            balance(
                "the coalition, stake",
                "it has what it staked, less the bonds it lost",
                amounts(1, &all),
                -bonds,
                true,
            ),
            self.stage.rent(),
        ]
    }
}

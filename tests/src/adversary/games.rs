//! Results that are disputed by games. Honest are C, a client, who challenges each wrong result of its jobs with the run that it made itself;
//! H, a provider, which delivers true traces, and makes its moves: of every other job late in its time; A, an arbiter, who decides
//! steps and rejections by what is right, or sleeps. The coalition is K, a client; P, a provider, which delivers any trace and makes its moves
//! while it is not idle; X, who passes by; and whoever of them challenges goes for any step. Some jobs of K's lie at keys of its own.

use {
    super::{Act, Balance, Gene, Scene, Stage, pass_to, stage::market_of},
    crate::{
        Network, Receipt, World,
        fixture::{
            Backer, Challenge, Deposit, Job, Market, Pool, Run, TOKEN, VERIFIER, Verified, accepted, defined,
            usual_terms, usual_verification,
        },
    },
    joule_escrow_interface::{
        ID,
        instruction::CreateVerificationArgs,
        pda,
        state::{Deposit as DepositState, Game, Job as JobState, NONE, Terms, Trace, game_phase, job_state},
        verifier::statement,
    },
    joule_interface::{Account, Address, Instruction, SYSTEM_PROGRAM, TOKEN_PROGRAM},
    joule_math::{Amount, Bps, Seconds, Tokens},
    joule_stake_interface::{
        ID as STAKE_ID,
        state::{Bond, Delegation, UnbondingTicket},
    },
    solana_keypair::Keypair,
    solana_signer::Signer,
    solana_system_interface::instruction::create_account,
    std::{
        cell::RefCell,
        collections::{BTreeMap, BTreeSet},
    },
    verifier::Machine,
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
const PRICE: u64 = 3 * TOKEN;
const BOND: u64 = TOKEN;
const DISPUTE_BOND: u64 = 10 * TOKEN;
/// What everybody has for disputes.
const DISPUTES: u64 = 400 * TOKEN;
const STEPS: u64 = 37;
/// The shortest time of a job, and the time for a move, or for the arbiter.
const SHORTEST: i64 = 20;
const MOVE: i64 = 400;
const DECISION: i64 = 600;
/// For how long a lost game stays.
const MONTH: i64 = 30 * 86_400;
const DUST: i128 = 5_000;
/// A verifier decides steps; an arbiter does.
const ARBITRATED: usize = 1;

/// A number of a client's in a market.
struct Place {
    client: usize,
    market: usize,
    /// As H and P would work on it.
    jobs: [Job; 2],
    /// The key of its address, if it lies at one of K's.
    spot: Option<usize>,
}

/// A posting.
type Posting = (usize, u64);

/// A trace that somebody delivered.
#[derive(Clone)]
struct Delivered {
    place: usize,
    job: Job,
    by: usize,
    client: usize,
    market: usize,
    /// When its job was over; the provider closes it a day later.
    left_at: i64,
}

/// What came of a game.
#[derive(Clone, Copy)]
struct Played {
    provider: usize,
    challenger: usize,
    market: usize,
    trace: Address,
    phase: u8,
    is_silent: bool,
}

/// What honest people do: when, for what, and who signs it.
type Duty = (i64, Address, Instruction, usize);

#[derive(Clone, Default)]
struct Memory {
    /// What H earned, and what C owes P, by posting.
    earned: BTreeMap<Posting, u64>,
    owed: BTreeMap<Posting, u64>,
    traces: BTreeMap<Address, Delivered>,
    games: BTreeMap<Address, Played>,
    /// Lost games, and until when they stay; how many were gone before.
    evidence: BTreeMap<Address, i64>,
    vanished: usize,
    /// Runs that P delivered, by their root.
    runs: BTreeMap<[u8; 32], u8>,
    /// The step for which a challenger of the coalition goes.
    aims: BTreeMap<Address, u32>,
    /// What was refused is tried again: when, and how often it was.
    later: BTreeMap<Address, (i64, u32)>,
    /// What P delivers by itself, if not the truth.
    plan: Option<usize>,
    sleeps: bool,
    is_idle: bool,
}

/// See the module.
pub struct Disputing {
    stage: Stage,
    pool: Pool,
    keys: Vec<Keypair>,
    arbiter: Keypair,
    spots: Vec<Keypair>,
    markets: Vec<Market>,
    verified: Vec<Verified>,
    truth: Run,
    /// What P may deliver besides.
    lies: Vec<Run>,
    places: Vec<Place>,
    /// What pays, what is staked, and what disputes are in.
    wallets: [Vec<Address>; 3],
    deposits: [Deposit; 2],
    /// What everybody has for disputes.
    disputes: Vec<Deposit>,
    own: [Backer; 2],
    derived: RefCell<BTreeMap<(Address, u64), Address>>,
    memory: Memory,
}

impl Disputing {
    fn key(&self, who: usize) -> Address {
        self.keys[who].pubkey()
    }

    fn who(&self, key: Address) -> Option<usize> {
        (0..NAMES.len()).find(|&who| self.key(who) == key)
    }

    fn state(&self, place: usize) -> Option<JobState> {
        self.stage.find(self.places[place].jobs[0].address)
    }

    fn job(&self, place: usize) -> (Job, usize, Option<JobState>) {
        let Place { market, jobs, .. } = &self.places[place];
        let state = self.state(place);
        let is_h = state.as_ref().is_some_and(|state| state.provider == self.key(H));
        (jobs[!is_h as usize], market_of(&self.markets, state.as_ref(), *market), state)
    }

    fn trace_of(&self, state: &JobState, job: &Job) -> Address {
        let number = state.posting_id;
        self.derived(&job.address, number, || pda::trace::find(&job.address, &number.to_le_bytes()).0)
    }

    /// An address that is derived from another and a number: that takes longer than to look it up.
    fn derived(&self, from: &Address, number: u64, derive: impl FnOnce() -> Address) -> Address {
        *self.derived.borrow_mut().entry((*from, number)).or_insert_with(derive)
    }

    /// What delivers a run. The fixture would read the posting.
    fn deliver(&self, place: usize, run: &Run, result: [u8; 32]) -> Instruction {
        let (job, market, _) = self.job(place);
        self.verified[market].deliver_instruction(&self.stage.world, &job, run, result)
    }

    /// A provider's run, by the root that it delivered.
    fn run(&self, root: &[u8; 32]) -> Option<&Run> {
        if *root == self.truth.root() {
            return Some(&self.truth);
        }
        self.memory.runs.get(root).map(|&number| &self.lies[number as usize])
    }

    fn is_true(&self, trace: &Trace) -> bool {
        trace.root == self.truth.root() && trace.steps == self.truth.steps() && trace.result == self.truth.result()
    }

    /// The game of a trace, by its number.
    fn challenge(&self, trace: &Delivered, address: Address, challenger: usize, number: u32) -> Challenge {
        let verified = self.verified[trace.market];
        Challenge {
            address: self.derived(&address, number as u64, || pda::game::find(&address, &number.to_le_bytes()).0),
            trace: address,
            job: trace.job.address,
            provider: trace.job.provider,
            challenger: self.key(challenger),
            deposits: [trace.by, challenger].map(|who| self.disputes[who]),
            verified,
        }
    }

    /// All games, with everybody's accounts in them.
    fn games(&self) -> Vec<(Challenge, Game, Delivered, usize)> {
        let one = |(_, game): (Address, Game)| {
            let trace = self.memory.traces.get(&game.trace)?;
            let by = self.who(game.challenger)?;
            Some((self.challenge(trace, game.trace, by, game.number), game, trace.clone(), by))
        };
        self.stage.all::<Game>().into_iter().filter_map(one).collect()
    }

    /// What the challenger's next choice is.
    fn choice(&self, game: &Game, by: usize, address: &Address) -> u8 {
        if by == C {
            return self.truth.differs(game);
        }
        let aim = self.memory.aims.get(address).copied().unwrap_or_default().min(game.steps);
        let level = game.subtree_level - game.levels();
        ((aim >> level).saturating_sub(game.subtree_index << game.levels()) & 7) as u8
    }

    /// The step that a game is about is the machine's, or its end.
    fn is_right(&self, game: &Game) -> bool {
        let is_step = game.statement_kind == statement::STEP;
        let place = if is_step { game.subtree_index.wrapping_sub(1) } else { game.subtree_index };
        let machine = self.truth.machines.get(place as usize).filter(|machine| machine.hash() == game.before);
        machine.is_some_and(|machine| {
            if is_step { machine.step().is_some_and(|next| next.hash() == game.after) } else { machine.is_final() }
        })
    }

    /// What happened to jobs, traces and games.
    fn watch(&mut self) {
        let now = self.stage.now();
        for place in 0..self.places.len() {
            let (job, market, state) = self.job(place);
            let Some(state) = state else { continue };
            let client = self.places[place].client;
            let Some(by) = self.who(state.provider).filter(|who| [H, P].contains(who)) else { continue };
            let address = self.trace_of(&state, &job);
            let Some(trace) = self.stage.find::<Trace>(address) else { continue };
            let posting = (place, state.posting_id);
            if self.memory.traces.contains_key(&address) {
                continue;
            }
            let lie = self.lies.iter().position(|lie| by == P && lie.root() == trace.root);
            self.memory.runs.extend(lie.map(|lie| (trace.root, lie as u8)));
            let ran = now - state.started_at.0;
            let delivered = Delivered { place, job, by, client, market, left_at: 0 };
            self.memory.traces.insert(address, delivered);
            let price = state.price.0;
            if by == H {
                self.memory.earned.insert(posting, price);
            } else if client == C {
                let is_due = self.is_true(&trace) && ran >= SHORTEST;
                self.memory.owed.insert(posting, if is_due { price } else { 0 });
            }
        }
        for (challenge, game, trace, challenger) in self.games() {
            let is_silent = game.ended_by_silence == 1;
            let (provider, market, trace) = (trace.by, trace.market, challenge.trace);
            let played = Played { provider, challenger, market, trace, phase: game.phase, is_silent };
            self.memory.games.insert(challenge.address, played);
            if game.phase == game_phase::CHALLENGER_WON && game.settled_at.0 != 0 && game.is_evidence == 1 {
                self.memory.evidence.insert(challenge.address, game.settled_at.0 + MONTH);
                if game.used_as_evidence == 1 {
                    self.memory.evidence.insert(challenge.address, 0);
                }
            }
        }
        let gone = |game: &Address| self.stage.find::<Game>(*game).is_none();
        let gone: Vec<(Address, i64)> =
            self.memory.evidence.iter().filter(|(game, _)| gone(game)).map(|(game, until)| (*game, *until)).collect();
        for (game, until) in gone {
            self.memory.evidence.remove(&game);
            self.memory.vanished += (now <= until) as usize;
        }
        for trace in self.memory.traces.values_mut().filter(|trace| trace.left_at == 0) {
            let state = self.stage.find::<JobState>(trace.job.address);
            let waits = [job_state::DELIVERED, job_state::CHALLENGED, job_state::REJECTED];
            if state.is_none_or(|state| !waits.contains(&state.state)) {
                trace.left_at = now;
            }
        }
    }

    fn send(&mut self, instruction: Instruction, who: usize) -> bool {
        let key = if who < NAMES.len() { &self.keys[who] } else { &self.arbiter };
        let key = key.insecure_clone();
        let signs = instruction.accounts.iter().any(|meta| meta.is_signer && meta.pubkey == key.pubkey());
        let done = self.stage.attempt(instruction, signs.then_some(&key).as_slice());
        self.watch();
        done
    }

    fn settle_bond(&self, place: usize) -> Instruction {
        let (job, market, state) = self.job(place);
        let receiver = self.wallets[1][self.places[place].client];
        let mut settle = self.markets[market].settle_bond_instruction(&job, receiver);
        if state.is_none_or(|job| job.bond == NONE) {
            for meta in &mut settle.accounts[5..] {
                (meta.pubkey, meta.is_writable) = (ID, false);
            }
        }
        self.stage.repaid(settle, 5, 6)
    }

    /// When it is done: at once, or, of every other job of H's, late.
    fn in_time(&self, place: usize, who: usize, deadline: i64, window: i64) -> i64 {
        if who == H && place % 2 == 1 { self.stage.in_time(deadline - window, deadline) } else { 0 }
    }

    /// What has to be done with jobs.
    fn duties(&self) -> Vec<Duty> {
        const A: usize = NAMES.len();
        let mut duties: Vec<Duty> = vec![];
        for place in 0..self.places.len() {
            let (job, number, state) = self.job(place);
            let (Some(state), market) = (state, &self.markets[number]) else { continue };
            let (client, is_h) = (self.places[place].client, state.provider == self.key(H));
            let is_ours = is_h || client == C;
            let diligent = is_h || !self.memory.is_idle;
            let who = if is_h { H } else { P };
            let deadline = state.deadline_at.0;
            let moved = self.stage.moved(deadline - market.terms.acceptance_window.0 as i64, deadline);
            let trace = self.stage.find::<Trace>(self.trace_of(&state, &job));
            let is_right = trace.as_ref().map_or(state.result == self.truth.result(), |trace| self.is_true(trace));
            let is_known = state.definition == self.truth.states[0];
            let duty = match state.state {
                job_state::POSTED if diligent && is_known => {
                    (0, market.start_instruction(&self.stage.world, &job), who)
                }
                job_state::POSTED if client == C => (deadline + 9_000, market.cancel_instruction(&job, job.client), C),
                job_state::RUNNING if diligent && is_known => {
                    let at = state.started_at.0 + SHORTEST;
                    let run = self.memory.plan.filter(|_| !is_h).map_or(&self.truth, |plan| &self.lies[plan]);
                    (at, self.deliver(place, run, run.result()), who)
                }
                job_state::RUNNING if client == C => {
                    (state.ends_at.0 + 9_000, market.finish_instruction(&job, job.client, [0; 32]), C)
                }
                job_state::DELIVERED if client == C && is_right => (0, market.accept_instruction(&job, job.client), C),
                job_state::DELIVERED if is_ours => (moved + 1, market.accept_instruction(&job, self.key(who)), who),
                job_state::REJECTED => {
                    let window = market.terms.arbitration_window.0 as i64;
                    if self.memory.sleeps || deadline == 0 {
                        let over = self.stage.moved(deadline - window, deadline) + 1;
                        (over, market.resolve_instruction(&job, self.key(X), 0, 0), X)
                    } else {
                        let pay = if is_right { 10_000 } else { 0 };
                        (0, market.resolve_instruction(&job, self.arbiter.pubkey(), pay, 0), A)
                    }
                }
                job_state::OWING if is_ours => (0, market.settle_instruction(&job), who),
                _ if is_ours && state.bond_unsettled == 1 && state.has_ended() => (0, self.settle_bond(place), who),
                _ => continue,
            };
            let (at, instruction, who) = duty;
            duties.push((at, job.address, instruction, who));
        }
        self.disputes(&mut duties);
        for (at, address, ..) in &mut duties {
            *at = self.memory.later.get(address).map_or(*at, |(later, _)| (*at).max(*later));
        }
        duties
    }

    /// What has to be done with traces and games.
    fn disputes(&self, duties: &mut Vec<Duty>) {
        const A: usize = NAMES.len();
        for (challenge, game, trace, by) in self.games() {
            let (deadline, address, place) = (game.deadline_at.0, challenge.address, trace.place);
            let window = if game.phase == game_phase::PROVE && game.verifier == NONE { DECISION } else { MOVE };
            let over = self.stage.moved(deadline - window, deadline) + 1;
            let is_ours = trace.by == H || by == C;
            let provider_acts = trace.by == H || !self.memory.is_idle;
            let root = self.stage.find::<Trace>(challenge.trace).map(|trace| trace.root);
            let run = if trace.by == H { Some(&self.truth) } else { root.and_then(|root| self.run(&root)) };
            let moves = run.and_then(|run| challenge.provider_moves(&game, run));
            match game.phase {
                game_phase::CHOOSE if by == C || !self.memory.is_idle => {
                    let choose = challenge.choose_instruction(self.choice(&game, by, &address));
                    duties.push((0, address, choose, by));
                }
                game_phase::PROVE if game.verifier == NONE && !self.memory.sleeps => {
                    let decide = challenge.decide_instruction(self.arbiter.pubkey(), self.is_right(&game) as u8);
                    duties.push((0, address, decide, A));
                }
                game_phase::OPEN | game_phase::SHOW | game_phase::PROVE if provider_acts && moves.is_some() => {
                    let at = self.in_time(place, trace.by, deadline, window);
                    duties.extend(moves.map(|act| (at, address, act, trace.by)));
                }
                phase if phase >= game_phase::PROVIDER_WON && game.settled_at.0 == 0 => {
                    duties.push((0, address, challenge.settle_instruction(), X));
                }
                _ if game.unpaid == 1 && by == C => duties.push((0, address, challenge.pay_instruction(), C)),
                phase if phase < game_phase::PROVIDER_WON && is_ours => {
                    duties.push((over, address, challenge.time_out_instruction(), X));
                }
                _ => {}
            }
        }
        for (address, trace) in &self.memory.traces {
            let Some(state) = self.stage.find::<Trace>(*address) else { continue };
            if trace.by == H && trace.left_at != 0 {
                let close = self.verified[trace.market].close_trace_instruction(*address, &trace.job);
                duties.push((trace.left_at + 86_400, *address, close, H));
            }
            let job = self.stage.find::<JobState>(trace.job.address);
            let is_open = job.is_some_and(|job| {
                let open = [job_state::DELIVERED, job_state::CHALLENGED].contains(&job.state);
                job.posting_id == state.posting_id && open
            });
            // Once: its first game may be gone already.
            let mut by_c = self.memory.games.values().filter(|game| game.challenger == C);
            let has = by_c.any(|game| game.trace == *address);
            if trace.client == C && is_open && !self.is_true(&state) && !has {
                let ends_there = self.truth.states.split_last().is_some_and(|(_, all)| all.contains(&state.result));
                let claim = if ends_there { statement::END } else { statement::STEP };
                let challenge = self.challenge(trace, *address, C, state.games_opened);
                duties.push((0, *address, challenge.open_instruction(claim), C));
            }
        }
    }
}

impl Scene for Disputing {
    const NAME: &'static str = "games";
    const HALTS: bool = true;
    const MOVES: &'static [&'static str] = &[
        "be hired by C",
        "hire H",
        "deliver",
        "plan a lie",
        "accept",
        "reject",
        "resolve",
        "challenge",
        "open a subtree",
        "choose",
        "prove",
        "decide",
        "time out",
        "settle the game",
        "pay the challenger",
        "close the game",
        "close the trace",
        "cite games",
        "settle the bond",
        "close",
        "make an account where a job was",
        "put in for disputes",
        "take out for disputes",
        "unstake",
        "find the arbiter asleep",
        "be idle, or diligent again",
    ];

    fn new() -> Self {
        let mut world = World::lite_with(&[("wallet", wallet::ID), VERIFIER]);
        let keys: Vec<Keypair> = NAMES.iter().map(|_| world.user()).collect();
        let arbiter = world.user();
        let spots: Vec<Keypair> = (0..2).map(|_| world.key()).collect();
        let holders: Vec<Address> = keys.iter().map(|key| key.pubkey()).collect();
        let (network, staked) = Network::new(&mut world, &holders);
        let pool = Pool::new(&world, &network);
        let [mint, disputed] = [(); 2].map(|()| world.mint_of(TOKEN_PROGRAM));
        let [paid, bonds] = [&mint, &disputed].map(|mint| -> Vec<Address> {
            let wallet = |holder: &Address| {
                let wallet = world.associated_account(mint.address, *holder);
                world.mint_to(mint, wallet, WALLET);
                wallet
            };
            holders.iter().map(wallet).collect()
        });
        let put = |who: usize, mint: Address, from: Address, amount: u64| {
            let deposit = Deposit::of(holders[who], mint, TOKEN_PROGRAM);
            let put = deposit.deposit_instruction(holders[who], from, amount);
            world.ok(&[deposit.open_instruction(&world)], &[]);
            world.ok(&[put], &[&keys[who]]);
            deposit
        };
        let deposits = [C, K].map(|who| put(who, mint.address, paid[who], DEPOSIT));
        for (who, wallet) in bonds.iter().enumerate() {
            put(who, disputed.address, *wallet, DISPUTES);
        }
        let own = [H, P].map(|who| {
            let provider = pool.register(&world, &keys[who]);
            let own = pool.open_delegation(&world, provider, holders[who], staked[who]);
            world.ok(&[pool.stake_instruction(&own, STAKE)], &[&keys[who]]);
            own
        });
        let usual = Terms { bond_amount: Tokens(BOND), reports: 1, ..usual_terms() };
        let terms = Terms {
            price: Amount(PRICE),
            min_duration: Seconds(SHORTEST as u32),
            acceptance_window: Seconds(600),
            arbitration_window: Seconds(600),
            default_pay: Bps::WHOLE,
            default_bond_penalty: Bps(0),
            ..accepted(arbiter.pubkey(), usual)
        };
        let first = Market::unborn(&network, &pool, 0, terms);
        pool.add_slasher(&world, &network, first.authority);
        let (mut markets, mut verified) = (vec![], vec![]);
        for (market, verifier) in [VERIFIER.1, ID].into_iter().enumerate() {
            let args = CreateVerificationArgs {
                id: market as u64,
                dispute_bond: Amount(DISPUTE_BOND),
                move_window: Seconds(MOVE as u32),
                decision_window: Seconds(DECISION as u32),
                ..usual_verification()
            };
            let market = Market::unborn(&network, &pool, market as u64 + 1, terms).paid_in(&mint);
            let market = market.create(&world, &network);
            let one = Verified::create(&world, &network, verifier, (disputed.address, TOKEN_PROGRAM), args);
            world.ok(&[one.set_instruction(&network, &market)], &[&network.authority]);
            markets.push(market);
            verified.push(one);
        }
        let truth = Run::of(Machine::new(5, STEPS));
        let lies = vec![truth.cheated(20), truth.cheated(1), truth.cheated(37), truth.cut(12), truth.cut(60)];
        let mut places = vec![];
        for (client, market, spot) in
            [(C, 0, None), (C, 0, None), (C, 1, None), (K, 0, None), (K, 1, None), (K, 0, Some(0)), (K, 0, Some(1))]
        {
            let nonce = places.len() as u64;
            let jobs = [H, P].map(|who| {
                let job = markets[market].job(holders[client], nonce, holders[who], paid[who]);
                let at = |spot: usize| {
                    let moved = Job { address: spots[spot].pubkey(), ..job };
                    moved.by(&markets[market], holders[who], paid[who])
                };
                spot.map_or(job, at)
            });
            places.push(Place { client, market, jobs, spot });
        }
        world.run(86_400);
        // H has delivered two traces to K. One's job, at a key of K's own, is over; the other can be challenged.
        let [over, open] = [5, 3].map(|place: usize| &places[place].jobs[0]);
        let make = create_account(&holders[K], &over.address, world.rent(JobState::SIZE), JobState::SIZE as u64, &ID);
        world.ok(&[make], &[&keys[K], &spots[0]]);
        for job in [over, open] {
            let post = defined(markets[0].post_instruction(&world, job, 600), truth.states[0]);
            world.ok(&[post], &[&keys[K]]);
            world.ok(&[markets[0].start_instruction(&world, job)], &[&keys[H]]);
            world.run(SHORTEST as u64);
            world.ok(&[verified[0].deliver_instruction(&world, job, &truth, truth.result())], &[&keys[H]]);
        }
        world.ok(&[markets[0].accept_instruction(over, holders[K])], &[&keys[K]]);
        world.ok(&[markets[0].settle_bond_instruction(over, staked[K])], &[]);
        let coalition = [&keys[K], &keys[P], &keys[X], &spots[0], &spots[1]].map(Keypair::insecure_clone).into();
        let disputes = |who: usize| Deposit::of(holders[who], disputed.address, TOKEN_PROGRAM);
        let pretenders = vec![
            paid[X],
            holders[X],
            paid[P],
            holders[P],
            staked[X],
            holders[K],
            bonds[X],
            deposits[1].address,
            deposits[1].vault,
            disputes(P).address,
            disputes(P).vault,
            disputes(X).address,
            disputes(X).vault,
            own[1].provider,
            places[3].jobs[1].address,
            ID,
        ];
        let stage = Stage::new(world, &network, coalition, pretenders);
        let disputes = (0..NAMES.len()).map(disputes).collect();
        let (wallets, memory) = ([paid, staked, bonds], Memory::default());
        let derived = RefCell::default();
        Self {
            stage,
            pool,
            keys,
            arbiter,
            spots,
            markets,
            verified,
            truth,
            lies,
            places,
            wallets,
            deposits,
            disputes,
            own,
            derived,
            memory,
        }
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
        match name {
            "plan a lie" => {
                let number = gene.a as usize % (self.lies.len() + 1);
                self.memory.plan = (number < self.lies.len()).then_some(number);
                return Some(self.stage.aside(format!("P plans to deliver lie {:?}", self.memory.plan)));
            }
            "find the arbiter asleep" => {
                self.memory.sleeps = true;
                return Some(self.stage.aside("the arbiter falls asleep"));
            }
            "be idle, or diligent again" => {
                self.memory.is_idle = !self.memory.is_idle;
                let text = if self.memory.is_idle { "P, K and X do nothing by themselves" } else { "they work again" };
                return Some(self.stage.aside(text));
            }
            "be hired by C" | "hire H" => {
                let client = if name == "hire H" { K } else { C };
                let free = |place: &usize| {
                    self.places[*place].client == client && self.state(*place).is_none_or(|job| job.is_over())
                };
                let place = *gene.first(&(0..self.places.len()).filter(free).collect::<Vec<_>>())?;
                let Place { market, jobs, spot, .. } = &self.places[place];
                let job = jobs[(client == C) as usize];
                if let Some(spot) = spot.filter(|_| !self.stage.accounts.contains_key(&job.address)) {
                    let (lamports, own) = (self.stage.world.rent(JobState::SIZE), self.key(K));
                    let make = create_account(&own, &self.spots[spot].pubkey(), lamports, JobState::SIZE as u64, &ID);
                    return Some(Act::new(format!("K makes an account for job {place}"), make));
                }
                let post = self.markets[*market].post_instruction(&self.stage.world, &job, 600);
                let act = Act::new(format!("{} posts job {place}", NAMES[client]), defined(post, self.truth.states[0]));
                return Some(if client == C { act.with(&[&self.keys[C]]) } else { act });
            }
            "make an account where a job was" => {
                // Where one was, and is no more.
                let was = |spot: &usize| {
                    let address = self.spots[*spot].pubkey();
                    let mut traces = self.memory.traces.values();
                    !self.stage.accounts.contains_key(&address) && traces.any(|trace| trace.job.address == address)
                };
                let spots: Vec<usize> = (0..self.spots.len()).filter(was).collect();
                let spot = *gene.first(&spots)?;
                let (owner, size) = *gene.second(&[
                    (ID, 0),
                    (SYSTEM_PROGRAM, 0),
                    (ID, JobState::SIZE),
                    (STAKE_ID, 200),
                    (TOKEN_PROGRAM, 165),
                ])?;
                let (lamports, own) = (self.stage.world.rent(size), self.key(K));
                let make = create_account(&own, &self.spots[spot].pubkey(), lamports, size as u64, &owner);
                return Some(Act::new(format!("K makes an account of {owner} at its key {spot}: {size} bytes"), make));
            }
            "put in for disputes" | "take out for disputes" => {
                let who = *gene.first(&[P, X, K, H, C])?;
                let deposit = self.verified[0].deposit(self.key(who));
                let wallet = self.wallets[2][*gene.second(&[who, X])?];
                let amount = gene.amount(DISPUTES, DISPUTES);
                let act = if name == "put in for disputes" {
                    deposit.deposit_instruction(self.key(who), wallet, amount)
                } else {
                    deposit.withdraw_instruction(wallet, amount)
                };
                return Some(Act::new(format!("{}: {name}, {amount}", NAMES[who]), act));
            }
            "unstake" => {
                let own = self.own[1];
                let count = self.stage.find::<Delegation>(own.delegation)?.ticket_count;
                let ticket = self.pool.ticket(&own, count);
                let amount = gene.amount(STAKE, STAKE);
                let act = self.pool.unstake_instruction(&self.stage.world, &own, ticket, amount);
                return Some(Act::new(format!("P unstakes {amount}"), act));
            }
            "challenge" | "close the trace" => {
                let there = |(address, trace): (&Address, &Delivered)| {
                    Some((*address, trace.clone(), self.stage.find::<Trace>(*address)?))
                };
                let there: Vec<_> = self.memory.traces.iter().filter_map(there).collect();
                let (address, trace, state) = gene.first(&there)?;
                if name == "close the trace" {
                    let close = self.verified[trace.market].close_trace_instruction(*address, &trace.job);
                    return Some(Act::new(format!("the trace of job {} is closed", trace.place), close));
                }
                let by = *gene.second(&[X, K, P])?;
                let claim = if gene.x < 200 { statement::STEP } else { statement::END };
                let challenge = self.challenge(trace, *address, by, state.games_opened);
                let aim = gene.x as u32 % 40;
                self.memory.aims.insert(challenge.address, aim);
                let text = format!("{} challenges job {}, to go for step {aim}", NAMES[by], trace.place);
                return Some(Act::new(text, challenge.open_instruction(claim)));
            }
            _ => {}
        }
        if let Some(act) = self.play(name, gene) {
            return Some(act);
        }
        let fits = |state: &JobState| match name {
            "deliver" => state.state == job_state::RUNNING && state.provider == self.key(P),
            "accept" | "reject" => state.state == job_state::DELIVERED,
            "resolve" => state.state == job_state::REJECTED,
            "settle the bond" => state.has_ended() && state.bond_unsettled == 1,
            _ => state.is_over(),
        };
        let there = (0..self.places.len()).filter_map(|place| Some((place, self.state(place)?)));
        let there: Vec<usize> = there.filter(|(_, state)| fits(state)).map(|(place, _)| place).collect();
        let place = *gene.first(&there)?;
        let (job, market, _) = self.job(place);
        let market = self.markets[market];
        let (text, act) = match name {
            "deliver" => {
                let number = gene.b as usize % (self.lies.len() + 1);
                let run = self.lies.get(number).unwrap_or(&self.truth);
                let text = if number < self.lies.len() { "P delivers a lie" } else { "P delivers the truth" };
                (text, self.deliver(place, run, run.result()))
            }
            "accept" => {
                let who = *gene.second(&[job.client, self.key(X)])?;
                ("it is accepted", market.accept_instruction(&job, who))
            }
            "reject" => ("it is rejected", market.reject_instruction(&job)),
            "resolve" => ("X resolves", market.resolve_instruction(&job, self.key(X), 10_000, 0)),
            "settle the bond" => ("its bond is settled", self.settle_bond(place)),
            "close" => ("it is closed", market.close_job_instruction(&self.stage.world, &job)),
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

    fn pass(&mut self, _: i64, _: i64) {}

    fn work(&mut self) {
        let now = self.stage.now();
        for (at, address, instruction, who) in self.duties() {
            let is_tried = self.memory.later.contains_key(&address);
            let late = self.stage.late;
            if at <= now && !self.send(instruction, who) {
                // Who was refused before, for another reason, may be late.
                self.stage.late = if is_tried { late } else { self.stage.late };
                let (later, times) = self.memory.later.entry(address).or_default();
                let pause = if [K, P].contains(&who) { 3_600 } else { 40 };
                *later = now + (pause << times.saturating_sub(3).min(12));
                *times += 1;
            }
        }
    }

    fn wind_up(&mut self) {
        for round in 0..12 {
            let now = self.stage.now();
            // Halts have moved what is due.
            let halted: i64 = self.stage.halts.iter().map(|[.., counts]| counts).sum();
            pass_to(self, now + if round < 8 { 1_000 } else { 11 * 86_400 + halted });
            let mut cranks = vec![];
            for (challenge, game, ..) in self.games() {
                cranks.push(match game.phase {
                    phase if phase < game_phase::PROVIDER_WON => challenge.time_out_instruction(),
                    _ if game.settled_at.0 == 0 => challenge.settle_instruction(),
                    _ if game.unpaid == 1 => challenge.pay_instruction(),
                    _ => self.stage.repaid(challenge.close_instruction(), 0, 1),
                });
            }
            for place in 0..self.places.len() {
                let (job, market, Some(state)) = self.job(place) else { continue };
                let (market, caller) = (&self.markets[market], self.key(X));
                cranks.push(match state.state {
                    job_state::POSTED => market.cancel_instruction(&job, caller),
                    job_state::RUNNING => market.finish_instruction(&job, caller, [0; 32]),
                    job_state::DELIVERED => market.accept_instruction(&job, caller),
                    job_state::REJECTED => market.resolve_instruction(&job, caller, 0, 0),
                    job_state::OWING => market.settle_instruction(&job),
                    _ if state.bond_unsettled == 1 => self.settle_bond(place),
                    _ => self.stage.repaid(market.close_job_instruction(&self.stage.world, &job), 0, 1),
                });
            }
            for (address, trace) in &self.memory.traces {
                if self.stage.find::<Trace>(*address).is_some() {
                    let close = self.verified[trace.market].close_trace_instruction(*address, &trace.job);
                    cranks.push(self.stage.repaid(close, 0, 3));
                }
            }
            if cranks.is_empty() {
                break;
            }
            for crank in cranks {
                self.send(crank, X);
            }
        }
        let disputes = |who: usize| (who, self.verified[0].deposit(self.key(who)), self.wallets[2][who]);
        let mut all: Vec<(usize, Deposit, Address)> = [P, X, K, C, H].map(disputes).into();
        all.extend([(K, self.deposits[1], self.wallets[0][K]), (C, self.deposits[0], self.wallets[0][C])]);
        for (who, deposit, wallet) in all {
            let Some(state) = self.stage.find::<DepositState>(deposit.address) else { continue };
            self.send(deposit.withdraw_instruction(wallet, state.free.0), who);
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
        pass_to(self, now + 8 * 86_400);
        for (address, ticket) in self.stage.all::<UnbondingTicket>() {
            let place = (ticket.provider == self.own[1].provider) as usize;
            let withdraw = self.pool.withdraw_instruction(&self.stage.world, &self.own[place], address);
            self.send(withdraw, [H, P][place]);
        }
        for (address, bond) in bonds {
            let Some(client) = [C, K].into_iter().find(|&who| self.key(who) == bond.client) else { continue };
            let tokens = self.wallets[1][client];
            let withdraw =
                self.pool.withdraw_seized_instruction(bond.provider, address, bond.client, tokens, bond.payer);
            self.send(withdraw, client);
        }
    }

    fn balances(&mut self) -> Vec<Balance> {
        let Memory { earned, owed, games, traces, vanished, sleeps, .. } = &self.memory;
        let earned = earned.values().sum::<u64>() as i128;
        let owed = owed.values().sum::<u64>() as i128;
        let is_ours = |who: usize| [K, P, X].contains(&who);
        // Where an arbiter sleeps, steps stay undecided.
        let is_judged = |game: &Played| game.market != ARBITRATED || !sleeps;
        let against_h = || games.values().filter(|game| game.provider == H && is_ours(game.challenger));
        // Each game against the truth is lost; of a bond that is lost by play, half goes to H.
        let lost = against_h().filter(|game| is_judged(game)).count() as i128 * DISPUTE_BOND as i128;
        let by_play = against_h().filter(|game| game.phase == game_phase::PROVIDER_WON && !game.is_silent);
        let gained = by_play.count() as i128 * (DISPUTE_BOND / 2) as i128;
        // A lie to C is lost once, if C or another challenged it.
        let lies: BTreeSet<Address> = (games.values())
            .filter(|game| game.provider == P && game.challenger == C && is_judged(game))
            .map(|game| game.trace)
            .collect();
        // Half of it is for who challenged: another of the coalition, perhaps.
        let lies = lies.iter().filter(|trace| traces[*trace].client == C).count() as i128 * (DISPUTE_BOND / 2) as i128;
        let mut left = self.stage.all::<Trace>().len() + self.stage.all::<Game>().len();
        left += self.stage.all::<JobState>().len();
        let balance = |who, promise, kind: usize, all: &[usize], change: i128, coalition| {
            let had = all.len() as u64 * WALLET;
            let has = all.iter().map(|&who| self.stage.tokens(self.wallets[kind][who])).sum();
            Balance { who, promise, amounts: [had, has], promised: had as i128 + change, coalition, slack: DUST }
        };
        let asleep = if *sleeps { -(owed + DEPOSIT as i128) } else { -owed };
        let all = [K, P, X];
        vec![
            balance("H, pay", "who delivers a true trace is paid", 0, &[H], earned, false),
            balance("H, stake", "who delivers true traces loses no bond", 1, &[H], 0, false),
            balance(
                "H, disputes",
                "who tells the truth and is there loses no game, and has half of what is lost by play",
                2,
                &[H],
                gained,
                false,
            ),
            balance(
                "C, pay",
                "a client that challenges pays for true traces that took their time",
                0,
                &[C],
                asleep,
                false,
            ),
            balance("C, disputes", "a challenger that is right loses nothing", 2, &[C], 0, false),
            balance("the coalition, pay", "it earns what is right alone", 0, &all, -asleep - earned, true),
            balance("the coalition, stake", "it has what it staked", 1, &all, 0, true),
            balance(
                "the coalition, disputes",
                "it loses each game against the truth, and each trace that is not",
                2,
                &all,
                -lost - lies,
                true,
            ),
            Stage::never("everybody", "a lost game stays for as long as a slash can cite it", *vanished),
            Stage::never("everybody", "who acts in time is not late", self.stage.late),
            Stage::never("everybody", "anyone brings every dispute to its end", left),
            self.stage.rent(),
        ]
    }
}

impl Disputing {
    /// A move in a game.
    fn play(&self, name: &str, gene: &Gene) -> Option<Act> {
        let fits = |game: &Game| match name {
            "open a subtree" => game.phase == game_phase::OPEN,
            "choose" => game.phase == game_phase::CHOOSE,
            "prove" | "decide" => [game_phase::SHOW, game_phase::PROVE].contains(&game.phase),
            "time out" => game.phase < game_phase::PROVIDER_WON,
            "settle the game" => game.phase >= game_phase::PROVIDER_WON && game.settled_at.0 == 0,
            "pay the challenger" | "close the game" | "cite games" => game.settled_at.0 != 0,
            _ => false,
        };
        let games: Vec<_> = self.games().into_iter().filter(|(_, game, ..)| fits(game)).collect();
        let (challenge, game, trace, by) = gene.first(&games)?;
        let root = self.stage.find::<Trace>(challenge.trace)?.root;
        let run = self.run(&root).unwrap_or(&self.truth);
        let (text, act) = match name {
            "open a subtree" => {
                let mut nodes = run.below(game);
                if gene.x > 200 {
                    nodes[0][0] ^= 1;
                }
                ("nodes are shown", challenge.nodes_instruction(&nodes))
            }
            "choose" => ("a subtree is chosen", challenge.choose_instruction(gene.x % 9)),
            "prove" if game.phase == game_phase::SHOW => ("states are shown", challenge.provider_moves(game, run)?),
            "prove" => ("it is proved", challenge.prove_instruction(&run.witness(game), &[])),
            "decide" => ("X decides", challenge.decide_instruction(self.key(X), gene.x % 2)),
            "time out" => ("time is up", challenge.time_out_instruction()),
            "settle the game" => ("the game is settled", challenge.settle_instruction()),
            "pay the challenger" => ("its challenger is paid", challenge.pay_instruction()),
            "close the game" => ("the game is closed", challenge.close_instruction()),
            _ => {
                let (other, ..) = gene.second(&games)?;
                let own = self.own[(trace.by == P) as usize].provider;
                let count = self.stage.find::<joule_stake_interface::state::Provider>(own)?.slash_count;
                let slash = joule_stake_interface::pda::slash::find(&own, &{ count }.to_le_bytes()).0;
                let cited = [challenge.address, other.address];
                let world = &self.stage.world;
                let propose = self.verified[trace.market].propose_game_slash_instruction(
                    world,
                    &self.markets[trace.market],
                    own,
                    slash,
                    &cited,
                );
                ("games are cited for a slash", propose)
            }
        };
        Some(Act::new(format!("job {}, challenged by {}: {text}", trace.place, NAMES[*by]), act))
    }
}

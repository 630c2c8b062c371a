//! A hundred thousand random actions, and after each of them the books balance.
//!
//! Four chains, each with another seed, take 25,000 actions of clients, providers, arbiters, keepers and the network's
//! authority, on jobs of every kind: queued, auctioned and direct, metered and fixed, in credits, a mint of Token and one of
//! Token-2022, with and without bonds, fees, heartbeats and results. Time passes, the network pauses, and on two of the
//! chains it takes the right to credits away near the end. An action may be refused; whatever happens, every invariant
//! holds, and in the end anyone brings every job to its end. After a failure the seed and the number of the action say
//! where.

use {
    super::*,
    joule_bme_interface::instruction::{ReclaimCredits, ReclaimCreditsArgs, RevokeSpender, RevokeSpenderArgs},
    joule_interface::TOKEN_2022_PROGRAM,
    solana_account::Account,
    std::{
        cell::RefCell,
        collections::{BTreeMap, HashMap},
    },
};

const ACTIONS: u32 = 25_000;
const CLIENTS: usize = 3;
const PROVIDERS: usize = 4;
const JOBS: usize = 10;

/// xorshift64*.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub(super) fn place(&mut self, end: usize) -> usize {
        self.below(end as u64) as usize
    }

    pub(super) fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
}

struct Client {
    key: Keypair,
    credits: Address,
    /// By mint.
    deposits: [Deposit; 2],
    wallets: [Address; 2],
    /// What is staked: where bonds are seized to.
    receiver: Address,
}

struct Worker {
    key: Keypair,
    staked: Address,
    work: Address,
    wallets: [Address; 2],
}

/// A number of a client, at one purse: jobs are posted there one after the other.
struct Place {
    client: usize,
    /// Credits, or one of the mints.
    mint: Option<usize>,
    nonce: u64,
    address: Address,
    /// In which market it was posted last.
    market: usize,
}

struct Chain {
    random: Random,
    world: World,
    network: Network,
    pool: Pool,
    mints: [NewMint; 2],
    clients: [Client; CLIENTS],
    workers: [Worker; PROVIDERS],
    markets: Vec<Market>,
    places: Vec<Place>,
    arbiter: Keypair,
    anyone: Keypair,
    treasuries: [Address; 2],
    treasury_work: Address,
    /// Every account that an action may have written, as it is.
    accounts: HashMap<Address, Option<Account>>,
    derived: RefCell<HashMap<(Address, u64, usize), Job>>,
    unworked: RefCell<HashMap<(usize, u64), Job>>,
    accepted: BTreeMap<&'static str, u32>,
    endings: BTreeMap<(u8, u8), u32>,
    /// The network took the right to credits away.
    revoked: bool,
}

impl Chain {
    fn new(seed: u64) -> Self {
        let mut world = World::new();
        let keys: [Keypair; CLIENTS] = std::array::from_fn(|_| world.user());
        let providers: [Keypair; PROVIDERS] = std::array::from_fn(|_| world.user());
        let [arbiter, anyone] = std::array::from_fn(|_| world.user());
        let holders: Vec<Address> = keys.iter().chain(&providers).map(|key| key.pubkey()).collect();
        let (network, tokens) = Network::new(&mut world, &holders);
        let mut tokens = tokens.into_iter();
        let mints = [world.mint_of(TOKEN_PROGRAM), world.mint_of(TOKEN_2022_PROGRAM)];
        let clients = keys.map(|key| {
            let receiver = tokens.next().unwrap();
            let credits = network.open_credit_account(&world, key.pubkey());
            let buy = network.buy_instruction(key.pubkey(), receiver, credits, 500 * TOKEN);
            world.ok(&[buy], &[&key]);
            let wallets = mints.each_ref().map(|mint| {
                let wallet = world.token_account(mint.address, key.pubkey());
                world.mint_to(mint, wallet, 1_000 * TOKEN);
                wallet
            });
            let deposits = mints.each_ref().map(|mint| {
                let deposit = Deposit::of(key.pubkey(), mint.address, mint.token_program);
                world.ok(&[deposit.open_instruction(&world)], &[]);
                deposit
            });
            Client { key, credits, deposits, wallets, receiver }
        });
        let pool = Pool::new(&world, &network);
        let workers = providers.map(|key| {
            let staked = pool.register(&world, &key);
            let own = pool.open_delegation(&world, staked, key.pubkey(), tokens.next().unwrap());
            world.ok(&[pool.stake_instruction(&own, 900 * TOKEN)], &[&key]);
            let work = network.open_provider_work(&world, key.pubkey());
            let wallets = mints.each_ref().map(|mint| world.token_account(mint.address, key.pubkey()));
            Worker { key, staked, work, wallets }
        });
        let treasuries = mints.each_ref().map(|mint| world.token_account(mint.address, anyone.pubkey()));
        let treasury_work = network.open_provider_work(&world, anyone.pubkey());

        let first = Market::unborn(&network, &pool, 0, usual_terms());
        network.add_spender(&world, first.authority);
        pool.add_slasher(&world, &network, first.authority);
        let short = Terms {
            min_duration: Seconds(20),
            max_duration: Seconds(1_200),
            max_wait: Seconds(300),
            start_window: Seconds(90),
            bid_step: Bps(300),
            bid_extension: Seconds(30),
            seats: 2,
            ..usual_terms()
        };
        let level = Terms {
            heartbeat: Seconds(20),
            availability: Bps(9_500),
            shortfall_penalty: Bps(700),
            heartbeat_penalty: Bps(3_000),
            ..short
        };
        let bonded = |terms| Terms {
            bond: Tokens(7 * TOKEN + 3),
            reports: 1,
            no_start_penalty: Bps(2_500),
            failure_penalty: Bps(7_777),
            ..terms
        };
        let result = |terms| Terms {
            pricing: pricing::FIXED,
            price: Amount(3 * TOKEN + 1),
            arbiter: arbiter.pubkey(),
            late_window: Seconds(100),
            late_penalty: Bps(1_234),
            acceptance_window: Seconds(120),
            arbitration_window: Seconds(100),
            default_pay: Bps(3_333),
            default_bond: Bps(1_111),
            ..terms
        };
        let fee = |terms, fee_to| Terms { fee: Bps(321), fee_to, ..terms };
        let [one, two] = &mints;
        let in_credits = |terms: Terms| Terms { price: Amount(terms.price.0 % 1_000_003), ..terms };
        let kinds = [
            (None, bonded(level)),
            (None, fee(in_credits(result(bonded(short))), treasury_work)),
            (Some(one), fee(bonded(level), treasuries[0])),
            (Some(one), fee(result(bonded(level)), one.address)),
            (Some(one), short),
            (Some(two), Terms { price: Amount(777_777), acceptance_window: Seconds(60), ..result(short) }),
            (
                Some(two),
                fee(Terms { acceptance_window: Seconds(50), arbitration_window: Seconds(9), ..level }, treasuries[1]),
            ),
            (Some(two), Terms { acceptance_window: Seconds(0), ..result(bonded(short)) }),
        ];
        let markets = kinds
            .into_iter()
            .zip(1..)
            .map(|((mint, terms), id)| {
                let market = Market::unborn(&network, &pool, id, terms);
                let market = mint.map_or(market, |mint| market.paid_in(mint));
                market.create(&world, &network).with_queue(&world, 5)
            })
            .collect::<Vec<_>>();
        let mut places = vec![];
        for (client, owner) in clients.iter().enumerate() {
            for nonce in 0..JOBS as u64 {
                let mint = [None, Some(0), Some(1)][nonce as usize % 3];
                let market = [0, 2, 5][nonce as usize % 3];
                let job = markets[market].job(owner.key.pubkey(), nonce, anyone.pubkey(), ID);
                places.push(Place { client, mint, nonce, address: job.address, market });
            }
        }
        let mut chain = Self {
            random: Random(seed),
            world,
            network,
            pool,
            mints,
            clients,
            workers,
            markets,
            places,
            arbiter,
            anyone,
            treasuries,
            treasury_work,
            accounts: HashMap::new(),
            derived: RefCell::default(),
            unworked: RefCell::default(),
            accepted: BTreeMap::new(),
            endings: BTreeMap::new(),
            revoked: false,
        };
        for address in chain.watched() {
            chain.refresh(address);
        }
        chain
    }

    fn watched(&self) -> Vec<Address> {
        let mut all = vec![self.treasury_work, self.pool.vault, self.network.mint, self.markets[0].spender];
        all.extend(self.treasuries.iter().chain(self.mints.iter().map(|mint| &mint.address)));
        all.extend(self.markets.iter().map(|market| market.queue));
        all.extend(self.places.iter().map(|place| place.address));
        for client in &self.clients {
            all.extend([client.credits, client.receiver]);
            all.extend(client.wallets.iter().chain(client.deposits.iter().flat_map(|d| [&d.address, &d.vault])));
        }
        for worker in &self.workers {
            all.extend([worker.staked, worker.work]);
            all.extend(worker.wallets);
        }
        all
    }

    fn refresh(&mut self, address: Address) {
        let account = self.world.account(address);
        self.accounts.insert(address, account);
    }

    fn read<T: joule_interface::Account>(&self, address: Address) -> T {
        self.find(address).expect("the account is there")
    }

    fn find<T: joule_interface::Account>(&self, address: Address) -> Option<T> {
        let account = self.accounts[&address].as_ref()?;
        T::read(&account.owner, &account.data).copied()
    }

    fn tokens(&self, address: Address) -> u64 {
        let data = &self.accounts[&address].as_ref().expect("the token account is there").data;
        u64::from_le_bytes(data[64..72].try_into().unwrap())
    }

    /// Sends one action and notes what it changed.
    fn send(&mut self, name: &'static str, instruction: Instruction, signers: &[&Keypair]) -> bool {
        let receipt = match self.world.send(&[instruction], signers) {
            Ok(receipt) => receipt,
            Err(failure) => {
                // Refused by a program of ours or by the token program, never by an exhausted budget or a broken account.
                assert!(failure.code().is_some(), "{name}: {:?}\n{}", failure.error, failure.logs.join("\n"));
                return false;
            }
        };
        *self.accepted.entry(name).or_default() += 1;
        for ended in receipt.events::<event::JobEnded>(ID) {
            *self.endings.entry((ended.state, ended.outcome)).or_default() += 1;
        }
        for address in &receipt.writable {
            if self.accounts.contains_key(address) {
                self.refresh(*address);
            }
        }
        true
    }

    /// The job at a place, as its own account says.
    fn job(&self, place: usize) -> (Job, Market, Option<JobState>) {
        let Place { client, nonce, market, address, .. } = self.places[place];
        let state: Option<JobState> = self.find(address);
        let market = self.markets[market];
        let client = self.clients[client].key.pubkey();
        let mut cache = self.unworked.borrow_mut();
        let mut job = *cache
            .entry((place, market.id))
            .or_insert_with(|| market.job(client, nonce, self.workers[0].key.pubkey(), ID));
        assert_eq!(job.address, address);
        if let Some(state) = state {
            job.matching = state.matching;
            if let Some(worker) = self.workers.iter().position(|worker| worker.key.pubkey() == state.provider) {
                job = self.worked(job, &market, worker);
            }
        }
        (job, market, state)
    }

    fn worked(&self, job: Job, market: &Market, worker: usize) -> Job {
        // Deriving addresses takes more time than running the programs.
        let mut cache = self.derived.borrow_mut();
        let known = cache.entry((job.address, market.id, worker)).or_insert_with(|| self.derive(job, market, worker));
        Job { matching: job.matching, ..*known }
    }

    fn derive(&self, job: Job, market: &Market, worker: usize) -> Job {
        let worker = &self.workers[worker];
        let mint = self.mints.iter().position(|mint| mint.address == market.mint);
        job.by(market, worker.key.pubkey(), mint.map_or(worker.work, |mint| worker.wallets[mint]))
    }

    fn worker_of(&self, job: &Job) -> Keypair {
        let worker = self.workers.iter().find(|worker| worker.key.pubkey() == job.provider);
        worker.unwrap_or(&self.workers[0]).key.insecure_clone()
    }

    /// One action.
    fn act(&mut self) {
        match self.random.below(100) {
            0..3 => self.move_tokens(),
            3..9 => self.pass_time(),
            9 => self.govern(),
            10..14 => self.wait(),
            14 => self.sweep(),
            _ => self.work(),
        }
    }

    fn move_tokens(&mut self) {
        let (c, m) = (self.random.place(CLIENTS), self.random.place(2));
        let amount = if self.random.one_in(10) { self.random.next() } else { self.random.below(40 * TOKEN) };
        let client = &self.clients[c];
        let (key, deposit, wallet) = (client.key.insecure_clone(), client.deposits[m], client.wallets[m]);
        if self.random.one_in(3) {
            self.send("withdraw", deposit.withdraw_instruction(wallet, amount), &[&key]);
        } else {
            self.send("deposit", deposit.deposit_instruction(key.pubkey(), wallet, amount), &[&key]);
        }
    }

    fn pass_time(&mut self) {
        let seconds = match self.random.below(60) {
            0 => 900,
            1..6 => self.random.below(100),
            _ => self.random.below(12),
        };
        self.world.pass(seconds);
    }

    fn govern(&mut self) {
        let mut state: NetworkState = self.world.read(self.network.address);
        // Mostly on: a pause is short.
        let paused = self.random.one_in(5) as u8;
        if state.paused != paused {
            state.paused = paused;
            self.world.forge(self.network.address, &state);
            *self.accepted.entry(if paused == 1 { "pause" } else { "resume" }).or_default() += 1;
        }
        let m = self.random.place(self.markets.len());
        let market = self.markets[m];
        let closed = self.random.one_in(6) as u8;
        let authority = self.network.authority.insecure_clone();
        self.send("change a market", market.set_instruction(&self.network, market.terms, closed), &[&authority]);
    }

    fn wait(&mut self) {
        let (w, number) = (self.random.place(PROVIDERS), self.random.below(2) as u8);
        let m = self.random.place(self.markets.len());
        let (key, market) = (self.workers[w].key.insecure_clone(), self.markets[m]);
        if self.random.one_in(4) {
            self.send("leave", market.leave_instruction(key.pubkey(), number), &[&key]);
        } else {
            self.send("join", market.join_instruction(key.pubkey(), number), &[&key]);
        }
    }

    fn sweep(&mut self) {
        let m = self.random.place(self.markets.len());
        let most = self.random.below(4) as u16;
        self.send("sweep", self.markets[m].sweep_instruction(most, &[]), &[]);
        let queue: joule_escrow_interface::state::Queue = {
            let account = self.accounts[&self.markets[m].queue].as_ref().unwrap();
            *bytemuck::from_bytes(&account.data[..128])
        };
        if queue.slots < 40 && self.random.one_in(3) {
            let slots = 1 + self.random.below(6) as u16;
            let grow = self.markets[m].grow_queue_instruction(&self.world, slots);
            self.send("grow", grow, &[]);
        }
    }

    /// Something happens to a job: mostly what its state allows.
    fn work(&mut self) {
        let place = self.random.place(self.places.len());
        let (job, market, state) = self.job(place);
        let usual: &[u8] = match state.map_or(0, |job| job.state) {
            0 | job_state::FINISHED | job_state::CANCELLED => &[0, 0, 0, 0, 13, 13, 14],
            job_state::POSTED => &[1, 1, 1, 1, 12],
            job_state::BIDDING => &[2, 2, 2, 2, 3, 3, 3, 12],
            job_state::ASSIGNED => &[1, 1, 12],
            job_state::RUNNING => &[4, 4, 4, 4, 5, 5, 6, 7, 7, 8, 11],
            job_state::DELIVERED => &[9, 9, 10],
            job_state::REJECTED => &[11, 15],
            _ => &[5, 13],
        };
        let action =
            if self.random.one_in(8) { self.random.below(16) as u8 } else { usual[self.random.place(usual.len())] };
        let client = self.clients[self.places[place].client].key.insecure_clone();
        let worker = self.worker_of(&job);
        let anyone = self.anyone.insecure_clone();
        let most = if self.random.one_in(3) { self.random.below(2_000_000) } else { u64::MAX };
        match action {
            0 => self.post(place),
            1 => {
                let job = if state.is_some_and(|job| job.provider == NONE) {
                    let w = self.random.place(PROVIDERS);
                    self.worked(job, &market, w)
                } else {
                    job
                };
                let start = market.start_instruction(&self.world, &job);
                let worker = self.worker_of(&job);
                self.send("start", start, &[&worker]);
            }
            2 => {
                let best = state.filter(|job| job.provider != NONE).map(|_| job);
                let w = self.random.place(PROVIDERS);
                let bidder = self.worked(job, &market, w);
                let price = state.map_or(0, |job| job.price.0) * (80 + self.random.below(22)) / 100;
                let bid = market.bid_instruction(&self.world, &bidder, price, best.as_ref());
                let key = self.worker_of(&bidder);
                self.send("bid", bid, &[&key]);
            }
            3 => drop(self.send("award", market.award_instruction(&job), &[])),
            4 => drop(self.send("heartbeat", market.heartbeat_instruction(&job), &[&worker])),
            5 => {
                // Together with others of the same client and provider, where there are some.
                let mut jobs = vec![job];
                for other in 0..self.places.len() {
                    let (sibling, _, there) = self.job(other);
                    let payable = there.is_some_and(|job| [job_state::RUNNING, job_state::OWING].contains(&job.state));
                    let same = (sibling.purse, sibling.provider) == (job.purse, job.provider);
                    let same_fee = there.is_some_and(|job| job.terms.fee_to == market.terms.fee_to);
                    if payable && same && same_fee && sibling.address != job.address && jobs.len() < 4 {
                        jobs.push(sibling);
                    }
                }
                let name = if jobs.len() > 1 { "settle many" } else { "settle" };
                self.send(name, market.settle_many_instruction(&jobs, most), &[]);
            }
            6 => {
                let seconds = self.random.below(300) as u32;
                self.send("extend", market.extend_instruction(&job, seconds), &[&client]);
            }
            7 => {
                let (name, caller, result) = match self.random.below(8) {
                    0 => ("stop", &client, NO_RESULT),
                    1 => ("quit", &worker, NO_RESULT),
                    2..5 => ("deliver and be paid", &worker, RESULT),
                    _ => ("time is up", &anyone, NO_RESULT),
                };
                let mut finish = market.finish_instruction(&job, caller.pubkey(), result);
                finish.data[33..41].copy_from_slice(&most.to_le_bytes());
                self.send(name, finish, &[caller]);
            }
            8 => drop(self.send("deliver", market.deliver_instruction(&job, RESULT), &[&worker])),
            9 => {
                let (name, caller) =
                    if self.random.one_in(2) { ("accept", &client) } else { ("accept by time", &anyone) };
                let mut accept = market.accept_instruction(&job, caller.pubkey());
                accept.data[1..9].copy_from_slice(&most.to_le_bytes());
                self.send(name, accept, &[caller]);
            }
            10 => drop(self.send("reject", market.reject_instruction(&job), &[&client])),
            11 | 15 => {
                let (pay, bond) = (self.random.below(10_100) as u16, self.random.below(10_100) as u16);
                let arbiter = self.arbiter.insecure_clone();
                let (name, caller) =
                    if self.random.one_in(2) { ("decide", &arbiter) } else { ("decide by default", &anyone) };
                let mut resolve = market.resolve_instruction(&job, caller.pubkey(), pay, bond);
                resolve.data[5..13].copy_from_slice(&most.to_le_bytes());
                self.send(name, resolve, &[caller]);
            }
            12 => {
                let (name, caller) =
                    if self.random.one_in(3) { ("cancel", &client) } else { ("cancel by time", &anyone) };
                self.send(name, market.cancel_instruction(&job, caller.pubkey()), &[caller]);
            }
            13 => {
                let receiver = self.clients[self.places[place].client].receiver;
                self.send("settle the bond", settle_bond(&market, &job, &state, receiver), &[]);
            }
            _ => drop(self.send("close", market.close_job_instruction(&self.world, &job), &[])),
        }
    }

    fn post(&mut self, place: usize) {
        let Place { client, mint, nonce, .. } = self.places[place];
        let all: &[usize] = match mint {
            None => &[0, 1],
            Some(0) => &[2, 3, 4],
            Some(_) => &[5, 6, 7],
        };
        let m = all[self.random.place(all.len())];
        let market = self.markets[m];
        let w = self.random.place(PROVIDERS);
        let key = self.clients[client].key.insecure_clone();
        let mut job = market.job(key.pubkey(), nonce, self.workers[w].key.pubkey(), ID);
        job.matching = [matching::DIRECT, matching::QUEUE, matching::QUEUE, matching::AUCTION][self.random.place(4)];
        let seconds = 20 + self.random.below(600) as u32;
        let price = if job.matching == matching::QUEUE || self.random.one_in(2) {
            market.terms.price.0
        } else {
            1 + self.random.below(market.terms.price.0)
        };
        let post = market.post_at_instruction(&self.world, &job, seconds, price);
        if self.send("post", post, &[&key]) {
            self.places[place].market = m;
        }
    }

    /// Every invariant.
    #[track_caller]
    fn check(&self) {
        let now = self.world.now();
        let mut held: HashMap<Address, u64> = HashMap::new();
        let mut bonded: HashMap<Address, u64> = HashMap::new();
        for place in &self.places {
            let Some(job) = self.find::<JobState>(place.address) else { continue };
            let out = job.paid.0 + job.fee.0 + job.penalty.0 + job.refunded.0;
            assert_eq!(job.deposit.0, out + job.held.0, "{job:?}");
            assert!(!job.has_ended() || job.held.is_zero(), "{job:?}");
            assert!(job.seize <= job.terms.bond, "{job:?}");
            if job.terms.pricing == pricing::METERED && job.started.0 != 0 {
                let ran = now.min(job.ends).since(job.started);
                assert!(job.paid.0 + job.fee.0 <= job.price.0 * (ran - job.downtime.min(ran)), "{job:?}");
            }
            if job.started.0 == 0 {
                assert_eq!((job.paid, job.fee, job.penalty), (Amount(0), Amount(0), Amount(0)), "{job:?}");
            }
            *held.entry(job.purse).or_default() += job.held.0;
            if job.bond != NONE {
                *bonded.entry(job.provider).or_default() += job.terms.bond.0;
            }
        }
        let of = |map: &HashMap<Address, u64>, address| map.get(&address).copied().unwrap_or_default();
        let (mut consumed, mut worked) = (0, self.read::<ProviderWork>(self.treasury_work).total.0);
        for client in &self.clients {
            let account: CreditAccount = self.read(client.credits);
            assert_eq!(account.issued.0, account.balance.0 + account.locked[0].0 + account.consumed.0);
            assert!(self.revoked || account.locked[0].0 == of(&held, client.credits), "{account:?}");
            consumed += account.consumed.0;
            for deposit in &client.deposits {
                let state: DepositState = self.read(deposit.address);
                assert_eq!(state.held.0, of(&held, deposit.address));
                assert_eq!(self.tokens(deposit.vault), state.free.0 + state.held.0);
            }
        }
        for worker in &self.workers {
            worked += self.read::<ProviderWork>(worker.work).total.0;
            assert_eq!(self.read::<Provider>(worker.staked).bonded.0, of(&bonded, worker.key.pubkey()));
        }
        assert_eq!(consumed, worked);
        for (m, mint) in self.mints.iter().enumerate() {
            let mut sum = self.tokens(self.treasuries[m]);
            sum +=
                self.clients.iter().map(|c| self.tokens(c.wallets[m]) + self.tokens(c.deposits[m].vault)).sum::<u64>();
            sum += self.workers.iter().map(|worker| self.tokens(worker.wallets[m])).sum::<u64>();
            let data = &self.accounts[&mint.address].as_ref().unwrap().data;
            assert_eq!(sum, u64::from_le_bytes(data[36..44].try_into().unwrap()), "every token is somewhere");
        }
    }

    /// The network takes the right to credits away, and the owners take back what is locked.
    fn revoke(&mut self) {
        let authority = self.network.authority.insecure_clone();
        let spender = self.markets[0].spender;
        let revoke = RevokeSpender { authority: authority.pubkey(), network: self.network.address, spender }
            .instruction(&RevokeSpenderArgs { grace: Seconds(0) });
        assert!(self.send("revoke", revoke, &[&authority]));
        self.revoked = true;
        for c in 0..CLIENTS - 1 {
            let owner = self.clients[c].key.insecure_clone();
            let reclaim = ReclaimCredits { owner: owner.pubkey(), spender, credit_account: self.clients[c].credits };
            self.send("reclaim", reclaim.instruction(&ReclaimCreditsArgs {}), &[&owner]);
        }
    }

    /// Anyone brings every job to its end, by cranks alone, and it is closed.
    fn wind_up(&mut self) {
        let anyone = self.anyone.insecure_clone();
        for _ in 0..8 {
            self.world.pass(3_000);
            for place in 0..self.places.len() {
                let (job, market, state) = self.job(place);
                let receiver = self.clients[self.places[place].client].receiver;
                let crank = match state.map_or(0, |job| job.state) {
                    0 => continue,
                    job_state::POSTED | job_state::ASSIGNED => market.cancel_instruction(&job, anyone.pubkey()),
                    job_state::BIDDING => market.award_instruction(&job),
                    job_state::RUNNING => market.finish_instruction(&job, anyone.pubkey(), NO_RESULT),
                    job_state::DELIVERED => market.accept_instruction(&job, anyone.pubkey()),
                    job_state::REJECTED => market.resolve_instruction(&job, anyone.pubkey(), 0, 0),
                    job_state::OWING => market.settle_instruction(&job),
                    _ if state.is_some_and(|job| job.pending == 1) => settle_bond(&market, &job, &state, receiver),
                    _ => market.close_job_instruction(&self.world, &job),
                };
                let signs = crank.accounts.iter().any(|meta| meta.pubkey == anyone.pubkey() && meta.is_signer);
                let signers = [&anyone];
                assert!(self.send("wind up", crank, if signs { &signers } else { &[] }), "{state:?}");
                self.check();
            }
        }
        for place in &self.places {
            assert_eq!(self.find::<JobState>(place.address), None, "every job comes to its end");
        }
        for worker in &self.workers {
            assert_eq!(self.read::<Provider>(worker.staked).bonded, Tokens(0));
        }
        for client in &self.clients {
            let locked = self.read::<CreditAccount>(client.credits).locked[0];
            assert!(self.revoked || locked.is_zero());
            assert!(client.deposits.iter().all(|deposit| self.read::<DepositState>(deposit.address).held.is_zero()));
        }
    }
}

/// Only what the job left there.
fn settle_bond(market: &Market, job: &Job, state: &Option<JobState>, receiver: Address) -> Instruction {
    let mut settle = market.settle_bond_instruction(job, receiver);
    if state.is_none_or(|job| job.bond == NONE) {
        for meta in &mut settle.accounts[5..] {
            (meta.pubkey, meta.is_writable) = (ID, false);
        }
    }
    settle
}

fn run(seed: u64, revoked: bool) {
    let mut chain = Chain::new(seed);
    for number in 0..ACTIONS {
        if revoked && number == ACTIONS * 9 / 10 {
            chain.revoke();
        }
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            chain.act();
            chain.check();
        }));
        if let Err(panic) = outcome {
            eprintln!("seed {seed:#x}, action {number}");
            std::panic::resume_unwind(panic);
        }
    }
    chain.wind_up();
    let expected = [
        "accept",
        "accept by time",
        "award",
        "bid",
        "cancel",
        "cancel by time",
        "change a market",
        "close",
        "decide",
        "decide by default",
        "deliver",
        "deliver and be paid",
        "deposit",
        "extend",
        "grow",
        "heartbeat",
        "join",
        "leave",
        "pause",
        "post",
        "quit",
        "reject",
        "resume",
        "settle",
        "settle many",
        "settle the bond",
        "start",
        "stop",
        "sweep",
        "time is up",
        "withdraw",
    ];
    eprintln!("seed {seed:#x}: {:?}\n{:?}", chain.accepted, chain.endings);
    for name in expected {
        assert!(chain.accepted.contains_key(name), "seed {seed:#x}: never: {name}");
    }
}

#[test]
fn the_books_balance_in_the_first_chain() {
    run(0x9e37_79b9_7f4a_7c15, false);
}

#[test]
fn the_books_balance_in_the_second_chain() {
    run(0xbf58_476d_1ce4_e5b9, true);
}

#[test]
fn the_books_balance_in_the_third_chain() {
    run(0x94d0_49bb_1331_11eb, false);
}

#[test]
fn the_books_balance_in_the_fourth_chain() {
    run(0x2545_f491_4f6c_dd1d, true);
}

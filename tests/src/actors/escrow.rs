//! Clients, providers, arbiters, keepers and the network's authority, on jobs of every kind: queued, auctioned and direct,
//! metered and fixed, in credits, a mint of Token and one of Token-2022, with and without bonds, fees, heartbeats and
//! results; and on results that are verified, by games and by panels. Time passes, mostly to the very second of a
//! deadline; the network pauses, and takes the right to credits away.

use {
    super::{Random, Shared, TrackedWorld, disputes::Disputes, gangs::Crew},
    crate::{
        Network, World,
        fixture::{
            Beacon, Deposit, Job, LIAR, Mandate, Market, NewMint, Pool, TOKEN, VERIFIER, Verified, by_beacon, by_usage,
            defined, usual_terms, usual_verification, voucher_for,
        },
    },
    joule_bme_interface::{
        instruction::{
            Pause, PauseArgs, ReclaimCredits, ReclaimCreditsArgs, Resume, ResumeArgs, RevokeSpender, RevokeSpenderArgs,
        },
        state::{CreditAccount, MIN_GRACE, Network as NetworkState, ProviderWork, Spender},
    },
    joule_escrow_interface::{
        ID,
        instruction::CreateVerificationArgs,
        state::{
            Deposit as DepositState, Job as JobState, NONE, Panel as PanelState, Queue, Terms, job_state, matching,
            pricing, scheme,
        },
        voucher::verify_instruction,
    },
    joule_interface::{AccountMeta, Address, Instruction, TOKEN_2022_PROGRAM, TOKEN_PROGRAM},
    joule_math::{Amount, Bps, Seconds, Tokens},
    joule_stake_interface::state::Bond,
    solana_keypair::Keypair,
    solana_signer::Signer,
    std::{cell::RefCell, collections::HashMap, rc::Rc},
};

const CLIENTS: usize = 3;
pub(super) const WORKERS: usize = 4;
const JOBS: usize = 12;
/// What jobs are paid from, and a market where that is so. What the last is for stays there.
const PURSES: [(Option<usize>, usize); 4] = [(None, 0), (Some(0), 2), (Some(1), 5), (Some(0), COURT)];
/// Where results are verified.
pub(super) const COURT: usize = 9;
/// Where gangs work.
const GANGS: [usize; 2] = [11, 12];
const RESULT: [u8; 32] = [0xaa; 32];
const NO_RESULT: [u8; 32] = [0; 32];

pub(super) struct Client {
    pub(super) key: Keypair,
    credits: Address,
    /// By mint.
    deposits: [Deposit; 2],
    wallets: [Address; 2],
    /// What is staked: where bonds are seized to.
    pub(super) receiver: Address,
    /// What the delegate may spend: of credits, and of each mint.
    mandates: [Mandate; 3],
}

pub(super) struct Worker {
    pub(super) key: Keypair,
    work: Address,
    pub(super) wallets: [Address; 2],
    deposits: [Deposit; 2],
    /// The machine that it operates.
    pub(super) node: Address,
    /// The beacon of all that it runs beside that.
    pub(super) beacon: Beacon,
}

/// A number of a client, at one funding account: jobs are posted there one after the other.
pub(super) struct Place {
    pub(super) client: usize,
    /// Credits, or one of the mints.
    mint: Option<usize>,
    nonce: u64,
    address: Address,
    /// In which market it was posted last.
    pub(super) market: usize,
}

/// Them all.
pub struct Jobs {
    pub(super) random: Random,
    pub(super) chain: Shared,
    pub(super) network: Rc<Network>,
    mints: [NewMint; 2],
    pub(super) clients: Vec<Client>,
    pub(super) workers: Vec<Worker>,
    pub(super) markets: Vec<Market>,
    pub(super) places: Vec<Place>,
    pub(super) crews: Vec<Crew>,
    pub(super) arbiter: Keypair,
    pub(super) anyone: Keypair,
    /// Who posts for clients, under their mandates.
    delegate: Keypair,
    derived: RefCell<HashMap<(Address, u64, usize), Job>>,
    unworked: RefCell<HashMap<(usize, u64), Job>>,
    /// The network took the right to credits away.
    revoked: bool,
    pub(super) disputes: Disputes,
}

impl Jobs {
    /// Everybody arrives at a network, with this class of machines to ask for, if any. Clients have tokens of the network
    /// and credits there; workers are providers in its pool.
    pub(super) fn arrive(
        world: &mut World,
        network: Rc<Network>,
        pool: Pool,
        clients: Vec<(Keypair, Address, Address)>,
        workers: Vec<(Keypair, Address)>,
        class: u32,
        verifier: Address,
    ) -> Self {
        let [arbiter, anyone, delegate] = std::array::from_fn(|_| world.user());
        let mints = [world.mint_of(TOKEN_PROGRAM), world.mint_of(TOKEN_2022_PROGRAM)];
        let funding_account = |world: &mut World, owner: Address| {
            let wallets = mints.each_ref().map(|mint| {
                let wallet = world.associated_account(mint.address, owner);
                world.mint_to(mint, wallet, 1_000 * TOKEN);
                wallet
            });
            let deposits = mints.each_ref().map(|mint| {
                let deposit = Deposit::of(owner, mint.address, mint.token_program);
                world.ok(&[deposit.open_instruction(world)], &[]);
                deposit
            });
            (wallets, deposits)
        };
        let clients: Vec<Client> = (clients.into_iter())
            .map(|(key, receiver, credits)| {
                let (wallets, deposits) = funding_account(world, key.pubkey());
                let mandates = [0, 1, 2].map(|index| Mandate::of(key.pubkey(), delegate.pubkey(), index));
                Client { key, credits, deposits, wallets, receiver, mandates }
            })
            .collect();
        let workers: Vec<Worker> = (workers.into_iter())
            .map(|(key, work)| {
                let (wallets, deposits) = funding_account(world, key.pubkey());
                let beacon = Beacon::of(key.pubkey());
                world.ok(&[beacon.open_with_instruction(world, 20, 2)], &[&key]);
                Worker { key, work, wallets, deposits, node: ID, beacon }
            })
            .collect();
        let treasuries = mints.each_ref().map(|mint| world.token_account(mint.address, anyone.pubkey()));
        let treasury_work = network.open_provider_work(world, anyone.pubkey());

        let first = Market::unborn(&network, &pool, 0, usual_terms());
        network.add_spender(world, first.authority);
        pool.add_slasher(world, &network, first.authority);
        let short = Terms {
            min_duration: Seconds(20),
            max_duration: Seconds(1_200),
            wait_window: Seconds(300),
            start_window: Seconds(90),
            bid_step: Bps(300),
            bid_extension: Seconds(30),
            max_queue_entries: 2,
            ..usual_terms()
        };
        let level = Terms {
            heartbeat_interval: Seconds(20),
            min_availability: Bps(9_500),
            shortfall_penalty: Bps(700),
            heartbeat_penalty: Bps(3_000),
            reports: 1,
            ..short
        };
        let bonded = |terms| Terms {
            bond_amount: Tokens(7 * TOKEN + 3),
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
            default_bond_penalty: Bps(1_111),
            ..terms
        };
        // Who rejects stakes something.
        let staked = |terms| Terms {
            default_pay: Bps(7_123),
            rejection_stake: Bps(3_456),
            default_bond_penalty: Bps(0),
            ..terms
        };
        let fee = |terms, fee_to| Terms { fee_share: Bps(321), fee_payee: fee_to, ..terms };
        let [one, two] = &mints;
        let together = |terms| by_beacon(Terms { matching: matching::GANG, wait_window: Seconds(1_500), ..terms });
        let in_credits = |terms: Terms| Terms { price: Amount(terms.price.0 % 1_000_003), ..terms };
        let kinds = [
            (None, by_beacon(bonded(level))),
            (None, fee(in_credits(result(bonded(short))), treasury_work)),
            (Some(one), by_beacon(fee(bonded(level), treasuries[0]))),
            (Some(one), fee(staked(result(bonded(level))), one.address)),
            (Some(one), short),
            (Some(two), Terms { price: Amount(777_777), acceptance_window: Seconds(60), ..result(short) }),
            (
                Some(two),
                fee(
                    Terms {
                        acceptance_window: Seconds(50),
                        arbitration_window: Seconds(9),
                        is_service: 1,
                        notice_minutes: 1,
                        ..staked(bonded(level))
                    },
                    treasuries[1],
                ),
            ),
            (Some(two), Terms { acceptance_window: Seconds(0), ..result(bonded(short)) }),
            // The machine has to be of a class, if there are classes.
            (None, Terms { class, min_reliability: Bps((class != 0) as u16), ..bonded(level) }),
            // By games and panels.
            (
                Some(one),
                Terms {
                    matching: matching::DIRECT,
                    min_duration: Seconds(1),
                    max_duration: Seconds(3_600),
                    wait_window: Seconds(3_600),
                    acceptance_window: Seconds(300),
                    ..result(bonded(short))
                },
            ),
            // By the unit.
            (Some(two), fee(Terms { late_window: Seconds(100), ..by_usage(bonded(short)) }, treasuries[1])),
            // Together.
            (None, together(bonded(level))),
            (Some(one), fee(together(bonded(level)), treasuries[0])),
        ];
        let markets = kinds
            .into_iter()
            .zip(1..)
            .map(|((mint, terms), id)| {
                let market = Market::unborn(&network, &pool, id, terms);
                let market = mint.map_or(market, |mint| market.paid_in(mint));
                market.create(world, &network).with_queue(world, 5)
            })
            .collect::<Vec<_>>();
        for client in &clients {
            let [credits, one, two] = client.mandates;
            let named = [(credits, client.credits, [0, 1, 8]), (one, client.deposits[0].address, [2, 3, 4])];
            for (mandate, funding_account, named) in
                named.into_iter().chain([(two, client.deposits[1].address, [5, 6, 7])])
            {
                let mut args = mandate.args(world, funding_account, NONE, 30 * TOKEN, 3_000 * TOKEN);
                args.markets = [named[0], named[1], named[2], COURT].map(|market| markets[market].address);
                args.window = Seconds(3_000);
                world.ok(&[mandate.open_instruction(world, &args)], &[&client.key]);
            }
            let approve = network.approve_spender_instruction(client.key.pubkey(), markets[0].spender, true);
            world.ok(&[approve], &[&client.key]);
        }
        let mut places = vec![];
        for (client, owner) in clients.iter().enumerate() {
            for nonce in 0..JOBS as u64 {
                let (mint, market) = PURSES[nonce as usize % PURSES.len()];
                let job = markets[market].job(owner.key.pubkey(), nonce, anyone.pubkey(), ID);
                places.push(Place { client, mint, nonce, address: job.address, market });
            }
        }
        let crews = (clients.iter().enumerate().zip(GANGS))
            .map(|((client, owner), market)| Crew::of(client, owner.key.pubkey(), market, &markets))
            .collect();
        let verification = CreateVerificationArgs {
            id: 1,
            dispute_bond: Amount(3 * TOKEN),
            slash_amount: Tokens(TOKEN),
            move_window: Seconds(900),
            decision_window: Seconds(300),
            reveal_window: Seconds(600),
            ..usual_verification()
        };
        let verified = Verified::create(world, &network, verifier, (one.address, one.token_program), verification);
        let court = &markets[COURT];
        world.ok(&[verified.set_instruction(&network, court)], &[&network.authority]);
        Self {
            random: Random::new(1),
            chain: Shared::elsewhere(),
            disputes: Disputes::new(verified),
            network,
            mints,
            clients,
            workers,
            markets,
            places,
            crews,
            arbiter,
            anyone,
            delegate,
            derived: RefCell::default(),
            unworked: RefCell::default(),
            revoked: false,
        }
    }

    /// A network of their own.
    fn alone(world: &mut World, verifier: Address) -> Self {
        let keys: [Keypair; CLIENTS] = std::array::from_fn(|_| world.user());
        let providers: [Keypair; WORKERS] = std::array::from_fn(|_| world.user());
        let holders: Vec<Address> = keys.iter().chain(&providers).map(|key| key.pubkey()).collect();
        let (network, tokens) = Network::new(world, &holders);
        let mut tokens = tokens.into_iter();
        let clients = keys.map(|key| {
            let receiver = tokens.next().unwrap();
            let credits = network.open_credit_account(world, key.pubkey());
            let buy = network.buy_instruction(key.pubkey(), receiver, credits, 500 * TOKEN);
            world.ok(&[buy], &[&key]);
            (key, receiver, credits)
        });
        let pool = Pool::new(world, &network);
        let workers = providers.map(|key| {
            let staked = pool.register(world, &key);
            let own = pool.open_delegation(world, staked, key.pubkey(), tokens.next().unwrap());
            world.ok(&[pool.stake_instruction(&own, 900 * TOKEN)], &[&key]);
            world.pass(1);
            let work = network.open_provider_work(world, key.pubkey());
            (key, work)
        });
        Self::arrive(world, Rc::new(network), pool, clients.into(), workers.into(), 0, verifier)
    }

    /// Sends one action.
    pub(super) fn send(&mut self, name: &'static str, instruction: Instruction, signers: &[&Keypair]) -> bool {
        self.chain.attempt(name, instruction, signers).is_some()
    }

    /// The job at a place, as its own account says.
    pub(super) fn job(&self, place: usize) -> (Job, Market, Option<JobState>) {
        let Place { client, nonce, market, address, .. } = self.places[place];
        let state: Option<JobState> = self.chain.find(address);
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

    pub(super) fn worked(&self, job: Job, market: &Market, worker: usize) -> Job {
        // Deriving addresses takes more time than running the programs.
        let mut cache = self.derived.borrow_mut();
        let known = cache.entry((job.address, market.id, worker)).or_insert_with(|| self.derive(job, market, worker));
        let node = if market.terms.class == 0 { ID } else { self.workers[worker].node };
        Job { matching: job.matching, node, ..*known }
    }

    fn derive(&self, job: Job, market: &Market, worker: usize) -> Job {
        let worker = &self.workers[worker];
        let mint = self.mints.iter().position(|mint| mint.address == market.mint);
        job.by(market, worker.key.pubkey(), mint.map_or(worker.work, |mint| worker.wallets[mint]))
    }

    /// Under which mandate the delegate may post there.
    fn mandate(&self, place: usize) -> Mandate {
        let Place { client, mint, .. } = self.places[place];
        self.clients[client].mandates[mint.map_or(0, |mint| 1 + mint)]
    }

    /// What a client sends, or its delegate for it, and whose key signs.
    fn by_client(&mut self, place: usize, instruction: Instruction) -> (Instruction, Keypair) {
        if self.random.one_in(4) {
            (self.mandate(place).by(instruction), self.delegate.insecure_clone())
        } else {
            (instruction, self.clients[self.places[place].client].key.insecure_clone())
        }
    }

    /// Jobs that are named together with the one at a place, every other second: whatever they are, those with which it cannot be done
    /// are passed over.
    fn company(&self, place: usize) -> Vec<Job> {
        let others = (0..self.places.len()).filter(|other| *other != place).take(3).map(|other| self.job(other).0);
        if self.chain.world.now().0 % 2 == 0 { others.collect() } else { vec![] }
    }

    pub(super) fn worker_of(&self, job: &Job) -> Keypair {
        let worker = self.workers.iter().find(|worker| worker.key.pubkey() == job.provider);
        worker.unwrap_or(&self.workers[0]).key.insecure_clone()
    }

    /// The beacon of the job's provider.
    pub(super) fn beacon_of(&self, job: &Job) -> Beacon {
        let worker = self.workers.iter().find(|worker| worker.key.pubkey() == job.provider);
        worker.unwrap_or(&self.workers[0]).beacon
    }

    /// Something happens to the beacon of a job that is on it: its machine is alive, somebody looks at it, or takes the job off.
    fn shine(&mut self, job: &Job, state: &JobState) {
        let beacon = self.beacon_of(job);
        let worker = self.worker_of(job);
        let is_over = self.chain.world.now() >= state.ends_at;
        match self.random.below(4) {
            _ if state.state != job_state::RUNNING => {
                self.send("leave a beacon", beacon.leave_instruction(&[*job]), &[]);
            }
            0 | 1 if !is_over => drop(self.send("beat", beacon.beat_instruction(), &[&worker])),
            _ => drop(self.send("read a beacon", beacon.read_instruction(&[*job]), &[])),
        }
    }

    fn move_tokens(&mut self) {
        let (who, m) = (self.random.place(self.clients.len() + self.workers.len()), self.random.place(2));
        let amount = if self.random.one_in(10) { self.random.number() } else { self.random.below(40 * TOKEN) };
        let (key, deposit, wallet) = match self.clients.get(who) {
            Some(client) => (&client.key, client.deposits[m], client.wallets[m]),
            None => {
                let worker = &self.workers[who - self.clients.len()];
                (&worker.key, worker.deposits[m], worker.wallets[m])
            }
        };
        let key = key.insecure_clone();
        if self.random.one_in(3) {
            self.send("withdraw", deposit.withdraw_instruction(wallet, amount), &[&key]);
        } else {
            self.send("deposit", deposit.deposit_instruction(key.pubkey(), wallet, amount), &[&key]);
        }
    }

    fn pass_time(&mut self) {
        if self.random.one_in(3) {
            let random = &mut self.random;
            return self.chain.pass_to_a_deadline(random, 400);
        }
        let seconds = match self.random.below(60) {
            0 => 900,
            1..6 => self.random.below(100),
            _ => self.random.below(12),
        };
        self.chain.world.pass(seconds);
    }

    fn govern(&mut self) {
        // Mostly on: a pause is short.
        let (network, authority) = (self.network.address, self.network.authority.insecure_clone());
        if self.chain.read::<NetworkState>(network).paused != 0 {
            let resume = Resume { signer: authority.pubkey(), network }.instruction(&ResumeArgs {});
            self.send("resume", resume, &[&authority]);
        } else if self.random.one_in(5) {
            let guardian = self.network.guardian.insecure_clone();
            let pause = Pause { authority_or_guardian: guardian.pubkey(), network }.instruction(&PauseArgs {});
            self.send("pause", pause, &[&guardian]);
        }
        let m = self.random.place(self.markets.len());
        let market = self.markets[m];
        let closed = self.random.one_in(6) as u8;
        self.send("change a market", market.set_instruction(&self.network, market.terms, closed), &[&authority]);
    }

    fn wait(&mut self) {
        let (w, number) = (self.random.place(WORKERS), self.random.below(2) as u8);
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
        let queue: Queue = {
            let account = self.chain.account(self.markets[m].queue).expect("the queue is there");
            *bytemuck::from_bytes(&account.data[..128])
        };
        if queue.slots < 40 && self.random.one_in(3) {
            let slots = 1 + self.random.below(6) as u16;
            let grow = self.markets[m].grow_queue_instruction(&self.chain.world, slots);
            self.send("grow", grow, &[]);
        }
    }

    /// Something happens to a job: mostly what its state allows.
    fn work(&mut self) {
        let mut place = self.random.place(self.places.len());
        // What waits for a verdict does not wait long.
        let waits = |place: &Place| {
            let state = self.chain.find::<JobState>(place.address).map_or(0, |job| job.state);
            [job_state::DELIVERED, job_state::REJECTED].contains(&state)
        };
        let waiting: Vec<usize> = (0..self.places.len()).filter(|&place| waits(&self.places[place])).collect();
        if !waiting.is_empty() && self.random.one_in(4) {
            place = waiting[self.random.place(waiting.len())];
        }
        let (job, market, state) = self.job(place);
        let usual: &[u8] = match state.map_or(0, |job| job.state) {
            0 | job_state::FINISHED | job_state::CANCELLED => &[0, 0, 0, 0, 13, 13, 14, 18, 18, 19],
            job_state::POSTED => &[1, 1, 1, 1, 12, 23],
            job_state::BIDDING => &[2, 2, 2, 2, 3, 3, 3, 12, 23],
            job_state::OFFERED => &[24, 24, 24, 12],
            job_state::ASSIGNED => &[1, 1, 12],
            job_state::RUNNING if market.terms.pricing == pricing::USAGE => &[5, 6, 7, 17, 18, 18, 18, 19, 20],
            job_state::REDEEMING => &[5, 7, 7, 18, 18],
            job_state::RUNNING => &[4, 4, 4, 4, 5, 5, 6, 7, 7, 8, 11, 16, 17],
            job_state::DELIVERED => &[9, 10],
            job_state::REJECTED => &[11, 15],
            _ => &[5, 13],
        };
        let action =
            if self.random.one_in(8) { self.random.below(25) as u8 } else { usual[self.random.place(usual.len())] };
        let client = self.clients[self.places[place].client].key.insecure_clone();
        let worker = self.worker_of(&job);
        let anyone = self.anyone.insecure_clone();
        let most = if self.random.one_in(3) { self.random.below(2_000_000) } else { u64::MAX };
        // Its own heartbeats, and an end of which the beacon knows nothing, are refused.
        if let Some(state) = state.filter(|job| job.on_beacon == 1)
            && !self.random.one_in(8)
        {
            self.shine(&job, &state);
            if action == 4 {
                return;
            }
        }
        match action {
            0 => self.post(place),
            1 => {
                let waits =
                    |job: &JobState| job.provider == NONE || job.state == job_state::POSTED && job.hand_backs > 0;
                let job = if state.as_ref().is_some_and(waits) {
                    let w = self.random.place(WORKERS);
                    self.worked(job, &market, w)
                } else {
                    job
                };
                let start = market.start_instruction(&self.chain.world, &job);
                let worker = self.worker_of(&job);
                let starts = self.send("start", start, &[&worker]);
                if starts && market.terms.offers_beacon() && self.random.one_in(2) {
                    let join = self.beacon_of(&job).join_instruction(&[job]);
                    self.send("join a beacon", join, &[&worker]);
                }
            }
            2 => {
                let best = state.filter(|job| job.provider != NONE).map(|_| job);
                let w = self.random.place(WORKERS);
                let bidder = self.worked(job, &market, w);
                let last = state.map_or(0, |job| job.price.0);
                // Half of them just enough to beat the last, or a unit too much.
                let step = market.terms.bid_step.of_ceil(last).expect("a part of it");
                let price = match self.random.below(4) {
                    0 => last.saturating_sub(step),
                    1 => last.saturating_sub(step) + 1,
                    _ => last * (80 + self.random.below(22)) / 100,
                };
                let bid = market.bid_instruction(&self.chain.world, &bidder, price, best.as_ref());
                let key = self.worker_of(&bidder);
                self.send("bid", bid, &[&key]);
            }
            3 => drop(self.send("award", market.award_instruction(&job), &[])),
            4 => {
                let jobs: Vec<Job> = [job].into_iter().chain(self.company(place)).collect();
                self.send("heartbeat", market.heartbeat_all_instruction(&jobs), &[&worker]);
            }
            5 => {
                // Together with others of the same client and provider, where there are some.
                let mut jobs = vec![job];
                for other in 0..self.places.len() {
                    let (sibling, _, there) = self.job(other);
                    let payable = there.is_some_and(|job| [job_state::RUNNING, job_state::OWING].contains(&job.state));
                    let same = (sibling.funding_account, sibling.provider) == (job.funding_account, job.provider);
                    let same_fee = there.is_some_and(|job| job.terms.fee_payee == market.terms.fee_payee);
                    if payable && same && same_fee && sibling.address != job.address && jobs.len() < 4 {
                        jobs.push(sibling);
                    }
                }
                let name = if jobs.len() > 1 { "settle many" } else { "settle" };
                self.send(name, market.settle_many_instruction(&jobs, most), &[]);
            }
            6 => {
                let seconds = self.random.below(300) as u32;
                let (extend, client) = self.by_client(place, market.extend_instruction(&job, seconds));
                self.send("extend", extend, &[&client]);
            }
            7 => {
                let (name, caller, result) = match self.random.below(8) {
                    0 => ("stop", &client, NO_RESULT),
                    1 => ("quit", &worker, NO_RESULT),
                    2..5 => ("deliver and be paid", &worker, RESULT),
                    _ => ("time is up", &anyone, NO_RESULT),
                };
                let jobs: Vec<(Job, [u8; 32])> =
                    [job].into_iter().chain(self.company(place)).map(|job| (job, result)).collect();
                let finish = market.finish_all_instruction(&jobs, caller.pubkey(), most);
                if name == "stop" {
                    let (stop, client) = self.by_client(place, finish);
                    self.send(name, stop, &[&client]);
                } else {
                    self.send(name, finish, &[caller]);
                }
            }
            8 => drop(self.send("deliver", market.deliver_instruction(&job, RESULT), &[&worker])),
            9 => {
                let (name, caller) =
                    if self.random.one_in(2) { ("accept", &client) } else { ("accept by time", &anyone) };
                let mut accept = market.accept_instruction(&job, caller.pubkey());
                accept.data[1..9].copy_from_slice(&most.to_le_bytes());
                if name == "accept" {
                    let (accept, client) = self.by_client(place, accept);
                    self.send(name, accept, &[&client]);
                } else {
                    self.send(name, accept, &[caller]);
                }
            }
            10 => {
                let (reject, client) = self.by_client(place, market.reject_instruction(&job));
                self.send("reject", reject, &[&client]);
            }
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
                let (name, caller) = match self.random.below(4) {
                    0 => ("cancel", &client),
                    1 if state.is_some_and(|job| job.is_reserved()) => ("leave a reservation", &worker),
                    _ => ("cancel by time", &anyone),
                };
                let cancel = market.cancel_instruction(&job, caller.pubkey());
                if name == "cancel" {
                    let (cancel, client) = self.by_client(place, cancel);
                    self.send(name, cancel, &[&client]);
                } else {
                    self.send(name, cancel, &[caller]);
                }
            }
            16 if state.is_some_and(|job| job.on_beacon == 1) => {
                let hand_back = self.beacon_of(&job).hand_back_instruction(&market, &job);
                self.send("hand back", hand_back, &[&worker]);
            }
            16 => drop(self.send("hand back", market.hand_back_instruction(&job), &[&worker])),
            17 => drop(self.send("give notice", market.notice_instruction(&job), &[&worker])),
            18 if state.is_some() => {
                let by = if self.random.one_in(3) { anyone } else { worker };
                self.redeem(&job, &market, &state.expect("it is there"), most, &by);
            }
            19 => {
                let units = self.random.below(50);
                self.send("add units", market.add_units_instruction(&job, units), &[&client]);
            }
            20 => {
                let session = (scheme::ED25519, self.session().pubkey().to_bytes());
                self.send("replace a key", market.replace_key_instruction(&job, session), &[&client]);
            }
            13 => {
                let receiver = self.clients[self.places[place].client].receiver;
                let company = self.company(place);
                let mut settle = settle_bond(&market, &job, &state, receiver);
                settle.accounts.extend(company.iter().map(|job| AccountMeta::new(job.address, false)));
                settle.accounts.extend(company.iter().map(|job| AccountMeta::new(job.bond, false)));
                self.send("settle the bond", settle, &[]);
            }
            21 => drop(self.send("settle a mandate", self.mandate(place).settle_instruction(&[job]), &[])),
            22 => {
                let (renew, client) = self.by_client(place, market.renew_instruction(&self.chain.world, &job));
                self.send("renew", renew, &[&client]);
            }
            23 => {
                let now = self.chain.world.now().0;
                let (starts_at, lead) = (now + self.random.below(400) as i64, self.random.below(300) as u32);
                let offer = market.offer_instruction(&job, starts_at, lead, self.random.below(10_100) as u16);
                let (offer, client) = self.by_client(place, offer);
                self.send("offer ahead", offer, &[&client]);
            }
            24 => {
                let is_free = state.as_ref().is_some_and(|job| job.provider == NONE);
                let w = self.random.place(WORKERS);
                let job = if is_free { self.worked(job, &market, w) } else { job };
                let take = market.take_instruction(&self.chain.world, &job);
                let worker = self.worker_of(&job);
                self.send("take ahead", take, &[&worker]);
            }
            _ => {
                let jobs: Vec<Job> = [job].into_iter().chain(self.company(place)).collect();
                self.send("close", market.close_jobs_instruction(&self.chain.world, &jobs), &[]);
            }
        }
    }

    /// One of few keys, so that an old one comes back.
    fn session(&mut self) -> Keypair {
        Keypair::new_from_array([0x5e + self.random.below(4) as u8; 32])
    }

    /// A voucher is redeemed: mostly by the job's key, for a few units more.
    fn redeem(&mut self, job: &Job, market: &Market, state: &JobState, most: u64, by: &Keypair) {
        let mut keys = (0..4).map(|number| Keypair::new_from_array([0x5e + number; 32]));
        let key = match keys.find(|key| key.pubkey().to_bytes() == state.session_key) {
            Some(key) if !self.random.one_in(4) => key,
            _ => self.session(),
        };
        let units = (state.units + self.random.below(60)).saturating_sub(2);
        let verify = verify_instruction(&[voucher_for(&key, &self.chain.world, job, units)]);
        let mut redeem = market.redeem_instruction(job, by.pubkey(), 1, 0);
        redeem.data[1..9].copy_from_slice(&most.to_le_bytes());
        self.chain.attempt_behind("redeem", Some(verify), redeem, &[by]);
    }

    fn post(&mut self, place: usize) {
        let Place { client, mint, nonce, .. } = self.places[place];
        let all: &[usize] = match mint {
            None => &[0, 1, 8],
            Some(0) => &[2, 3, 4],
            Some(_) => &[5, 6, 7, 10],
        };
        let all = if self.places[place].market == COURT { &[COURT] } else { all };
        let m = all[self.random.place(all.len())];
        let market = self.markets[m];
        let w = self.random.place(WORKERS);
        let key = self.clients[client].key.insecure_clone();
        let mut job = market.job(key.pubkey(), nonce, self.workers[w].key.pubkey(), ID);
        job.matching = [matching::DIRECT, matching::QUEUE, matching::QUEUE, matching::AUCTION][self.random.place(4)];
        let seconds = 20 + self.random.below(600) as u32;
        let price = if job.matching == matching::QUEUE || self.random.one_in(2) {
            market.terms.price.0
        } else {
            1 + self.random.below(market.terms.price.0)
        };
        let mut post = market.post_at_instruction(&self.chain.world, &job, seconds, price);
        if market.terms.pricing == pricing::USAGE {
            let session = (scheme::ED25519, self.session().pubkey().to_bytes());
            let units = 1 + self.random.below(500);
            post = market.post_usage_instruction(&self.chain.world, &job, seconds, units, session);
        }
        if m == COURT && !self.random.one_in(8) {
            post = defined(post, self.disputes.truth.states[0]);
        }
        let (name, post, key) = if self.random.one_in(3) {
            ("post by mandate", self.mandate(place).by(post), self.delegate.insecure_clone())
        } else {
            ("post", post, key)
        };
        if self.send(name, post, &[&key]) {
            self.places[place].market = m;
        }
    }

    /// The network takes the right to credits away, and the owners take back what is locked.
    fn revoke(&mut self) {
        if self.revoked {
            return;
        }
        let authority = self.network.authority.insecure_clone();
        let spender = self.markets[0].spender;
        let revoke = RevokeSpender { authority: authority.pubkey(), network: self.network.address, spender }
            .instruction(&RevokeSpenderArgs { grace_period: MIN_GRACE });
        assert!(self.send("revoke", revoke, &[&authority]), "a spender can be revoked");
        // The time of grace passes for it alone.
        self.network.revoke_soon(&mut self.chain.world, spender, 0);
        self.chain.track(spender);
        let close = self.network.close_spender_instruction(&self.chain.world, spender);
        // Perhaps a stranger did.
        let closed = self.send("close a spender", close, &[]) || self.chain.world.lamports(spender) == 0;
        assert!(closed, "a revoked spender can be closed");
        self.revoked = true;
        for c in 0..CLIENTS - 1 {
            let owner = self.clients[c].key.insecure_clone();
            let reclaim = ReclaimCredits {
                owner: owner.pubkey(),
                network: self.network.address,
                credit_account: self.clients[c].credits,
            };
            self.send("reclaim", reclaim.instruction(&ReclaimCreditsArgs {}), &[&owner]);
        }
    }
}

/// Only what the job left there.
pub(super) fn settle_bond(market: &Market, job: &Job, state: &Option<JobState>, receiver: Address) -> Instruction {
    let burns = state.is_some_and(|state| state.burns_bond());
    let mut settle = market.settle_bond_instruction(job, if burns { market.staked.0 } else { receiver });
    if state.is_none_or(|job| job.bond == NONE) {
        for meta in &mut settle.accounts[5..] {
            (meta.pubkey, meta.is_writable) = (ID, false);
        }
    }
    settle
}

impl super::Actors for Jobs {
    const ACTIONS: &'static [&'static str] = &[
        "accept",
        "acknowledge",
        "award",
        "bid",
        "burn a penalty",
        "cancel",
        "cancel by time",
        "cancel a panel",
        "challenge",
        "change a market",
        "choose",
        "close",
        "close a game",
        "close a gang",
        "close a panel",
        "close a trace",
        "commit",
        "decide",
        "decide by default",
        "deliver",
        "deliver a trace",
        "deliver and be paid",
        "deposit",
        "dismiss a member",
        "extend",
        "give notice",
        "grow",
        "hand back",
        "heartbeat",
        "join",
        "join a gang",
        "join a gang on a beacon",
        "join a panel",
        "leave",
        "leave a gang",
        "leave a panel",
        "leave a reservation",
        "offer ahead",
        "pause",
        "pay a challenger",
        "pay a replica",
        "post",
        "post a gang",
        "post a panel",
        "post by mandate",
        "post places",
        "prove",
        "quit",
        "quit a gang",
        "redeem",
        "reject",
        "remove a replica",
        "replace a key",
        "renew",
        "resume",
        "reveal",
        "say that a member is alive",
        "settle",
        "settle a game",
        "settle a mandate",
        "settle a member",
        "settle a replica",
        "settle many",
        "settle the bond",
        "show a silent member",
        "show nodes",
        "show states",
        "start",
        "stop",
        "stop a gang",
        "stop a gang by time",
        "sweep",
        "take ahead",
        "tally",
        "time is up",
        "time out",
        "withdraw",
    ];
    const RARE: &'static [&'static str] = &[
        "add units",
        "commit",
        "decide by default",
        "give notice",
        "hand back",
        "leave a reservation",
        "pay a challenger",
        "pay a replica",
        "redeem",
        "reveal",
        "show a silent member",
        "tally",
        "time out",
    ];
    const MORE: &'static [(&'static str, Address)] = &[VERIFIER, LIAR];

    fn new(mut world: World, mut random: Random) -> Self {
        let verifier = if random.one_in(2) { LIAR.1 } else { VERIFIER.1 };
        let mut jobs = Self::alone(&mut world, verifier);
        (jobs.random, jobs.chain) = (random, Shared::new(TrackedWorld::new(world)));
        jobs
    }

    fn act(&mut self) {
        match self.random.below(100) {
            0..3 => self.move_tokens(),
            3..6 => self.pass_time(),
            9 => match self.random.one_in(100) {
                true => self.revoke(),
                false => self.govern(),
            },
            10..14 => self.wait(),
            14 => self.sweep(),
            15..36 => self.dispute(),
            36..50 => self.work_together(),
            _ => self.work(),
        }
    }

    /// What the books say of bonds and credits, said of everybody.
    fn check(&self) {
        let consumed: u64 = self.chain.all::<CreditAccount>().map(|(_, account)| account.consumed.0).sum();
        let worked: u64 = self.chain.all::<ProviderWork>().map(|(_, work)| work.total_work.0).sum();
        // An owner who closes an account takes what it consumed along; the books count that.
        assert!(consumed <= worked, "{consumed} credits were consumed, and {worked} worked");
        self.check_gangs();
    }

    /// Anyone brings every job to its end, by cranks alone, and it is closed.
    fn end(&mut self) {
        let anyone = self.anyone.insecure_clone();
        // What ends a job must be accepted from here on.
        self.chain.may_stay = false;
        for _ in 0..16 {
            self.chain.world.pass(3_000);
            self.end_disputes();
            self.end_gangs();
            for place in 0..self.places.len() {
                let (job, market, state) = self.job(place);
                let receiver = self.clients[self.places[place].client].receiver;
                if let Some(state) = state.filter(|job| job.on_beacon == 1) {
                    let beacon = self.beacon_of(&job);
                    let runs = state.state == job_state::RUNNING;
                    let calls = if runs { beacon.read_instruction(&[job]) } else { beacon.leave_instruction(&[job]) };
                    assert!(self.send("wind up a beacon", calls, &[]), "{state:?}");
                }
                let crank = match state.map_or(0, |job| job.state) {
                    0 | job_state::CHALLENGED => continue,
                    job_state::POSTED | job_state::ASSIGNED | job_state::OFFERED => {
                        market.cancel_instruction(&job, anyone.pubkey())
                    }
                    job_state::BIDDING => market.award_instruction(&job),
                    job_state::RUNNING | job_state::REDEEMING => {
                        market.finish_instruction(&job, anyone.pubkey(), NO_RESULT)
                    }
                    job_state::DELIVERED => market.accept_instruction(&job, anyone.pubkey()),
                    job_state::REJECTED => market.resolve_instruction(&job, anyone.pubkey(), 0, 0),
                    job_state::OWING => market.settle_instruction(&job),
                    _ if state.is_some_and(|job| job.bond_unsettled == 1) => {
                        settle_bond(&market, &job, &state, receiver)
                    }
                    _ if state.is_some_and(|job| !job.mandate_charged.is_zero()) => {
                        self.mandate(place).settle_instruction(&[job])
                    }
                    _ => market.close_job_instruction(&self.chain.world, &job),
                };
                let signs = crank.accounts.iter().any(|meta| meta.pubkey == anyone.pubkey() && meta.is_signer);
                let signers = [&anyone];
                assert!(self.send("wind up", crank, if signs { &signers } else { &[] }), "{state:?}");
                self.check();
            }
        }
        assert_eq!(self.chain.all::<JobState>().count(), 0, "every job comes to its end");
        assert_eq!(self.chain.all::<PanelState>().count(), 0, "every panel comes to its end");
        for (_, bond) in self.chain.all::<Bond>().filter(|(_, bond)| bond.slasher == self.markets[0].slasher) {
            assert!(bond.amount.is_zero(), "no bond stays: {bond:?}");
        }
        if !self.revoked {
            let spender: Spender = self.chain.read(self.markets[0].spender);
            for client in &self.clients {
                let locked = self.chain.read::<CreditAccount>(client.credits).locked[spender.id as usize];
                assert!(locked.is_zero());
            }
        }
        for (_, deposit) in self.chain.all::<DepositState>() {
            assert!(deposit.held.is_zero(), "nothing stays held: {deposit:?}");
        }
    }

    fn chain(&self) -> &TrackedWorld {
        &self.chain
    }

    fn into_chain(self) -> TrackedWorld {
        self.chain.into_inner()
    }

    fn random(&self) -> &Random {
        &self.random
    }
}

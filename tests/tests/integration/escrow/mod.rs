//! `escrow`.

mod auction;
mod beacons;
mod bench;
mod bulk;
mod checks;
mod coalition;
mod dollars;
mod errors;
mod game_costs;
mod games;
mod gangs;
mod halts;
mod keys;
mod lanes;
mod layouts;
mod life;
mod mandates;
mod money;
mod panels;
mod proofs;
mod prover;
mod queue;
mod reservations;
mod rules;
mod service;
mod states;
mod strategies;
mod tips;
mod usage;
mod verified_checks;
mod verified_states;

use {
    joule_bme_interface::state::{CreditAccount, ProviderWork},
    joule_escrow_interface::{
        EscrowError, event,
        state::{Deposit as DepositState, Job as JobState, NONE, Terms, job_state, matching, outcome, pricing},
    },
    joule_identity_interface::state::{Node, status as node_status},
    joule_interface::{Account as _, Address, Header, Instruction, TOKEN_PROGRAM},
    joule_math::{Amount, Bps, Credits, Seconds, Timestamp, Tokens},
    joule_stake_interface::{
        instruction::{SetSlasher, SetSlasherArgs},
        state::{Bond, Pool as PoolState, Provider},
    },
    joule_tests::{
        Failure, Network, Receipt, World,
        bench::Table,
        fixture::{
            Backer, Beacon, Deposit, GROTH16, Job, LIAR, Mandate, Market, NewMint, Pool, TOKEN, VERIFIER, accepted,
            by_beacon, by_usage, serviced, usual_terms,
        },
        world::{read_only, swap, swap_named, unsigned},
    },
    solana_keypair::Keypair,
    solana_signer::Signer,
    std::cell::Cell,
};

const ID: Address = joule_escrow_interface::ID;
const RESULT: [u8; 32] = [0xaa; 32];
const NO_RESULT: [u8; 32] = [0; 32];

/// Price of a second.
const PRICE: u64 = 10_000;
const HOUR: u32 = 3_600;
/// What an hour costs.
const COST: u64 = PRICE * HOUR as u64;
/// What the client's first hundred tokens bought.
const CREDITS: u64 = 249_000_000;
/// What the client has put in.
const FUNDS: u64 = 500 * TOKEN;
const BOND: u64 = 50 * TOKEN;

/// One who works: registered in the pool with 400 tokens of its own.
struct Worker {
    key: Keypair,
    own: Backer,
    /// Its work in `bme`.
    work: Address,
    /// Its account of the mint that jobs are paid in.
    wallet: Address,
}

/// The account of a machine that `operator` runs, in a class that enough attestors vouch for.
fn machine(network: &Network, operator: Address, class: u32, class_expires_at: Timestamp) -> Node {
    Node {
        header: Header { discriminator: Node::DISCRIMINATOR, version: Node::VERSION, ..Header::default() },
        network: network.address,
        operator,
        class,
        status: node_status::ACTIVE,
        class_expires_at,
        ..Node::default()
    }
}

/// The pool has wrapped SOL staked, which nobody can burn.
fn stake_wrapped_sol(world: &mut World, pool: Address) {
    let mint = Address::from_str_const("So11111111111111111111111111111111111111112");
    let state: PoolState = world.read(pool);
    world.forge(pool, &PoolState { mint, ..state });
}

/// Another pool of the network, of a token that anyone may have made. The program is a slasher there too, and the provider has as much at
/// stake as in its own.
fn pool_elsewhere(world: &mut World, network: &Network, key: &Keypair) -> Pool {
    let mint = world.mint();
    let pool = Pool::unborn(network, mint.address, mint.token_program);
    world.ok(&[pool.create_instruction(world, network, Pool::rules())], &[&network.authority]);
    pool.add_slasher(world, network, Market::unborn(network, &pool, 0, usual_terms()).authority);
    let provider = pool.register(world, key);
    let tokens = world.token_account(mint.address, key.pubkey());
    world.mint_to(&mint, tokens, 400 * TOKEN);
    let own = pool.open_delegation(world, provider, key.pubkey(), tokens);
    world.ok(&[pool.stake_instruction(&own, 400 * TOKEN)], &[key]);
    world.pass(1);
    pool
}

/// The market, as if it were of this pool.
fn in_pool(market: &Market, pool: &Pool) -> Market {
    Market { pool: pool.address, slasher: pool.slasher(market.authority), ..*market }
}

/// One who works with others: of a panel or a gang.
struct Member {
    key: Keypair,
    own: Backer,
    /// Its account of the mint that jobs are paid in, or its work in `bme`.
    payee: Address,
}

impl Member {
    /// Registers one who has `tokens`, stakes 400 of them, and opens what it is paid into: an account of `mint`, or its work.
    fn staked(
        world: &mut World,
        network: &Network,
        pool: &Pool,
        mint: Option<Address>,
        (key, tokens): (Keypair, Address),
    ) -> Self {
        let staked = pool.register(world, &key);
        let own = pool.open_delegation(world, staked, key.pubkey(), tokens);
        world.ok(&[pool.stake_instruction(&own, 400 * TOKEN)], &[&key]);
        let payee = match mint {
            Some(mint) => world.associated_account(mint, key.pubkey()),
            None => network.open_provider_work(world, key.pubkey()),
        };
        Self { key, own, payee }
    }
}

/// A client with 249 dollars of credits and 500 tokens of another mint in a deposit, and two providers. `payer` pays the rent
/// of jobs; `someone` is nobody in particular. The program is a spender of the network and a slasher of the pool.
struct Story {
    world: World,
    network: Network,
    pool: Pool,
    mint: NewMint,
    client: Keypair,
    credits: Address,
    deposit: Deposit,
    /// The client's accounts of the mint that jobs are paid in, and of the network's.
    wallet: Address,
    network_wallet: Address,
    workers: [Worker; 2],
    payer: Keypair,
    someone: Keypair,
    treasury: Address,
    numbers: Cell<u64>,
}

impl Story {
    /// Gives this program these rights in the pool.
    fn set_rights(&self, market: &Market, rights: u8) -> Instruction {
        let (authority, network) = (self.network.authority.pubkey(), self.network.address);
        let set = SetSlasher { authority, network, pool: self.pool.address, slasher: market.slasher };
        set.instruction(&SetSlasherArgs { rights, window_limit: Tokens(0), slash_share: Bps(0) })
    }

    fn new() -> Self {
        Self::with(TOKEN_PROGRAM)
    }

    /// Jobs are paid in a mint of `token_program`.
    fn with(token_program: Address) -> Self {
        Self::staked_in(token_program, TOKEN_PROGRAM)
    }

    /// The network's token, in which providers have stake, is one of `staked_program`.
    fn staked_in(token_program: Address, staked_program: Address) -> Self {
        let mut world = World::with(&[VERIFIER, LIAR, GROTH16]);
        let [client, payer, someone] = std::array::from_fn(|_| world.user());
        let keys: [Keypair; 2] = std::array::from_fn(|_| world.user());
        let holders: Vec<Address> = [&client, &keys[0], &keys[1]].iter().map(|key| key.pubkey()).collect();
        let (network, tokens) = Network::of_program(&mut world, staked_program, &holders);
        let credits = network.open_credit_account(&world, client.pubkey());
        let pool = Pool::new(&world, &network);
        let mint = world.mint_of(token_program);
        let wallet = world.token_account(mint.address, client.pubkey());
        world.mint_to(&mint, wallet, 1_000 * TOKEN);
        let treasury = world.token_account(mint.address, someone.pubkey());
        let deposit = Deposit::of(client.pubkey(), mint.address, token_program);
        let buy = network.buy_instruction(client.pubkey(), tokens[0], credits, 100 * TOKEN);
        let put_in = deposit.deposit_instruction(client.pubkey(), wallet, FUNDS);
        world.ok(&[deposit.open_instruction(&world), put_in, buy], &[&client]);
        let mut tokens = tokens.into_iter();
        let network_wallet = tokens.next().unwrap();
        let workers = keys.map(|key| {
            let staked = pool.register(&world, &key);
            let own = pool.open_delegation(&world, staked, key.pubkey(), tokens.next().unwrap());
            world.ok(&[pool.stake_instruction(&own, 400 * TOKEN)], &[&key]);
            let work = network.open_provider_work(&world, key.pubkey());
            let wallet = world.associated_account(mint.address, key.pubkey());
            Worker { key, own, work, wallet }
        });
        let market = Market::unborn(&network, &pool, 0, usual_terms());
        network.add_spender(&world, market.authority);
        pool.add_slasher(&world, &network, market.authority);
        // Own stake counts from the next second.
        world.pass(1);
        Self {
            world,
            network,
            pool,
            mint,
            client,
            credits,
            deposit,
            wallet,
            network_wallet,
            workers,
            payer,
            someone,
            treasury,
            numbers: Cell::new(1),
        }
    }

    fn number(&self) -> u64 {
        self.numbers.replace(self.numbers.get() + 1)
    }

    /// A new market that is paid in credits.
    fn credit_market(&self, terms: Terms) -> Market {
        Market::another(&self.world, &self.network, &self.pool, self.number(), terms)
    }

    /// A new market that is paid in tokens.
    fn token_market(&self, terms: Terms) -> Market {
        let market = Market::unborn(&self.network, &self.pool, self.number(), terms);
        market.paid_in(&self.mint).create(&self.world, &self.network)
    }

    /// A job for the first worker that is not posted yet.
    fn unposted(&self, market: &Market) -> Job {
        self.unposted_by(market, 0)
    }

    fn unposted_by(&self, market: &Market, worker: usize) -> Job {
        let worker = &self.workers[worker];
        let payee = if market.mint == NONE { worker.work } else { worker.wallet };
        market.job(self.client.pubkey(), self.number(), worker.key.pubkey(), payee)
    }

    /// The same job, done by another worker.
    fn by(&self, market: &Market, job: &Job, worker: usize) -> Job {
        let worker = &self.workers[worker];
        let payee = if market.mint == NONE { worker.work } else { worker.wallet };
        job.by(market, worker.key.pubkey(), payee)
    }

    fn posted(&self, market: &Market) -> Job {
        let job = self.unposted(market);
        self.world.ok(&[self.post(market, &job, HOUR)], &self.posting());
        job
    }

    fn post(&self, market: &Market, job: &Job, seconds: u32) -> Instruction {
        swap(market.post_instruction(&self.world, job, seconds), 0, self.payer.pubkey())
    }

    /// Who signs for a new job.
    fn posting(&self) -> [&Keypair; 2] {
        [&self.payer, &self.client]
    }

    fn start(&self, market: &Market, job: &Job) -> Receipt {
        self.world.ok(&[market.start_instruction(&self.world, job)], &[self.key(job)])
    }

    fn running(&self, market: &Market) -> Job {
        let job = self.posted(market);
        self.start(market, &job);
        job
    }

    /// The key of the worker that does the job.
    fn key(&self, job: &Job) -> &Keypair {
        let worker = self.workers.iter().find(|worker| worker.key.pubkey() == job.provider);
        &worker.expect("one of the workers").key
    }

    fn job(&self, job: &Job) -> JobState {
        self.world.read(job.address)
    }

    fn deposit_state(&self) -> DepositState {
        self.world.read(self.deposit.address)
    }

    fn credit_account(&self) -> CreditAccount {
        self.world.read(self.credits)
    }

    fn staked(&self, worker: usize) -> Provider {
        self.world.read(self.workers[worker].own.provider)
    }

    fn set_pause(&self, paused: u8) {
        self.network.set_pause(&self.world, paused == 1);
    }

    fn settle_bond(&self, market: &Market, job: &Job) -> Receipt {
        self.world.ok(&[market.settle_bond_instruction(job, self.network_wallet)], &[])
    }

    /// Settles a job's bond. Returns what was taken of it, and what was reported, by `stake`'s events.
    fn settled(&self, market: &Market, job: &Job) -> (Tokens, u8) {
        settled(&self.settle_bond(market, job))
    }

    /// The client's money is where the jobs say.
    #[track_caller]
    fn check(&self, jobs: &[Job]) {
        let (mut credits, mut tokens) = ((0, 0), (0, 0));
        for job in jobs.iter().map(|job| self.job(job)) {
            let out = job.paid.0 + job.fee_paid.0 + job.penalty.0 + job.refunded.0;
            assert_eq!(job.deposited.0, out + job.held.0);
            assert!(!job.has_ended() || job.held == Amount(0));
            let sum = if job.mint == NONE { &mut credits } else { &mut tokens };
            *sum = (sum.0 + job.held.0, sum.1 + job.paid.0 + job.fee_paid.0);
        }
        let account = self.credit_account();
        assert_eq!((account.locked[0].0, account.consumed.0), credits);
        assert_eq!(account.balance.0, CREDITS - credits.0 - credits.1);
        let deposit = self.deposit_state();
        assert_eq!((deposit.held.0, deposit.free.0), (tokens.0, FUNDS - tokens.0 - tokens.1));
        assert_eq!(self.world.tokens(self.deposit.vault), deposit.held.0 + deposit.free.0);
    }
}

/// What a transaction took of bonds, and what it reported ([`outcome`]), by `stake`'s events.
fn settled(receipt: &Receipt) -> (Tokens, u8) {
    use joule_stake_interface::{ID, event::*};
    let seized = receipt.events::<BondSeized>(ID).iter().map(|event| event.amount.0).sum();
    let released = receipt.events::<BondReleased>(ID).iter().map(|event| event.outcome).sum::<u32>();
    let reported = receipt.events::<JobReported>(ID).iter().map(|event| event.outcome).sum::<u32>();
    (Tokens(seized), (released + reported) as u8)
}

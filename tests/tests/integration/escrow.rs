//! `escrow`.

use {
    joule_bme_interface::{
        BmeError,
        event::{CreditsConsumed, CreditsLocked, CreditsUnlocked},
        state::{CreditAccount, Network as NetworkState, ProviderWork},
    },
    joule_escrow_interface::{
        EscrowError, event, pda,
        state::{Job as JobState, Market as MarketState, Terms, job_state},
    },
    joule_identity_interface::state::{Node, status as node_status},
    joule_interface::{Account as _, Address, Header, Instruction, TOKEN_PROGRAM},
    joule_math::{Credits, Seconds, Timestamp, Tokens},
    joule_stake_interface::{
        StakeError,
        state::{Bond, Provider},
    },
    joule_tests::{
        Network, World,
        bench::Table,
        fixture::{Backer, Job, Market, Pool, TOKEN, usual_terms},
        world::{read_only, swap, unsigned},
    },
    solana_keypair::Keypair,
    solana_program::instruction::InstructionError,
    solana_signer::Signer,
    solana_transaction_error::TransactionError,
    std::cell::Cell,
};

const ID: Address = joule_escrow_interface::ID;
const BME: Address = joule_bme_interface::ID;
const STAKE: Address = joule_stake_interface::ID;
const NONE: Address = Address::new_from_array([0; 32]);
const NO_RESULT: [u8; 32] = [0; 32];
const RESULT: [u8; 32] = [0xaa; 32];

/// Credits of a second.
const PRICE: u64 = 10_000;
/// Length of the story's jobs, and what they cost.
const HOUR: u32 = 3_600;
const DEPOSIT: u64 = PRICE * HOUR as u64;
/// What the client's first hundred tokens bought.
const CREDITS: u64 = 249_000_000;
const BOND: u64 = 50 * TOKEN;
const CLASS: u32 = 7;
const MINIMUM: u64 = 10 * TOKEN;

/// A client with 249 dollars of credits, a provider with 900 tokens of its own stake and a node, and three markets: a
/// plain one, one that asks for a bond, and one that asks for a node. `payer` pays the rent of jobs; `someone` is
/// nobody in particular.
struct Story {
    world: World,
    network: Network,
    pool: Pool,
    plain: Market,
    bonded: Market,
    classed: Market,
    client: Keypair,
    source: Address,
    credits: Address,
    provider: Keypair,
    own: Backer,
    work: Address,
    node: Address,
    payer: Keypair,
    someone: Keypair,
    nonce: Cell<u64>,
}

/// Another network, with everything that the story's has, for the same people.
struct Stranger {
    network: Network,
    pool: Pool,
    market: Market,
    credits: Address,
    work: Address,
}

/// One whom the network's authority made a spender and a slasher, as it did with `escrow`.
struct Rival {
    key: Keypair,
    spender: Address,
    slasher: Address,
}

impl Story {
    fn new() -> Self {
        let mut world = World::new();
        let [client, provider, payer, someone] = std::array::from_fn(|_| world.user());
        let (network, tokens) = Network::new(&mut world, &[client.pubkey(), provider.pubkey()]);
        let credits = network.open_credit_account(&world, client.pubkey());
        let work = network.open_provider_work(&world, provider.pubkey());
        let pool = Pool::unborn(&network, network.mint, TOKEN_PROGRAM);
        let args = joule_stake_interface::state::Rules { min_self_stake: Tokens(MINIMUM), ..Pool::rules() };
        let create = pool.create_instruction(&world, &network, args);
        world.ok(&[create], &[&network.authority]);
        let staked = pool.register(&world, &provider);
        let own = pool.open_delegation(&world, staked, provider.pubkey(), tokens[1]);
        let buy = network.buy_instruction(client.pubkey(), tokens[0], credits, 100 * TOKEN);
        world.ok(&[pool.stake_instruction(&own, 900 * TOKEN), buy], &[&provider, &client]);

        let plain = Market::new(&world, &network, &pool, usual_terms());
        let bonded = Terms { bond: Tokens(BOND), ..usual_terms() };
        let bonded = Market::another(&world, &network, &pool, 1, bonded);
        let classed = Market::another(&world, &network, &pool, 2, Terms { class: CLASS, ..usual_terms() });
        let node = world.key().pubkey();
        let mut story = Self {
            world,
            network,
            pool,
            plain,
            bonded,
            classed,
            client,
            source: tokens[0],
            credits,
            provider,
            own,
            work,
            node,
            payer,
            someone,
            nonce: Cell::new(0),
        };
        let node = story.node_state();
        story.world.forge(story.node, &node);
        story
    }

    /// The story's node. That only `identity` makes such accounts is tested there.
    fn node_state(&self) -> Node {
        Node {
            header: Header { kind: Node::KIND, version: Node::VERSION, ..Header::default() },
            network: self.network.address,
            operator: self.provider.pubkey(),
            class: CLASS,
            status: node_status::ACTIVE,
            ..Node::default()
        }
    }

    /// A job that is not posted yet.
    fn unposted(&self, market: &Market) -> Job {
        let nonce = self.nonce.replace(self.nonce.get() + 1);
        let mut job = market.job(self.client.pubkey(), nonce, self.provider.pubkey());
        if market.address == self.classed.address {
            job.node = self.node;
        }
        job
    }

    fn posted(&self, market: &Market) -> Job {
        let job = self.unposted(market);
        self.world.ok(&[self.post(market, &job, HOUR)], &self.posting());
        job
    }

    fn running(&self, market: &Market) -> Job {
        let job = self.posted(market);
        self.world.ok(&[self.start(market, &job)], &[&self.provider]);
        job
    }

    fn finished(&self, market: &Market) -> Job {
        let job = self.running(market);
        self.world.ok(&[self.finish(market, &job, &self.client, NO_RESULT)], &[&self.client]);
        job
    }

    fn cancelled(&self, market: &Market) -> Job {
        let job = self.posted(market);
        self.world.ok(&[market.cancel_instruction(&job, self.client.pubkey())], &[&self.client]);
        job
    }

    fn post(&self, market: &Market, job: &Job, seconds: u32) -> Instruction {
        swap(market.post_instruction(&self.world, job, seconds), 0, self.payer.pubkey())
    }

    /// Who signs for a new job.
    fn posting(&self) -> [&Keypair; 2] {
        [&self.payer, &self.client]
    }

    fn start(&self, market: &Market, job: &Job) -> Instruction {
        market.start_instruction(&self.world, job, market.address == self.bonded.address)
    }

    fn finish(&self, market: &Market, job: &Job, caller: &Keypair, result: [u8; 32]) -> Instruction {
        market.finish_instruction(job, caller.pubkey(), result, market.address == self.bonded.address)
    }

    fn close(&self, job: &Job) -> Instruction {
        swap(self.plain.close_instruction(&self.world, job), 1, self.payer.pubkey())
    }

    fn job(&self, job: &Job) -> JobState {
        self.world.read(job.address)
    }

    fn credit_account(&self) -> CreditAccount {
        self.world.read(self.credits)
    }

    fn staked(&self) -> Provider {
        self.world.read(self.own.provider)
    }

    fn edit_staked(&mut self, change: impl FnOnce(&mut Provider)) {
        let mut state = self.staked();
        change(&mut state);
        self.world.forge(self.own.provider, &state);
    }

    fn edit_node(&mut self, change: impl FnOnce(&mut Node)) {
        let mut state = self.node_state();
        change(&mut state);
        self.world.forge(self.node, &state);
    }

    fn pause(&mut self) {
        let mut state: NetworkState = self.world.read(self.network.address);
        state.paused = 1;
        self.world.forge(self.network.address, &state);
    }

    fn stranger(&mut self) -> Stranger {
        let network = Network::new(&mut self.world, &[]).0;
        let pool = Pool::new(&self.world, &network);
        pool.register(&self.world, &self.provider);
        let market = Market::new(&self.world, &network, &pool, usual_terms());
        let credits = network.open_credit_account(&self.world, self.client.pubkey());
        let work = network.open_provider_work(&self.world, self.provider.pubkey());
        Stranger { network, pool, market, credits, work }
    }

    fn rival(&mut self) -> Rival {
        let key = self.world.user();
        let spender = self.network.add_spender(&self.world, key.pubkey());
        let slasher = self.pool.add_slasher(&self.world, &self.network, key.pubkey());
        Rival { key, spender, slasher }
    }

    /// Another client of the network, with a credit account.
    fn other_client(&mut self) -> (Keypair, Address) {
        let client = self.world.user();
        let credits = self.network.open_credit_account(&self.world, client.pubkey());
        (client, credits)
    }

    /// Another provider of the network's pool: its key, its work, and itself.
    fn other_provider(&mut self) -> (Keypair, Address, Address) {
        let provider = self.world.user();
        let work = self.network.open_provider_work(&self.world, provider.pubkey());
        let staked = self.pool.register(&self.world, &provider);
        (provider, work, staked)
    }

    /// The client's credits are where the jobs say, and the provider was paid what the jobs say.
    #[track_caller]
    fn check(&self, jobs: &[Job]) {
        let (mut held, mut paid) = (0, 0);
        for job in jobs.iter().map(|job| self.job(job)) {
            assert_eq!(job.deposit.0, job.paid.0 + job.refunded.0 + job.held.0);
            held += job.held.0;
            paid += job.paid.0;
        }
        let account = self.credit_account();
        assert_eq!((account.locked[0].0, account.consumed.0), (held, paid));
        assert_eq!(account.balance.0, CREDITS - held - paid);
        assert_eq!(self.world.read::<ProviderWork>(self.work).total.0, paid);
    }
}

/// An instruction whose account `index` is `address`, which signs.
fn signed(instruction: Instruction, index: usize, address: Address) -> Instruction {
    let mut instruction = swap(instruction, index, address);
    instruction.accounts[index].is_signer = true;
    instruction
}

/// An instruction with its last account left out.
fn short(mut instruction: Instruction) -> Instruction {
    instruction.accounts.pop();
    instruction
}

/// The runtime refuses to let an account sign that neither did nor is the program's own.
#[track_caller]
fn runtime_refuses(world: &World, instruction: Instruction, signers: &[&Keypair]) {
    let failure = world.send(&[instruction], signers).expect_err("the runtime must refuse this");
    let expected = InstructionError::PrivilegeEscalation;
    assert!(
        matches!(&failure.error, TransactionError::InstructionError(_, error) if *error == expected),
        "{:?}\n{}",
        failure.error,
        failure.logs.join("\n")
    );
}

// A job's life

#[test]
fn a_job_is_posted_started_settled_finished_and_closed() {
    let story = Story::new();
    let (world, market) = (&story.world, &story.plain);
    let job = story.unposted(market);
    let (now, rent) = (world.now(), world.rent(JobState::SIZE));

    let lamports = world.lamports(story.payer.pubkey());
    let receipt = world.ok(&[story.post(market, &job, HOUR)], &story.posting());
    let state = story.job(&job);
    assert_eq!((state.state, state.market, state.network), (job_state::POSTED, market.address, story.network.address));
    assert_eq!((state.client, state.provider), (story.client.pubkey(), story.provider.pubkey()));
    assert_eq!((state.credit_account, state.pool), (story.credits, story.pool.address));
    assert_eq!((state.payer, state.bond, state.node), (story.payer.pubkey(), NONE, NONE));
    assert_eq!((state.definition, state.result), ([0xde; 32], NO_RESULT));
    assert_eq!((state.terms, state.duration), (usual_terms(), Seconds(HOUR)));
    assert_eq!((state.deposit, state.held), (Credits(DEPOSIT), Credits(DEPOSIT)));
    assert_eq!(state.start_by, now.after(Seconds(300)).unwrap());
    assert_eq!(world.lamports(story.payer.pubkey()), lamports - rent);
    let posted: event::JobPosted = receipt.event(ID);
    assert_eq!((posted.header.source, posted.header.sequence), (job.address, 1));
    assert_eq!((posted.market, posted.client, posted.provider), (market.address, job.client, job.provider));
    assert_eq!((posted.deposit, posted.start_by), (Credits(DEPOSIT), state.start_by));
    let locked: CreditsLocked = receipt.event(BME);
    assert_eq!((posted.posting, state.posting), (locked.header.sequence, locked.header.sequence));
    assert_eq!((locked.reference, locked.amount), (job.address, Credits(DEPOSIT)));
    let shared = [market.address, story.network.address, market.spender, market.authority];
    for shared in shared {
        assert!(!receipt.writable.contains(&shared), "posting must not write what all jobs share");
    }
    story.check(&[job]);

    world.pass(100);
    let receipt = world.ok(&[story.start(market, &job)], &[&story.provider]);
    let state = story.job(&job);
    let (started, ends) = (now.after(Seconds(100)).unwrap(), now.after(Seconds(100 + HOUR)).unwrap());
    assert_eq!((state.state, state.started, state.settled), (job_state::RUNNING, started, started));
    assert_eq!((state.ends, state.node, state.bond), (ends, NONE, NONE));
    let event: event::JobStarted = receipt.event(ID);
    assert_eq!((event.header.source, event.header.sequence), (job.address, 2));
    assert_eq!((event.node, event.ends), (NONE, ends));
    assert_eq!(receipt.calls.len(), 1, "without a bond it calls nobody");

    world.pass(1_000);
    let receipt = world.ok(&[market.settle_instruction(&job, 1)], &[]);
    assert_eq!((story.job(&job).paid, story.job(&job).settled), (Credits(1_000 * PRICE), world.now()));
    let event: event::JobSettled = receipt.event(ID);
    assert_eq!((event.header.source, event.header.sequence), (job.address, 3));
    assert_eq!((event.paid, event.settled), (Credits(1_000 * PRICE), world.now()));
    let consumed: CreditsConsumed = receipt.event(BME);
    assert_eq!((consumed.reference, consumed.provider), (job.address, job.provider));
    for shared in shared {
        assert!(!receipt.writable.contains(&shared), "settling must not write what all jobs share");
    }
    story.check(&[job]);

    world.pass(800);
    let receipt = world.ok(&[story.finish(market, &job, &story.provider, RESULT)], &[&story.provider]);
    let state = story.job(&job);
    assert_eq!((state.state, state.held, state.result), (job_state::FINISHED, Credits(0), RESULT));
    assert_eq!((state.paid, state.refunded), (Credits(DEPOSIT / 2), Credits(DEPOSIT / 2)));
    let event: event::JobFinished = receipt.event(ID);
    assert_eq!((event.header.source, event.header.sequence), (job.address, 4));
    assert_eq!((event.result, event.paid, event.refunded), (RESULT, state.paid, state.refunded));
    assert_eq!(receipt.event::<CreditsConsumed>(BME).amount, Credits(800 * PRICE));
    let unlocked: CreditsUnlocked = receipt.event(BME);
    assert_eq!((unlocked.reference, unlocked.amount), (job.address, state.refunded));
    for shared in shared {
        assert!(!receipt.writable.contains(&shared), "finishing must not write what all jobs share");
    }
    story.check(&[job]);

    world.ok(&[story.close(&job)], &[]);
    assert_eq!(world.account(job.address), None);
    assert_eq!(world.lamports(story.payer.pubkey()), lamports);
}

#[test]
fn a_job_holds_a_bond_as_long_as_it_runs() {
    let story = Story::new();
    let (world, market) = (&story.world, &story.bonded);
    let job = story.posted(market);
    let lamports = world.lamports(job.provider);

    world.ok(&[story.start(market, &job)], &[&story.provider]);
    assert_eq!(story.job(&job).bond, job.bond);
    assert_eq!(story.staked().bonded, Tokens(BOND));
    let bond: Bond = world.read(job.bond);
    assert_eq!((bond.job, bond.amount, bond.payer), (job.address, Tokens(BOND), job.provider));
    assert_eq!((bond.provider, bond.slasher), (story.own.provider, market.slasher));
    assert_eq!(world.lamports(job.provider), lamports - world.rent(Bond::SIZE));

    world.pass(60);
    let receipt = world.ok(&[story.finish(market, &job, &story.client, NO_RESULT)], &[&story.client]);
    assert_eq!((story.job(&job).bond, story.staked().bonded), (NONE, Tokens(0)));
    assert_eq!(world.account(job.bond), None);
    assert_eq!(world.lamports(job.provider), lamports);
    for shared in [market.address, story.network.address, story.pool.address, market.slasher, market.spender] {
        assert!(!receipt.writable.contains(&shared), "finishing must not write what all jobs share");
    }
    story.check(&[job]);
    world.ok(&[story.close(&job)], &[]);
}

#[test]
fn a_job_runs_on_the_node_that_it_asks_for() {
    let story = Story::new();
    let job = story.posted(&story.classed);
    let receipt = story.world.ok(&[story.start(&story.classed, &job)], &[&story.provider]);
    assert_eq!(story.job(&job).node, story.node);
    assert_eq!(receipt.event::<event::JobStarted>(ID).node, story.node);
}

#[test]
fn what_the_terms_do_not_ask_for_is_not_taken() {
    let story = Story::new();
    let mut job = story.posted(&story.plain);
    job.node = story.node;
    story.world.ok(&[story.plain.start_instruction(&story.world, &job, true)], &[&story.provider]);
    assert_eq!((story.job(&job).node, story.job(&job).bond), (NONE, NONE));
    assert_eq!((story.world.account(job.bond), story.staked().bonded), (None, Tokens(0)));
    story.world.ok(&[story.plain.finish_instruction(&job, job.client, NO_RESULT, true)], &[&story.client]);
}

#[test]
fn the_client_stops_a_job_at_any_second() {
    let story = Story::new();
    for seconds in [0, 1, HOUR - 1, HOUR, HOUR + 1] {
        let job = story.running(&story.bonded);
        story.world.pass(seconds as u64);
        let finish = story.finish(&story.bonded, &job, &story.client, NO_RESULT);
        story.world.ok(&[finish, story.close(&job)], &[&story.client]);
    }
    let ran = 1 + 2 * HOUR as u64 + HOUR as u64 - 1;
    let account = story.credit_account();
    assert_eq!((account.consumed, account.locked[0]), (Credits(ran * PRICE), Credits(0)));
    assert_eq!(account.balance, Credits(CREDITS - ran * PRICE));
    assert_eq!((story.staked().bonded, story.staked().active.tokens), (Tokens(0), Tokens(900 * TOKEN)));
}

#[test]
fn anyone_ends_a_job_from_the_second_at_which_its_time_is_up() {
    let story = Story::new();
    let job = story.running(&story.bonded);
    let finish = || story.finish(&story.bonded, &job, &story.someone, NO_RESULT);
    story.world.fails(finish(), &[&story.someone], EscrowError::StillRunning);
    story.world.pass(HOUR as u64 - 1);
    story.world.fails(finish(), &[&story.someone], EscrowError::StillRunning);
    story.world.pass(1);
    story.world.ok(&[finish()], &[&story.someone]);
    assert_eq!((story.job(&job).paid, story.job(&job).refunded), (Credits(DEPOSIT), Credits(0)));
    assert_eq!(story.staked().bonded, Tokens(0));
    story.check(&[job]);

    let job = story.running(&story.plain);
    story.world.pass(1_000_000);
    story.world.ok(&[story.finish(&story.plain, &job, &story.someone, NO_RESULT)], &[&story.someone]);
    assert_eq!(story.job(&job).paid, Credits(DEPOSIT));
}

#[test]
fn settling_pays_each_second_once() {
    let story = Story::new();
    let job = story.running(&story.plain);
    let settle = |shard| story.world.ok(&[story.plain.settle_instruction(&job, shard)], &[]);
    // Nothing is due yet: no call, no event, no failure.
    let receipt = settle(0);
    assert_eq!((receipt.calls.len(), story.job(&job).sequence), (1, 2));
    for (seconds, due) in [(7, 7), (0, 0), (HOUR as u64 - 8, HOUR as u64 - 8), (1, 1), (1, 0), (u32::MAX as u64, 0)] {
        story.world.pass(seconds);
        let receipt = settle((seconds % 2) as u8);
        let paid: u64 = receipt.events::<event::JobSettled>(ID).iter().map(|event| event.paid.0).sum();
        let consumed: u64 = receipt.events::<CreditsConsumed>(BME).iter().map(|event| event.amount.0).sum();
        assert_eq!((paid, consumed), (due * PRICE, due * PRICE));
        story.check(&[job]);
    }
    assert_eq!((story.job(&job).state, story.job(&job).held), (job_state::RUNNING, Credits(0)));
    story.world.ok(&[story.finish(&story.plain, &job, &story.someone, NO_RESULT)], &[&story.someone]);
    story.check(&[job]);
}

#[test]
fn a_job_of_which_nothing_is_left_is_settled_in_a_batch_all_the_same() {
    let story = Story::new();
    let jobs = [story.running(&story.plain), story.running(&story.bonded)];
    story.world.pass(60);
    let settle = jobs.map(|job| story.plain.settle_instruction(&job, 0));
    story.world.ok(&[settle[0].clone(), settle[1].clone(), settle[0].clone()], &[]);
    assert_eq!((story.job(&jobs[0]).paid, story.job(&jobs[1]).paid), (Credits(60 * PRICE), Credits(60 * PRICE)));
    story.check(&jobs);
}

#[test]
fn a_job_is_cancelled_by_its_client_early_and_by_anyone_late() {
    let story = Story::new();
    let cancel = |job: &Job, caller: &Keypair| {
        story.world.send(&[story.plain.cancel_instruction(job, caller.pubkey())], &[caller])
    };
    let [early, late] = [story.posted(&story.plain), story.posted(&story.plain)];
    let receipt = cancel(&early, &story.client).unwrap();
    let state = story.job(&early);
    assert_eq!((state.state, state.held, state.refunded), (job_state::CANCELLED, Credits(0), Credits(DEPOSIT)));
    let event: event::JobCancelled = receipt.event(ID);
    assert_eq!((event.header.source, event.header.sequence), (early.address, 2));
    assert_eq!(event.refunded, Credits(DEPOSIT));
    let unlocked: CreditsUnlocked = receipt.event(BME);
    assert_eq!((unlocked.reference, unlocked.amount), (early.address, Credits(DEPOSIT)));
    for shared in [story.plain.address, story.network.address, story.plain.spender] {
        assert!(!receipt.writable.contains(&shared), "cancelling must not write what all jobs share");
    }

    let not_yet = Some(EscrowError::NotYetCancellable as u32);
    assert_eq!(cancel(&late, &story.someone).unwrap_err().code(), not_yet);
    assert_eq!(cancel(&late, &story.provider).unwrap_err().code(), not_yet);
    // In the last second to start, it is still the provider's.
    story.world.pass(300);
    assert_eq!(cancel(&late, &story.someone).unwrap_err().code(), not_yet);
    story.world.pass(1);
    cancel(&late, &story.someone).unwrap();
    story.check(&[early, late]);
    assert_eq!(story.credit_account().balance, Credits(CREDITS));
    story.world.ok(&[story.close(&early), story.close(&late)], &[]);
}

#[test]
fn a_job_starts_until_the_last_second_of_its_window() {
    let story = Story::new();
    let jobs = [story.posted(&story.plain), story.posted(&story.plain)];
    story.world.pass(300);
    story.world.ok(&[story.start(&story.plain, &jobs[0])], &[&story.provider]);
    story.world.pass(1);
    story.world.fails(story.start(&story.plain, &jobs[1]), &[&story.provider], EscrowError::StartedLate);
}

#[test]
fn a_number_is_free_again_when_its_job_is_closed() {
    let story = Story::new();
    let (world, market) = (&story.world, &story.bonded);
    let job = story.running(market);
    world.fails(story.post(market, &job, HOUR), &story.posting(), EscrowError::AlreadyInitialized);
    let finish = story.finish(market, &job, &story.client, NO_RESULT);
    let again = [finish, story.close(&job), story.post(market, &job, HOUR)];
    world.ok(&again, &story.posting());
    assert_eq!((story.job(&job).state, story.job(&job).sequence), (job_state::POSTED, 1));
    world.ok(&[story.start(market, &job)], &[&story.provider]);
}

#[test]
fn a_provider_starts_the_job_that_it_saw_and_not_one_posted_in_its_place() {
    let story = Story::new();
    let job = story.posted(&story.plain);
    let seen = story.start(&story.plain, &job);
    // At the same address and in the same second: the client wants a bond after all.
    let cancel = story.plain.cancel_instruction(&job, job.client);
    let swapped = [cancel, story.close(&job), story.post(&story.bonded, &job, HOUR)];
    story.world.ok(&swapped, &story.posting());
    let anew = story.start(&story.bonded, &job);
    let with_bond = Instruction { data: seen.data.clone(), ..anew.clone() };
    for seen in [seen, with_bond] {
        story.world.fails(seen, &[&story.provider], EscrowError::PostedAnew);
    }
    story.world.ok(&[anew], &[&story.provider]);
}

#[test]
fn a_client_may_work_for_itself() {
    let mut story = Story::new();
    let credits = story.network.open_credit_account(&story.world, story.provider.pubkey());
    let buy = story.network.buy_instruction(story.client.pubkey(), story.source, credits, TOKEN);
    story.world.ok(&[buy], &[&story.client]);
    let (world, market) = (&mut story.world, &story.plain);
    let job = market.post(world, &story.provider, 0, story.provider.pubkey(), 10);
    world.ok(&[market.start_instruction(world, &job, false)], &[&story.provider]);
    world.pass(10);
    world.ok(&[market.finish_instruction(&job, job.provider, RESULT, false)], &[&story.provider]);
    assert_eq!(world.read::<JobState>(job.address).paid, Credits(10 * PRICE));
}

// The network's pause

#[test]
fn a_paused_network_takes_no_work_but_settles_and_gives_back() {
    let mut story = Story::new();
    let [idle, bonded] = [story.posted(&story.plain), story.posted(&story.bonded)];
    let running = story.running(&story.bonded);
    story.world.pass(60);
    story.pause();
    let world = &story.world;
    let job = story.unposted(&story.plain);
    world.fails(story.post(&story.plain, &job, HOUR), &story.posting(), EscrowError::Paused);
    world.fails(story.start(&story.plain, &idle), &[&story.provider], EscrowError::Paused);
    world.fails(story.start(&story.bonded, &bonded), &[&story.provider], EscrowError::Paused);
    world.ok(&[story.plain.settle_instruction(&running, 0)], &[]);
    world.pass(60);
    world.ok(&[story.finish(&story.bonded, &running, &story.provider, RESULT)], &[&story.provider]);
    for job in [idle, bonded] {
        world.ok(&[story.plain.cancel_instruction(&job, job.client)], &[&story.client]);
    }
    story.check(&[idle, bonded, running]);
    assert_eq!(story.staked().bonded, Tokens(0));
    world.ok(&[story.close(&idle), story.close(&bonded), story.close(&running)], &[]);
}

// What may happen when

#[test]
fn every_instruction_needs_its_state() {
    let story = Story::new();
    let (world, market) = (&story.world, &story.bonded);
    type Make = fn(&Story, &Market) -> Job;
    type Step = (&'static str, fn(&Story, &Market, &Job) -> Instruction);
    let steps: [Step; 5] = [
        ("start", |story, market, job| story.start(market, job)),
        ("settle", |_, market, job| market.settle_instruction(job, 0)),
        ("finish", |story, market, job| story.finish(market, job, &story.client, NO_RESULT)),
        ("cancel", |_, market, job| market.cancel_instruction(job, job.client)),
        ("close", |story, _, job| story.close(job)),
    ];
    let states: [(&str, Make, [bool; 5]); 4] = [
        ("posted", Story::posted, [true, false, false, true, false]),
        ("running", Story::running, [false, true, true, false, false]),
        ("finished", Story::finished, [false, false, false, false, true]),
        ("cancelled", Story::cancelled, [false, false, false, false, true]),
    ];
    let signers = [&story.client, &story.provider];
    let send = |(name, step): Step, job: &Job| {
        let signers = match name {
            "start" => &signers[1..],
            "finish" | "cancel" => &signers[..1],
            _ => &[],
        };
        world.send(&[step(&story, market, job)], signers)
    };
    for (state, make, possible) in states {
        for (step, possible) in steps.into_iter().zip(possible) {
            let job = make(&story, market);
            world.fails(story.post(market, &job, HOUR), &story.posting(), EscrowError::AlreadyInitialized);
            let code = send(step, &job).map_err(|failure| failure.code()).err();
            let expected = (!possible).then_some(Some(EscrowError::WrongJobState as u32));
            assert_eq!(code, expected, "{} of a {state} job", step.0);
            // Leave nothing behind that would keep credits or stake.
            for step in [steps[3], steps[2], steps[4]] {
                send(step, &job).ok();
            }
            assert_eq!(world.account(job.address), None);
        }
    }
    // Neither one that was never posted nor one that was closed is a job.
    for step in steps {
        assert_eq!(send(step, &story.unposted(market)).unwrap_err().code(), Some(EscrowError::WrongOwner as u32));
        let job = story.finished(market);
        world.ok(&[story.close(&job)], &[]);
        assert_eq!(send(step, &job).unwrap_err().code(), Some(EscrowError::WrongOwner as u32));
    }
    assert_eq!((story.credit_account().balance, story.staked().bonded), (Credits(CREDITS), Tokens(0)));
}

#[test]
fn only_the_provider_gives_a_result() {
    let story = Story::new();
    let job = story.running(&story.plain);
    let finish = |caller, result| story.finish(&story.plain, &job, caller, result);
    let error = EscrowError::ResultByProviderOnly;
    story.world.fails(finish(&story.client, RESULT), &[&story.client], error);
    story.world.pass(HOUR as u64);
    story.world.fails(finish(&story.someone, RESULT), &[&story.someone], error);
    let mut last = NO_RESULT;
    last[31] = 1;
    story.world.fails(finish(&story.client, last), &[&story.client], error);
    story.world.ok(&[finish(&story.provider, last)], &[&story.provider]);
    assert_eq!(story.job(&job).result, last);

    // Neither has the provider to.
    let job = story.running(&story.plain);
    story.world.ok(&[story.finish(&story.plain, &job, &story.provider, NO_RESULT)], &[&story.provider]);
}

#[test]
fn durations_outside_the_terms_are_refused() {
    let story = Story::new();
    let terms = Terms { price: Credits(1), ..usual_terms() };
    let market = Market::another(&story.world, &story.network, &story.pool, 9, terms);
    for seconds in [0, 9, 86_401, u32::MAX] {
        let job = story.unposted(&market);
        let error = EscrowError::DurationOutOfRange;
        story.world.fails(story.post(&market, &job, seconds), &story.posting(), error);
    }
    for seconds in [10, 86_400] {
        let job = story.unposted(&market);
        story.world.ok(&[story.post(&market, &job, seconds)], &story.posting());
        assert_eq!(story.job(&job).deposit, Credits(seconds as u64));
    }
}

#[test]
fn a_job_costs_what_the_client_has_and_no_more() {
    let story = Story::new();
    let affordable = (CREDITS / PRICE) as u32;
    let job = story.unposted(&story.plain);
    let error = BmeError::InsufficientCredits;
    for seconds in [affordable + 1, 86_400] {
        story.world.fails(story.post(&story.plain, &job, seconds), &story.posting(), error);
    }
    story.world.ok(&[story.post(&story.plain, &job, affordable)], &story.posting());
    story.world.fails(story.post(&story.plain, &story.unposted(&story.plain), 10), &story.posting(), error);
    story.check(&[job]);
}

#[test]
fn numbers_that_do_not_fit_are_an_overflow() {
    let mut story = Story::new();
    let job = story.unposted(&story.plain);
    let now = story.world.now();
    let post = |story: &Story| story.post(&story.plain, &job, HOUR);
    story.world.set_time(Timestamp(i64::MAX - 299));
    story.world.fails(post(&story), &story.posting(), EscrowError::Overflow);
    story.world.set_time(Timestamp(i64::MAX - 300));
    story.world.ok(&[post(&story)], &story.posting());
    story.world.fails(story.start(&story.plain, &job), &[&story.provider], EscrowError::Overflow);
    let cancel = story.plain.cancel_instruction(&job, job.client);
    story.world.ok(&[cancel, story.close(&job)], &[&story.client]);

    // No market has such terms: creation refuses them.
    story.world.set_time(now);
    let mut market: MarketState = story.world.read(story.plain.address);
    for price in [u64::MAX, u64::MAX / HOUR as u64 + 1] {
        market.terms.price = Credits(price);
        story.world.forge(story.plain.address, &market);
        story.world.fails(post(&story), &story.posting(), EscrowError::Overflow);
    }
    market.terms.price = Credits(u64::MAX / HOUR as u64);
    story.world.forge(story.plain.address, &market);
    story.world.fails(post(&story), &story.posting(), BmeError::InsufficientCredits);
}

#[test]
fn events_that_cannot_be_counted_are_an_overflow() {
    let mut story = Story::new();
    let [running, posted] = [story.running(&story.plain), story.posted(&story.plain)];
    story.world.pass(60);
    for job in [running, posted] {
        let mut state = story.job(&job);
        state.sequence = u64::MAX;
        story.world.forge(job.address, &state);
    }
    let (world, market) = (&story.world, &story.plain);
    let error = EscrowError::Overflow;
    world.fails(market.settle_instruction(&running, 0), &[], error);
    world.fails(story.finish(market, &running, &story.client, NO_RESULT), &[&story.client], error);
    world.fails(story.start(market, &posted), &[&story.provider], error);
    world.fails(market.cancel_instruction(&posted, posted.client), &[&story.client], error);
}

// Whose accounts

#[test]
fn posting_checks_its_accounts() {
    let mut story = Story::new();
    let stranger = story.stranger();
    let (rival, (other, their_credits)) = (story.rival(), story.other_client());
    let existing = story.posted(&story.plain);
    let job = story.unposted(&story.plain);
    let post = || story.post(&story.plain, &job, HOUR);
    let (world, payer, client) = (&story.world, &story.payer, &story.client);
    let signers = &[payer, client][..];

    world.fails(unsigned(post(), 0), &[client], EscrowError::MissingSigner);
    world.fails(unsigned(post(), 1), &[payer], EscrowError::MissingSigner);
    for index in [0, 3, 5] {
        world.fails(read_only(post(), index), signers, EscrowError::NotWritable);
    }
    world.fails(swap(post(), 1, other.pubkey()), &[payer, &other], EscrowError::WrongAddress);
    world.fails(swap(post(), 2, stranger.market.address), signers, EscrowError::WrongNetwork);
    world.fails(swap(post(), 2, existing.address), signers, EscrowError::WrongKind);
    world.fails(swap(post(), 2, story.network.address), signers, EscrowError::WrongOwner);
    world.fails(swap(post(), 3, existing.address), signers, EscrowError::WrongAddress);
    let of_other = story.plain.job(other.pubkey(), job.nonce, job.provider).address;
    world.fails(swap(post(), 3, of_other), signers, EscrowError::WrongAddress);
    world.fails(swap(post(), 4, stranger.network.address), signers, EscrowError::WrongNetwork);
    world.fails(swap(post(), 4, story.network.burn_shard(0)), signers, EscrowError::WrongKind);
    world.fails(swap(post(), 4, story.pool.address), signers, EscrowError::WrongOwner);
    world.fails(swap(post(), 8, STAKE), signers, EscrowError::WrongProgram);
    world.fails(swap(post(), 9, TOKEN_PROGRAM), signers, EscrowError::WrongProgram);
    world.fails(short(post()), signers, EscrowError::NotEnoughAccounts);

    // Whose the credits are, `bme` sees to.
    world.fails(swap(post(), 5, their_credits), signers, BmeError::Unauthorized);
    let theft = swap(swap(post(), 1, other.pubkey()), 3, of_other);
    world.fails(theft, &[payer, &other], BmeError::Unauthorized);
    world.fails(swap(post(), 5, stranger.credits), signers, BmeError::WrongNetwork);
    world.fails(swap(post(), 5, story.work), signers, BmeError::WrongKind);
    world.fails(swap(post(), 5, story.pool.address), signers, BmeError::WrongOwner);
    world.fails(swap(post(), 6, stranger.market.spender), signers, BmeError::WrongNetwork);
    world.fails(swap(post(), 6, rival.spender), signers, BmeError::Unauthorized);
    world.fails(swap(post(), 6, story.credits), signers, BmeError::WrongKind);

    // Credits locked by another spender would not be the job's to pay with.
    runtime_refuses(world, swap(post(), 7, rival.key.pubkey()), signers);
    runtime_refuses(world, swap(post(), 7, stranger.market.authority), signers);
    let by_rival = signed(swap(post(), 6, rival.spender), 7, rival.key.pubkey());
    world.fails(by_rival, &[payer, client, &rival.key], EscrowError::WrongAddress);
    world.ok(&[post()], signers);
    story.check(&[existing, job]);
}

#[test]
fn starting_checks_its_accounts() {
    let mut story = Story::new();
    let stranger = story.stranger();
    let (rival, (other, _, sibling)) = (story.rival(), story.other_provider());
    // Another pool of the same network, with the same provider and slasher.
    let mint = story.world.mint();
    let pool = Pool::unborn(&story.network, mint.address, TOKEN_PROGRAM);
    let create = pool.create_instruction(&story.world, &story.network, Pool::rules());
    story.world.ok(&[create], &[&story.network.authority]);
    let elsewhere = pool.register(&story.world, &story.provider);
    let slasher = pool.add_slasher(&story.world, &story.network, story.bonded.authority);

    let [job, later] = [story.posted(&story.bonded), story.posted(&story.bonded)];
    let start = || story.start(&story.bonded, &job);
    let (world, signers) = (&story.world, &[&story.provider][..]);

    world.fails(unsigned(start(), 0), &[], EscrowError::MissingSigner);
    for index in [0, 1, 4, 6] {
        world.fails(read_only(start(), index), signers, EscrowError::NotWritable);
    }
    world.fails(swap(start(), 0, other.pubkey()), &[&other], EscrowError::Unauthorized);
    let theirs = swap(swap(start(), 0, other.pubkey()), 4, sibling);
    world.fails(theirs, &[&other], EscrowError::Unauthorized);
    world.fails(swap(start(), 0, story.client.pubkey()), &[&story.client], EscrowError::Unauthorized);
    world.fails(swap(start(), 1, story.bonded.address), signers, EscrowError::WrongKind);
    world.fails(swap(start(), 1, story.network.address), signers, EscrowError::WrongOwner);
    world.fails(swap(start(), 2, stranger.network.address), signers, EscrowError::WrongNetwork);
    world.fails(swap(start(), 3, pool.address), signers, EscrowError::WrongPool);
    world.fails(swap(start(), 3, stranger.pool.address), signers, EscrowError::WrongPool);
    world.fails(swap(swap(start(), 3, pool.address), 4, elsewhere), signers, EscrowError::WrongPool);
    world.fails(swap(start(), 4, elsewhere), signers, EscrowError::WrongPool);
    world.fails(swap(start(), 4, sibling), signers, EscrowError::WrongProvider);
    world.fails(swap(start(), 4, story.own.delegation), signers, EscrowError::WrongKind);
    world.fails(swap(start(), 4, story.work), signers, EscrowError::WrongOwner);
    world.fails(swap(start(), 9, BME), signers, EscrowError::WrongProgram);
    world.fails(swap(start(), 10, TOKEN_PROGRAM), signers, EscrowError::WrongProgram);
    world.fails(short(start()), signers, EscrowError::NotEnoughAccounts);

    for index in [6, 7] {
        world.fails(read_only(swap(start(), index, ID), index), signers, EscrowError::BondRequired);
    }
    world.fails(story.bonded.start_instruction(world, &job, false), signers, EscrowError::BondRequired);
    world.fails(swap(start(), 6, later.bond), signers, StakeError::WrongAddress);
    world.fails(swap(start(), 7, rival.slasher), signers, StakeError::Unauthorized);
    world.fails(swap(start(), 7, slasher), signers, StakeError::WrongPool);
    world.fails(swap(start(), 7, story.pool.address), signers, StakeError::WrongKind);

    // A bond of another slasher would not be the job's to give back.
    runtime_refuses(world, swap(start(), 8, rival.key.pubkey()), signers);
    let by_rival = signed(swap(start(), 7, rival.slasher), 8, rival.key.pubkey());
    world.fails(by_rival, &[&story.provider, &rival.key], EscrowError::WrongAddress);
    world.ok(&[start()], signers);
}

#[test]
fn starting_checks_the_provider_s_stake() {
    let mut story = Story::new();
    let [plain, bonded] = [story.posted(&story.plain), story.posted(&story.bonded)];
    let start = |story: &Story, job: &Job| {
        let market = if job.address == plain.address { &story.plain } else { &story.bonded };
        story.start(market, job)
    };
    let error = EscrowError::ProviderNotEligible;
    for status in [0, 2, u8::MAX] {
        story.edit_staked(|provider| provider.status = status);
        for job in [&plain, &bonded] {
            story.world.fails(start(&story, job), &[&story.provider], error);
        }
    }
    story.edit_staked(|provider| provider.status = 1);

    // What others put behind it does not count as its own: a thousand shares are a base unit.
    let own = story.staked().self_shares;
    for shares in [0, MINIMUM * 1_000 - 1] {
        story.edit_staked(|provider| provider.self_shares.0 = shares);
        for job in [&plain, &bonded] {
            story.world.fails(start(&story, job), &[&story.provider], error);
        }
    }
    story.edit_staked(|provider| provider.self_shares.0 = MINIMUM * 1_000);
    story.world.ok(&[start(&story, &plain)], &[&story.provider]);

    // What other jobs hold is not free to be bonded.
    story.edit_staked(|provider| {
        provider.self_shares = own;
        provider.bonded = Tokens(850 * TOKEN + 1);
    });
    story.world.fails(start(&story, &bonded), &[&story.provider], StakeError::InsufficientStake);
    story.edit_staked(|provider| provider.bonded = Tokens(850 * TOKEN));
    story.world.ok(&[start(&story, &bonded)], &[&story.provider]);
}

#[test]
fn starting_checks_the_node() {
    let mut story = Story::new();
    let stranger = story.stranger();
    let job = story.posted(&story.classed);
    let start = |story: &Story| story.start(&story.classed, &job);
    story.world.fails(swap(start(&story), 5, ID), &[&story.provider], EscrowError::NodeRequired);
    story.world.fails(swap(start(&story), 5, story.work), &[&story.provider], EscrowError::WrongOwner);
    let changes: [fn(&mut Node, &Stranger); 6] = [
        |node, stranger| node.network = stranger.network.address,
        |node, _| node.operator = node.network,
        |node, _| node.class = CLASS + 1,
        |node, _| node.class = 0,
        |node, _| node.status = 0,
        |node, _| node.status = 2,
    ];
    for (number, change) in changes.into_iter().enumerate() {
        story.edit_node(|node| change(node, &stranger));
        let failure = story.world.send(&[start(&story)], &[&story.provider]).unwrap_err();
        assert_eq!(failure.code(), Some(EscrowError::WrongNode as u32), "change {number}");
    }
    story.edit_node(|node| node.header.kind = 1);
    story.world.fails(start(&story), &[&story.provider], EscrowError::WrongKind);
    story.edit_node(|_| ());
    story.world.ok(&[start(&story)], &[&story.provider]);
}

/// Settling and finishing pay alike: the instruction, made anew, and where its accounts for that begin.
#[track_caller]
fn paying_checks_its_accounts(story: &Story, foreign: &Foreign, pay: impl Fn() -> Instruction, first: usize) {
    let Foreign { stranger, rival, their_credits, their_work } = foreign;
    let [job, network, credits, work, shard, spender, authority] = std::array::from_fn(|offset| first + offset);
    let (world, client) = (&story.world, &story.client);
    let signers = &[client][first ^ 1..];

    for index in [job, credits, work, shard] {
        world.fails(read_only(pay(), index), signers, EscrowError::NotWritable);
    }
    world.fails(swap(pay(), job, story.plain.address), signers, EscrowError::WrongKind);
    world.fails(swap(pay(), job, story.network.address), signers, EscrowError::WrongOwner);
    world.fails(swap(pay(), network, stranger.network.address), signers, EscrowError::WrongNetwork);
    world.fails(swap(pay(), credits, *their_credits), signers, EscrowError::WrongClient);
    world.fails(swap(pay(), credits, stranger.credits), signers, EscrowError::WrongClient);
    // Pay is not diverted.
    world.fails(swap(pay(), work, *their_work), signers, EscrowError::WrongProvider);
    world.fails(swap(pay(), work, story.credits), signers, EscrowError::WrongKind);
    world.fails(swap(pay(), work, story.pool.address), signers, EscrowError::WrongOwner);
    world.fails(swap(pay(), work, stranger.work), signers, BmeError::WrongNetwork);
    world.fails(swap(pay(), shard, stranger.network.work_shard(0)), signers, BmeError::WrongNetwork);
    world.fails(swap(pay(), shard, story.network.burn_shard(0)), signers, BmeError::WrongKind);
    world.fails(swap(pay(), shard, story.work), signers, BmeError::WrongKind);
    world.fails(swap(pay(), spender, stranger.market.spender), signers, BmeError::WrongNetwork);
    world.fails(swap(pay(), spender, rival.spender), signers, BmeError::Unauthorized);
    world.fails(swap(pay(), spender, story.credits), signers, BmeError::WrongKind);
    world.fails(short(pay()), signers, EscrowError::NotEnoughAccounts);

    // Another spender's credits are not the job's to pay with.
    runtime_refuses(world, swap(pay(), authority, rival.key.pubkey()), signers);
    runtime_refuses(world, swap(pay(), authority, stranger.market.authority), signers);
    let by_rival = signed(swap(pay(), spender, rival.spender), authority, rival.key.pubkey());
    let signers = [signers, &[&rival.key]].concat();
    world.fails(by_rival, &signers, EscrowError::WrongAddress);
}

/// What belongs to others.
struct Foreign {
    stranger: Stranger,
    rival: Rival,
    their_credits: Address,
    their_work: Address,
}

impl Foreign {
    fn new(story: &mut Story) -> Self {
        let stranger = story.stranger();
        let rival = story.rival();
        // The same client's credits, locked by the rival: they are there to be taken.
        let lock = joule_bme_interface::instruction::LockCredits {
            owner: story.client.pubkey(),
            spender_authority: rival.key.pubkey(),
            spender: rival.spender,
            network: story.network.address,
            credit_account: story.credits,
        }
        .instruction(&joule_bme_interface::instruction::LockCreditsArgs {
            amount: Credits(2 * DEPOSIT),
            reference: rival.key.pubkey(),
        });
        story.world.ok(&[lock], &[&story.client, &rival.key]);
        let (_, their_credits) = story.other_client();
        let (_, their_work, _) = story.other_provider();
        Self { stranger, rival, their_credits, their_work }
    }
}

#[test]
fn settling_checks_its_accounts() {
    let mut story = Story::new();
    let foreign = Foreign::new(&mut story);
    let job = story.running(&story.plain);
    story.world.pass(60);
    let settle = || story.plain.settle_instruction(&job, 0);
    paying_checks_its_accounts(&story, &foreign, settle, 0);
    story.world.fails(swap(settle(), 7, STAKE), &[], EscrowError::WrongProgram);
    story.world.ok(&[settle()], &[]);
    assert_eq!(story.job(&job).paid, Credits(60 * PRICE));

    // Accounts are checked even when there is nothing to pay.
    story.world.fails(swap(settle(), 3, foreign.their_work), &[], EscrowError::WrongProvider);
}

#[test]
fn finishing_checks_its_accounts() {
    let mut story = Story::new();
    let foreign = Foreign::new(&mut story);
    let (other, _, sibling) = story.other_provider();
    let [job, another] = [story.running(&story.bonded), story.running(&story.bonded)];
    story.world.pass(60);
    let finish = || story.finish(&story.bonded, &job, &story.client, NO_RESULT);
    paying_checks_its_accounts(&story, &foreign, finish, 1);

    let (world, signers) = (&story.world, &[&story.client][..]);
    world.fails(unsigned(finish(), 0), &[], EscrowError::MissingSigner);
    world.fails(swap(finish(), 0, story.someone.pubkey()), &[&story.someone], EscrowError::StillRunning);
    world.fails(swap(finish(), 12, STAKE), signers, EscrowError::WrongProgram);
    world.fails(swap(finish(), 13, BME), signers, EscrowError::WrongProgram);

    // The bond goes back, and nothing but the bond.
    for index in [8, 9, 11] {
        world.fails(read_only(finish(), index), signers, EscrowError::NotWritable);
    }
    for index in [8, 9, 10, 11] {
        world.fails(read_only(swap(finish(), index, ID), index), signers, EscrowError::BondRequired);
    }
    let without = story.bonded.finish_instruction(&job, job.client, NO_RESULT, false);
    world.fails(without, signers, EscrowError::BondRequired);
    world.fails(swap(finish(), 9, another.bond), signers, EscrowError::WrongBond);
    world.fails(swap(finish(), 9, job.address), signers, EscrowError::WrongBond);
    world.fails(swap(finish(), 8, sibling), signers, StakeError::WrongProvider);
    world.fails(swap(finish(), 8, story.own.delegation), signers, StakeError::WrongKind);
    world.fails(swap(finish(), 10, foreign.rival.slasher), signers, StakeError::WrongSlasher);
    world.fails(swap(finish(), 10, story.pool.address), signers, StakeError::WrongSlasher);
    world.fails(swap(finish(), 11, other.pubkey()), signers, StakeError::WrongPayer);
    world.fails(swap(finish(), 11, job.client), signers, StakeError::WrongPayer);
    world.ok(&[finish()], signers);
    assert_eq!((story.job(&job).paid, story.staked().bonded), (Credits(60 * PRICE), Tokens(BOND)));
}

#[test]
fn cancelling_checks_its_accounts() {
    let mut story = Story::new();
    let foreign = Foreign::new(&mut story);
    let Foreign { stranger, rival, their_credits, .. } = &foreign;
    let job = story.posted(&story.plain);
    let cancel = || story.plain.cancel_instruction(&job, job.client);
    let (world, signers) = (&story.world, &[&story.client][..]);

    world.fails(unsigned(cancel(), 0), &[], EscrowError::MissingSigner);
    for index in [1, 2] {
        world.fails(read_only(cancel(), index), signers, EscrowError::NotWritable);
    }
    world.fails(swap(cancel(), 0, story.someone.pubkey()), &[&story.someone], EscrowError::NotYetCancellable);
    world.fails(swap(cancel(), 1, story.plain.address), signers, EscrowError::WrongKind);
    world.fails(swap(cancel(), 1, story.network.address), signers, EscrowError::WrongOwner);
    world.fails(swap(cancel(), 2, *their_credits), signers, EscrowError::WrongClient);
    world.fails(swap(cancel(), 2, stranger.credits), signers, EscrowError::WrongClient);
    world.fails(swap(cancel(), 3, stranger.market.spender), signers, BmeError::WrongNetwork);
    world.fails(swap(cancel(), 3, rival.spender), signers, BmeError::Unauthorized);
    world.fails(swap(cancel(), 3, story.credits), signers, BmeError::WrongKind);
    world.fails(swap(cancel(), 5, STAKE), signers, EscrowError::WrongProgram);
    world.fails(short(cancel()), signers, EscrowError::NotEnoughAccounts);

    runtime_refuses(world, swap(cancel(), 4, rival.key.pubkey()), signers);
    let by_rival = signed(swap(cancel(), 3, rival.spender), 4, rival.key.pubkey());
    world.fails(by_rival, &[&story.client, &rival.key], EscrowError::WrongAddress);
    world.ok(&[cancel()], signers);
}

#[test]
fn closing_checks_its_accounts() {
    let story = Story::new();
    let job = story.cancelled(&story.plain);
    let (world, close) = (&story.world, || story.close(&job));
    for index in [0, 1] {
        world.fails(read_only(close(), index), &[], EscrowError::NotWritable);
    }
    world.fails(swap(close(), 0, story.plain.address), &[], EscrowError::WrongKind);
    world.fails(swap(close(), 0, story.network.address), &[], EscrowError::WrongOwner);
    for receiver in [story.someone.pubkey(), job.client, job.provider, job.address] {
        world.fails(swap(close(), 1, receiver), &[], EscrowError::WrongPayer);
    }
    world.fails(short(close()), &[], EscrowError::NotEnoughAccounts);
    // Once, even where the account's bytes are still there.
    let failure = world.send(&[close(), close()], &[]).unwrap_err();
    assert_eq!(failure.code(), Some(EscrowError::WrongOwner as u32));
    world.ok(&[close()], &[]);
}

#[test]
fn jobs_of_one_client_do_not_touch_each_other() {
    let story = Story::new();
    let jobs = [story.running(&story.plain), story.running(&story.bonded), story.posted(&story.plain)];
    story.world.pass(60);
    story.world.ok(&[story.finish(&story.plain, &jobs[0], &story.client, NO_RESULT)], &[&story.client]);
    story.check(&jobs);
    assert_eq!((story.job(&jobs[1]).held, story.job(&jobs[2]).held), (Credits(DEPOSIT), Credits(DEPOSIT)));
    assert_eq!(story.staked().bonded, Tokens(BOND));
    // A bond of the one does not end the other.
    let mixed = swap(story.finish(&story.bonded, &jobs[1], &story.client, NO_RESULT), 1, jobs[2].address);
    story.world.fails(mixed, &[&story.client], EscrowError::WrongJobState);
    story.check(&jobs);
}

// Setting up

#[test]
fn a_market_says_what_it_is() {
    let story = Story::new();
    let market: MarketState = story.world.read(story.bonded.address);
    assert_eq!((market.network, market.id, market.pool), (story.network.address, 1, story.pool.address));
    assert_eq!(market.spender, story.bonded.spender);
    assert_eq!(market.terms, Terms { bond: Tokens(BOND), ..usual_terms() });
    assert_eq!(market.authority_bump, pda::authority::find(&story.network.address).1);
    assert_eq!(story.job(&story.posted(&story.bonded)).authority_bump, market.authority_bump);
}

#[test]
fn creating_a_market_checks_its_accounts() {
    let mut story = Story::new();
    let stranger = story.stranger();
    let rival = story.rival();
    let (world, network, payer) = (&story.world, &story.network, &story.payer);
    let market = Market::unborn(network, &story.pool, 9);
    let create = || swap(market.create_instruction(world, network, 9, usual_terms()), 0, payer.pubkey());
    let signers = &[payer, &network.authority][..];

    world.fails(unsigned(create(), 0), &[&network.authority], EscrowError::MissingSigner);
    world.fails(unsigned(create(), 1), &[payer], EscrowError::MissingSigner);
    for index in [0, 3] {
        world.fails(read_only(create(), index), signers, EscrowError::NotWritable);
    }
    let someone = &story.someone;
    world.fails(swap(create(), 1, someone.pubkey()), &[payer, someone], EscrowError::Unauthorized);
    world.fails(swap(create(), 2, stranger.network.address), signers, EscrowError::Unauthorized);
    world.fails(swap(create(), 2, network.burn_shard(0)), signers, EscrowError::WrongKind);
    world.fails(swap(create(), 2, network.mint), signers, EscrowError::WrongOwner);
    world.fails(swap(create(), 3, Market::unborn(network, &story.pool, 8).address), signers, EscrowError::WrongAddress);
    world.fails(swap(create(), 3, stranger.market.address), signers, EscrowError::WrongAddress);
    world.fails(swap(create(), 4, stranger.pool.address), signers, EscrowError::WrongNetwork);
    world.fails(swap(create(), 4, story.own.provider), signers, EscrowError::WrongKind);
    world.fails(swap(create(), 4, network.address), signers, EscrowError::WrongOwner);
    world.fails(swap(create(), 5, stranger.market.spender), signers, EscrowError::WrongNetwork);
    world.fails(swap(create(), 5, rival.spender), signers, EscrowError::WrongAddress);
    world.fails(swap(create(), 5, story.credits), signers, EscrowError::WrongKind);
    world.fails(swap(create(), 5, story.pool.address), signers, EscrowError::WrongOwner);
    world.fails(swap(create(), 6, stranger.market.authority), signers, EscrowError::WrongAddress);
    let by_rival = swap(swap(create(), 5, rival.spender), 6, rival.key.pubkey());
    world.fails(by_rival, signers, EscrowError::WrongAddress);
    world.fails(swap(create(), 7, TOKEN_PROGRAM), signers, EscrowError::WrongProgram);
    world.fails(short(create()), signers, EscrowError::NotEnoughAccounts);
    world.ok(&[create()], signers);
    world.fails(create(), signers, EscrowError::AlreadyInitialized);
}

#[test]
fn creating_a_market_checks_its_terms() {
    let story = Story::new();
    let (world, network) = (&story.world, &story.network);
    let create = |id, terms| {
        let market = Market::unborn(network, &story.pool, id);
        world.send(&[market.create_instruction(world, network, id, terms)], &[&network.authority])
    };
    let usual = usual_terms();
    let longest = Terms { max_duration: Seconds(u32::MAX), ..usual };
    let dearest = u64::MAX / u32::MAX as u64;
    let invalid = [
        Terms { price: Credits(0), ..usual },
        Terms { price: Credits(u64::MAX), ..usual },
        Terms { price: Credits(u64::MAX / 86_400 + 1), ..usual },
        Terms { price: Credits(dearest + 1), ..longest },
        Terms { min_duration: Seconds(0), ..usual },
        Terms { min_duration: Seconds(0), max_duration: Seconds(0), ..usual },
        Terms { min_duration: Seconds(86_401), ..usual },
        Terms { min_duration: Seconds(u32::MAX), ..usual },
        Terms { max_duration: Seconds(9), ..usual },
        Terms { max_duration: Seconds(0), ..usual },
        Terms { start_window: Seconds(0), ..usual },
        Terms { start_window: Seconds(7 * 86_400 + 1), ..usual },
        Terms { start_window: Seconds(u32::MAX), ..usual },
    ];
    for (number, terms) in invalid.into_iter().enumerate() {
        let code = create(9, terms).expect_err("terms outside their ranges").code();
        assert_eq!(code, Some(EscrowError::InvalidParameter as u32), "terms {number}");
    }
    let valid = [
        Terms { price: Credits(1), min_duration: Seconds(1), max_duration: Seconds(1), ..usual },
        Terms { price: Credits(u64::MAX), min_duration: Seconds(1), max_duration: Seconds(1), ..usual },
        Terms { price: Credits(u64::MAX / 86_400), ..usual },
        Terms { price: Credits(dearest), ..longest },
        Terms { min_duration: Seconds(u32::MAX), ..longest },
        Terms { start_window: Seconds(1), ..usual },
        Terms { start_window: Seconds(7 * 86_400), ..usual },
        Terms { bond: Tokens(u64::MAX), class: u32::MAX, ..usual },
    ];
    for (number, terms) in valid.into_iter().enumerate() {
        create(u64::MAX - number as u64, terms).expect("terms at the ends of their ranges");
    }
}

#[test]
fn instruction_data_is_exact() {
    let story = Story::new();
    let job = story.running(&story.plain);
    let finish = story.finish(&story.plain, &job, &story.client, NO_RESULT);
    let signers = &[&story.client][..];
    let with = |change: fn(&mut Vec<u8>)| {
        let mut finish = finish.clone();
        change(&mut finish.data);
        finish
    };
    story.world.fails(with(|data| data.push(0)), signers, EscrowError::InvalidArguments);
    story.world.fails(with(|data| data.truncate(32)), signers, EscrowError::InvalidArguments);
    story.world.fails(with(|data| data.clear()), signers, EscrowError::UnknownInstruction);
    story.world.fails(with(|data| data[0] = 255), signers, EscrowError::UnknownInstruction);
}

// What it costs

#[test]
fn bench() {
    let story = Story::new();
    let (world, network) = (&story.world, &story.network);
    let (plain, bonded, classed) = (&story.plain, &story.bonded, &story.classed);
    let mut table = Table::new("escrow", ID);
    let mut row = |name: &str, instruction: Instruction, signers: &[&Keypair]| {
        table.row(name, &world.ok(&[instruction], signers));
    };

    let market = Market::unborn(network, &story.pool, 9);
    let create = market.create_instruction(world, network, 9, usual_terms());
    row("CreateMarket", create, &[&network.authority]);
    let [job, with_bond, with_node, idle] = [plain, bonded, classed, plain].map(|market| story.unposted(market));
    row("PostJob", story.post(plain, &job, HOUR), &story.posting());
    for (market, job) in [(bonded, &with_bond), (classed, &with_node), (plain, &idle)] {
        world.ok(&[story.post(market, job, HOUR)], &story.posting());
    }
    row("StartJob", story.start(plain, &job), &[&story.provider]);
    row("StartJob (on a node)", story.start(classed, &with_node), &[&story.provider]);
    row("StartJob (with a bond)", story.start(bonded, &with_bond), &[&story.provider]);
    row("SettleJob (nothing is due)", plain.settle_instruction(&job, 0), &[]);
    world.pass(60);
    row("SettleJob", plain.settle_instruction(&job, 0), &[]);
    world.pass(60);
    row("FinishJob", story.finish(plain, &job, &story.provider, RESULT), &[&story.provider]);
    row("FinishJob (with a bond)", story.finish(bonded, &with_bond, &story.client, NO_RESULT), &[&story.client]);
    world.pass(HOUR as u64);
    let finish = story.finish(classed, &with_node, &story.someone, NO_RESULT);
    row("FinishJob (its time is up)", finish, &[&story.someone]);
    row("CancelJob", plain.cancel_instruction(&idle, job.client), &[&story.client]);
    row("CloseJob", story.close(&job), &[]);
    table.check();
}

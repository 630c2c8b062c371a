//! The market's scenes: three jobs paid in a stable coin, one from the queue, one from an auction, and one that falls below
//! its service level.

use {
    super::{Demo, Line},
    joule_escrow_interface::{
        event::JobEnded,
        state::{Deposit as DepositState, MAX_HAND_BACKS, MIN_PAID_DURATION, Terms, matching},
    },
    joule_interface::Address,
    joule_math::{Amount, Bps, Tokens},
    joule_stake_interface::{event::BondSeized, state::Provider},
    joule_tests::{
        World,
        fixture::{Backer, Deposit, Job, Market, Network, NewMint, Pool, TOKEN, serviced, usual_terms},
    },
    solana_keypair::Keypair,
    solana_signer::Signer,
};

const HOUR: u32 = 3_600;
/// Of the stable coin, a second.
const PRICE: u64 = 10_000_000;
const BOND: u64 = 100 * TOKEN;
const STAKE: u64 = 1_000 * TOKEN;

/// Who plays besides the client and the operator, and the coin.
pub struct Cast {
    pub rival: Keypair,
    rival_tokens: Address,
    pub coin: NewMint,
    pub client_coins: Address,
    pub operator_coins: Address,
    pub rival_coins: Address,
    treasury: Address,
    pub deposit: Deposit,
    pub minted: u64,
}

impl Cast {
    /// A second operator with tokens to stake, and a client with coins to spend.
    pub fn new(world: &mut World, mint: &NewMint, client: Address, operator: Address) -> Self {
        let rival = world.user();
        let rival_tokens = world.token_account(mint.address, rival.pubkey());
        world.mint_to(mint, rival_tokens, STAKE);
        let coin = world.mint();
        let [client_coins, treasury] = [client, client].map(|owner| world.token_account(coin.address, owner));
        let [operator_coins, rival_coins] =
            [operator, rival.pubkey()].map(|owner| world.associated_account(coin.address, owner));
        let minted = 500 * TOKEN;
        world.mint_to(&coin, client_coins, minted);
        let deposit = Deposit::of(client, coin.address, coin.token_program);
        Self { rival, rival_tokens, coin, client_coins, operator_coins, rival_coins, treasury, deposit, minted }
    }

    /// The rival in the pool.
    pub fn staked(&self, pool: &Pool) -> Address {
        pool.provider(self.rival.pubkey())
    }

    /// Accounts of the network's token, by name.
    pub fn tokens(&self) -> Vec<(&'static str, Address)> {
        vec![("rival's wallet", self.rival_tokens)]
    }

    /// Accounts of the coin, by name.
    pub fn coins(&self) -> Vec<(&'static str, Address)> {
        vec![
            ("client's coins", self.client_coins),
            ("operator's coins", self.operator_coins),
            ("rival's coins", self.rival_coins),
            ("market's fees", self.treasury),
            ("deposit's vault", self.deposit.vault),
        ]
    }
}

/// What the scenes need of the story before them.
pub struct Stage<'a> {
    pub network: &'a Network,
    pub pool: &'a Pool,
    pub client: &'a Keypair,
    pub client_tokens: Address,
    pub operator: &'a Keypair,
    pub operator_tokens: Address,
}

/// Plays them. Returns what goes into the books.
pub fn play(demo: &mut Demo, stage: &Stage, cast: &Cast) -> Vec<Line> {
    let Stage { network, pool, client, operator, .. } = *stage;
    let (deposit, rival) = (&cast.deposit, &cast.rival);

    // The rival stakes.
    let staked = cast.staked(pool);
    let backer = Backer::of(staked, rival.pubkey(), cast.rival_tokens);
    let enter = [
        pool.register_instruction(&demo.world, rival.pubkey()),
        pool.open_delegation_instruction(&demo.world, &backer),
        pool.stake_instruction(&backer, STAKE),
    ];
    demo.step("A rival", "registers as a provider and stakes 1,000 tokens", &enter, &[rival]);

    // A market paid in coins.
    let terms = Terms {
        price: Amount(PRICE),
        bond_amount: Tokens(BOND),
        reports: 1,
        fee_share: Bps(200),
        fee_payee: cast.treasury,
        bid_step: Bps(500),
        ..serviced(usual_terms())
    };
    let market = Market::unborn(network, pool, 1, terms).paid_in(&cast.coin);
    let open = [
        market.create_instruction(&demo.world, network),
        market.create_queue_instruction(&demo.world),
        market.grow_queue_instruction(&demo.world, 213),
    ];
    demo.step(
        "The founder",
        "opens a market in coins: a heartbeat a minute, 99 % of the time, a bond of 100 tokens, 2 % of fee",
        &open,
        &[&network.authority],
    );
    let put_in = [
        deposit.open_instruction(&demo.world),
        deposit.deposit_instruction(client.pubkey(), cast.client_coins, 300 * TOKEN),
    ];
    demo.step("The client", "puts 300 coins into a deposit of its own", &put_in, &[client]);
    let job = |nonce, matching| {
        let job = market.job(client.pubkey(), nonce, operator.pubkey(), cast.operator_coins);
        Job { matching, ..job }
    };
    let by_rival = |job: &Job| job.by(&market, rival.pubkey(), cast.rival_coins);
    let mut ended = vec![];

    // The queue: the rival waits, and has the first job that comes.
    let join = market.join_instruction(rival.pubkey(), 0);
    demo.step("The rival", "waits in the queue for a job", &[join], &[rival]);
    let queued = job(1, matching::QUEUE);
    let post = market.post_instruction(&demo.world, &queued, HOUR);
    demo.step("The client", "posts a job of an hour: it is given to the first who waits", &[post], &[client]);
    let queued = by_rival(&queued);
    let start = market.start_instruction(&demo.world, &queued);
    demo.step("The rival", "starts it and locks its bond", &[start], &[rival]);
    run(demo, &market, &queued, rival, 60);
    let finish = market.finish_instruction(&queued, rival.pubkey(), [0xab; 32]);
    let receipt = demo.step("The rival", "delivers after an hour and is paid, less the fee", &[finish], &[rival]);
    ended.push(receipt.event::<JobEnded>(joule_escrow_interface::ID));
    settle_bond(demo, &market, &queued, stage);

    // Halts of the chain are nobody's fault, if somebody ticks.
    let tick = joule_tests::fixture::tick_instruction(&demo.world);
    demo.step("A keeper", "ticks the halt clock, as it does each minute", &[tick], &[]);

    // The auction.
    let auctioned = job(2, matching::AUCTION);
    let post = market.post_instruction(&demo.world, &auctioned, HOUR);
    demo.step("The client", "auctions a job of an hour: a hundredth of a coin a second at most", &[post], &[client]);
    let bid = market.bid_instruction(&demo.world, &auctioned, PRICE * 9 / 10, None);
    demo.step("The operator", "bids nine tenths of that, with a bond", &[bid], &[operator]);
    let theirs = by_rival(&auctioned);
    let bid = market.bid_instruction(&demo.world, &theirs, PRICE * 8 / 10, Some(&auctioned));
    demo.step("The rival", "bids eight tenths: its bond is held, the operator's is free again", &[bid], &[rival]);
    demo.world.pass(HOUR as u64 + 1);
    let award = market.award_instruction(&auctioned);
    demo.step("A keeper", "awards it: what the price saves goes back", &[award], &[]);
    let start = market.start_instruction(&demo.world, &theirs);
    demo.step("The rival", "starts it", &[start], &[rival]);
    run(demo, &market, &theirs, rival, 60);
    let finish = market.finish_instruction(&theirs, rival.pubkey(), [0xac; 32]);
    let receipt = demo.step("The rival", "delivers", &[finish], &[rival]);
    ended.push(receipt.event::<JobEnded>(joule_escrow_interface::ID));
    settle_bond(demo, &market, &theirs, stage);

    // Below its service level.
    let poor = by_rival(&job(3, matching::DIRECT));
    let post = market.post_instruction(&demo.world, &poor, HOUR);
    demo.step("The client", "posts a job of an hour for the rival", &[post], &[client]);
    let start = market.start_instruction(&demo.world, &poor);
    demo.step("The rival", "starts it", &[start], &[rival]);
    run(demo, &market, &poor, rival, 30);
    let settle = market.settle_instruction(&poor);
    demo.step("The rival", "is paid for half an hour, and falls silent", &[settle], &[]);
    demo.world.pass(HOUR as u64);
    let finish = market.finish_instruction(&poor, operator.pubkey(), [0; 32]);
    let receipt = demo.step("Anyone", "ends it: 29 heartbeats are missing", &[finish], &[operator]);
    ended.push(receipt.event::<JobEnded>(joule_escrow_interface::ID));
    let seized = settle_bond(demo, &market, &poor, stage);

    // The client takes the rest home, and the books are drawn up.
    let free = demo.world.read::<DepositState>(deposit.address).free.0;
    let withdraw = deposit.withdraw_instruction(cast.client_coins, free);
    demo.step("The client", "withdraws what no job holds", &[withdraw], &[client]);
    let world = &demo.world;
    let state: DepositState = world.read(deposit.address);
    let provider: Provider = world.read(staked);
    let sum = |part: fn(&JobEnded) -> Amount| ended.iter().map(|job| part(job).0).sum::<u64>();
    vec![
        Line {
            name: "Coins",
            left: ("in all coin accounts", cast.coins().iter().map(|(_, account)| world.tokens(*account)).sum()),
            right: ("minted", cast.minted),
        },
        Line {
            name: "Deposit",
            left: ("in its vault", world.tokens(deposit.vault)),
            right: ("free + held", state.free.0 + state.held.0),
        },
        Line {
            name: "Three jobs",
            // The one from the queue holds three times what a hand-back costs beside its price.
            left: ("put in", PRICE * (3 * HOUR as u64 + MAX_HAND_BACKS as u64 * MIN_PAID_DURATION.0 as u64)),
            right: (
                "paid + fees + penalties + given back",
                sum(|job| job.paid) + sum(|job| job.fee_paid) + sum(|job| job.penalty) + sum(|job| job.refunded),
            ),
        },
        Line {
            name: "Pay",
            left: ("in the rival's account", world.tokens(cast.rival_coins)),
            right: ("paid", sum(|job| job.paid)),
        },
        Line {
            name: "Fees",
            left: ("in the treasury", world.tokens(cast.treasury)),
            right: ("paid as fees", sum(|job| job.fee_paid)),
        },
        Line {
            name: "Rival's stake",
            left: ("active", provider.active_stake().unwrap().0),
            right: ("staked - taken from its bond", STAKE - seized),
        },
    ]
}

/// Lets `minutes` pass with a heartbeat each.
fn run(demo: &mut Demo, market: &Market, job: &Job, by: &Keypair, minutes: u32) {
    let mut units = 0;
    for _ in 0..minutes {
        demo.world.pass(60);
        units = demo.world.ok(&[market.heartbeat_instruction(job)], &[by]).units();
    }
    demo.note("The rival", &format!("says each minute that it is alive, for {minutes} minutes"), units, 1);
}

/// Settles with `stake`. Returns what was taken of the bond.
fn settle_bond(demo: &mut Demo, market: &Market, job: &Job, stage: &Stage) -> u64 {
    let settle = market.settle_bond_instruction(job, stage.client_tokens);
    let receipt = demo.step("A keeper", "settles the bond and reports how the job went", &[settle], &[]);
    receipt.events::<BondSeized>(joule_stake_interface::ID).iter().map(|event| event.amount.0).sum()
}

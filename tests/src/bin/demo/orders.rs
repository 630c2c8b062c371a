//! The scenes of compute as it is sold: by the request, by the machine, in bulk, by the cluster, and ahead.

use {
    super::{
        Demo, Line,
        escrow::{Cast, Stage},
    },
    joule_escrow_interface::{
        state::{Deposit as DepositState, Job as JobState, Terms, matching, scheme},
        voucher::verify_instruction,
    },
    joule_math::{Amount, Bps, Seconds, Tokens},
    joule_stake_interface::state::Provider,
    joule_tests::fixture::{Backer, Beacon, Gang, Job, Market, TOKEN, by_beacon, by_usage, usual_terms, voucher_for},
    solana_keypair::Keypair,
    solana_signer::Signer,
};

const HOUR: u32 = 3_600;
/// Of the coin, a second of a machine.
const PRICE: u64 = 1_000_000;
/// Of the coin, a request.
const REQUEST: u64 = 10_000;
const MILLION: u64 = 1_000_000;
const FUNDS: u64 = 60 * TOKEN;
const BOND: u64 = 100 * TOKEN;
const NO_RESULT: [u8; 32] = [0; 32];
/// In a transaction, behind the limit of compute units.
const FIRST: u8 = 1;

/// Plays them. Returns their books.
pub fn play(demo: &mut Demo, stage: &Stage, cast: &Cast) -> Vec<Line> {
    let Stage { network, pool, client, .. } = *stage;
    let deposit = &cast.deposit;
    let by_second = Terms { price: Amount(PRICE), ..usual_terms() };
    let beating = Terms { heartbeat_interval: Seconds(60), min_duration: Seconds(60), ..by_second };
    let bonded = Terms { bond_amount: Tokens(BOND), ..by_second };
    let ganged = Terms { bond_amount: Tokens(BOND), failure_penalty: Bps(5_000), matching: matching::GANG, ..beating };
    let market = |id, terms| Market::unborn(network, pool, id, terms).paid_in(&cast.coin);
    let requests = market(5, Terms { price: Amount(REQUEST), ..by_usage(usual_terms()) });
    let machines = market(6, by_beacon(beating));
    let clusters = market(7, ganged);
    let reserved = market(8, bonded);
    for (what, markets) in [
        ("opens a market of requests and one of machines", [&requests, &machines]),
        ("opens a market of clusters and one of time ahead, each with a bond", [&clusters, &reserved]),
    ] {
        let create = markets.map(|market| market.create_instruction(&demo.world, network));
        demo.step("The founder", what, &create, &[&network.authority]);
    }
    let put_in = deposit.deposit_instruction(client.pubkey(), cast.client_coins, FUNDS);
    demo.step("The client", "puts 60 coins in", &[put_in], &[client]);
    let before: DepositState = demo.world.read(deposit.address);

    let mut jobs = vec![by_the_request(demo, stage, cast, &requests)];
    let used: JobState = jobs[0];
    jobs.extend(by_the_machine(demo, stage, cast, &machines));
    let stakes = [stage.operator.pubkey(), cast.rival.pubkey()].map(|provider| pool.provider(provider));
    let back = pool.stake_instruction(&Backer::of(stakes[0], stage.operator.pubkey(), stage.operator_tokens), 2 * BOND);
    demo.step("The operator", "stakes again, 200 tokens", &[back], &[stage.operator]);
    demo.world.pass(1);
    let staked = |demo: &Demo| stakes.iter().map(|it| demo.world.read::<Provider>(*it).stake().unwrap().0).sum::<u64>();
    let staked_before = staked(demo);
    jobs.extend(by_the_cluster(demo, stage, cast, &clusters));
    jobs.push(ahead(demo, stage, cast, &reserved));

    let free = demo.world.read::<DepositState>(deposit.address).free.0;
    let withdraw = deposit.withdraw_instruction(cast.client_coins, free);
    demo.step("The client", "withdraws the rest", &[withdraw], &[client]);

    let sum = |part: fn(&JobState) -> Amount| jobs.iter().map(|job| part(job).0).sum::<u64>();
    let held = demo.world.read::<DepositState>(deposit.address).held.0;
    vec![
        Line {
            name: "Requests",
            left: ("a million at their price", MILLION * REQUEST),
            right: ("paid for one voucher", used.paid.0),
        },
        Line {
            name: "Orders: jobs",
            left: ("held for eight jobs", sum(|job| job.deposited)),
            right: ("paid + given back", sum(|job| job.paid) + sum(|job| job.refunded)),
        },
        Line {
            name: "Orders: client",
            left: ("withdrawn", free),
            right: ("put in - paid", before.free.0 + before.held.0 - held - sum(|job| job.paid)),
        },
        Line {
            name: "Orders: bonds",
            left: ("stake of both providers", staked(demo)),
            right: ("before their bonds were locked", staked_before),
        },
        Line {
            name: "Coins after these scenes",
            left: ("in all coin accounts", demo.coins.iter().map(|(_, account)| demo.world.tokens(*account)).sum()),
            right: ("minted", cast.minted),
        },
    ]
}

/// A million requests, paid by one voucher.
fn by_the_request(demo: &mut Demo, stage: &Stage, cast: &Cast, market: &Market) -> JobState {
    let (client, rival) = (stage.client, &cast.rival);
    let agent = Keypair::new();
    let job = market.job(client.pubkey(), 31, rival.pubkey(), cast.rival_coins);
    let session = (scheme::ED25519, agent.pubkey().to_bytes());
    let post = market.post_usage_instruction(&demo.world, &job, HOUR, 2 * MILLION, session);
    demo.step("The client", "pays for two million requests at most, which a key signs for", &[post], &[client]);
    let start = market.start_instruction(&demo.world, &job);
    demo.step("The rival", "starts it", &[start], &[rival]);
    demo.world.pass(HOUR as u64);
    let voucher = voucher_for(&agent, &demo.world, &job, MILLION);
    let redeem = [verify_instruction(&[voucher]), market.redeem_instruction(&job, rival.pubkey(), FIRST, 0)];
    demo.step("The rival", "is paid for a million requests by the last of their vouchers", &redeem, &[rival]);
    // The end leaves it time for another voucher, which it does not need.
    let finish = [[0xb2; 32], NO_RESULT].map(|result| market.finish_instruction(&job, rival.pubkey(), result));
    demo.step("The rival", "delivers, and closes the books: what was not asked for goes back", &finish, &[rival]);
    ended(demo, market, &[job]).remove(0)
}

/// Four jobs of one machine, in one transaction each time, with one heartbeat for all.
fn by_the_machine(demo: &mut Demo, stage: &Stage, cast: &Cast, market: &Market) -> Vec<JobState> {
    let (client, rival) = (stage.client, &cast.rival);
    let jobs: Vec<Job> = (32..36).map(|n| market.job(client.pubkey(), n, rival.pubkey(), cast.rival_coins)).collect();
    let beacon = Beacon::of(rival.pubkey());
    let open = beacon.open_instruction(&demo.world, jobs.len() as u16);
    demo.step("The rival", "opens a beacon for four jobs on its machine", &[open], &[rival]);
    let post = market.post_many_instruction(&demo.world, &jobs, HOUR, PRICE);
    demo.step("The client", "posts four jobs of an hour at once", &[post], &[client]);
    let start = [market.start_all_instruction(&demo.world, &jobs, jobs.len() as u8), beacon.join_instruction(&jobs)];
    demo.step("The rival", "starts all four at once and puts them on its beacon", &start, &[rival]);
    let mut units = 0;
    for _ in 0..60 {
        demo.world.pass(60);
        units = demo.world.ok(&[beacon.beat_instruction()], &[rival]).units();
    }
    demo.note("The rival", "says each minute that its machine is alive, once for all four, for an hour", units, 1);
    let results: Vec<_> = jobs.iter().map(|job| (*job, [0xb0; 32])).collect();
    let read = beacon.read_instruction(&jobs);
    let finish = market.finish_all_instruction(&results, rival.pubkey(), u64::MAX);
    demo.step("The rival", "delivers all four, and is paid for all at once", &[read, finish], &[rival]);
    let leave = [beacon.leave_instruction(&jobs), beacon.close_instruction(&demo.world, rival.pubkey())];
    demo.step("The rival", "closes its beacon", &leave, &[rival]);
    ended(demo, market, &jobs)
}

/// Two machines or none.
fn by_the_cluster(demo: &mut Demo, stage: &Stage, cast: &Cast, market: &Market) -> Vec<JobState> {
    let (client, operator, rival) = (stage.client, stage.operator, &cast.rival);
    let gang = Gang::of(client.pubkey(), 1);
    let places = [
        gang.place(market, 36, rival.pubkey(), cast.rival_coins),
        gang.place(market, 37, operator.pubkey(), cast.operator_coins),
    ];
    let post =
        [gang.post_instruction(&demo.world, market, 2, HOUR), gang.places_instruction(&demo.world, market, &places)];
    demo.step("The client", "posts a gang of two machines for an hour: both, or none", &post, &[client]);
    demo.world.pass(1);
    let join = gang.join_instruction(&demo.world, market, &places[0]);
    demo.step("The rival", "joins it with its bond: no clock runs", &[join], &[rival]);
    let join = gang.join_instruction(&demo.world, market, &places[1]);
    demo.step("The operator", "joins it, the last: both clocks run", &[join], &[operator]);
    let mut units = 0;
    for _ in 0..30 {
        demo.world.pass(60);
        for (place, key) in places.iter().zip([rival, operator]) {
            units = demo.world.ok(&[gang.heartbeat_instruction(place)], &[key]).units();
        }
    }
    demo.note("Both", "say each minute that they are alive, for half an hour", units, 1);
    let stop = gang.stop_instruction(client.pubkey());
    demo.step("The client", "stops it", &[stop], &[client]);
    let settle = places.map(|place| gang.settle_instruction(market, &place, operator.pubkey()));
    demo.step("The operator", "settles both places: each is paid for half an hour", &settle, &[operator]);
    let ended = settled_and_ended(demo, stage, market, &places);
    demo.step("A keeper", "closes the gang", &[gang.close_instruction(&demo.world)], &[]);
    ended
}

/// A machine for tomorrow.
fn ahead(demo: &mut Demo, stage: &Stage, cast: &Cast, market: &Market) -> JobState {
    let (client, rival) = (stage.client, &cast.rival);
    let (day, half) = (86_400, 5_000);
    let job = market.job(client.pubkey(), 38, rival.pubkey(), cast.rival_coins);
    let starts_at = demo.world.now().0 + day;
    let post =
        [market.post_instruction(&demo.world, &job, HOUR), market.offer_instruction(&job, starts_at, day as u32, half)];
    let what = "asks for an hour from tomorrow on: who leaves pays more by the hour, in the end half";
    demo.step("The client", what, &post, &[client]);
    let take = market.take_instruction(&demo.world, &job);
    demo.step("The rival", "takes the reservation with its bond", &[take], &[rival]);
    demo.world.pass(day as u64);
    let start = market.start_instruction(&demo.world, &job);
    demo.step("The rival", "starts it a day later", &[start], &[rival]);
    demo.world.pass(HOUR as u64);
    let finish = market.finish_instruction(&job, rival.pubkey(), [0xb1; 32]);
    demo.step("The rival", "delivers, and is paid", &[finish], &[rival]);
    settled_and_ended(demo, stage, market, &[job]).remove(0)
}

/// Gives back the bonds of jobs that ended.
fn settled_and_ended(demo: &mut Demo, stage: &Stage, market: &Market, jobs: &[Job]) -> Vec<JobState> {
    let settle: Vec<_> = jobs.iter().map(|job| market.settle_bond_instruction(job, stage.client_tokens)).collect();
    demo.step("A keeper", "gives the bonds back", &settle, &[]);
    ended(demo, market, jobs)
}

/// Closes jobs that ended. Returns what they were.
fn ended(demo: &mut Demo, market: &Market, jobs: &[Job]) -> Vec<JobState> {
    let states = jobs.iter().map(|job| demo.world.read(job.address)).collect();
    let close = market.close_jobs_instruction(&demo.world, jobs);
    demo.step("A keeper", "closes what has ended: its rent returns", &[close], &[]);
    states
}

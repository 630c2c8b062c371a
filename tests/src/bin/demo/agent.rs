//! The scene of an agent: a key without money that buys compute with the client's, within the limits of a mandate, until the
//! client revokes it.

use {
    super::{
        Demo, Line,
        escrow::{Cast, Stage},
    },
    joule_escrow_interface::{
        EscrowError, ID,
        event::JobEnded,
        instruction::OpenMandateArgs,
        state::{Deposit as DepositState, Mandate as MandateState, NONE, Terms},
    },
    joule_math::Amount,
    joule_tests::fixture::{Mandate, Market, TOKEN, accepted, usual_terms},
    solana_signer::Signer,
};

const HOUR: u32 = 3_600;
/// Of the coin, a second.
const PRICE: u64 = 10_000_000;
/// Of a result.
const RESULT_PRICE: u64 = 20 * TOKEN;
/// What the agent may spend in a day, and in all.
const LIMITS: [u64; 2] = [120 * TOKEN, 200 * TOKEN];
const NO_RESULT: [u8; 32] = [0; 32];

/// Plays it. Returns its books.
pub fn play(demo: &mut Demo, stage: &Stage, cast: &Cast) -> Vec<Line> {
    let Stage { network, pool, client, .. } = *stage;
    let (deposit, rival) = (&cast.deposit, &cast.rival);
    let agent = demo.world.key();
    let by_second = Terms { price: Amount(PRICE), ..usual_terms() };
    let by_result = Terms { price: Amount(RESULT_PRICE), ..accepted(network.authority.pubkey(), usual_terms()) };
    let market = |id, terms| Market::unborn(network, pool, id, terms).paid_in(&cast.coin);
    let (seconds, results) = (market(3, by_second), market(4, by_result));
    let create = [&seconds, &results].map(|market| market.create_instruction(&demo.world, network));
    let what = "opens two markets without a bond: one of seconds, one of results";
    demo.step("The founder", what, &create, &[&network.authority]);

    let put_in = deposit.deposit_instruction(client.pubkey(), cast.client_coins, 200 * TOKEN);
    let mandate = Mandate::of(client.pubkey(), agent.pubkey(), 0);
    let args = mandate.args(&demo.world, deposit.address, NONE, LIMITS[0], LIMITS[1]);
    let args = OpenMandateArgs { markets: [seconds.address, results.address, NONE, NONE], ..args };
    let open = mandate.open_instruction(&demo.world, &args);
    demo.step(
        "The client",
        "puts 200 coins in, of which an agent may spend 120 a day in these markets, for a week",
        &[put_in, open],
        &[client],
    );
    let before = demo.world.read::<DepositState>(deposit.address);
    // One that was opened in this second cannot be closed.
    demo.world.pass(1);
    let job = |market: &Market, nonce| market.job(client.pubkey(), nonce, rival.pubkey(), cast.rival_coins);
    let mut ended: Vec<JobEnded> = vec![];

    // Seconds.
    let running = job(&seconds, 21);
    let post = mandate.by(seconds.post_instruction(&demo.world, &running, HOUR));
    demo.step("The agent, a key without money,", "posts a job of an hour", &[post], &[&agent]);
    let start = seconds.start_instruction(&demo.world, &running);
    demo.step("The rival", "starts it", &[start], &[rival]);
    let extend = mandate.by(seconds.extend_instruction(&running, HOUR / 2));
    demo.step("The agent", "extends it by half an hour: 18 coins more are held", &[extend], &[&agent]);
    demo.world.pass(75 * 60);
    let stop = mandate.by(seconds.finish_instruction(&running, client.pubkey(), NO_RESULT));
    let receipt =
        demo.step("The agent", "stops it after 75 minutes: 9 coins are the client's again", &[stop], &[&agent]);
    ended.push(receipt.event(ID));

    // A result.
    let delivered = job(&results, 22);
    let post = mandate.by(results.post_instruction(&demo.world, &delivered, HOUR));
    demo.step("The agent", "posts a job for a result, for 20 coins", &[post], &[&agent]);
    let start = results.start_instruction(&demo.world, &delivered);
    demo.step("The rival", "starts it", &[start], &[rival]);
    demo.world.pass(600);
    let deliver = results.deliver_instruction(&delivered, [0xae; 32]);
    demo.step("The rival", "delivers the result ten minutes later", &[deliver], &[rival]);
    let accept = mandate.by(results.accept_instruction(&delivered, client.pubkey()));
    let receipt = demo.step("The agent", "accepts it, and the rival is paid", &[accept], &[&agent]);
    ended.push(receipt.event(ID));

    // Once more.
    let renew = mandate.by(seconds.renew_instruction(&demo.world, &running));
    demo.step("The agent", "renews the first job: one and a half hours in the same account", &[renew], &[&agent]);
    let start = seconds.start_instruction(&demo.world, &running);
    demo.step("The rival", "starts it", &[start], &[rival]);
    let third = job(&seconds, 23);
    let post = mandate.by(seconds.post_instruction(&demo.world, &third, HOUR));
    demo.refused("The agent", "posts one more, over the day's limit", post, &[&agent], EscrowError::MandateExceeded);
    let spent = demo.world.read::<MandateState>(mandate.address).spent.0;
    let close = mandate.close_instruction(&demo.world, client.pubkey());
    demo.step("The client", "revokes the mandate at once", &[close], &[client]);
    let extend = mandate.by(seconds.extend_instruction(&running, 60));
    demo.refused("The agent", "extends the job by a minute", extend, &[&agent], EscrowError::WrongOwner);
    demo.world.pass(90 * 60);
    let finish = seconds.finish_instruction(&running, rival.pubkey(), [0xaf; 32]);
    let receipt = demo.step("The rival", "delivers what runs all the same, and is paid", &[finish], &[rival]);
    ended.push(receipt.event(ID));
    let free = demo.world.read::<DepositState>(deposit.address).free.0;
    let withdraw = deposit.withdraw_instruction(cast.client_coins, free);
    demo.step("The client", "withdraws the rest", &[withdraw], &[client]);

    let world = &demo.world;
    let sum = |part: fn(&JobEnded) -> Amount| ended.iter().map(|job| part(job).0).sum::<u64>();
    let held = world.read::<DepositState>(deposit.address).held.0;
    vec![
        Line {
            name: "Agent: jobs",
            left: ("posted + extended + renewed", (HOUR + HOUR / 2 + HOUR * 3 / 2) as u64 * PRICE + RESULT_PRICE),
            right: ("paid + given back", sum(|job| job.paid) + sum(|job| job.refunded)),
        },
        Line {
            name: "Agent: mandate",
            left: ("spent under the mandate", spent),
            right: ("paid to the rival", sum(|job| job.paid)),
        },
        Line {
            name: "Agent: client",
            left: ("withdrawn", free),
            right: ("put in - paid", before.free.0 + before.held.0 - held - sum(|job| job.paid)),
        },
        Line {
            name: "Agent: money",
            left: ("lamports of its key", world.lamports(agent.pubkey())),
            right: ("none", 0),
        },
        Line {
            name: "Coins after all scenes",
            left: ("in all coin accounts", demo.coins.iter().map(|(_, account)| world.tokens(*account)).sum()),
            right: ("minted", cast.minted),
        },
    ]
}

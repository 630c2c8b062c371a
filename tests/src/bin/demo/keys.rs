//! The scene of a stolen key: a provider works with a hot key, a thief takes it and loses what it may bond, the manager replaces
//! it while a job runs, and all that was earned is the payee's.

use {
    super::{
        Demo, Line,
        escrow::{Cast, Stage},
    },
    joule_escrow_interface::{
        EscrowError, ID,
        event::JobEnded,
        state::{Deposit as DepositState, Terms, hot_right},
    },
    joule_math::{Amount, Bps, Tokens},
    joule_stake_interface::{event::BondSeized, state::Provider},
    joule_tests::{
        fixture::{Backer, Identity, Job, Market, TOKEN, usual_terms},
        world::swap,
    },
    solana_keypair::Keypair,
    solana_signer::Signer,
};

const HOUR: u32 = 3_600;
/// Of the coin, a second.
const PRICE: u64 = 10_000_000;
const STAKE: u64 = 400 * TOKEN;
const BOND: u64 = 50 * TOKEN;
/// What the hot key may bond in a day.
const LIMIT: u64 = 2 * BOND;
const NO_RESULT: [u8; 32] = [0; 32];

/// Plays it. Returns its books.
pub fn play(demo: &mut Demo, stage: &Stage, cast: &Cast) -> Vec<Line> {
    let Stage { network, pool, client, client_tokens, operator, operator_tokens } = *stage;
    let deposit = &cast.deposit;
    let world = &mut demo.world;
    let new_key = world.user();
    let identity = Identity::unopened(world);
    let address = identity.address;
    let (manager, stolen) = (&identity.manager, &identity.hot);
    let tokens = world.associated_account(network.mint, address);
    let [coins, paid] =
        [address, identity.payee.pubkey()].map(|owner| world.associated_account(cast.coin.address, owner));
    let own = Backer::of(pool.provider(address), address, tokens);
    demo.tokens.push(("identity's tokens", tokens));
    demo.coins.extend([("identity's coins", coins), ("payee's coins", paid)]);
    demo.balances = demo.read_balances();

    let set = identity.set_hot_key_instruction(stolen.pubkey(), hot_right::WORK);
    demo.step(
        "The operator",
        "puts its business behind an identity: a manager, a hot key that works, a payee, a recovery key",
        &[identity.open_instruction(&demo.world), set],
        &[manager],
    );
    let give = network.transfer_instruction(operator_tokens, tokens, operator, STAKE);
    let enter = identity.enter_instructions(&demo.world, pool, &own, STAKE, LIMIT);
    demo.step(
        "The manager",
        "stakes 400 tokens for it, of which the hot key may bond 100 a day",
        &[&[give][..], &enter].concat(),
        &[operator, manager],
    );
    demo.world.pass(1);

    // Three jobs for it.
    let terms = Terms { price: Amount(PRICE), bond_amount: Tokens(BOND), failure_penalty: Bps::WHOLE, ..usual_terms() };
    let market = Market::unborn(network, pool, 2, terms).paid_in(&cast.coin);
    let create = market.create_instruction(&demo.world, network);
    let what = "opens a market with a bond of 50 tokens, all of it lost by whoever fails";
    demo.step("The founder", what, &[create], &[&network.authority]);
    let jobs: [Job; 3] = [11, 12, 13].map(|nonce| market.job(client.pubkey(), nonce, address, coins));
    let put_in = deposit.deposit_instruction(client.pubkey(), cast.client_coins, 3 * PRICE * HOUR as u64);
    let posts = jobs.map(|job| market.post_instruction(&demo.world, &job, HOUR));
    let what = "posts three jobs of an hour for the identity";
    demo.step("The client", what, &[&[put_in][..], &posts].concat(), &[client]);
    let start = |demo: &Demo, job: &Job| identity.by(stolen, market.start_instruction(&demo.world, job));
    let end = |key: &Keypair, job: &Job, result| identity.by(key, market.finish_instruction(job, address, result));
    let call = start(demo, &jobs[0]);
    demo.step("The hot key", "starts the first and locks a bond", &[call], &[stolen]);

    // The thief.
    demo.world.pass(100);
    let call = start(demo, &jobs[1]);
    demo.step(
        "A thief of the hot key",
        "starts the second, and bonds what is left of the day's limit",
        &[call],
        &[stolen],
    );
    let call = start(demo, &jobs[2]);
    let what = "starts the third";
    demo.refused("The thief", what, call, &[stolen], EscrowError::BondLimitReached);
    let ticket = pool.next_ticket(&demo.world, &own);
    let take = identity.by(stolen, pool.unstake_instruction(&demo.world, &own, ticket, TOKEN));
    demo.refused("The thief", "takes stake out", take, &[stolen], EscrowError::NotPermitted);
    let call = end(stolen, &jobs[1], NO_RESULT);
    let receipt = demo.step("The thief", "fails the second job", &[call], &[stolen]);
    let mut ended: Vec<JobEnded> = vec![receipt.event(ID)];
    let settle_bond = |demo: &mut Demo, job: &Job, what| {
        // The bond's rent goes back to the key that paid it.
        let settle = swap(market.settle_bond_instruction(job, client_tokens), 6, stolen.pubkey());
        let receipt = demo.step("A keeper", what, &[settle], &[]);
        receipt.events::<BondSeized>(joule_stake_interface::ID).iter().map(|event| event.amount.0).sum::<u64>()
    };
    let seized =
        settle_bond(demo, &jobs[1], "settles its bond: 50 tokens are the client's, and the thief can lose no more");

    // The manager.
    let replace = identity.set_hot_key_instruction(new_key.pubkey(), hot_right::WORK);
    demo.step("The manager", "replaces the hot key at once, while the first job runs", &[replace], &[manager]);
    let call = end(stolen, &jobs[0], NO_RESULT);
    demo.refused("The thief", "fails the first job", call, &[stolen], EscrowError::NotPermitted);
    demo.world.pass(HOUR as u64);
    let call = end(&new_key, &jobs[0], [0xad; 32]);
    let receipt = demo.step("The new hot key", "delivers the first job", &[call], &[&new_key]);
    ended.push(receipt.event(ID));
    let kept = settle_bond(demo, &jobs[0], "settles its bond: all of it is free again");
    let pay = identity.pay_out_instruction(coins, paid, cast.coin.address, cast.coin.token_program);
    demo.step("Anyone", "sends all that the identity earned to its payee", &[pay], &[]);
    let cancel = market.cancel_instruction(&jobs[2], client.pubkey());
    let receipt = demo.step("The client", "cancels the third, which nobody started", &[cancel], &[client]);
    ended.push(receipt.event(ID));
    demo.world.pass(super::WEEK);
    let failed = &jobs[1];
    let withdraw =
        pool.withdraw_seized_instruction(own.provider, failed.bond, client.pubkey(), client_tokens, stolen.pubkey());
    demo.step("The client", "withdraws what the thief lost a week later", &[withdraw], &[client]);

    let world = &demo.world;
    let provider: Provider = world.read(own.provider);
    let state: DepositState = world.read(deposit.address);
    let sum = |part: fn(&JobEnded) -> Amount| ended.iter().map(|job| part(job).0).sum::<u64>();
    vec![
        Line {
            name: "Stolen key: stake",
            left: ("staked - lost to the thief", STAKE - seized - kept),
            right: ("the identity's own, and free", provider.own.0 - provider.bonded.0),
        },
        Line {
            name: "Stolen key: limit",
            left: ("lost + the bond of the job that was delivered", seized + BOND),
            right: ("the day's limit", LIMIT),
        },
        Line {
            name: "Stolen key: jobs",
            left: ("put in", 3 * PRICE * HOUR as u64),
            right: (
                "paid + penalties + given back",
                sum(|job| job.paid) + sum(|job| job.penalty) + sum(|job| job.refunded),
            ),
        },
        Line {
            name: "Stolen key: payee",
            left: ("in the payee's account", world.tokens(paid)),
            right: ("paid for the jobs", sum(|job| job.paid)),
        },
        Line {
            name: "Stolen key: deposit",
            left: ("in its vault", world.tokens(deposit.vault)),
            right: ("free + held", state.free.0 + state.held.0),
        },
    ]
}

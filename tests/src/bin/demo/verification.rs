//! Results that are verified, in another network: a job that three do, one of whom cheats, and a dispute over a trace of a
//! thousand steps.

use {
    super::{Demo, Line, Step},
    joule_escrow_interface::{
        event::GameSettled,
        state::{Deposit as DepositState, Game, Panel as PanelState, Terms, game_phase},
        verifier::statement,
    },
    joule_interface::Address,
    joule_math::Tokens,
    joule_stake_interface::state::Provider,
    joule_tests::{
        Network, World,
        fixture::{
            Backer, Challenge, Deposit, Market, Panel, Pool, Run, TOKEN, VERIFIER, Verified, accepted, defined, hidden,
            usual_terms, usual_verification,
        },
    },
    solana_keypair::Keypair,
    solana_signer::Signer,
    verifier::Machine,
};

const ESCROW: Address = joule_escrow_interface::ID;
const STAKE: u64 = 1_000 * TOKEN;
const BOND: u64 = 100 * TOKEN;
const PURSE: u64 = 50 * TOKEN;
const HOUR: u32 = 3_600;
/// The state from which on the cheat's trace is wrong.
const WRONG: usize = 700;

struct Operator {
    name: &'static str,
    key: Keypair,
    own: Backer,
    coins: Address,
}

/// Plays it after `steps`. Returns all steps, and what goes into the books.
pub fn play(steps: Vec<Step>, print: bool) -> (Vec<Step>, Vec<Line>) {
    let mut world = World::with(&[VERIFIER]);
    let client = world.user();
    let keys: [Keypair; 3] = std::array::from_fn(|_| world.user());
    let holders: Vec<Address> = keys.iter().chain([&client]).map(|key| key.pubkey()).collect();
    let (network, tokens) = Network::new(&mut world, &holders);
    let pool = Pool::new(&world, &network);
    let coin = world.mint();
    let client_tokens = tokens[3];
    let names = ["Operator A", "Operator B", "Operator C"];
    let operators: Vec<Operator> = keys
        .into_iter()
        .zip(names)
        .zip(&tokens)
        .map(|((key, name), &tokens)| {
            let staked = pool.register(&world, &key);
            let own = pool.open_delegation(&world, staked, key.pubkey(), tokens);
            world.ok(&[pool.stake_instruction(&own, STAKE)], &[&key]);
            let coins = world.associated_account(coin.address, key.pubkey());
            Operator { name, key, own, coins }
        })
        .collect();
    let deposit = |owner: Address| Deposit::of(owner, coin.address, coin.token_program);
    let [funding_account, cheats] = [client.pubkey(), operators[2].key.pubkey()].map(deposit);
    for deposit in [funding_account, cheats] {
        world.ok(&[deposit.open_instruction(&world)], &[]);
        world.mint_to(&coin, deposit.vault, PURSE);
        world.ok(&[deposit.deposit_instruction(client.pubkey(), deposit.vault, 0)], &[&client]);
    }
    let terms = accepted(client.pubkey(), Terms { bond_amount: Tokens(BOND), reports: 1, ..usual_terms() });
    let market = Market::unborn(&network, &pool, 0, terms).paid_in(&coin);
    network.add_spender(&world, market.authority);
    pool.add_slasher(&world, &network, market.authority);
    let tokens = vec![("client's tokens", client_tokens), ("stake vault", pool.vault)];
    let coins = vec![
        ("client's deposit", funding_account.vault),
        ("A's coins", operators[0].coins),
        ("B's coins", operators[1].coins),
        ("C's coins", operators[2].coins),
        ("C's deposit", cheats.vault),
    ];
    let mut demo = Demo::new(world, tokens, coins, steps, print);
    let verified = Verified::unborn(&network, VERIFIER.1, (coin.address, coin.token_program), usual_verification());
    let open = [
        market.create_instruction(&demo.world, &network),
        verified.create_instruction(&demo.world, &network),
        verified.set_instruction(&network, &market),
    ];
    let what = "of another network opens a market that verifies: dispute bonds of 10 coins, and panels";
    demo.step("The founder", what, &open, &[&network.authority]);

    let panel = play_panel(&mut demo, &client, &market, &verified, &operators);
    let (job, won, burned) = play_dispute(&mut demo, &client, client_tokens, &market, &verified, &operators[2]);

    let world = &demo.world;
    let state: DepositState = world.read(funding_account.address);
    let lost = BOND / 4 + BOND / 2;
    let staked = operators.iter().map(|operator| world.read::<Provider>(operator.own.provider));
    let cheat: Provider = world.read(operators[2].own.provider);
    let lines = vec![
        Line {
            name: "Verified: coins",
            left: ("in all coin accounts", demo.coins.iter().map(|(_, account)| world.tokens(*account)).sum()),
            right: ("minted - burned", 2 * PURSE - burned),
        },
        Line {
            name: "Verified: panel",
            left: ("put in", panel.deposited.0),
            right: ("paid + fee + given back", panel.paid.0 + panel.fee_paid.0 + panel.refunded.0),
        },
        Line { name: "Verified: job", left: ("put in", job.0), right: ("given back", job.1) },
        Line {
            name: "Verified: client",
            left: ("in its deposit", state.free.0),
            right: ("put in - paid to A and B + won", PURSE - panel.paid.0 + won),
        },
        Line {
            name: "Verified: dispute bond",
            left: ("lost by C", PURSE - world.tokens(cheats.vault)),
            right: ("won by the client + burned", won + burned),
        },
        Line {
            name: "Verified: C's stake",
            left: ("active", cheat.active_stake().unwrap().0),
            right: ("staked - a quarter - half of its bond", STAKE - lost),
        },
        Line {
            name: "Verified: bonds",
            left: ("the client's tickets", cheat.unbonding.tokens.0),
            right: ("taken from C in the dispute", BOND / 2),
        },
        Line {
            name: "Verified: stake vault",
            left: ("in the vault", world.tokens(pool.vault)),
            right: ("active + unbonding of all", staked.map(|provider| provider.stake().unwrap().0).sum()),
        },
    ];
    (demo.steps, lines)
}

/// A job that three do.
fn play_panel(
    demo: &mut Demo,
    client: &Keypair,
    market: &Market,
    verified: &Verified,
    operators: &[Operator],
) -> Box<PanelState> {
    let panel = Panel::of(market, client.pubkey(), 1);
    let post = panel.post_instruction(&demo.world, verified, 3);
    demo.step(
        "The client",
        "has a job done by three, of whom more than half must agree, for a coin each",
        &[post],
        &[client],
    );
    let replica = |operator: &Operator| panel.replica(operator.key.pubkey(), operator.coins);
    let mut units = 0;
    for operator in operators {
        let join = panel.join_instruction(&demo.world, &replica(operator));
        units += demo.world.ok(&[join], &[&operator.key]).units();
    }
    demo.note("Three operators", "join, with a bond of 100 tokens each", units, 4);
    units = 0;
    for (number, operator) in operators.iter().enumerate() {
        let acknowledge = panel.acknowledge_instruction(operator.key.pubkey(), number as u8);
        units += demo.world.ok(&[acknowledge], &[&operator.key]).units();
    }
    demo.note("They", "say that they hold the input: the time to work begins", units, 1);
    let results = [[5; 32], [5; 32], [6; 32]];
    let salt = |number: usize| [number as u8 + 1; 32];
    units = 0;
    for (number, operator) in operators.iter().enumerate() {
        let provider = operator.key.pubkey();
        let state = panel.state(&demo.world);
        let commitment = hidden(&state, panel.address, provider, results[number], salt(number));
        let commit = panel.commit_instruction(provider, number as u8, commitment);
        units += demo.world.ok(&[commit], &[&operator.key]).units();
    }
    demo.note("They", "commit to their results, which nobody can see or copy", units, 1);
    units = 0;
    for (number, operator) in operators.iter().enumerate() {
        let reveal = panel.reveal_instruction(operator.key.pubkey(), number as u8, results[number], salt(number));
        units += demo.world.ok(&[reveal], &[&operator.key]).units();
    }
    demo.note("They", "reveal them: C has another than A and B", units, 1);
    let tally = panel.tally_instruction();
    demo.step("A keeper", "counts: A and B are believed, what C would have cost goes back", &[tally], &[]);
    for (number, operator) in operators.iter().enumerate() {
        let replica = replica(operator);
        let settle = panel.settle_instruction(&replica, number as u8);
        if number < 2 {
            let pay = panel.pay_instruction(&replica, number as u8);
            let what = format!("pays {} and releases its bond", operator.name);
            demo.step("A keeper", &what, &[pay, settle], &[]);
        } else {
            demo.step("A keeper", "burns a quarter of C's bond", &[settle], &[]);
        }
    }
    let state = panel.state(&demo.world);
    demo.step("A keeper", "closes the panel", &[panel.close_instruction(&demo.world)], &[]);
    state
}

/// A dispute. Returns what the job held and gave back, and what was won and burned.
fn play_dispute(
    demo: &mut Demo,
    client: &Keypair,
    client_tokens: Address,
    market: &Market,
    verified: &Verified,
    cheat: &Operator,
) -> ((u64, u64), u64, u64) {
    let truth = Run::of(Machine::new(7, 1_000));
    let job = market.job(client.pubkey(), 2, cheat.key.pubkey(), cheat.coins);
    let post = defined(market.post_instruction(&demo.world, &job, HOUR), truth.states[0]);
    demo.step("The client", "posts a computation of 1,000 steps for operator C, for a coin", &[post], &[client]);
    let start = market.start_instruction(&demo.world, &job);
    demo.step("Operator C", "starts it and locks its bond", &[start], &[&cheat.key]);
    // No result is taken before the shortest time of a job.
    demo.world.run(60);
    let run = truth.cheated(WRONG);
    let deliver = verified.deliver_instruction(&demo.world, &job, &run, run.result());
    let what = "delivers a wrong result with the root of its trace, and has a dispute bond held";
    demo.step("Operator C", what, &[deliver], &[&cheat.key]);
    let game = verified.challenge(&demo.world, &job, client.pubkey(), 0);
    let challenge = game.open_instruction(statement::STEP);
    demo.step("The client", "has another result: it challenges, with the same dispute bond", &[challenge], &[client]);
    let mut round = 0;
    loop {
        let state = game.state(&demo.world);
        if state.phase != game_phase::OPEN {
            break;
        }
        round += 1;
        let units = turn(demo, &game, &state, &run, &truth, client, cheat);
        let state: Game = game.state(&demo.world);
        let left = 1u32 << state.subtree_level;
        let what = format!(
            "go down the trace, round {round}: {left} of its states {} left",
            if left == 1 { "is" } else { "are" }
        );
        demo.note("Both", &what, units, 1);
    }
    let state = game.state(&demo.world);
    let show = game.provider_moves(&state, &run).expect("its move");
    let what = format!("must show the states around step {}, where the two part", state.subtree_index);
    demo.step("Operator C", &what, &[show], &[&cheat.key]);
    demo.world.pass(3_601);
    let time_out = game.time_out_instruction();
    demo.step("A keeper", "ends the game: C could not have the verifier find its step right", &[time_out], &[]);
    let receipt = demo.step(
        "A keeper",
        "settles the game: half of C's dispute bond is burned, half is for who won by play",
        &[game.settle_instruction()],
        &[],
    );
    let settled: GameSettled = receipt.event(ESCROW);
    demo.step("A keeper", "pays that half to the client, the only one who won", &[game.pay_instruction()], &[]);
    let resolve = market.resolve_instruction(&job, client.pubkey(), 0, 0);
    demo.step("Anyone", "has the verdict follow: the client has the price back", &[resolve], &[client]);
    let settle = market.settle_bond_instruction(&job, client_tokens);
    demo.step("A keeper", "takes half of C's bond for the client, and reports", &[settle], &[]);
    let state: joule_escrow_interface::state::Job = demo.world.read(job.address);
    let close = [verified.close_trace_instruction(game.trace, &job), market.close_job_instruction(&demo.world, &job)];
    demo.step("Anyone", "closes trace and job: their rent returns; the game stays as evidence", &close, &[]);
    ((state.deposited.0, state.refunded.0), settled.shared.0, settled.burned.0)
}

/// A move of each.
fn turn(
    demo: &Demo,
    game: &Challenge,
    state: &Game,
    run: &Run,
    truth: &Run,
    client: &Keypair,
    cheat: &Operator,
) -> u64 {
    let nodes = game.provider_moves(state, run).expect("its move");
    let units = demo.world.ok(&[nodes], &[&cheat.key]).units();
    let choice = truth.differs(&game.state(&demo.world));
    units + demo.world.ok(&[game.choose_instruction(choice)], &[client]).units()
}

//! Every account of every instruction of games and panels, replaced as in `checks.rs`: `tests/golden/escrow_games_checks.md`.

use {
    super::{
        checks::{Foreign, probe},
        games::Court,
        panels::Jury,
        *,
    },
    joule_escrow_interface::{instruction::CreateVerificationArgs, verifier::statement},
    joule_interface::{SYSTEM_PROGRAM, TOKEN_2022_PROGRAM},
    joule_tests::{
        fixture::{Run, Verified, usual_verification},
        golden,
    },
    verifier::Machine,
};

/// What is another network's, for the same world.
struct Elsewhere {
    network: Network,
    pool: Pool,
    market: Market,
    verified: Verified,
    staked: Address,
    rival: Keypair,
    rival_slasher: Address,
    rival_spender: Address,
}

fn elsewhere(world: &mut World, network: &Network, pool: &Pool, provider: &Keypair) -> Elsewhere {
    let rival = world.user();
    let (other, _) = Network::new(world, &[provider.pubkey()]);
    let other_pool = Pool::new(world, &other);
    let staked = other_pool.register(world, provider);
    let market = Market::new(world, &other, &other_pool, accepted(rival.pubkey(), usual_terms()));
    let mint = (other.mint, other.token_program);
    let verified = Verified::create(world, &other, ID, mint, usual_verification());
    let rival_slasher = pool.add_slasher(world, network, rival.pubkey());
    let rival_spender = network.add_spender(world, rival.pubkey());
    Elsewhere { network: other, pool: other_pool, market, verified, staked, rival, rival_slasher, rival_spender }
}

#[test]
fn every_account_of_games_and_panels_is_the_right_one_or_refused() {
    let mut text = String::from(
        "# What each account of games and panels may be\n\nEach account of each instruction, replaced: `ok`, or the error. As in \
        [escrow_checks.md](escrow_checks.md).\n",
    );
    games(&mut text);
    panels(&mut text);
    golden::compare("escrow_games_checks.md", &text);
}

fn games(text: &mut String) {
    let mut court = Court::new();
    let there = {
        let Court { story, .. } = &mut court;
        elsewhere(&mut story.world, &story.network, &story.pool, &story.workers[0].key)
    };
    let (world, story) = (court.world(), &court.story);
    let (client, someone, provider) = (&story.client, &story.someone, &story.workers[0].key);
    let run = Run::of(Machine::new(3, 20));
    let mint = (court.dispute_bonds.address, TOKEN_PROGRAM);
    let args = CreateVerificationArgs { id: 5, ..usual_verification() };
    let sibling = Verified::create(world, &story.network, VERIFIER.1, mint, args);
    let running = || court.running(run.states[0]);
    let delivered = || {
        let job = running();
        court.deliver(&job, &run, run.result());
        job
    };
    let challenged = |challenger: &Keypair| {
        let job = delivered();
        let game = court.challenge(&job, challenger, statement::STEP);
        (job, game)
    };
    let (other_job, other_game) = challenged(client);
    let deposit = |owner: &Keypair| court.verified.deposit(owner.pubkey());
    let (of_client, of_other) = (deposit(client), deposit(&story.workers[1].key));
    let keys = [
        client,
        someone,
        &story.payer,
        provider,
        &story.workers[1].key,
        &there.rival,
        &story.network.authority,
        &there.network.authority,
    ];
    let slash = joule_stake_interface::pda::slash::find(&story.workers[0].own.provider, &0u64.to_le_bytes()).0;

    let deposits = vec![
        ("the client's", of_client.address),
        ("another's", of_other.address),
        ("of another mint", story.deposit.address),
        ("a job", other_job.address),
    ];
    let vaults =
        vec![("the client's", of_client.vault), ("another's", of_other.vault), ("a mint", court.dispute_bonds.address)];
    let foreign = Foreign {
        by_name: vec![
            (
                "authority",
                vec![("another network's", there.network.authority.pubkey()), ("another", there.rival.pubkey())],
            ),
            ("challenger arbiter caller", vec![("another", there.rival.pubkey()), ("the provider", provider.pubkey())]),
            ("provider_authority", vec![("another", story.workers[1].key.pubkey()), ("the client", client.pubkey())]),
            ("network", vec![("another", there.network.address), ("a market", court.market.address)]),
            ("market", vec![("another network's", there.market.address), ("the network", story.network.address)]),
            (
                "verification",
                vec![
                    ("another", sibling.address),
                    ("another network's", there.verified.address),
                    ("a market", court.market.address),
                    ("nothing", slash),
                ],
            ),
            ("job", vec![("another", other_job.address), ("a trace", other_game.trace), ("nothing", slash)]),
            ("trace", vec![("another's", other_game.trace), ("a job", other_job.address), ("nothing", slash)]),
            ("game", vec![("another", other_game.address), ("a trace", other_game.trace), ("nothing", slash)]),
            ("deposit provider_deposit challenger_deposit", deposits),
            ("provider_vault challenger_vault", vaults),
            ("mint dispute_bond_mint", vec![("another", story.mint.address), ("a vault", of_client.vault)]),
            ("token_program", vec![("the other", TOKEN_2022_PROGRAM), ("another program", SYSTEM_PROGRAM)]),
            ("verifier", vec![("another program", LIAR.1), ("no program", there.rival.pubkey())]),
            ("rent_receiver", vec![("another", there.rival.pubkey())]),
            ("system_program stake_program", vec![("another program", TOKEN_PROGRAM)]),
            ("pool", vec![("another network's", there.pool.address), ("a market", court.market.address)]),
            ("provider", vec![("another", story.workers[1].own.provider), ("in another pool", there.staked)]),
            ("slasher", vec![("a rival's", there.rival_slasher), ("another network's", there.market.slasher)]),
            (
                "escrow_authority",
                vec![("another network's", there.market.authority), ("a rival", there.rival.pubkey())],
            ),
            ("slash", vec![("another address", there.rival.pubkey())]),
        ],
    };
    let mut check = |title: &str, instruction: Instruction| probe(text, world, title, instruction, &keys, &foreign);

    let args = CreateVerificationArgs { id: 6, ..usual_verification() };
    let unborn = Verified::unborn(&story.network, VERIFIER.1, mint, args);
    check("CreateVerification", unborn.create_instruction(world, &story.network));
    check("SetMarketVerification", sibling.set_instruction(&story.network, &court.market));
    let job = running();
    check("DeliverTrace", court.verified.deliver_instruction(world, &job, &run, run.result()));
    let job = delivered();
    let game = court.verified.challenge(world, &job, someone.pubkey(), 0);
    check("ChallengeResult", game.open_instruction(statement::STEP));
    let (job, game) = challenged(someone);
    check("OpenSubtree", game.provider_moves(&game.state(world), &run).unwrap());
    court.provider_moves(&game, &run);
    check("ChooseSubtree", game.choose_instruction(1));
    let second = court.challenge(&job, someone, statement::END);
    check("ProveStep", second.provider_moves(&second.state(world), &run).unwrap());
    world.pass(3_601);
    world.ok(&[game.time_out_instruction()], &[]);
    check("SettleGame (the provider won)", game.settle_instruction());
    court.settle(&game);
    check("TimeOutGame", second.time_out_instruction());
    world.ok(&[second.time_out_instruction()], &[]);
    check("SettleGame (the challenger won)", second.settle_instruction());
    court.settle(&second);
    check("PayChallenger", second.pay_instruction());
    world.ok(&[second.pay_instruction()], &[]);
    check("CloseGame", game.close_instruction());
    check("CloseTrace", court.verified.close_trace_instruction(game.trace, &job));
    let (_, shown) = challenged(someone);
    court.play(&shown, &run, someone, 9);
    check("ShowStates", shown.provider_moves(&shown.state(world), &run).unwrap());
    world.pass(3_601);
    world.ok(&[shown.time_out_instruction()], &[]);
    court.settle(&shown);
    let staked = story.workers[0].own.provider;
    let lost = [second.address, shown.address];
    check(
        "ProposeGameSlash",
        court.verified.propose_game_slash_instruction(world, &court.market, staked, slash, &lost),
    );
    let judged = Court::with(ID, TOKEN_PROGRAM);
    let job = judged.running(run.states[0]);
    judged.deliver(&job, &run, run.result());
    let game = judged.challenge(&job, &judged.story.someone, statement::END);
    let (arbiter, other) = (&judged.story.payer, &judged.story.client);
    let foreign = Foreign {
        by_name: vec![("arbiter", vec![("another", other.pubkey())]), ("game", vec![("a job", job.address)])],
    };
    let decide = game.decide_instruction(arbiter.pubkey(), 1);
    probe(text, judged.world(), "DecideStep", decide, &[arbiter, other], &foreign);
}

fn panels(text: &mut String) {
    let mut jury = Jury::strict();
    let pool = Pool::unborn(&jury.network, jury.network.mint, jury.network.token_program);
    let there = elsewhere(&mut jury.world, &jury.network, &pool, &jury.members[0].key);
    let world = &jury.world;
    let other = jury.full(3);
    let other_deposit = Deposit::of(there.rival.pubkey(), jury.market.mint, TOKEN_PROGRAM);
    world.ok(&[other_deposit.open_instruction(world)], &[]);
    let key = |member: usize| jury.members[member].key.pubkey();
    let mut keys: Vec<&Keypair> = jury.members.iter().map(|member| &member.key).collect();
    keys.extend([&jury.client, &jury.someone, &there.rival]);
    let waiting = jury.joined(3);
    world.pass(301);
    let dissolved = jury.joined(3);
    world.pass(301);
    world.ok(&[dissolved.cancel_instruction(jury.client.pubkey())], &[&jury.client]);
    let panel = jury.posted(3);
    (1..3).for_each(|member| drop(jury.join(&panel, member)));
    let replica = |member: usize| jury.replica(&panel, member);
    let foreign = Foreign {
        by_name: vec![
            ("client", vec![("another", there.rival.pubkey())]),
            ("caller", vec![("another", there.rival.pubkey())]),
            (
                "provider_authority",
                vec![("another in it", key(1)), ("another", key(5)), ("none", there.rival.pubkey())],
            ),
            ("network", vec![("another", there.network.address), ("a market", jury.market.address)]),
            ("market", vec![("another network's", there.market.address), ("the network", jury.network.address)]),
            ("verification", vec![("another network's", there.verified.address), ("a market", jury.market.address)]),
            ("panel", vec![("another", other.address), ("a market", jury.market.address)]),
            ("funding_account", vec![("another client's", other_deposit.address), ("a market", jury.market.address)]),
            ("work_shard_or_vault", vec![("another's", other_deposit.vault), ("a mint", jury.market.mint)]),
            ("spender_or_mint fee_payee_or_mint", vec![("another mint", jury.network.mint)]),
            ("payee", vec![("another's", jury.members[4].payee), ("of another mint", jury.members[0].own.tokens)]),
            ("payment_program token_program", vec![("the other", TOKEN_2022_PROGRAM), ("another", SYSTEM_PROGRAM)]),
            ("system_program stake_program", vec![("another program", TOKEN_PROGRAM)]),
            ("pool", vec![("another network's", there.pool.address), ("a market", jury.market.address)]),
            ("provider", vec![("another", jury.members[6].own.provider), ("in another pool", there.staked)]),
            ("bond", vec![("another's", replica(1).bond), ("in another panel", jury.replica(&other, 0).bond)]),
            ("bond_payer rent_receiver", vec![("another", there.rival.pubkey())]),
            ("slasher", vec![("a rival's", there.rival_slasher), ("another network's", there.market.slasher)]),
            ("spender", vec![("a rival's", there.rival_spender)]),
            ("vault", vec![("the deposit's", panel.work_shard_or_vault), ("another pool's", there.pool.vault)]),
            ("receiver", vec![("the provider's", jury.members[0].own.tokens)]),
            ("mint", vec![("another", jury.market.mint)]),
            (
                "escrow_authority",
                vec![("another network's", there.market.authority), ("a rival", there.rival.pubkey())],
            ),
        ],
    };
    let mut check = |title: &str, instruction: Instruction| probe(text, world, title, instruction, &keys, &foreign);
    check("PostPanel", jury.unposted().post_instruction(world, &jury.verified, 3));
    check("JoinPanel", panel.join_instruction(world, &replica(0)));
    check("CancelPanel", panel.cancel_instruction(jury.client.pubkey()));
    check("LeavePanel", panel.leave_instruction(&replica(1), 0));
    check("RemoveReplica", waiting.remove_instruction(&jury.replica(&waiting, 0), 0));
    check("BurnPanelPenalty", dissolved.burn_instruction(u64::MAX));
    check("CancelPanel (dissolved)", waiting.cancel_instruction(jury.client.pubkey()));
    jury.join(&panel, 0);
    check("AcknowledgeInput", panel.acknowledge_instruction(key(1), 0));
    for (place, member) in [(0, 1), (1, 2), (2, 0)] {
        jury.acknowledge(&panel, member, place);
    }
    // The members are in it in another order than they are numbered.
    let own =
        |jury: &Jury, instruction: fn(&Jury, &joule_tests::fixture::Panel, usize, [u8; 32]) -> Instruction, member| {
            let mut instruction = instruction(jury, &panel, member, [5 + member as u8 / 2; 32]);
            let place = panel.state(&jury.world).replicas.iter().position(|replica| replica.provider == key(member));
            *instruction.data.last_mut().unwrap() = place.unwrap() as u8;
            instruction
        };
    check("CommitResult", own(&jury, Jury::commit, 0));
    for member in 0..3 {
        world.ok(&[own(&jury, Jury::commit, member)], &[&jury.members[member].key]);
    }
    check("RevealResult", own(&jury, Jury::reveal, 0));
    for member in 0..3 {
        world.ok(&[own(&jury, Jury::reveal, member)], &[&jury.members[member].key]);
    }
    check("TallyPanel", panel.tally_instruction());
    world.ok(&[panel.tally_instruction()], &[]);
    // In their order: 1, 2, 0; the second is wrong.
    check("PayReplica", panel.pay_instruction(&replica(0), 2));
    check("SettleReplica (released)", panel.settle_instruction(&replica(0), 2));
    check("SettleReplica (partly burned)", panel.settle_instruction(&replica(2), 1));
    for (place, member) in [(0, 1), (1, 2), (2, 0)] {
        if member != 2 {
            world.ok(&[panel.pay_instruction(&replica(member), place)], &[]);
        }
        world.ok(&[panel.settle_instruction(&replica(member), place)], &[]);
    }
    check("ClosePanel", panel.close_instruction(world));
}

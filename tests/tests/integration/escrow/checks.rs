//! Every account of every instruction, replaced by one like it that is not the right one, left unsigned, read-only or out:
//! `tests/golden/escrow_checks.md` says what becomes of it. Nothing that is tried is kept, so each is tried on the same state.

use {
    super::*,
    joule_escrow_interface::{SPEC, state::scheme, voucher::verify_instruction},
    joule_interface::{SYSTEM_PROGRAM, TOKEN_2022_PROGRAM},
    joule_tests::{fixture::voucher_for, golden, world::key},
    solana_program::instruction::InstructionError,
    solana_transaction_error::TransactionError,
    std::fmt::Write,
};

/// Everything that is not the story's: of another network, or of others in its own.
pub(super) struct Foreign {
    pub(super) by_name: Vec<(&'static str, Vec<(&'static str, Address)>)>,
}

/// Tries an instruction without keeping what it does: a second one fails.
fn attempt(world: &World, first: &[Instruction], instruction: &Instruction, signers: &[&Keypair]) -> String {
    let poison = Instruction { program_id: ID, accounts: vec![], data: vec![] };
    let sent = [first, &[instruction.clone(), poison]].concat();
    let failure = world.send(&sent, signers).expect_err("the last instruction fails");
    let index = 1 + first.len() as u8;
    match failure.error {
        TransactionError::InstructionError(of, _) if of == index + 1 => "ok".into(),
        TransactionError::InstructionError(of, InstructionError::Custom(code)) if of == index => {
            let all = [EscrowError::ALL, joule_bme_interface::BmeError::ALL, joule_stake_interface::StakeError::ALL];
            let error = all.iter().copied().flatten().find(|error| error.code == code);
            let program = ["", "bme: ", "stake: "][if code >= 3000 { 0 } else { code as usize / 1000 }];
            error.map_or_else(|| format!("token program: {code}"), |error| format!("{program}{}", error.name))
        }
        TransactionError::InstructionError(of, error) if of == index => format!("runtime: {error:?}"),
        error => panic!("{error:?}"),
    }
}

/// What each account of `instruction`, which works, may be and may not.
pub(super) fn probe(
    text: &mut String,
    world: &World,
    title: &str,
    instruction: Instruction,
    keys: &[&Keypair],
    foreign: &Foreign,
) {
    probe_behind(text, world, title, &[], instruction, keys, foreign);
}

/// The same of an instruction that looks at others before it.
fn probe_behind(
    text: &mut String,
    world: &World,
    title: &str,
    first: &[Instruction],
    instruction: Instruction,
    keys: &[&Keypair],
    foreign: &Foreign,
) {
    let spec = SPEC.instructions.iter().find(|spec| spec.discriminator == instruction.data[0]).unwrap();
    let is_known = |name: &str| SPEC.instructions.iter().flat_map(|spec| spec.accounts).any(|known| known.name == name);
    let names = foreign.by_name.iter().flat_map(|(names, _)| names.split(' '));
    let unknown: Vec<_> = names.filter(|name| !is_known(name)).collect();
    assert!(unknown.is_empty(), "no instruction has accounts of these names: {unknown:?}");
    let signers_of = |instruction: &Instruction| -> Vec<&Keypair> {
        let signs = |key: &Address| instruction.accounts.iter().any(|meta| meta.is_signer && meta.pubkey == *key);
        keys.iter().copied().filter(|key| signs(&key.pubkey())).collect()
    };
    let run = |changed: &Instruction| attempt(world, first, changed, &signers_of(changed));
    assert_eq!(run(&instruction), "ok", "{title}");
    writeln!(text, "\n## {title}\n\n| account | instead | |\n|---|---|---|").unwrap();
    let mut short = instruction.clone();
    short.accounts.truncate(spec.accounts.len() - 1);
    writeln!(text, "| | the last left out | {} |", run(&short)).unwrap();
    let mut long = instruction.clone();
    long.data.push(0);
    writeln!(text, "| | a byte more | {} |", run(&long)).unwrap();
    for (index, account) in spec.accounts.iter().enumerate() {
        let there = instruction.accounts[index].pubkey;
        if there == ID {
            continue;
        }
        let mut line = |instead: &str, changed: Instruction| {
            writeln!(text, "| {} | {instead} | {} |", account.name, run(&changed)).unwrap();
        };
        if account.signer {
            line("unsigned", unsigned(instruction.clone(), index));
        }
        if account.writable {
            line("read-only", read_only(instruction.clone(), index));
        }
        if account.optional {
            line("left out", read_only(swap(instruction.clone(), index, ID), index));
        }
        let others = foreign.by_name.iter().filter(|(names, _)| names.split(' ').any(|name| name == account.name));
        for (what, address) in others.flat_map(|(_, others)| others) {
            if *address != there {
                line(what, swap(instruction.clone(), index, *address));
            }
        }
    }
}

#[test]
fn every_account_is_the_right_one_or_refused() {
    let mut story = Story::new();
    let clients = [story.world.user(), story.world.user()];
    let (other, rival) = (&clients[0], &clients[1]);

    // Another network, with everything, for the same people.
    let (network2, tokens2) = Network::new(&mut story.world, &[story.workers[0].key.pubkey()]);
    let world = &story.world;
    let pool2 = Pool::new(world, &network2);
    let staked2 = pool2.register(world, &story.workers[0].key);
    let own2 = pool2.open_delegation(world, staked2, story.workers[0].key.pubkey(), tokens2[0]);
    world.ok(&[pool2.stake_instruction(&own2, 400 * TOKEN)], &[&story.workers[0].key]);
    let market2 = Market::new(world, &network2, &pool2, usual_terms()).with_queue(world, 4);
    let credits2 = network2.open_credit_account(world, story.client.pubkey());
    let work2 = network2.open_provider_work(world, story.workers[0].key.pubkey());

    // Another client; a spender and a slasher of the same network that is not this program.
    let other_credits = story.network.open_credit_account(world, other.pubkey());
    let other_deposit = Deposit::of(other.pubkey(), story.mint.address, TOKEN_PROGRAM);
    world.ok(&[other_deposit.open_instruction(world)], &[]);
    let other_mint = Deposit::of(story.client.pubkey(), story.network.mint, TOKEN_PROGRAM);
    let put_in = other_mint.deposit_instruction(story.client.pubkey(), story.network_wallet, 100 * TOKEN);
    world.ok(&[other_mint.open_instruction(world), put_in], &[&story.client]);
    let rival_spender = story.network.add_spender(world, rival.pubkey());
    let rival_slasher = story.pool.add_slasher(world, &story.network, rival.pubkey());
    let treasury_work = story.network.open_provider_work(world, other.pubkey());

    let bonded = Terms {
        bond_amount: Tokens(BOND),
        reports: 1,
        failure_penalty: Bps(5_000),
        fee_share: Bps(100),
        max_queue_entries: 2,
        ..usual_terms()
    };
    let credits = story.credit_market(Terms { fee_payee: treasury_work, ..bonded }).with_queue(world, 20);
    let tokens = story.token_market(Terms { fee_payee: story.treasury, ..bonded }).with_queue(world, 20);
    let fixed = accepted(story.someone.pubkey(), Terms { fee_payee: story.treasury, ..bonded });
    let fixed = story.token_market(Terms { price: Amount(1_000_000), ..fixed });
    let empty = story.token_market(usual_terms()).with_queue(world, 3);
    let bare = story.token_market(usual_terms());

    let posted = |market: &Market, matching: u8| {
        let job = Job { matching, ..story.unposted(market) };
        market.post(world, &story.client, &job, HOUR);
        job
    };
    let started = |market: &Market| {
        let job = posted(market, matching::DIRECT);
        story.start(market, &job);
        job
    };
    let [first, second] = &story.workers;
    let over = {
        let job = posted(&tokens, matching::DIRECT);
        world.ok(&[tokens.cancel_instruction(&job, job.client)], &[&story.client]);
        job
    };
    let other_job = started(&tokens);
    let mint2 = story.network.mint;
    let their_beacon = Beacon::of(second.key.pubkey());
    world.ok(&[their_beacon.open_with_instruction(world, 10, 2)], &[&second.key]);

    let foreign = Foreign {
        by_name: vec![
            ("payer", vec![]),
            ("client caller", vec![("another", other.pubkey())]),
            ("authority", vec![("another", other.pubkey())]),
            ("provider_authority", vec![("another provider", second.key.pubkey()), ("no provider", other.pubkey())]),
            (
                "market",
                vec![
                    ("another network's", market2.address),
                    ("another", empty.address),
                    ("the network", story.network.address),
                ],
            ),
            (
                "job",
                vec![
                    ("another that runs", other_job.address),
                    ("one that is over", over.address),
                    ("a market", tokens.address),
                    ("the network", story.network.address),
                ],
            ),
            ("network", vec![("another", network2.address), ("its mint", mint2)]),
            (
                "funding_account",
                vec![
                    ("another client's credits", other_credits),
                    ("credits in another network", credits2),
                    ("another client's deposit", other_deposit.address),
                    ("the client's deposit of another mint", other_mint.address),
                    ("the client's other funding account", story.credits),
                    ("the client's other funding account", story.deposit.address),
                ],
            ),
            (
                "queue",
                vec![
                    ("another market's", market2.queue),
                    ("an empty one", empty.queue),
                    ("a market", tokens.address),
                    ("the network", story.network.address),
                ],
            ),
            (
                "spender",
                vec![
                    ("another network's", market2.spender),
                    ("a rival's", rival_spender),
                    ("the network", story.network.address),
                ],
            ),
            ("escrow_authority", vec![("another network's", market2.authority), ("a rival", rival.pubkey())]),
            (
                "bme_program stake_program payment_program",
                vec![("another program", SYSTEM_PROGRAM), ("the other token program", TOKEN_2022_PROGRAM)],
            ),
            ("system_program", vec![("another program", TOKEN_PROGRAM)]),
            ("halt_clock", vec![("a market", tokens.address)]),
            ("beacon", vec![("another provider's", their_beacon.address), ("a job", over.address)]),
            ("machine_key", vec![("another", other.pubkey())]),
            (
                "pool",
                vec![
                    ("another network's", pool2.address),
                    ("the provider", first.own.provider),
                    ("the network", story.network.address),
                ],
            ),
            (
                "provider outbid_provider",
                vec![("of another pool", staked2), ("another", second.own.provider), ("the pool", story.pool.address)],
            ),
            ("bond outbid_bond", vec![("another job's", other_job.bond), ("the pool", story.pool.address)]),
            (
                "slasher",
                vec![
                    ("another pool's", market2.slasher),
                    ("a rival's", rival_slasher),
                    ("the pool", story.pool.address),
                ],
            ),
            ("outbid_payer bond_payer rent_receiver", vec![("another", other.pubkey())]),
            (
                "payee",
                vec![
                    ("another provider's work", second.work),
                    ("work in another network", work2),
                    ("another provider's account", second.wallet),
                    ("of another mint", first.own.tokens),
                    ("the vault", story.deposit.vault),
                    ("the mint", story.mint.address),
                ],
            ),
            (
                "work_shard_or_vault",
                vec![
                    ("another network's shard", network2.work_shard(0)),
                    ("another shard", story.network.work_shard(1)),
                    ("another vault", other_deposit.vault),
                    ("the client's account", story.wallet),
                ],
            ),
            (
                "spender_or_mint",
                vec![
                    ("another network's spender", market2.spender),
                    ("a rival's spender", rival_spender),
                    ("another mint", mint2),
                ],
            ),
            ("fee_payee", vec![("another", first.wallet), ("another's work", first.work)]),
            (
                "waiting_provider",
                vec![
                    ("another's", tokens.waiting_provider(second.key.pubkey(), 0)),
                    ("another of its own", tokens.waiting_provider(first.key.pubkey(), 1)),
                    ("a job", over.address),
                ],
            ),
            (
                "deposit",
                vec![
                    ("another client's", other_deposit.address),
                    ("a job", over.address),
                    ("the network", story.network.address),
                ],
            ),
            (
                "source destination receiver",
                vec![
                    ("of another mint", first.own.tokens),
                    ("the vault", story.deposit.vault),
                    ("another's", first.wallet),
                ],
            ),
            (
                "vault",
                vec![
                    ("another client's", other_deposit.vault),
                    ("the client's account", story.wallet),
                    ("another pool's", pool2.vault),
                ],
            ),
            ("mint", vec![("another", mint2), ("another network's", network2.mint)]),
            ("token_program", vec![("another program", SYSTEM_PROGRAM), ("the other", TOKEN_2022_PROGRAM)]),
            ("instructions_sysvar", vec![("another sysvar", key("SysvarC1ock11111111111111111111111111111111"))]),
        ],
    };
    let keys =
        [&story.client, &story.payer, &story.someone, &first.key, &second.key, other, rival, &story.network.authority];
    let mut text = String::from(
        "# What becomes of a wrong account\n\nBy instruction: each account that it is given, replaced by one like it, left \
        unsigned, read-only or out. `ok` where it makes no difference who or what it is.\n",
    );
    let mut case = |title: &str, instruction: Instruction| probe(&mut text, world, title, instruction, &keys, &foreign);

    for (name, market) in [("credits", &credits), ("tokens", &tokens)] {
        let job = Job { matching: matching::QUEUE, ..story.unposted(market) };
        case(&format!("PostJob, {name}"), story.post(market, &job, HOUR));
        case(&format!("PostJob in place of one that is over, {name}"), {
            let mut post = story.post(market, &job, HOUR);
            if market.mint != NONE {
                post.accounts[3].pubkey = over.address;
            }
            post
        });
        let job = posted(market, matching::QUEUE);
        case(&format!("StartJob, {name}"), market.start_instruction(world, &job));
        case(&format!("CancelJob, {name}"), market.cancel_instruction(&job, job.client));
        world.ok(&[market.cancel_instruction(&job, job.client)], &[&story.client]);
        let job = started(market);
        world.pass(60);
        if market.mint != NONE {
            let job = posted(market, matching::QUEUE);
            story.start(market, &job);
            case("HandBackJob", market.hand_back_instruction(&job));
        }
        case(&format!("SettleJob, {name}"), market.settle_instruction(&job));
        case(&format!("ExtendJob, {name}"), market.extend_instruction(&job, 60));
        case(&format!("FinishJob, {name}"), market.finish_instruction(&job, job.client, NO_RESULT));
        world.ok(&[market.finish_instruction(&job, job.provider, NO_RESULT)], &[&first.key]);
        case(&format!("SettleBond, {name}"), market.settle_bond_instruction(&job, story.network_wallet));
        world.ok(&[market.settle_bond_instruction(&job, story.network_wallet)], &[]);
        let job = posted(market, matching::AUCTION);
        case(&format!("BidJob, {name}"), market.bid_instruction(world, &job, 9_000, None));
        world.ok(&[market.bid_instruction(world, &job, 9_000, None)], &[&first.key]);
        let beat = story.by(market, &job, 1);
        case(&format!("BidJob, beating another, {name}"), market.bid_instruction(world, &beat, 5_000, Some(&job)));
        world.pass(HOUR as u64 + 1);
        case(&format!("AwardJob, {name}"), market.award_instruction(&job));
        world.ok(&[market.award_instruction(&job)], &[]);
        case(&format!("StartJob, awarded, {name}"), market.start_instruction(world, &job));
        let job = posted(market, matching::DIRECT);
        let offer = market.offer_instruction(&job, world.now().0 + 1_000, 1_000, 5_000);
        case(&format!("OfferReservation, {name}"), offer.clone());
        world.ok(&[offer], &[&story.client]);
        case(&format!("TakeReservation, {name}"), market.take_instruction(world, &job));
        world.ok(&[market.take_instruction(world, &job)], &[&first.key]);
        case(&format!("CancelJob, reserved, {name}"), market.cancel_instruction(&job, job.provider));
        // All of its bond comes back for those below.
        world.ok(&[market.cancel_instruction(&job, job.client), market.settle_instruction(&job)], &[&story.client]);
        world.ok(&[market.settle_bond_instruction(&job, story.network_wallet)], &[]);
    }
    let job = started(&story.token_market(Terms { is_service: 1, notice_minutes: 1, ..usual_terms() }));
    case("GiveNotice", fixed.notice_instruction(&job));
    let job = started(&fixed);
    case("Heartbeat", fixed.heartbeat_instruction(&job));
    world.pass(10);
    case("DeliverJob", fixed.deliver_instruction(&job, RESULT));
    world.ok(&[fixed.deliver_instruction(&job, RESULT)], &[&first.key]);
    case("AcceptJob", fixed.accept_instruction(&job, job.client));
    case("RejectJob", fixed.reject_instruction(&job));
    world.ok(&[fixed.reject_instruction(&job)], &[&story.client]);
    case("ResolveJob", fixed.resolve_instruction(&job, story.someone.pubkey(), 5_000, 5_000));
    case("CloseJob", tokens.close_job_instruction(world, &over));
    case("JoinQueue, a new waiting provider", tokens.join_instruction(first.key.pubkey(), 0));
    for worker in &story.workers {
        world.ok(&[tokens.join_instruction(worker.key.pubkey(), 0)], &[&worker.key]);
    }
    case("LeaveQueue", tokens.leave_instruction(first.key.pubkey(), 0));
    world.ok(
        &[tokens.join_instruction(first.key.pubkey(), 1), tokens.leave_instruction(first.key.pubkey(), 1)],
        &[&first.key],
    );
    case("JoinQueue", tokens.join_instruction(first.key.pubkey(), 1));
    case("CloseWaitingProvider", tokens.close_waiting_provider_instruction(first.key.pubkey(), 1));
    case("SweepQueue", tokens.sweep_instruction(3, &[]));
    case("DepositTokens", story.deposit.deposit_instruction(story.client.pubkey(), story.wallet, 5));
    case("WithdrawTokens", story.deposit.withdraw_instruction(story.wallet, 5));
    case("CloseDeposit", swap(other_deposit.close_instruction(world), 4, world.payer().pubkey()));
    let unopened = Deposit::of(rival.pubkey(), story.mint.address, TOKEN_PROGRAM);
    case("OpenDeposit", swap(unopened.open_instruction(world), 0, story.payer.pubkey()));
    let network = &story.network;
    let unborn =
        Market::unborn(network, &story.pool, 77, Terms { fee_payee: story.treasury, ..bonded }).paid_in(&story.mint);
    case("CreateMarket, tokens", swap(unborn.create_instruction(world, network), 0, story.payer.pubkey()));
    let unborn = Market::unborn(network, &story.pool, 78, Terms { fee_payee: treasury_work, ..bonded });
    case("CreateMarket, credits", swap(unborn.create_instruction(world, network), 0, story.payer.pubkey()));
    case("SetMarket", tokens.set_instruction(network, tokens.terms, 1));
    case("CloseMarket", bare.close_instruction(world, network));
    case("CreateQueue", swap(bare.create_queue_instruction(world), 0, story.payer.pubkey()));
    case("GrowQueue", swap(empty.grow_queue_instruction(world, 1), 0, story.payer.pubkey()));
    case("TickClock", swap(joule_tests::fixture::tick_instruction(world), 0, story.payer.pubkey()));
    case("CloseQueue", empty.close_queue_instruction(world, network));
    let measured = by_beacon(Terms { heartbeat_interval: Seconds(10), ..usual_terms() });
    let measured = story.token_market(measured);
    let beacon = Beacon::of(first.key.pubkey());
    case("OpenBeacon", swap(beacon.open_with_instruction(world, 10, 2), 0, story.payer.pubkey()));
    world.ok(&[beacon.open_with_instruction(world, 10, 2)], &[&first.key]);
    case("Beat", beacon.beat_instruction());
    let job = started(&measured);
    case("JoinBeacon", beacon.join_instruction(&[job]));
    world.ok(&[beacon.join_instruction(&[job])], &[&first.key]);
    world.pass(10);
    case("ReadBeacon", beacon.read_instruction(&[job]));
    world.ok(&[measured.finish_instruction(&job, job.client, NO_RESULT)], &[&story.client]);
    case("LeaveBeacon", beacon.leave_instruction(&[job]));
    world.ok(&[beacon.leave_instruction(&[job])], &[]);
    case("CloseBeacon", beacon.close_instruction(world, first.key.pubkey()));
    let session = world.key();
    let posted_by = (scheme::ED25519, session.pubkey().to_bytes());
    for (name, market) in [
        ("credits", story.credit_market(by_usage(Terms { fee_payee: treasury_work, ..bonded }))),
        ("tokens", story.token_market(by_usage(Terms { fee_payee: story.treasury, ..bonded }))),
    ] {
        let job = story.unposted(&market);
        let post = market.post_usage_instruction(world, &job, HOUR, 1_000, posted_by);
        let post = swap(post, 0, story.payer.pubkey());
        probe(&mut text, world, &format!("PostUsageJob, {name}"), post.clone(), &keys, &foreign);
        world.ok(&[post], &[&story.payer, &story.client]);
        story.start(&market, &job);
        let add = market.add_units_instruction(&job, 1);
        probe(&mut text, world, &format!("AddUnits, {name}"), add, &keys, &foreign);
        let verify = verify_instruction(&[voucher_for(&session, world, &job, 1_000)]);
        let redeem = market.redeem_instruction(&job, job.provider, 1, 0);
        probe_behind(&mut text, world, &format!("RedeemVoucher, {name}"), &[verify], redeem, &keys, &foreign);
        let replace = market.replace_key_instruction(&job, posted_by);
        probe(&mut text, world, &format!("ReplaceSessionKey, {name}"), replace, &keys, &foreign);
        let finish = market.finish_instruction(&job, job.client, NO_RESULT);
        probe(&mut text, world, &format!("FinishJob, units, {name}"), finish, &keys, &foreign);
    }
    golden::compare("escrow_checks.md", &text);
}

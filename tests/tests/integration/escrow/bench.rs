//! What it costs.

use {
    super::*,
    joule_escrow_interface::{
        state::{hot_right, scheme},
        voucher::verify_instruction,
    },
    joule_stake_interface::state::Bond,
    joule_tests::fixture::{Gang, Identity, of_beacon, tick_instruction, voucher_for},
    std::cell::RefCell,
};

#[test]
fn bench() {
    let mut story = Story::new();
    let keys = Identity::unopened(&mut story.world);
    let [kept_tokens, payee_tokens] =
        [keys.address, story.someone.pubkey()].map(|owner| story.world.associated_account(story.mint.address, owner));
    let (world, network) = (&story.world, &story.network);
    let table = RefCell::new(Table::new("escrow", ID));
    let rows = |name: &str, instructions: &[Instruction], signers: &[&Keypair]| {
        let receipt = world.ok(instructions, signers);
        table.borrow_mut().row(name, &receipt);
        receipt.units()
    };
    let row = |name: &str, instruction: Instruction, signers: &[&Keypair]| rows(name, &[instruction], signers);
    let (client, someone) = (&story.client, &story.someone);
    let [first, second] = &story.workers;
    let bonded = Terms { bond_amount: Tokens(BOND), reports: 1, ..usual_terms() };

    // Setting up.
    let market = Market::unborn(network, &story.pool, story.number(), usual_terms());
    row("CreateMarket", market.create_instruction(world, network), &[&network.authority]);
    row("SetTip", market.set_tip_instruction(network, 0), &[&network.authority]);
    row("SetMarket", market.set_instruction(network, usual_terms(), 0), &[&network.authority]);
    row("CreateQueue", market.create_queue_instruction(world), &[]);
    row("GrowQueue (213 slots)", market.grow_queue_instruction(world, 213), &[]);
    row("CloseQueue", market.close_queue_instruction(world, network), &[&network.authority]);
    world.pass(1);
    row("CloseMarket", market.close_instruction(world, network), &[&network.authority]);
    let deposit = Deposit::of(someone.pubkey(), story.mint.address, story.mint.token_program);
    row("OpenDeposit", deposit.open_instruction(world), &[]);
    row("DepositTokens", deposit.deposit_instruction(client.pubkey(), story.wallet, TOKEN), &[client]);
    row("WithdrawTokens", deposit.withdraw_instruction(story.wallet, TOKEN), &[someone]);
    world.pass(1);
    row("CloseDeposit", deposit.close_instruction(world), &[someone]);

    // Keys.
    let (hot, payee, address) = (second.key.pubkey(), someone.pubkey(), keys.address);
    let manager = &[&keys.manager];
    row("OpenKeys", keys.open_instruction(world), manager);
    row("SetHotKey", keys.set_hot_key_instruction(hot, hot_right::ALL), manager);
    row("ProposeKeys", keys.propose_instruction(keys.manager.pubkey(), payee, NONE), manager);
    row("CancelKeys", keys.cancel_instruction(keys.recovery.pubkey()), &[&keys.recovery]);
    world.ok(&[keys.propose_instruction(keys.manager.pubkey(), payee, NONE)], manager);
    // With slots: else it is a halt of the chain, which moves deadlines below.
    world.run(86_400);
    row("ExecuteKeys", keys.execute_instruction(), &[]);
    let register = keys.by(&keys.manager, story.pool.register_instruction(world, address));
    row("Act (RegisterProvider, of `stake`)", register, manager);
    let staked = story.pool.provider(address);
    row("SetBondLimit", keys.limit_instruction(staked, BOND), manager);
    let kept = story.token_market(Terms { bond_amount: Tokens(0), ..usual_terms() });
    let job = kept.job(client.pubkey(), story.number(), address, kept_tokens);
    kept.post(world, client, &job, HOUR);
    row("Act (StartJob)", keys.by(&second.key, kept.start_instruction(world, &job)), &[&second.key]);
    row("Act (Heartbeat)", keys.by(&second.key, kept.heartbeat_instruction(&job)), &[&second.key]);
    world.run(60);
    row(
        "Act (FinishJob, tokens)",
        keys.by(&second.key, kept.finish_instruction(&job, address, RESULT)),
        &[&second.key],
    );
    let mint = &story.mint;
    row("PayOut", keys.pay_out_instruction(kept_tokens, payee_tokens, mint.address, mint.token_program), &[]);

    // The life of three steps.
    let quick = story.token_market(usual_terms()).with_queue(world, 213);
    let queued = |market: &Market| Job { matching: matching::QUEUE, ..story.unposted(market) };
    let derived = queued(&quick);
    row(
        "PostJob (queue, tokens, created where it is derived)",
        quick.post_instruction(world, &derived, HOUR),
        &[client],
    );
    world.ok(&[quick.cancel_instruction(&derived, client.pubkey())], &[client]);
    let (job, make) = queued(&quick).made_before(world);
    let post = [make, quick.post_instruction(world, &job, HOUR)];
    let mut sum = rows("PostJob (queue, tokens, a new account)", &post, &[client]);
    sum += row("StartJob (first of the queue)", quick.start_instruction(world, &job), &[&first.key]);
    world.pass(60);
    let finish = quick.finish_instruction(&job, job.provider, RESULT);
    sum += row("FinishJob (tokens)", finish, &[&first.key]);
    let mut again = row("PostJob (queue, tokens, posted anew)", quick.post_instruction(world, &job, HOUR), &[client]);
    // Three hundred wait before it.
    world.ok(&[quick.cancel_instruction(&job, client.pubkey())], &[client]);
    for _ in 0..10 {
        world.ok(&[quick.grow_queue_instruction(world, 213)], &[]);
    }
    let waiting: Vec<Job> = (0..300).map(|_| queued(&quick)).collect();
    for jobs in waiting.chunks(20) {
        world.ok(&[quick.post_many_instruction(world, jobs, 10, PRICE)], &[client]);
    }
    world.ok(&[quick.post_instruction(world, &job, HOUR)], &[client]);
    let start = quick.start_instruction(world, &waiting[0]);
    again += row("StartJob (first of 301)", start, &[&first.key]);
    let finish = quick.finish_instruction(&waiting[0], job.provider, RESULT);
    world.pass(60);
    again += row("FinishJob (tokens, from a queue of 300)", finish, &[&first.key]);
    let three_steps = [sum, again];

    // Paid in credits, with a bond and a report: all of a life, in new accounts.
    let place = Address::new_from_array([7; 32]);
    let served = Terms {
        heartbeat_interval: Seconds(HOUR / 3),
        min_duration: Seconds(HOUR / 3),
        acceptance_window: Seconds(HOUR),
        arbitration_window: Seconds(HOUR),
        arbiter: someone.pubkey(),
        ..bonded
    };
    let credits = story.credit_market(served);
    let (job, make) = story.unposted(&credits).made_before(world);
    let post = [make, credits.post_instruction(world, &job, HOUR)];
    let mut life_in_credits = rows("PostJob (credits)", &post, &[client]);
    let (bond, make) = world.make_instruction(job.nonce, Bond::SIZE, joule_stake_interface::ID);
    let job = Job { bond, ..job };
    let start = [make, credits.start_instruction(world, &job)];
    life_in_credits += rows("StartJob (with a new bond)", &start, &[&first.key]);
    for beat in ["first", "second", "third"] {
        world.pass(HOUR as u64 / 3);
        let name = format!("Heartbeat (the {beat} of a life)");
        life_in_credits += row(&name, credits.heartbeat_instruction(&job), &[&first.key]);
        if beat == "first" {
            life_in_credits += row("SettleJob (credits)", credits.settle_instruction(&job), &[]);
        }
    }
    life_in_credits += row("DeliverJob (credits)", credits.deliver_instruction(&job, RESULT), &[&first.key]);
    let accept = credits.accept_instruction(&job, client.pubkey());
    life_in_credits += row("AcceptJob (credits)", accept, &[client]);
    let settle = credits.settle_bond_instruction(&job, story.network_wallet);
    life_in_credits += row("SettleBond (released and reported)", settle, &[]);
    life_in_credits += row("CloseJob", credits.close_job_instruction(world, &job), &[]);

    // The same in accounts at derived addresses, ended before its time.
    let credits = story.credit_market(bonded);
    let job = story.unposted(&credits);
    row("PostJob (credits, created where it is derived)", credits.post_instruction(world, &job, HOUR), &[client]);
    let start = credits.start_instruction(world, &job);
    row("StartJob (with a bond created where it is derived)", start, &[&first.key]);
    row("SettleJob (nothing is due)", credits.settle_instruction(&job), &[]);
    world.pass(60);
    row("ExtendJob (credits)", credits.extend_instruction(&job, 60), &[client]);
    let finish = credits.finish_instruction(&job, job.provider, RESULT);
    world.pass(60);
    row("FinishJob (credits)", finish, &[&first.key]);
    let job = story.posted(&credits);
    row("CancelJob (credits)", credits.cancel_instruction(&job, client.pubkey()), &[client]);
    row("PostJob (credits, posted anew)", credits.post_instruction(world, &job, HOUR), &[client]);

    // A place for bonds, tokens, heartbeats, a result.
    world.ok(&[story.pool.open_bond_instruction(world, first.own.provider, place)], &[]);
    let bond = joule_stake_interface::pda::bond::find(&first.own.provider, &place).0;
    let metered = story.token_market(serviced(bonded));
    let job = Job { bond, ..story.unposted(&metered) };
    row("PostJob (tokens)", metered.post_instruction(world, &job, HOUR), &[client]);
    row("StartJob (with a bond in a place)", metered.start_instruction(world, &job), &[&first.key]);
    world.pass(60);
    row("Heartbeat", metered.heartbeat_instruction(&job), &[&first.key]);
    row("SettleJob (tokens)", metered.settle_instruction(&job), &[]);
    world.pass(3_000);
    row("Heartbeat (late)", metered.heartbeat_instruction(&job), &[&first.key]);
    row("ExtendJob (tokens)", metered.extend_instruction(&job, 60), &[client]);
    world.pass(HOUR as u64);
    row(
        "FinishJob (tokens, below its service level)",
        metered.finish_instruction(&job, someone.pubkey(), NO_RESULT),
        &[someone],
    );
    let settle = metered.settle_bond_instruction(&job, story.network_wallet);
    row("SettleBond (seized, released and reported)", settle, &[]);

    // A whole life: a result that the client accepts, a bond in a place, and a report. The first bond is the client's ticket now.
    let second_place = Address::new_from_array([0xb0; 32]);
    world.ok(&[story.pool.open_bond_instruction(world, first.own.provider, second_place)], &[]);
    let bond = joule_stake_interface::pda::bond::find(&first.own.provider, &second_place).0;
    let fixed = story.token_market(accepted(someone.pubkey(), Terms { heartbeat_interval: Seconds(10), ..bonded }));
    let job = Job { bond, ..story.unposted(&fixed) };
    let lives = [
        ("PostJob (tokens, a result)", fixed.post_instruction(world, &job, HOUR), client),
        ("StartJob (likewise)", Instruction { data: vec![], ..fixed.heartbeat_instruction(&job) }, &first.key),
        ("Heartbeat (likewise)", fixed.heartbeat_instruction(&job), &first.key),
        ("DeliverJob", fixed.deliver_instruction(&job, RESULT), &first.key),
        ("AcceptJob (tokens)", fixed.accept_instruction(&job, client.pubkey()), client),
        (
            "SettleBond (released and reported, from a place)",
            fixed.settle_bond_instruction(&job, story.network_wallet),
            client,
        ),
    ];
    let mut whole_life = 0;
    for (name, instruction, key) in lives {
        if name == "DeliverJob" {
            // The market's shortest time.
            world.pass(10);
        }
        // What the provider starts is known once it is posted.
        let start = instruction.data.is_empty();
        let instruction = if start { fixed.start_instruction(world, &job) } else { instruction };
        let signs = instruction.accounts.iter().any(|meta| meta.is_signer && meta.pubkey == key.pubkey());
        whole_life += row(name, instruction, if signs { std::slice::from_ref(&key) } else { &[] });
    }
    world.pass(1);
    whole_life += row("CloseJob (likewise)", fixed.close_job_instruction(world, &job), &[]);
    let plain = story.token_market(accepted(someone.pubkey(), usual_terms()));
    let other = story.running(&plain);
    let fixed = plain;
    world.pass(10);
    world.ok(&[fixed.deliver_instruction(&other, RESULT)], &[&first.key]);
    row("RejectJob", fixed.reject_instruction(&other), &[client]);
    row("ResolveJob (tokens)", fixed.resolve_instruction(&other, someone.pubkey(), 5_000, 0), &[someone]);

    // Many at once.
    let batch: Vec<Job> = (0..8).map(|_| story.unposted(&quick)).collect();
    row("PostJob (eight, tokens)", quick.post_many_instruction(world, &batch, HOUR, PRICE), &[client]);
    for job in &batch {
        story.start(&quick, job);
    }
    world.pass(60);
    row("SettleJob (eight, tokens)", quick.settle_many_instruction(&batch, u64::MAX), &[]);

    // An auction.
    let auctioned = |market: &Market| Job { matching: matching::AUCTION, ..story.unposted(market) };
    let job = auctioned(&quick);
    let rival = story.by(&quick, &job, 1);
    row("PostJob (auction, tokens)", quick.post_instruction(world, &job, HOUR), &[client]);
    row("BidJob", quick.bid_instruction(world, &job, 9_000, None), &[&first.key]);
    row("BidJob (a lower one)", quick.bid_instruction(world, &rival, 8_000, Some(&job)), &[&second.key]);
    let market = story.token_market(bonded);
    let job = auctioned(&market);
    let rival = story.by(&market, &job, 1);
    world.ok(&[story.pool.open_bond_instruction(world, second.own.provider, place)], &[]);
    let theirs = joule_stake_interface::pda::bond::find(&second.own.provider, &place).0;
    let (job, rival) = (Job { bond, ..job }, Job { bond: theirs, ..rival });
    market.post(world, client, &job, HOUR);
    row("BidJob (with a bond)", market.bid_instruction(world, &job, 9_000, None), &[&first.key]);
    let beat = market.bid_instruction(world, &rival, 8_000, Some(&job));
    row("BidJob (one bond for the other)", beat, &[&second.key]);
    world.pass(HOUR as u64 + 1);
    row("AwardJob (tokens)", market.award_instruction(&job), &[]);
    let start = market.start_without_bond_instruction(&rival, rival.posting(world));
    row("StartJob (awarded)", start, &[&second.key]);

    // Providers wait.
    let waiting = story.token_market(usual_terms()).with_queue(world, 213);
    row("JoinQueue (a new waiting provider)", waiting.join_instruction(first.key.pubkey(), 0), &[&first.key]);
    row("LeaveQueue", waiting.leave_instruction(first.key.pubkey(), 0), &[&first.key]);
    row("JoinQueue", waiting.join_instruction(first.key.pubkey(), 0), &[&first.key]);
    let job = queued(&waiting);
    row("PostJob (a provider waits)", waiting.post_instruction(world, &job, HOUR), &[client]);
    row("StartJob (given to one that waited)", waiting.start_instruction(world, &job), &[&first.key]);
    let job = queued(&waiting);
    waiting.post(world, client, &job, HOUR);
    row("CancelJob (queue, tokens)", waiting.cancel_instruction(&job, client.pubkey()), &[client]);
    row("SweepQueue", waiting.sweep_instruction(16, &[]), &[]);
    row("CloseWaitingProvider", waiting.close_waiting_provider_instruction(first.key.pubkey(), 0), &[&first.key]);

    // A job that nobody starts, in a market with a tip.
    let tipped = story.token_market(usual_terms());
    world.ok(&[tipped.set_tip_instruction(network, 10_000)], &[&network.authority]);
    let job = story.unposted(&tipped);
    row(
        "PostJob (tokens, with tips, created where it is derived)",
        tipped.post_instruction(world, &job, HOUR),
        &[client],
    );
    world.pass(300 + 61);
    let take = [tipped.tip_instruction(&job, someone.pubkey()), tipped.cancel_instruction(&job, someone.pubkey())];
    rows("TakeTip, and CancelJob (tokens)", &take, &[someone]);

    // A halt.
    row("TickClock (created)", tick_instruction(world), &[]);
    world.pass(60);
    row("TickClock", tick_instruction(world), &[]);

    // A service that ends after a notice, and a job that is handed back.
    let service = story.token_market(Terms { is_service: 1, notice_minutes: 1, ..usual_terms() });
    row("GiveNotice", service.notice_instruction(&story.running(&service)), &[&first.key]);
    let fee = Terms { fee_share: Bps(100), fee_payee: story.treasury, ..bonded };
    let returnable = story.token_market(fee).with_queue(world, 213);
    let job = queued(&returnable);
    row("PostJob (queue, tokens, can be handed back)", returnable.post_instruction(world, &job, HOUR), &[client]);
    row("StartJob (can be handed back)", returnable.start_instruction(world, &job), &[&first.key]);
    row("HandBackJob (tokens)", returnable.hand_back_instruction(&job), &[&first.key]);

    // A delegate.
    let simple = story.token_market(usual_terms());
    let mandate = Mandate::of(client.pubkey(), someone.pubkey(), 0);
    let args = mandate.args(world, story.deposit.address, simple.address, 100 * COST, 100 * COST);
    row("OpenMandate", mandate.open_instruction(world, &args), &[client]);
    let post = |job: &Job| simple.post_instruction(world, job, HOUR);
    let cancel = |job: &Job| simple.cancel_instruction(job, client.pubkey());
    let [own, job] = [(); 2].map(|()| story.unposted(&simple));
    world.ok(&[post(&own), cancel(&own)], &[client]);
    let alone = row("PostJob (tokens, posted anew)", post(&own), &[client]);
    world.ok(&[mandate.by(post(&job)), mandate.by(cancel(&job))], &[someone]);
    row("SettleMandate", mandate.settle_instruction(&[job]), &[]);
    let delegated = row("PostJob (tokens, posted anew by a delegate)", mandate.by(post(&job)), &[someone]);
    row("CancelJob (tokens, by a delegate)", mandate.by(cancel(&job)), &[someone]);
    row("RenewJob (tokens, by a delegate)", mandate.by(simple.renew_instruction(world, &job)), &[someone]);
    world.ok(&[mandate.by(cancel(&job))], &[someone]);
    let settled = row("PostJob (by a delegate, which settles the job before it)", mandate.by(post(&job)), &[someone]);
    story.start(&simple, &job);
    row("ExtendJob (tokens, by a delegate)", mandate.by(simple.extend_instruction(&job, 60)), &[someone]);
    world.pass(1);
    row("CloseMandate", mandate.close_instruction(world, client.pubkey()), &[client]);

    // A beacon.
    let beacon = Beacon::of(first.key.pubkey());
    let measured = story.token_market(by_beacon(Terms {
        heartbeat_interval: Seconds(60),
        min_duration: Seconds(60),
        ..usual_terms()
    }));
    row("OpenBeacon", beacon.open_instruction(world, 20), &[&first.key]);
    let jobs: Vec<Job> = (0..10).map(|_| story.posted(&measured)).collect();
    world.ok(&[measured.start_instruction(world, &jobs[0])], &[&first.key]);
    row("JoinBeacon", beacon.join_instruction(&jobs[..1]), &[&first.key]);
    for job in &jobs[1..] {
        world.ok(&[measured.start_instruction(world, job)], &[&first.key]);
    }
    row("JoinBeacon (nine jobs)", beacon.join_instruction(&jobs[1..]), &[&first.key]);
    world.pass(60);
    let beat = row("Beat", beacon.beat_instruction(), &[&first.key]);
    world.pass(90);
    row("Beat (late)", beacon.beat_instruction(), &[&first.key]);
    row("ReadBeacon", beacon.read_instruction(&jobs[..1]), &[]);
    row("ReadBeacon (ten jobs)", beacon.read_instruction(&jobs), &[]);
    for job in &jobs {
        world.ok(&[measured.finish_instruction(job, client.pubkey(), NO_RESULT)], &[client]);
    }
    row("LeaveBeacon", beacon.leave_instruction(&jobs[..1]), &[]);
    row("LeaveBeacon (nine jobs)", beacon.leave_instruction(&jobs[1..]), &[]);
    row("CloseBeacon", beacon.close_instruction(world, first.key.pubkey()), &[&first.key]);

    // Units.
    let session = world.key();
    let posted_by = (scheme::ED25519, session.pubkey().to_bytes());
    let mut of_vouchers = vec![];
    for (paid, market) in [
        ("tokens", story.token_market(by_usage(usual_terms()))),
        ("credits", story.credit_market(by_usage(usual_terms()))),
    ] {
        let job = story.unposted(&market);
        let post = market.post_usage_instruction(world, &job, HOUR, 1_000_000, posted_by);
        row(&format!("PostUsageJob ({paid}, created where it is derived)"), post, &[client]);
        world.ok(&[market.start_instruction(world, &job)], &[&first.key]);
        let verify = verify_instruction(&[voucher_for(&session, world, &job, 1_000_000)]);
        let redeem = [verify, market.redeem_instruction(&job, job.provider, 1, 0)];
        let receipt = world.ok(&redeem, &[&first.key]);
        table.borrow_mut().row(&format!("RedeemVoucher ({paid}, a million units)"), &receipt);
        of_vouchers.push((receipt.computed_units(ID), receipt.units()));
        rows(&format!("RedeemVoucher ({paid}, nothing is due)"), &redeem, &[&first.key]);
        row(&format!("AddUnits ({paid})"), market.add_units_instruction(&job, 1), &[client]);
        row(&format!("FinishJob ({paid}, units)"), market.finish_instruction(&job, job.client, NO_RESULT), &[client]);
        let close = market.finish_instruction(&job, job.provider, NO_RESULT);
        row(&format!("FinishJob ({paid}, units, nothing to redeem)"), close, &[&first.key]);
    }
    let market = story.token_market(by_usage(usual_terms()));
    let job = story.unposted(&market);
    world.ok(&[market.post_usage_instruction(world, &job, HOUR, 1, posted_by)], &[client]);
    world.ok(&[market.start_instruction(world, &job)], &[&first.key]);
    row("ReplaceSessionKey", market.replace_key_instruction(&job, posted_by), &[client]);

    // Gangs.
    let ganged = Terms {
        matching: matching::GANG,
        min_duration: Seconds(60),
        heartbeat_interval: Seconds(60),
        failure_penalty: Bps(5_000),
        ..bonded
    };
    for (paid, market) in [("tokens", story.token_market(ganged)), ("credits", story.credit_market(ganged))] {
        let gang = Gang::of(client.pubkey(), story.number());
        let post = gang.post_instruction(world, &market, 2, HOUR);
        let jobs = [0, 1].map(|worker| Job { matching: matching::GANG, ..story.unposted_by(&market, worker) });
        let nonce = jobs[0].nonce;
        let jobs = [jobs[0], market.job(client.pubkey(), nonce + 1, jobs[1].provider, jobs[1].payee)];
        let (names, join) = (|what: &str| format!("{what} ({paid})"), |job| gang.join_instruction(world, &market, job));
        row(&names("PostGang"), post, &[client]);
        row(&names("PostPlaces, of two"), gang.places_instruction(world, &market, &jobs), &[client]);
        row(&names("JoinGang"), join(&jobs[0]), &[&first.key]);
        row(&names("LeaveGang"), gang.leave_instruction(&market, &jobs[0]), &[&first.key]);
        world.ok(&[join(&jobs[0])], &[&first.key]);
        row(&names("JoinGang, the last"), join(&jobs[1]), &[&second.key]);
        for _ in 0..3 {
            world.run(60);
            world.ok(&[gang.heartbeat_instruction(&jobs[1])], &[&second.key]);
        }
        world.run(60);
        row(&names("HeartbeatMember"), gang.heartbeat_instruction(&jobs[1]), &[&second.key]);
        let settle = |job: &Job| gang.settle_instruction(&market, job, someone.pubkey());
        row(&names("SettleMember, running"), settle(&jobs[1]), &[someone]);
        row(
            &names("StopGang, of a silent member"),
            gang.take_out_instruction(&market, someone.pubkey(), &jobs[0]),
            &[someone],
        );
        row(&names("SettleMember, silent"), settle(&jobs[0]), &[someone]);
        row(&names("SettleBond, burned"), market.settle_bond_instruction(&jobs[0], market.staked.0), &[]);
        row(&names("StopGang"), gang.stop_instruction(client.pubkey()), &[client]);
        row(&names("SettleMember"), settle(&jobs[1]), &[someone]);
        row(&names("CloseGang"), gang.close_instruction(world), &[]);
    }
    let market = story.token_market(by_beacon(ganged));
    world.ok(&[beacon.open_instruction(world, 1)], &[&first.key]);
    let gang = Gang::of(client.pubkey(), story.number());
    let jobs = [0, 1].map(|worker| Job { matching: matching::GANG, ..story.unposted_by(&market, worker) });
    let jobs = [jobs[0], market.job(client.pubkey(), jobs[0].nonce + 1, jobs[1].provider, jobs[1].payee)];
    world.ok(
        &[gang.post_instruction(world, &market, 2, HOUR), gang.places_instruction(world, &market, &jobs)],
        &[client],
    );
    let join = |job| gang.join_instruction(world, &market, job);
    row("JoinGang (on a beacon)", of_beacon(join(&jobs[0]), &beacon), &[&first.key]);
    world.ok(&[join(&jobs[1])], &[&second.key]);
    for _ in 0..31 {
        world.run(61);
        world.ok(&[beacon.beat_instruction()], &[&first.key]);
    }
    let settle = gang.settle_instruction(&market, &jobs[0], someone.pubkey());
    row("SettleMember, running (on a beacon, 31 gaps)", of_beacon(settle, &beacon), &[someone]);
    world.run(181);
    let stop = gang.take_out_instruction(&market, someone.pubkey(), &jobs[0]);
    row("StopGang, of a silent member (on a beacon)", of_beacon(stop, &beacon), &[someone]);

    // Twenty at once, in accounts that are there: of a queue, in tokens.
    let many = story.token_market(usual_terms()).with_queue(world, 30);
    let twenty: Vec<Job> = (0..20).map(|_| queued(&many)).collect();
    world.ok(&[many.post_many_instruction(world, &twenty, HOUR, PRICE)], &[client]);
    for job in &twenty {
        world.ok(&[many.cancel_instruction(job, client.pubkey())], &[client]);
    }
    world.pass(1);
    let post = many.post_many_instruction(world, &twenty, HOUR, PRICE);
    row("PostJob (twenty, queue, tokens, posted anew)", post, &[client]);
    row("StartJob (twenty, of the queue)", many.start_all_instruction(world, &twenty, 20), &[&first.key]);
    row("Heartbeat (twenty)", many.heartbeat_all_instruction(&twenty), &[&first.key]);
    world.pass(60);
    let results: Vec<(Job, [u8; 32])> = twenty.iter().map(|job| (*job, RESULT)).collect();
    let finish = many.finish_all_instruction(&results, first.key.pubkey(), u64::MAX);
    row("FinishJob (twenty, tokens)", finish, &[&first.key]);
    row("CloseJob (twenty)", many.close_jobs_instruction(world, &twenty), &[]);
    // Delivered and accepted.
    let judged = story.token_market(Terms { price: Amount(PRICE), ..accepted(someone.pubkey(), usual_terms()) });
    let twenty: Vec<Job> = (0..20).map(|_| story.running(&judged)).collect();
    world.pass(60);
    let results: Vec<(Job, [u8; 32])> = twenty.iter().map(|job| (*job, RESULT)).collect();
    row("DeliverJob (twenty)", judged.deliver_all_instruction(&results), &[&first.key]);
    row("AcceptJob (twenty, tokens)", judged.accept_all_instruction(&twenty, client.pubkey(), u64::MAX), &[client]);
    // In credits, each with a bond in a place of its own.
    let terms = Terms { price: Amount(1), bond_amount: Tokens(BOND / 100), ..bonded };
    let credit = story.credit_market(terms);
    let twenty: Vec<Job> = (0..20)
        .map(|number| {
            let job = story.unposted(&credit);
            let place = Address::new_from_array([0xc0 + number; 32]);
            world.ok(&[story.pool.open_bond_instruction(world, first.own.provider, place)], &[]);
            Job { bond: joule_stake_interface::pda::bond::find(&first.own.provider, &place).0, ..job }
        })
        .collect();
    world.ok(&[credit.post_many_instruction(world, &twenty, HOUR, 1)], &[client]);
    for job in &twenty {
        world.ok(&[credit.cancel_instruction(job, client.pubkey())], &[client]);
    }
    world.pass(1);
    row("PostJob (twenty, credits, posted anew)", credit.post_many_instruction(world, &twenty, HOUR, 1), &[client]);
    let starts: Vec<Instruction> = twenty.iter().map(|job| credit.start_instruction(world, job)).collect();
    rows("StartJob (twenty calls, each with a bond in a place)", &starts, &[&first.key]);
    world.pass(60);
    let settle = credit.settle_many_instruction(&twenty, u64::MAX);
    row("SettleJob (twenty, credits)", settle, &[]);
    world.pass(60);
    let results: Vec<(Job, [u8; 32])> = twenty.iter().map(|job| (*job, RESULT)).collect();
    let finish = credit.finish_all_instruction(&results, first.key.pubkey(), u64::MAX);
    row("FinishJob (twenty, credits)", finish, &[&first.key]);
    let settle = credit.settle_bonds_instruction(&twenty, story.network_wallet);
    row("SettleBond (twenty, released and reported, from a place)", settle, &[]);
    row("CloseJob (twenty, credits)", credit.close_jobs_instruction(world, &twenty), &[]);
    // Ahead.
    for (paid, market) in [("tokens", story.token_market(bonded)), ("credits", story.credit_market(bonded))] {
        let [job, left] = [(); 2].map(|()| story.posted(&market));
        let names = |what: &str| format!("{what} ({paid})");
        let offer = |job: &Job| market.offer_instruction(job, world.now().0 + 86_400, 86_400, 5_000);
        row(&names("OfferReservation"), offer(&job), &[client]);
        world.ok(&[offer(&left)], &[client]);
        row(&names("TakeReservation"), market.take_instruction(world, &job), &[&first.key]);
        world.ok(&[market.take_instruction(world, &left)], &[&first.key]);
        world.pass(3_600);
        row(
            &names("CancelJob, reserved, by the provider"),
            market.cancel_instruction(&left, left.provider),
            &[&first.key],
        );
        world.pass(86_400 - 3_600);
        row(
            &names("StartJob, reserved"),
            market.start_without_bond_instruction(&job, job.posting(world)),
            &[&first.key],
        );
        world.ok(&[market.finish_instruction(&job, job.client, NO_RESULT)], &[client]);
    }
    table.borrow().check();
    assert!(beat <= 240, "a beat takes {beat}");
    eprintln!("a mandate adds {} to a posting, {} with what it settles", delegated - alone, settled - alone);
    assert!(delegated - alone <= 150, "a mandate adds {}", delegated - alone);
    eprintln!("vouchers: {of_vouchers:?}");
    assert!(of_vouchers.iter().all(|(own, all)| *own < 930 && *all < 5_000), "a voucher: {of_vouchers:?}");
    eprintln!("three steps: {three_steps:?}; a life: {whole_life}, in credits: {life_in_credits}");
    assert!(three_steps.iter().all(|sum| *sum < 5_300), "post, take, finish and pay: {three_steps:?}");
    assert!(whole_life < 15_000, "a whole life: {whole_life}");
    assert!(life_in_credits < 16_500, "a whole life in credits: {life_in_credits}");
}

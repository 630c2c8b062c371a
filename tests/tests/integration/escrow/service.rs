//! Service levels, results, and what they do to pay, bond and reputation.

use {super::*, joule_stake_interface::state::ProviderStub, solana_account::Account};

#[test]
fn a_missed_service_level_costs_pay_first_and_then_the_bond() {
    for credits in [true, false] {
        let story = Story::new();
        let terms = serviced(Terms { bond_amount: Tokens(BOND), reports: 1, ..usual_terms() });
        let market = if credits { story.credit_market(terms) } else { story.token_market(terms) };
        let world = &story.world;
        let job = story.running(&market);
        let beat = || world.ok(&[market.heartbeat_instruction(&job)], &[story.key(&job)]);
        for _ in 0..10 {
            world.pass(60);
            beat();
        }
        world.ok(&[market.settle_instruction(&job)], &[]);
        assert_eq!(story.job(&job).paid, Amount(600 * PRICE));
        // Silent for 90 seconds: half a minute's price for one missed.
        world.pass(90);
        beat();
        let state = story.job(&job);
        assert_eq!((state.downtime, state.missed_heartbeats), (30, 1));
        world.ok(&[market.settle_instruction(&job)], &[]);
        assert_eq!(story.job(&job).paid, Amount((660 - 30) * PRICE));
        // Silent for good: it ran 720 of 3,600 seconds, 79 hundredths too few, so all of its pay is lost, and a half minute's
        // price for each of the 49 that were missed. 90 seconds' worth is taken from what is not paid yet, the rest, to the
        // worth of the deposit, from the bond.
        world.pass(3_000);
        let finish = market.finish_instruction(&job, story.someone.pubkey(), NO_RESULT);
        let ended: event::JobEnded = world.ok(&[finish], &[&story.someone]).event(ID);
        let penalty = 720 * PRICE + 49 * 30 * PRICE;
        assert_eq!((ended.paid, ended.penalty), (Amount(630 * PRICE), Amount(90 * PRICE)));
        assert_eq!((ended.refunded, ended.outcome), (Amount((HOUR as u64 - 720) * PRICE), outcome::LATE));
        assert_eq!(ended.bond_to_seize, Tokens(BOND * (penalty - 90 * PRICE) / COST));
        let before = story.staked(0).unbonding.tokens;
        story.settle_bond(&market, &job);
        let staked = story.staked(0);
        // It is the client's ticket.
        assert_eq!(staked.unbonding.tokens.0 - before.0, ended.bond_to_seize.0);
        assert_eq!((staked.bonded, staked.reputation.late), (Tokens(0), 1));
        story.check(&[job]);
    }
}

#[test]
fn a_provider_that_keeps_its_service_level_is_paid_in_full() {
    let story = Story::new();
    let market = story.token_market(serviced(Terms { bond_amount: Tokens(BOND), reports: 1, ..usual_terms() }));
    let job = story.running(&market);
    for _ in 0..60 {
        story.world.pass(60);
        story.world.ok(&[market.heartbeat_instruction(&job)], &[story.key(&job)]);
    }
    let finish = market.finish_instruction(&job, story.someone.pubkey(), NO_RESULT);
    story.world.ok(&[finish], &[&story.someone]);
    assert_eq!((story.job(&job).paid, story.job(&job).outcome), (Amount(COST), outcome::DELIVERED));
    assert_eq!(story.settled(&market, &job), (Tokens(0), outcome::DELIVERED));
    assert_eq!(story.staked(0).reputation.delivered, 1);
}

fn result_market(story: &Story) -> Market {
    let terms = accepted(story.someone.pubkey(), Terms { bond_amount: Tokens(BOND), reports: 1, ..usual_terms() });
    story.token_market(terms)
}

#[test]
fn a_result_is_accepted_by_the_client_or_by_time() {
    let story = Story::new();
    let (world, market) = (&story.world, result_market(&story));
    let jobs = [story.running(&market), story.running(&market)];
    world.pass(10);
    for job in &jobs {
        world.fails(market.deliver_instruction(job, NO_RESULT), &[story.key(job)], EscrowError::ResultRequired);
        let delivered: event::JobDelivered =
            world.ok(&[market.deliver_instruction(job, RESULT)], &[story.key(job)]).event(ID);
        assert_eq!((delivered.result, story.job(job).result), (RESULT, RESULT));
        assert_eq!(delivered.deadline_at, world.now().after(Seconds(3_600)).unwrap());
        world.fails(market.accept_instruction(job, job.provider), &[story.key(job)], EscrowError::TooEarly);
    }
    let wallet = world.tokens(jobs[0].payee);
    world.ok(&[market.accept_instruction(&jobs[0], jobs[0].client)], &[&story.client]);
    world.pass(3_601);
    world.fails(market.reject_instruction(&jobs[1]), &[&story.client], EscrowError::TooLate);
    world.ok(&[market.accept_instruction(&jobs[1], story.someone.pubkey())], &[&story.someone]);
    assert_eq!(world.tokens(jobs[0].payee), wallet + 2 * TOKEN);
    for job in &jobs {
        story.settle_bond(&market, job);
    }
    assert_eq!((story.staked(0).bonded, story.staked(0).reputation.delivered), (Tokens(0), 2));
    story.check(&jobs);
}

#[test]
fn a_rejected_result_is_judged_by_the_arbiter_or_by_default() {
    let story = Story::new();
    let (world, market) = (&story.world, result_market(&story));
    let jobs = [story.running(&market), story.running(&market), story.running(&market)];
    world.pass(10);
    for job in &jobs {
        world.ok(&[market.deliver_instruction(job, RESULT)], &[story.key(job)]);
        let reject = market.reject_instruction(job);
        world.fails(swap(reject.clone(), 0, job.provider), &[story.key(job)], EscrowError::Unauthorized);
        let rejected: event::JobRejected = world.ok(&[reject], &[&story.client]).event(ID);
        assert_eq!((rejected.reasons_hash, story.job(job).state), ([0xee; 32], job_state::REJECTED));
    }
    let resolve = |job: &Job, by: &Keypair, pay, bond| {
        world.send(&[market.resolve_instruction(job, by.pubkey(), pay, bond)], &[by])
    };
    let only = Some(EscrowError::ArbiterOnly as u32);
    assert_eq!(resolve(&jobs[0], &story.client, 0, 10_000).unwrap_err().code(), only);
    assert_eq!(resolve(&jobs[0], &story.workers[0].key, 10_000, 0).unwrap_err().code(), only);
    let wrong = Some(EscrowError::InvalidParameter as u32);
    assert_eq!(resolve(&jobs[0], &story.someone, 10_001, 0).unwrap_err().code(), wrong);
    resolve(&jobs[0], &story.someone, 3_000, 2_500).unwrap();
    resolve(&jobs[1], &story.someone, 10_000, 0).unwrap();
    world.pass(7_201);
    // The arbiter is too late, and what it says is disregarded.
    resolve(&jobs[2], &story.someone, 0, 0).unwrap();
    let says = |job: &Job| {
        let job = story.job(job);
        (job.paid.0, job.bond_to_seize.0, job.outcome)
    };
    assert_eq!(says(&jobs[0]), (TOKEN * 3 / 10, BOND / 4, outcome::DISPUTED));
    assert_eq!(says(&jobs[1]), (TOKEN, 0, outcome::DELIVERED));
    assert_eq!(says(&jobs[2]), (TOKEN / 2, BOND / 2, outcome::DISPUTED));
    for job in &jobs {
        story.settle_bond(&market, job);
    }
    let reputation = story.staked(0).reputation;
    assert_eq!((reputation.disputed, reputation.delivered), (2, 1));
    assert_eq!(
        (story.staked(0).bonded, story.staked(0).active_stake().unwrap()),
        (Tokens(0), Tokens(400 * TOKEN - BOND * 3 / 4))
    );
    story.check(&jobs);
}

#[test]
fn late_results_cost_pay_and_missing_results_cost_the_bond() {
    let story = Story::new();
    let (world, market) = (&story.world, result_market(&story));
    let jobs = [story.running(&market), story.running(&market), story.running(&market)];
    // One quits.
    world.ok(&[market.finish_instruction(&jobs[2], jobs[2].provider, NO_RESULT)], &[story.key(&jobs[2])]);
    assert_eq!((story.job(&jobs[2]).paid, story.job(&jobs[2]).bond_to_seize), (Amount(0), Tokens(BOND)));
    world.pass(HOUR as u64 + 600);
    world.fails(
        market.finish_instruction(&jobs[0], jobs[0].client, NO_RESULT),
        &[&story.client],
        EscrowError::TooEarly,
    );
    world.ok(&[market.deliver_instruction(&jobs[0], RESULT)], &[story.key(&jobs[0])]);
    world.ok(&[market.accept_instruction(&jobs[0], jobs[0].client)], &[&story.client]);
    let late = story.job(&jobs[0]);
    assert_eq!((late.paid.0, late.penalty.0, late.outcome), (TOKEN * 4 / 5, TOKEN / 5, outcome::LATE));
    world.pass(1);
    world.fails(market.deliver_instruction(&jobs[1], RESULT), &[story.key(&jobs[1])], EscrowError::TooLate);
    let finish = market.finish_instruction(&jobs[1], story.someone.pubkey(), NO_RESULT);
    world.ok(&[finish], &[&story.someone]);
    let failed = story.job(&jobs[1]);
    assert_eq!((failed.paid.0, failed.refunded.0, failed.bond_to_seize), (0, TOKEN, Tokens(BOND)));
    for job in &jobs {
        story.settle_bond(&market, job);
    }
    let reputation = story.staked(0).reputation;
    assert_eq!((reputation.late, reputation.failed), (1, 2));
    assert_eq!(story.staked(0).active_stake().unwrap(), Tokens(400 * TOKEN - 2 * BOND));
    story.check(&jobs);
}

#[test]
fn without_rights_in_the_pool_jobs_end_and_the_provider_has_its_bond() {
    let mut story = Story::new();
    let terms = Terms { bond_amount: Tokens(BOND), reports: 1, failure_penalty: Bps::WHOLE, ..usual_terms() };
    let (world, market) = (&story.world, story.token_market(terms));
    let jobs = [story.running(&market), story.running(&market)];
    for job in &jobs {
        world.ok(&[market.finish_instruction(job, job.provider, NO_RESULT)], &[story.key(job)]);
        assert_eq!(story.job(job).bond_to_seize, Tokens(BOND));
    }
    world.ok(&[story.set_rights(&market, 0)], &[&story.network.authority]);
    world.fails(market.settle_bond_instruction(&jobs[0], story.network_wallet), &[], EscrowError::RightTaken);
    world.pass(7 * 86_400);
    // The provider takes the one back itself; the other is given back.
    let take = joule_stake_interface::instruction::ReleaseBond {
        slasher_authority: jobs[0].provider,
        slasher: market.slasher,
        provider: jobs[0].staked,
        bond: jobs[0].bond,
        rent_receiver: jobs[0].provider,
    };
    world.ok(
        &[take.instruction(&joule_stake_interface::instruction::ReleaseBondArgs { outcome: 0, weight: 0 })],
        &[story.key(&jobs[0])],
    );
    // Where its bond was, anyone can put an account that is no bond.
    let owner = joule_stake_interface::ID;
    let other = solana_account::Account { owner, lamports: 890_880, ..Default::default() };
    story.world.set_account(jobs[0].bond, other);
    for job in &jobs {
        assert_eq!(story.settled(&market, job), (Tokens(0), outcome::NONE));
        assert!(story.job(job).is_over());
    }
    assert_eq!((story.staked(0).bonded, story.staked(0).active_stake().unwrap()), (Tokens(0), Tokens(400 * TOKEN)));
}

/// A slasher is closed while jobs hold bonds by it: one that is over, one that runs.
#[test]
fn a_closed_slasher_holds_no_job_up_and_no_bond() {
    let story = Story::new();
    let terms = Terms { bond_amount: Tokens(BOND), reports: 1, failure_penalty: Bps::WHOLE, ..usual_terms() };
    let (world, market) = (&story.world, story.token_market(terms));
    let jobs = [story.running(&market), story.running(&market)];
    let quit = |job: &Job| world.ok(&[market.finish_instruction(job, job.provider, NO_RESULT)], &[story.key(job)]);
    quit(&jobs[0]);
    world.ok(&[story.set_rights(&market, 0)], &[&story.network.authority]);
    world.pass(7 * 86_400);
    world.ok(&[story.pool.close_slasher_instruction(world, market.slasher)], &[]);
    world.ok(&[market.finish_instruction(&jobs[1], story.someone.pubkey(), NO_RESULT)], &[&story.someone]);
    for job in &jobs {
        assert_eq!(story.settled(&market, job), (Tokens(0), outcome::NONE));
        assert!(story.job(job).is_over());
        world.ok(&[swap(market.close_job_instruction(world, job), 1, story.payer.pubkey())], &[]);
    }
    assert_eq!((story.staked(0).bonded, story.staked(0).active_stake().unwrap()), (Tokens(0), Tokens(400 * TOKEN)));
    // Nothing begins by it.
    let job = story.posted(&market);
    let start = market.start_instruction(world, &job);
    assert!(world.send(&[start], &[story.key(&job)]).is_err());
}

/// Such a job was finished, and neither closed nor could be posted anew.
#[test]
fn in_a_pool_that_gave_no_rights_jobs_end_and_nothing_is_reported() {
    let mut story = Story::new();
    let mint = story.world.mint();
    let pool = Pool::unborn(&story.network, mint.address, mint.token_program);
    let world = &story.world;
    world.ok(&[pool.create_instruction(world, &story.network, Pool::rules())], &[&story.network.authority]);
    pool.register(world, &story.workers[0].key);
    let market = Market::unborn(&story.network, &pool, 77, Terms { reports: 1, ..usual_terms() });
    let market = market.paid_in(&story.mint).create(world, &story.network);
    let job = story.running(&market);
    world.ok(&[market.finish_instruction(&job, job.provider, NO_RESULT)], &[story.key(&job)]);
    assert_eq!((story.job(&job).outcome, story.job(&job).bond_unsettled), (outcome::FAILED, 1));
    let settle = market.settle_bond_instruction(&job, story.network_wallet);
    // Not by showing another address at which there is none.
    let elsewhere = Market::unborn(&story.network, &story.pool, 78, usual_terms()).slasher;
    for other in [elsewhere, story.someone.pubkey()] {
        assert!(world.send(&[swap(settle.clone(), 2, other)], &[]).is_err());
    }
    assert_eq!(story.settled(&market, &job), (Tokens(0), outcome::NONE));
    world.run(1);
    let close = market.close_job_instruction(world, &job);
    world.ok(&[swap(close, 1, story.payer.pubkey())], &[]);
    assert!(world.account(job.address).is_none());
}

#[test]
fn a_slasher_of_someone_else_does_not_let_a_provider_off() {
    let mut story = Story::new();
    let terms = Terms { bond_amount: Tokens(BOND), failure_penalty: Bps::WHOLE, ..usual_terms() };
    let market = story.token_market(terms);
    let job = story.running(&market);
    story.world.ok(&[market.finish_instruction(&job, job.provider, NO_RESULT)], &[story.key(&job)]);
    let rival = story.world.user();
    let slasher = story.pool.add_slasher(&story.world, &story.network, rival.pubkey());
    let mut settle = swap(market.settle_bond_instruction(&job, story.network_wallet), 2, slasher);
    story.world.fails(settle.clone(), &[], EscrowError::WrongAddress);
    settle.accounts[3].pubkey = rival.pubkey();
    story.world.fails(settle.clone(), &[], EscrowError::WrongAddress);
    settle.accounts[3].is_signer = true;
    story.world.fails(settle, &[&rival], EscrowError::WrongAddress);
    story.settle_bond(&market, &job);
    assert_eq!(story.staked(0).active_stake().unwrap(), Tokens(400 * TOKEN - BOND));
}

#[test]
fn a_reputation_is_made_of_fees_that_were_paid_for_good() {
    let story = Story::new();
    let fee = Terms { fee_share: Bps(250), fee_payee: story.mint.address, whole_job_fee: 6, ..usual_terms() };
    let market = story.token_market(Terms { reports: 1, ..fee });
    let free = story.token_market(Terms { reports: 1, ..usual_terms() });
    let world = &story.world;
    let jobs = [story.running(&market), story.running(&market), story.running(&market), story.running(&free)];
    // The client stops its own provider's job: nothing is said of it.
    world.pass(60);
    world.ok(&[market.finish_instruction(&jobs[2], jobs[2].client, NO_RESULT)], &[&story.client]);
    assert_eq!(story.job(&jobs[2]).outcome, outcome::NONE);
    assert_eq!(story.job(&jobs[2]).bond_unsettled, 0);
    // One quits, one serves its time.
    world.ok(&[market.finish_instruction(&jobs[1], jobs[1].provider, NO_RESULT)], &[story.key(&jobs[1])]);
    world.pass(HOUR as u64);
    world.ok(&[market.finish_instruction(&jobs[0], story.someone.pubkey(), NO_RESULT)], &[&story.someone]);
    world.ok(&[free.finish_instruction(&jobs[3], story.someone.pubkey(), NO_RESULT)], &[&story.someone]);
    let weighs = || {
        let reputation = story.staked(0).reputation;
        (reputation.good_jobs >> 16, reputation.all_jobs >> 16)
    };
    // A fee of 0.9, where 1 is a whole job.
    assert_eq!(story.settled(&market, &jobs[0]), (Tokens(0), outcome::DELIVERED));
    assert_eq!(weighs(), (58_982, 58_982));
    // A failure counts what its success would have, whatever was paid.
    assert_eq!(story.settled(&market, &jobs[1]), (Tokens(0), outcome::FAILED));
    assert_eq!(weighs(), (58_982, 2 * 58_982));
    // What costs nothing counts nothing.
    assert_eq!(story.settled(&free, &jobs[3]), (Tokens(0), outcome::DELIVERED));
    assert_eq!(weighs(), (58_982, 2 * 58_982));
    assert_eq!(story.staked(0).reputation.delivered, 2);
    story.check(&jobs);
}

#[test]
fn a_job_is_reported_for_its_own_provider_only() {
    let mut story = Story::new();
    let terms = Terms { reports: 1, ..usual_terms() };
    let market = story.token_market(terms);
    let job = story.running(&market);
    // The same provider in another pool of the network, where the program lost its rights.
    let key = story.key(&job).insecure_clone();
    let pool = pool_elsewhere(&mut story.world, &story.network, &key);
    let elsewhere = in_pool(&market, &pool);
    let staked = job.by(&elsewhere, job.provider, job.payee).staked;
    let world = &story.world;
    let (authority, network) = (story.network.authority.pubkey(), story.network.address);
    let set = SetSlasher { authority, network, pool: pool.address, slasher: elsewhere.slasher };
    let set = set.instruction(&SetSlasherArgs { rights: 0, window_limit: Tokens(0), slash_share: Bps(0) });
    world.ok(&[set], &[&story.network.authority]);
    world.ok(&[market.finish_instruction(&job, job.provider, NO_RESULT)], &[story.key(&job)]);
    let settle = || market.settle_bond_instruction(&job, story.network_wallet);
    world.fails(swap(settle(), 1, story.workers[1].own.provider), &[], EscrowError::WrongProvider);
    world.fails(swap(settle(), 1, staked), &[], EscrowError::WrongPool);
    world.fails(swap(settle(), 2, elsewhere.slasher), &[], EscrowError::WrongPool);
    // What is left of one that was closed, of another program.
    let (address, state) = (story.workers[0].own.provider, story.staked(0));
    let mut stub =
        ProviderStub { pool: state.pool, authority: state.authority, header: state.header, ..ProviderStub::default() };
    stub.header.discriminator = ProviderStub::DISCRIMINATOR;
    story.world.forge(address, &stub);
    let stub = story.world.account(address).expect("it is there");
    story.world.set_account(address, Account { owner: market.address, ..stub });
    story.world.fails(settle(), &[], EscrowError::WrongOwner);
    story.world.forge(address, &state);
    assert_eq!(story.settled(&market, &job), (Tokens(0), outcome::FAILED));
    assert_eq!((story.staked(0).reputation.failed, story.staked(1).reputation.failed), (1, 0));
}

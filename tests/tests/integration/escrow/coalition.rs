//! Client, provider, bidder, keeper and stranger as one person: what none of them can do for nothing to somebody else.

use {
    super::{games::Court, *},
    joule_escrow_interface::{
        instruction::{CreateVerificationArgs, HandBackJob},
        state::{Queue, Trace},
        verifier::statement,
    },
    joule_interface::AccountSpec,
    joule_tests::fixture::{Run, Verified, usual_verification},
    verifier::Machine,
};

fn queued(story: &Story, market: &Market) -> Job {
    let job = Job { matching: matching::QUEUE, ..story.unposted(market) };
    market.post(&story.world, &story.client, &job, 60);
    job
}

fn waiting(story: &Story, market: &Market) -> u32 {
    let account = story.world.account(market.queue).expect("the queue is there");
    bytemuck::from_bytes::<Queue>(&account.data[..size_of::<Queue>()]).waiting
}

#[test]
fn an_extension_of_a_fixed_price_does_not_make_stopping_cheaper() {
    let story = Story::new();
    let terms =
        Terms { pricing: pricing::FIXED, price: Amount(100 * TOKEN), max_duration: Seconds(864_000), ..usual_terms() };
    let (world, market) = (&story.world, story.token_market(terms));
    let job = story.running(&market);
    world.pass(3_599);
    world.ok(&[market.extend_instruction(&job, 604_800)], &[&story.client]);
    world.ok(&[market.finish_instruction(&job, job.client, NO_RESULT)], &[&story.client]);
    let paid = (100 * TOKEN * 3_599).div_ceil(3_600);
    assert_eq!(world.tokens(job.payee), paid);
    story.check(&[job]);
}

#[test]
fn a_result_after_no_time_is_refused() {
    let story = Story::new();
    let (world, market) = (&story.world, story.token_market(usual_terms()));
    let job = story.running(&market);
    let finish = || market.finish_instruction(&job, job.provider, RESULT);
    world.fails(finish(), &[story.key(&job)], EscrowError::TooEarly);
    world.pass(9);
    world.fails(finish(), &[story.key(&job)], EscrowError::TooEarly);
    world.pass(1);
    world.ok(&[finish()], &[story.key(&job)]);
    assert_eq!((story.job(&job).paid, story.job(&job).outcome), (Amount(10 * PRICE), outcome::DELIVERED));
    // A service lasts for all of its time: its provider can only quit before.
    let market = story.token_market(Terms { is_service: 1, ..usual_terms() });
    let [kept, quit] = [story.running(&market), story.running(&market)];
    world.pass(HOUR as u64 - 1);
    let finish = |job: &Job, result| market.finish_instruction(job, job.provider, result);
    world.fails(finish(&kept, RESULT), &[story.key(&kept)], EscrowError::TooEarly);
    world.ok(&[finish(&quit, NO_RESULT)], &[story.key(&quit)]);
    world.pass(1);
    world.ok(&[finish(&kept, RESULT)], &[story.key(&kept)]);
    assert_eq!((story.job(&kept).outcome, story.job(&quit).outcome), (outcome::DELIVERED, outcome::FAILED));
    story.check(&[job, kept, quit]);
}

#[test]
fn a_provider_ends_a_service_by_notice_or_with_its_client() {
    let story = Story::new();
    let terms = Terms {
        is_service: 1,
        notice_minutes: 10,
        bond_amount: Tokens(BOND),
        failure_penalty: Bps::WHOLE,
        reports: 1,
        ..serviced(usual_terms())
    };
    let (world, market) = (&story.world, story.token_market(terms));
    let [noticed, stopped, quit] = [story.running(&market), story.running(&market), story.running(&market)];
    let notice = |job: &Job| market.notice_instruction(job);
    let key = story.key(&noticed);
    let started = story.job(&noticed).started_at;
    let alive = || {
        for job in [&noticed, &stopped, &quit].into_iter().filter(|job| story.job(job).state == job_state::RUNNING) {
            world.ok(&[market.heartbeat_instruction(job)], &[key]);
        }
    };
    world.fails(unsigned(notice(&noticed), 0), &[], EscrowError::MissingSigner);
    world.fails(swap(notice(&noticed), 0, story.client.pubkey()), &[&story.client], EscrowError::Unauthorized);
    world.ok(&[notice(&noticed)], &[key]);
    world.fails(notice(&noticed), &[key], EscrowError::NoticeAlreadyGiven);
    world.fails(market.extend_instruction(&noticed, 60), &[&story.client], EscrowError::NoticeAlreadyGiven);
    assert_eq!(story.job(&noticed).ends_at.since(started), 600);
    for _ in 0..9 {
        world.pass(60);
        alive();
    }
    // With the client's acceptance, which stops it; and without either.
    world.ok(&[market.finish_instruction(&stopped, stopped.client, NO_RESULT)], &[&story.client]);
    world.ok(&[market.finish_instruction(&quit, quit.provider, NO_RESULT)], &[key]);
    world.pass(60);
    world.ok(&[market.finish_instruction(&noticed, noticed.provider, RESULT)], &[key]);
    for (job, seconds, how, seized) in
        [(&noticed, 600, outcome::DELIVERED, 0), (&stopped, 540, outcome::NONE, 0), (&quit, 540, outcome::FAILED, BOND)]
    {
        assert_eq!(story.job(job).paid, Amount(seconds * PRICE));
        assert_eq!(story.settled(&market, job), (Tokens(seized), how));
    }
    story.check(&[noticed, stopped, quit]);
    // A batch ends with its result, and a service is not at a fixed price.
    let batch = story.token_market(usual_terms());
    let job = story.running(&batch);
    world.fails(batch.notice_instruction(&job), &[key], EscrowError::NoticeNotOffered);
    for terms in [
        Terms { is_service: 1, ..accepted(story.someone.pubkey(), usual_terms()) },
        Terms { notice_minutes: 1, ..usual_terms() },
    ] {
        let create = Market::unborn(&story.network, &story.pool, 99, terms).create_instruction(world, &story.network);
        world.fails(create, &[&story.network.authority], EscrowError::InvalidParameter);
    }
}

#[test]
fn no_result_comes_before_the_shortest_time_even_if_games_could_disprove_it() {
    let court = Court::new();
    let world = court.world();
    let run = Run::of(Machine::new(5, 9));
    let job = court.started(run.states[0]);
    let deliver = || court.verified.deliver_instruction(world, &job, &run, run.result());
    world.pass(9);
    world.fails(deliver(), &[court.story.key(&job)], EscrowError::TooEarly);
    world.pass(1);
    world.ok(&[deliver()], &[court.story.key(&job)]);
}

#[test]
fn a_client_that_takes_a_provider_out_of_the_queue_and_cancels_pays_it() {
    let story = Story::new();
    let (world, market) = (&story.world, story.token_market(usual_terms()).with_queue(&story.world, 4));
    let worker = &story.workers[0];
    world.ok(&[market.join_instruction(worker.key.pubkey(), 0)], &[&worker.key]);
    let job = Job { matching: matching::QUEUE, ..story.unposted(&market) };
    // Post and cancel in one transaction.
    let post = market.post_instruction(world, &job, 60);
    world.ok(&[post, market.cancel_instruction(&job, job.client)], &[&story.client]);
    assert_eq!((waiting(&story, &market), story.job(&job).state), (0, job_state::OWING));
    world.ok(&[market.settle_instruction(&job)], &[]);
    assert_eq!((world.tokens(worker.wallet), story.job(&job).state), (10 * PRICE, job_state::FINISHED));
    assert_eq!(story.job(&job).outcome, outcome::NONE);
    story.check(&[job]);
    // For what passed since, up to a minute; nothing for a job that nobody was given.
    world.ok(&[market.join_instruction(worker.key.pubkey(), 0)], &[&worker.key]);
    let second = queued(&story, &market);
    world.pass(45);
    world.ok(&[market.cancel_instruction(&second, second.client)], &[&story.client]);
    world.ok(&[market.settle_instruction(&second)], &[]);
    assert_eq!(world.tokens(worker.wallet), 55 * PRICE);
    let third = queued(&story, &market);
    world.ok(&[market.cancel_instruction(&third, third.client)], &[&story.client]);
    assert_eq!(story.job(&third).state, job_state::CANCELLED);
    // In credits likewise.
    let market = story.credit_market(usual_terms()).with_queue(world, 4);
    world.ok(&[market.join_instruction(worker.key.pubkey(), 0)], &[&worker.key]);
    let fourth = queued(&story, &market);
    world.ok(&[market.cancel_instruction(&fourth, fourth.client)], &[&story.client]);
    world.ok(&[market.settle_instruction(&fourth)], &[]);
    assert_eq!(story.job(&fourth).paid, Amount(10 * PRICE));
    story.check(&[job, second, third, fourth]);
}

#[test]
fn a_client_that_stops_a_job_at_once_pays_for_ten_seconds() {
    let story = Story::new();
    let (world, market) = (&story.world, story.token_market(usual_terms()));
    let job = story.running(&market);
    world.ok(&[market.finish_instruction(&job, job.client, NO_RESULT)], &[&story.client]);
    assert_eq!((story.job(&job).paid, story.job(&job).outcome), (Amount(10 * PRICE), outcome::NONE));
    story.check(&[job]);
}

#[test]
fn a_job_that_nobody_can_serve_holds_up_no_other() {
    let story = Story::new();
    let (world, market) = (&story.world, story.token_market(usual_terms()).with_queue(&story.world, 20));
    let jobs: Vec<Job> = (0..18).map(|_| queued(&story, &market)).collect();
    let start = |index: usize| world.send(&[market.start_instruction(world, &jobs[index])], &[story.key(&jobs[index])]);
    assert_eq!(start(16).unwrap_err().code(), Some(EscrowError::NotFirstInQueue as u32));
    start(15).unwrap();
    start(16).unwrap();
    assert_eq!(start(16).unwrap_err().code(), Some(EscrowError::WrongJobState as u32));
    start(1).unwrap();
    start(0).unwrap();
    start(17).unwrap();
    assert_eq!(waiting(&story, &market), 13);
    story.check(&jobs);
}

#[test]
fn sixteen_jobs_that_nobody_can_serve_hold_up_others_for_sixteen_minutes() {
    let story = Story::new();
    let (world, market) = (&story.world, story.token_market(usual_terms()).with_queue(&story.world, 20));
    let jobs: Vec<Job> = (0..18).map(|_| queued(&story, &market)).collect();
    let start = |index: usize| world.send(&[market.start_instruction(world, &jobs[index])], &[story.key(&jobs[index])]);
    world.run(16 * 60 - 1);
    assert_eq!(start(17).unwrap_err().code(), Some(EscrowError::NotFirstInQueue as u32));
    world.run(1);
    start(17).unwrap();
    start(16).unwrap();
    assert_eq!(waiting(&story, &market), 16);
    story.check(&jobs);
}

/// Terms that let a provider hand a job back: five cents of a job of six dollars.
fn returnable(fee_payee: Address) -> Terms {
    let (bond_amount, fee_share) = (Tokens(BOND), Bps(100));
    Terms { bond_amount, fee_share, fee_payee, failure_penalty: Bps::WHOLE, reports: 1, ..usual_terms() }
}

#[test]
fn a_job_that_nobody_can_do_is_handed_back_at_a_price_to_both() {
    let story = Story::new();
    let (world, treasury) = (&story.world, story.network.open_provider_work(&story.world, story.someone.pubkey()));
    let markets = [
        story.token_market(returnable(story.treasury)).with_queue(world, 4),
        story.credit_market(returnable(treasury)).with_queue(world, 4),
        story.token_market(returnable(story.mint.address)).with_queue(world, 4),
    ];
    let mut all = vec![];
    for market in markets {
        let [job, behind] = [queued(&story, &market), queued(&story, &market)];
        let (price, burned) = (10 * PRICE, BOND / 6);
        assert_eq!(story.job(&job).deposited, Amount(60 * PRICE + 3 * price));
        let seen = story.job(&job).posting_id;
        let stale = market.start_instruction(world, &job);
        story.start(&market, &job);
        world.pass(60);
        // Nothing is earned meanwhile, whoever asks.
        world.ok(&[market.settle_instruction(&job)], &[]);
        assert_eq!(story.job(&job).paid, Amount(0));
        let (own, supply) = (story.staked(0).own, world.supply(story.pool.mint));
        world.ok(&[market.hand_back_instruction(&job)], &[story.key(&job)]);
        let state = story.job(&job);
        assert_eq!((state.state, state.hand_backs, state.bond), (job_state::POSTED, 1, NONE));
        assert!(state.posting_id > seen);
        assert_eq!(story.staked(0).own.0, own.0 + BOND - burned - 1);
        assert_eq!(supply - world.supply(story.pool.mint), burned + 1);
        assert_eq!(story.staked(0).reputation.failed, 0);
        // It is the first again, for those who see that it is posted anew; and not for its provider to hand back twice.
        world.fails(stale, &[story.key(&job)], EscrowError::PostingChanged);
        story.start(&market, &job);
        world.fails(market.hand_back_instruction(&job), &[story.key(&job)], EscrowError::AlreadyHandedBack);
        world.ok(&[market.finish_instruction(&job, job.client, NO_RESULT)], &[&story.client]);
        let state = story.job(&job);
        // Ten seconds at least, and one hand-back: what was not lost is the client's.
        assert_eq!((state.paid, state.fee_paid), (Amount(99 * price / 100), Amount(price / 100 + price)));
        story.settle_bond(&market, &job);
        all.extend([job, behind]);
    }
    story.check(&all);
}

/// Three keys with fresh stake would cost nothing; and of wrapped SOL nothing is burned.
#[test]
fn nobody_hands_a_job_back_with_fresh_stake_or_wrapped_sol() {
    let mut story = Story::new();
    let market = story.token_market(returnable(story.treasury)).with_queue(&story.world, 4);
    let job = queued(&story, &market);
    story.start(&market, &job);
    let hand_back = || market.hand_back_instruction(&job);
    let mint = AccountSpec::place(HandBackJob::ACCOUNTS, "mint").expect("an account");
    let native = Address::from_str_const("So11111111111111111111111111111111111111112");
    story.world.fails(swap(hand_back(), mint, native), &[story.key(&job)], EscrowError::HandBackNotOffered);
    let (address, state) = (story.workers[0].own.provider, story.staked(0));
    let (fresh, fresh_ends_at) = (Tokens(state.own.0 + state.bonded.0), Timestamp(story.world.now().0 + 1));
    story.world.forge(address, &Provider { fresh, fresh_ends_at, ..state });
    story.world.fails(hand_back(), &[story.key(&job)], EscrowError::ProviderNotEligible);
    story.world.forge(address, &state);
    // The same provider in another pool.
    let key = story.key(&job).insecure_clone();
    let elsewhere = pool_elsewhere(&mut story.world, &story.network, &key);
    let staked = job.by(&in_pool(&market, &elsewhere), job.provider, job.payee).staked;
    story.world.fails(swap(hand_back(), 6, staked), &[&key], EscrowError::WrongPool);
    story.world.ok(&[hand_back()], &[&key]);
}

#[test]
fn a_job_is_handed_back_in_time_by_one_that_stands_for_it() {
    let story = Story::new();
    let world = &story.world;
    let market = story.token_market(returnable(story.treasury)).with_queue(world, 4);
    let job = queued(&story, &market);
    let key = story.key(&job);
    let hand_back = || market.hand_back_instruction(&job);
    world.fails(hand_back(), &[key], EscrowError::Unauthorized);
    story.start(&market, &job);
    world.fails(swap(hand_back(), 0, story.client.pubkey()), &[&story.client], EscrowError::Unauthorized);
    world.fails(swap(hand_back(), 3, story.credits), &[key], EscrowError::WrongClient);
    world.fails(swap(hand_back(), 6, story.workers[1].own.provider), &[key], EscrowError::WrongProvider);
    world.fails(
        swap(hand_back(), 2, story.token_market(usual_terms()).with_queue(world, 1).queue),
        &[key],
        EscrowError::WrongMarket,
    );
    world.pass(61);
    world.fails(hand_back(), &[key], EscrowError::HandBackNotOffered);
    // Not a job that its client gave to this provider, nor one on terms without a fee or a bond.
    let direct = story.running(&market);
    world.fails(market.hand_back_instruction(&direct), &[key], EscrowError::HandBackNotOffered);
    let market = story.token_market(Terms { bond_amount: Tokens(BOND), ..usual_terms() }).with_queue(world, 4);
    let free = queued(&story, &market);
    story.start(&market, &free);
    world.fails(market.hand_back_instruction(&free), &[key], EscrowError::HandBackNotOffered);
    story.check(&[job, direct, free]);
}

#[test]
fn the_third_hand_back_ends_a_job() {
    let mut story = Story::new();
    let market = story.token_market(returnable(story.treasury)).with_queue(&story.world, 2);
    let job = queued(&story, &market);
    let other = story.by(&market, &job, 1);
    // While it is out, its room is kept.
    story.start(&market, &job);
    let behind = queued(&story, &market);
    let full = Job { matching: matching::QUEUE, ..story.unposted(&market) };
    story.world.fails(market.post_instruction(&story.world, &full, 60), &[&story.client], EscrowError::QueueFull);
    story.world.ok(&[market.hand_back_instruction(&job)], &[story.key(&job)]);
    story.start(&market, &other);
    story.world.ok(&[market.hand_back_instruction(&other)], &[story.key(&other)]);
    // By a third provider: as if another two had been before.
    let mut state = story.job(&job);
    state.handed_back_by = [1, 2];
    story.world.forge(job.address, &state);
    let world = &story.world;
    story.start(&market, &job);
    world.ok(&[market.hand_back_instruction(&job)], &[story.key(&job)]);
    let state = story.job(&job);
    assert_eq!((state.state, state.held), (job_state::OWING, Amount(3 * 10 * PRICE)));
    world.ok(&[market.settle_instruction(&job)], &[]);
    assert_eq!((story.job(&job).state, story.job(&job).fee_paid), (job_state::FINISHED, Amount(30 * PRICE)));
    assert_eq!(world.tokens(story.treasury), 30 * PRICE);
    story.check(&[job, behind]);
}

#[test]
fn a_job_that_was_handed_back_ends_where_it_cannot_wait() {
    let story = Story::new();
    let world = &story.world;
    let market = story.token_market(returnable(story.treasury)).with_queue(world, 2);
    // The queue is gone; providers wait; its wait is over; its client cancels it.
    let ends = |job: &Job| {
        world.ok(&[market.hand_back_instruction(job)], &[story.key(job)]);
        let state = story.job(job);
        assert_eq!((state.state, state.held), (job_state::OWING, Amount(10 * PRICE)));
        world.ok(&[market.settle_instruction(job)], &[]);
        assert_eq!(story.job(job).state, job_state::FINISHED);
    };
    let [first, second] = [queued(&story, &market), queued(&story, &market)];
    story.start(&market, &first);
    story.start(&market, &second);
    let worker = &story.workers[1].key;
    world.ok(&[market.join_instruction(worker.pubkey(), 0)], &[worker]);
    ends(&first);
    world.ok(&[market.leave_instruction(worker.pubkey(), 0)], &[worker]);
    world.ok(&[market.close_queue_instruction(world, &story.network)], &[&story.network.authority]);
    ends(&second);
    world.ok(&[market.create_queue_instruction(world), market.grow_queue_instruction(world, 4)], &[]);
    let third = queued(&story, &market);
    world.pass(3_600);
    story.start(&market, &third);
    world.pass(1);
    ends(&third);
    let fourth = queued(&story, &market);
    story.start(&market, &fourth);
    world.ok(&[market.hand_back_instruction(&fourth)], &[story.key(&fourth)]);
    world.ok(&[market.cancel_instruction(&fourth, fourth.client)], &[&story.client]);
    assert_eq!((story.job(&fourth).state, waiting(&story, &market)), (job_state::OWING, 0));
    world.ok(&[market.settle_instruction(&fourth)], &[]);
    story.check(&[first, second, third, fourth]);
}

#[test]
fn a_job_that_was_taken_from_the_middle_of_a_full_queue_can_return() {
    let story = Story::new();
    let market = story.token_market(returnable(story.treasury)).with_queue(&story.world, 3);
    let jobs: Vec<Job> = (0..3).map(|_| queued(&story, &market)).collect();
    story.start(&market, &jobs[1]);
    let full = Job { matching: matching::QUEUE, ..story.unposted(&market) };
    story.world.fails(market.post_instruction(&story.world, &full, 60), &[&story.client], EscrowError::QueueFull);
    story.world.ok(&[market.hand_back_instruction(&jobs[1])], &[story.key(&jobs[1])]);
    assert_eq!((story.job(&jobs[1]).state, waiting(&story, &market)), (job_state::POSTED, 3));
    let other = story.by(&market, &jobs[1], 1);
    story.start(&market, &other);
    story.check(&jobs);
}

#[test]
fn cancelled_jobs_behind_a_job_that_nobody_takes_hold_up_nobody() {
    let story = Story::new();
    let (world, market) = (&story.world, story.token_market(usual_terms()).with_queue(&story.world, 60));
    let bad = queued(&story, &market);
    let gone: Vec<Job> = (0..40).map(|_| queued(&story, &market)).collect();
    let good = queued(&story, &market);
    for job in gone.iter().step_by(2).chain(gone.iter().skip(1).step_by(2)) {
        world.ok(&[market.cancel_instruction(job, job.client)], &[&story.client]);
    }
    story.start(&market, &good);
    assert_eq!(waiting(&story, &market), 1);
    story.check(&[bad, good]);
}

#[test]
fn a_job_that_is_passed_over_for_sixteen_minutes_can_be_cancelled_by_anyone() {
    let story = Story::new();
    let (world, market) = (&story.world, story.token_market(usual_terms()).with_queue(&story.world, 4));
    let bad = queued(&story, &market);
    let cancel = || market.cancel_instruction(&bad, story.someone.pubkey());
    let mut all = vec![bad];
    for pass in 0..16 {
        // Twice in a minute counts once.
        for seconds in [60, 0] {
            world.pass(seconds);
            world.fails(cancel(), &[&story.someone], EscrowError::TooEarly);
            if pass == 15 && seconds == 0 {
                break;
            }
            let good = queued(&story, &market);
            story.start(&market, &good);
            all.push(good);
            if pass == 15 {
                break;
            }
        }
    }
    assert_eq!(waiting(&story, &market), 0);
    world.fails(market.start_instruction(world, &bad), &[story.key(&bad)], EscrowError::NotFirstInQueue);
    world.ok(&[cancel()], &[&story.someone]);
    assert_eq!(story.job(&bad).state, job_state::CANCELLED);
    story.check(&all);
}

#[test]
fn jobs_on_old_terms_are_swept_and_cancelled() {
    let story = Story::new();
    let (world, market) = (&story.world, story.token_market(usual_terms()).with_queue(&story.world, 4));
    let [old, cancelled] = [queued(&story, &market), queued(&story, &market)];
    world.ok(&[market.sweep_instruction(9, &[old.address])], &[]);
    assert_eq!(waiting(&story, &market), 2);
    let terms = Terms { late_penalty: Bps(1), ..usual_terms() };
    world.ok(&[market.set_instruction(&story.network, terms, 0)], &[&story.network.authority]);
    let new = queued(&story, &market);
    world.fails(market.sweep_instruction(9, &[new.address]), &[], EscrowError::NotFirstInQueue);
    world.ok(&[market.sweep_instruction(9, &[old.address])], &[]);
    assert_eq!(waiting(&story, &market), 2);
    world.ok(&[market.sweep_instruction(9, &[cancelled.address, new.address])], &[]);
    assert_eq!(waiting(&story, &market), 1);
    // Nobody can start them any more, so anyone gives them back.
    for job in [&old, &cancelled] {
        world.ok(&[market.cancel_instruction(job, story.someone.pubkey())], &[&story.someone]);
    }
    story.start(&market, &new);
    story.check(&[old, cancelled, new]);
}

#[test]
fn wrapped_sol_is_refused_where_something_is_burned() {
    for token_program in [TOKEN_PROGRAM, joule_interface::TOKEN_2022_PROGRAM] {
        let mut story = Story::with(token_program);
        let native = if token_program == TOKEN_PROGRAM {
            Address::from_str_const("So11111111111111111111111111111111111111112")
        } else {
            Address::from_str_const("9pan9bMn5HatX4EJdBwg9VgCa7Uz5HL8N1m5D3NdXej9")
        };
        let mint = story.world.account(story.mint.address).expect("the mint is there");
        story.world.set_account(native, mint);
        // A burned fee: of a usual mint it is burned, of wrapped SOL refused.
        let burned = |mint| Terms { fee_share: Bps(100), fee_payee: mint, ..usual_terms() };
        let market = story.token_market(burned(story.mint.address));
        let job = story.running(&market);
        story.world.pass(100);
        let supply = story.world.supply(story.mint.address);
        story.world.ok(&[market.finish_instruction(&job, job.client, NO_RESULT)], &[&story.client]);
        assert_eq!(supply - story.world.supply(story.mint.address), PRICE);
        let market =
            Market { mint: native, token_program, ..Market::unborn(&story.network, &story.pool, 99, burned(native)) };
        let create = market.create_instruction(&story.world, &story.network);
        story.world.fails(create, &[&story.network.authority], EscrowError::MintNotAllowed);
        let market = Market { terms: usual_terms(), ..market };
        story.world.ok(&[market.create_instruction(&story.world, &story.network)], &[&story.network.authority]);
        let set = market.set_instruction(&story.network, burned(native), 0);
        story.world.fails(set, &[&story.network.authority], EscrowError::MintNotAllowed);
        // Dispute bonds, which are burned when they are lost.
        let create = |id: u64, mint| {
            let args = CreateVerificationArgs { id, ..usual_verification() };
            let verified = Verified::unborn(&story.network, ID, (mint, token_program), args);
            verified.create_instruction(&story.world, &story.network)
        };
        story.world.fails(create(7, native), &[&story.network.authority], EscrowError::MintNotAllowed);
        story.world.ok(&[create(8, story.mint.address)], &[&story.network.authority]);
    }
}

#[test]
fn each_instruction_that_burns_does_so_with_a_mint_of_each_program() {
    for token_program in [TOKEN_PROGRAM, joule_interface::TOKEN_2022_PROGRAM] {
        let story = Story::with(token_program);
        let world = &story.world;
        let burns = |terms| Terms { fee_share: Bps(1_000), fee_payee: story.mint.address, ..terms };
        let market = story.token_market(burns(usual_terms())).with_queue(world, 4);
        let stakes = accepted(story.someone.pubkey(), usual_terms());
        let stakes = burns(Terms { rejection_stake: Bps(5_000), default_bond_penalty: Bps(0), ..stakes });
        let judged = story.token_market(stakes);
        let fee = |job: &Job| story.job(job).fee_paid.0;
        let burned = |what: &dyn Fn()| {
            let before = world.supply(story.mint.address);
            what();
            before - world.supply(story.mint.address)
        };
        // FinishJob; SettleJob of what is owed; AcceptJob; ResolveJob, with the stake of who rejected.
        let [job, owing] = [story.running(&market), story.running(&market)];
        let [kept, rejected] = [story.running(&judged), story.running(&judged)];
        world.pass(100);
        let sum = burned(&|| {
            world.ok(&[market.finish_instruction(&job, job.provider, RESULT)], &[story.key(&job)]);
        });
        assert_eq!((sum, fee(&job)), (10 * PRICE, 10 * PRICE));
        let mut finish = market.finish_instruction(&owing, owing.provider, RESULT);
        finish.data[33..41].copy_from_slice(&1u64.to_le_bytes());
        world.ok(&[finish], &[story.key(&owing)]);
        let sum = burned(&|| drop(world.ok(&[market.settle_instruction(&owing)], &[])));
        assert_eq!((sum, fee(&owing)), (10 * PRICE, 10 * PRICE));
        for job in [&kept, &rejected] {
            world.ok(&[judged.deliver_instruction(job, RESULT)], &[story.key(job)]);
        }
        let sum = burned(&|| drop(world.ok(&[judged.accept_instruction(&kept, kept.client)], &[&story.client])));
        assert_eq!((sum, fee(&kept)), (TOKEN / 10, TOKEN / 10));
        world.ok(&[judged.reject_instruction(&rejected)], &[&story.client]);
        for (pay, penalty, field) in [(10_001, 0, "pay_share"), (0, 10_001, "bond_penalty")] {
            let wrong = judged.resolve_instruction(&rejected, story.someone.pubkey(), pay, penalty);
            assert_eq!(world.out_of_range(wrong, &[&story.someone]), field);
        }
        let resolve = judged.resolve_instruction(&rejected, story.someone.pubkey(), 10_000, 0);
        let sum = burned(&|| drop(world.ok(std::slice::from_ref(&resolve), &[&story.someone])));
        assert_eq!((sum, fee(&rejected)), (TOKEN / 10 + TOKEN / 2, TOKEN / 10 + TOKEN / 2));
        story.check(&[job, owing, kept, rejected]);
    }
}

#[test]
fn a_hand_back_burns_in_a_pool_of_each_token_program() {
    for token_program in [TOKEN_PROGRAM, joule_interface::TOKEN_2022_PROGRAM] {
        let story = Story::staked_in(token_program, token_program);
        let world = &story.world;
        let market = story.token_market(returnable(story.mint.address)).with_queue(world, 4);
        let job = queued(&story, &market);
        story.start(&market, &job);
        let (own, supply) = (story.staked(0).own, world.supply(story.pool.mint));
        world.ok(&[market.hand_back_instruction(&job)], &[story.key(&job)]);
        assert_eq!(supply - world.supply(story.pool.mint), BOND / 6 + 1);
        assert_eq!(story.staked(0).own.0, own.0 + BOND - BOND / 6 - 1);
        // What it cost the client is burned as the fee.
        world.ok(&[market.cancel_instruction(&job, job.client)], &[&story.client]);
        let supply = world.supply(story.mint.address);
        world.ok(&[market.settle_instruction(&job)], &[]);
        assert_eq!(supply - world.supply(story.mint.address), 10 * PRICE);
        assert_eq!(story.job(&job).state, job_state::FINISHED);
        story.check(&[job]);
    }
}

#[test]
fn a_vault_cannot_be_frozen() {
    // A mint that could freeze it is refused where nobody named that, and nothing gives a mint back its freeze authority.
    let mut story = Story::new();
    let (mint, thief) = (story.mint.address, story.someone.pubkey());
    let (spl, authority) = (&TOKEN_PROGRAM, &story.mint.authority);
    let freezing = spl_token_interface::instruction::AuthorityType::FreezeAccount;
    let give = spl_token_interface::instruction::set_authority;
    let give = give(spl, &mint, Some(&thief), freezing, &authority.pubkey(), &[]).unwrap();
    story.world.fails(give, &[authority], spl_token_interface::error::TokenError::MintCannotFreeze);
    let good = story.world.account(mint).expect("the mint is there");
    let mut data = good.data.clone();
    data[46..50].copy_from_slice(&1u32.to_le_bytes());
    data[50..82].copy_from_slice(thief.as_ref());
    let freezable = joule_interface::Address::new_from_array([77; 32]);
    story.world.set_account(freezable, solana_account::Account { data, ..good });
    let deposit = Deposit::of(story.client.pubkey(), freezable, TOKEN_PROGRAM);
    story.world.fails(deposit.open_instruction(&story.world), &[], EscrowError::PowersNotNamed);
    let market = Market::unborn(&story.network, &story.pool, 99, usual_terms());
    let market = Market { mint: freezable, token_program: TOKEN_PROGRAM, ..market };
    let create = market.create_instruction(&story.world, &story.network);
    story.world.fails(create, &[&story.network.authority], EscrowError::PowersNotNamed);
}

#[test]
fn a_provider_without_a_node_of_the_class_neither_bids_nor_waits() {
    let story = Story::new();
    let (world, market) =
        (&story.world, story.token_market(Terms { class: 7, ..usual_terms() }).with_queue(&story.world, 4));
    let worker = &story.workers[0].key;
    world.fails(market.join_instruction(worker.pubkey(), 0), &[worker], EscrowError::NodeRequired);
    let job = Job { matching: matching::AUCTION, ..story.unposted(&market) };
    market.post(world, &story.client, &job, 60);
    world.fails(market.bid_instruction(world, &job, PRICE, None), &[worker], EscrowError::NodeRequired);
}

#[test]
fn nobody_is_punished_for_a_right_that_the_network_took_away() {
    let mut story = Story::new();
    let terms = Terms {
        bond_amount: Tokens(BOND),
        failure_penalty: Bps::WHOLE,
        no_start_penalty: Bps::WHOLE,
        reports: 1,
        ..usual_terms()
    };
    let market = story.credit_market(terms).with_queue(&story.world, 4);
    let job = story.running(&market);
    let late = story.posted(&market);
    let auctioned = Job { matching: matching::AUCTION, ..story.unposted_by(&market, 1) };
    let world = &story.world;
    market.post(world, &story.client, &auctioned, 60);
    world.ok(&[market.bid_instruction(world, &auctioned, 5, None)], &[story.key(&auctioned)]);
    world.pass(3_000);
    story.network.revoke_soon(&mut story.world, market.spender, 700);
    let world = &story.world;
    world.fails(market.start_instruction(world, &late), &[story.key(&late)], EscrowError::TooLate);
    world.pass(601);
    world.ok(&[market.award_instruction(&auctioned)], &[]);
    world.pass(301);
    world.ok(&[market.cancel_instruction(&auctioned, story.someone.pubkey())], &[&story.someone]);
    world.ok(&[market.finish_instruction(&job, job.provider, NO_RESULT)], &[story.key(&job)]);
    for job in [&job, &auctioned] {
        let state = story.job(job);
        assert_eq!((state.bond_to_seize, state.outcome), (Tokens(0), outcome::NONE));
        assert_eq!(story.settled(&market, job), (Tokens(0), outcome::NONE));
    }
}

/// The right ends so soon that the job cannot start any more: who was given it before it was announced does not start, and has not failed.
#[test]
fn nobody_is_punished_for_a_job_that_an_announced_end_of_a_right_keeps_from_starting() {
    let terms = Terms {
        bond_amount: Tokens(BOND),
        no_start_penalty: Bps::WHOLE,
        reports: 1,
        wait_window: Seconds(60),
        ..usual_terms()
    };
    // The last second of its time to start, and the length of the job.
    for (spare, outcome) in [(0, outcome::NONE), (1, outcome::FAILED)] {
        let mut story = Story::new();
        let market = story.credit_market(terms);
        let job = Job { matching: matching::AUCTION, ..story.unposted(&market) };
        let world = &story.world;
        market.post(world, &story.client, &job, HOUR);
        world.ok(&[market.bid_instruction(world, &job, 5, None)], &[story.key(&job)]);
        world.pass(61);
        world.ok(&[market.award_instruction(&job)], &[]);
        let left = story.job(&job).deadline_at.since(world.now()) as u32;
        story.network.revoke_soon(&mut story.world, market.spender, left + HOUR + spare);
        let world = &story.world;
        world.pass(left as u64);
        let start = || market.start_without_bond_instruction(&job, job.posting(world));
        if spare == 0 {
            world.fails(start(), &[story.key(&job)], EscrowError::SpenderClosed);
        }
        world.pass(1);
        world.ok(&[market.cancel_instruction(&job, story.someone.pubkey())], &[&story.someone]);
        assert_eq!(story.job(&job).outcome, outcome, "{spare}");
        let taken = if spare == 0 { Tokens(0) } else { Tokens(BOND) };
        assert_eq!(story.settled(&market, &job), (taken, outcome));
        story.check(&[job]);
    }
}

/// In the last second of a right, client and provider end a job and pay nothing yet: once the right is gone the client has its money
/// back, the fee included, and the provider would have its reputation for nothing.
#[test]
fn a_good_report_waits_for_the_fee() {
    for bonded in [true, false] {
        let mut story = Story::new();
        let terms = Terms {
            bond_amount: if bonded { Tokens(BOND) } else { Tokens(0) },
            reports: 1,
            fee_share: Bps(5_000),
            fee_payee: story.workers[1].work,
            acceptance_window: Seconds(60),
            arbitration_window: Seconds(60),
            ..usual_terms()
        };
        let market = story.credit_market(terms);
        let [good, settled, accepted] = [(); 3].map(|()| story.running(&market));
        story.world.pass(HOUR as u64 - 100);
        story.network.revoke_soon(&mut story.world, market.spender, 101);
        let world = &story.world;
        world.pass(100);
        for job in [&good, &settled, &accepted] {
            world.ok(&[market.deliver_instruction(job, RESULT)], &[story.key(job)]);
        }
        let accept = |job: &Job, most: u64| {
            let mut accept = market.accept_instruction(job, job.client);
            accept.data[1..9].copy_from_slice(&most.to_le_bytes());
            world.ok(&[accept], &[&story.client]);
        };
        accept(&good, 0);
        accept(&settled, u64::MAX);
        assert_eq!((story.job(&good).state, story.job(&good).outcome), (job_state::OWING, outcome::DELIVERED));
        let settle = || market.settle_bond_instruction(&good, story.network_wallet);
        world.fails(settle(), &[], EscrowError::WrongJobState);
        world.pass(1);
        world.fails(settle(), &[], EscrowError::WrongJobState);
        world.ok(&[market.settle_instruction(&good)], &[]);
        accept(&accepted, u64::MAX);
        for job in [&good, &accepted] {
            let state = story.job(job);
            assert_eq!((state.paid, state.fee_paid, state.refunded), (Amount(0), Amount(0), Amount(COST)));
            assert_eq!((state.state, state.outcome), (job_state::FINISHED, outcome::NONE));
            assert_eq!(story.settled(&market, job), (Tokens(0), outcome::NONE));
        }
        // What was paid in time counts.
        assert_eq!(story.settled(&market, &settled), (Tokens(0), outcome::DELIVERED));
        assert_eq!(story.staked(0).own.0, 400 * TOKEN);
    }
}

#[test]
fn a_job_that_cannot_be_paid_to_its_end_does_not_start() {
    let mut story = Story::new();
    let market = story.credit_market(usual_terms());
    let job = story.posted(&market);
    story.network.revoke_soon(&mut story.world, market.spender, HOUR - 1);
    let world = &story.world;
    world.fails(market.start_instruction(world, &job), &[story.key(&job)], EscrowError::SpenderClosed);
    world.ok(&[market.cancel_instruction(&job, job.client)], &[&story.client]);
    assert_eq!(story.job(&job).state, job_state::CANCELLED);
}

/// A client can extend a job past the end of a right: the time that is added is of no use to its provider.
#[test]
fn of_a_job_that_is_extended_past_the_end_of_a_right_who_hurries_is_paid() {
    for hurries in [true, false] {
        let mut story = Story::new();
        let terms = Terms { price: Amount(COST), ..accepted(story.someone.pubkey(), usual_terms()) };
        let windows = terms.late_window.0 + terms.acceptance_window.0 + terms.arbitration_window.0;
        let market = story.credit_market(terms);
        let job = story.posted(&market);
        story.network.revoke_soon(&mut story.world, market.spender, HOUR + windows + 1);
        let world = &story.world;
        story.start(&market, &job);
        world.ok(&[market.extend_instruction(&job, windows)], &[&story.client]);
        world.run((HOUR + if hurries { 0 } else { windows }) as u64);
        world.ok(&[market.deliver_instruction(&job, RESULT)], &[story.key(&job)]);
        world.run(terms.acceptance_window.0 as u64 + 1);
        world.ok(&[market.accept_instruction(&job, story.someone.pubkey())], &[&story.someone]);
        let state = story.job(&job);
        let [paid, back] = if hurries { [COST, 0] } else { [0, COST] };
        assert_eq!((state.paid, state.refunded), (Amount(paid), Amount(back)));
    }
}

/// Else the client rejects, waits until the right is gone, and keeps the result.
#[test]
fn a_job_whose_result_could_not_be_paid_once_it_is_judged_does_not_start() {
    let terms = |story: &Story| Terms { price: Amount(COST), ..accepted(story.someone.pubkey(), usual_terms()) };
    let windows = |terms: &Terms| terms.late_window.0 + terms.acceptance_window.0 + terms.arbitration_window.0;
    for spare in [0, 1] {
        let mut story = Story::new();
        let terms = terms(&story);
        let market = story.credit_market(terms);
        let job = story.posted(&market);
        story.network.revoke_soon(&mut story.world, market.spender, HOUR + windows(&terms) + spare);
        let world = &story.world;
        if spare == 0 {
            world.fails(market.start_instruction(world, &job), &[story.key(&job)], EscrowError::SpenderClosed);
            continue;
        }
        // In the last seconds: delivered late, rejected, judged.
        story.start(&market, &job);
        world.run((HOUR + terms.late_window.0) as u64);
        world.ok(&[market.deliver_instruction(&job, RESULT)], &[story.key(&job)]);
        world.run(terms.acceptance_window.0 as u64);
        world.ok(&[market.reject_instruction(&job)], &[&story.client]);
        world.run(terms.arbitration_window.0 as u64);
        world.ok(&[market.resolve_instruction(&job, story.someone.pubkey(), 10_000, 0)], &[&story.someone]);
        assert!(story.job(&job).paid > Amount(0));
        assert_eq!(story.job(&job).state, job_state::FINISHED);
    }
}

#[test]
fn whoever_delivers_or_challenges_need_not_pay_the_rent() {
    let court = Court::new();
    let (world, payer) = (court.world(), &court.story.payer);
    let run = Run::of(Machine::new(5, 9));
    let job = court.running(run.states[0]);
    let provider = court.story.key(&job);
    let deliver = court.verified.deliver_instruction(world, &job, &run, run.result());
    let before = world.lamports(provider.pubkey());
    world.ok(&[swap(deliver, 0, payer.pubkey())], &[payer, provider]);
    let trace: Trace = world.read(court.verified.trace(world, &job));
    assert_eq!((trace.payer, world.lamports(provider.pubkey())), (payer.pubkey(), before));
    let challenger = &court.story.client;
    let before = world.lamports(challenger.pubkey());
    let game = court.verified.challenge(world, &job, challenger.pubkey(), 0);
    world.ok(&[swap(game.open_instruction(statement::STEP), 0, payer.pubkey())], &[payer, challenger]);
    assert_eq!((game.state(world).payer, world.lamports(challenger.pubkey())), (payer.pubkey(), before));
}

#[test]
fn a_client_that_rejects_a_good_result_gains_nothing_from_a_silent_arbiter() {
    let story = Story::new();
    let world = &story.world;
    const WHOLE: u64 = 1_000_000;
    let stakes = |terms| Terms {
        price: Amount(WHOLE),
        default_bond_penalty: Bps(0),
        rejection_stake: Bps(5_000),
        fee_share: Bps(100),
        ..accepted(story.someone.pubkey(), terms)
    };
    let treasury = story.network.open_provider_work(world, story.someone.pubkey());
    let markets = [
        story.token_market(Terms { fee_payee: story.treasury, ..stakes(usual_terms()) }),
        story.credit_market(Terms { fee_payee: treasury, ..stakes(usual_terms()) }),
    ];
    let mut all = vec![];
    for market in markets {
        let jobs = [story.running(&market), story.running(&market), story.running(&market)];
        world.pass(10);
        for job in &jobs {
            world.ok(&[market.deliver_instruction(job, RESULT)], &[story.key(job)]);
            world.ok(&[market.reject_instruction(job)], &[&story.client]);
            assert_eq!(
                (story.job(job).held, story.job(job).rejection_stake),
                (Amount(WHOLE * 3 / 2), Amount(WHOLE / 2))
            );
        }
        let resolve = |job: &Job, pay| market.resolve_instruction(job, story.someone.pubkey(), pay, 0);
        world.ok(&[resolve(&jobs[0], 10_000)], &[&story.someone]);
        world.ok(&[resolve(&jobs[1], 0)], &[&story.someone]);
        world.pass(7_201);
        world.ok(&[resolve(&jobs[2], 0)], &[&story.someone]);
        // What each cost the client: the pay and its stake, nothing, and as much as if it had accepted.
        let cost = jobs.map(|job| story.job(&job)).map(|job| job.deposited.0 - job.refunded.0);
        assert_eq!(cost, [WHOLE * 3 / 2, 0, WHOLE]);
        all.extend(jobs);
    }
    story.check(&all);
    for wrong in [
        Terms { rejection_stake: Bps(4_999), ..stakes(usual_terms()) },
        Terms { default_bond_penalty: Bps(1), ..stakes(usual_terms()) },
    ] {
        let market = Market::unborn(&story.network, &story.pool, 99, Terms { fee_payee: treasury, ..wrong });
        let create = market.create_instruction(world, &story.network);
        world.fails(create, &[&story.network.authority], EscrowError::InvalidParameter);
    }
}

#[test]
fn what_was_earned_before_is_no_part_of_a_stake_to_reject() {
    let story = Story::new();
    let world = &story.world;
    let terms = Terms {
        acceptance_window: Seconds(600),
        arbitration_window: Seconds(600),
        arbiter: story.someone.pubkey(),
        default_bond_penalty: Bps(0),
        default_pay: Bps(5_000),
        rejection_stake: Bps(5_000),
        fee_share: Bps(1_000),
        fee_payee: story.treasury,
        ..usual_terms()
    };
    let market = story.token_market(terms);
    let job = story.running(&market);
    world.pass(100);
    world.ok(&[market.settle_instruction(&job)], &[]);
    let settled = story.job(&job);
    // The fee is held until the end.
    assert_eq!((settled.earned, settled.paid), (Amount(100 * PRICE), Amount(90 * PRICE)));
    world.pass(50);
    world.ok(&[market.deliver_instruction(&job, RESULT)], &[story.key(&job)]);
    world.ok(&[market.reject_instruction(&job)], &[&story.client]);
    let rejected = story.job(&job);
    assert_eq!((rejected.amount_due, rejected.rejection_stake), (Amount(150 * PRICE), Amount(25 * PRICE)));
    world.ok(&[market.resolve_instruction(&job, story.someone.pubkey(), 10_000, 0)], &[&story.someone]);
    assert_eq!(story.job(&job).earned, Amount(150 * PRICE));
    story.check(&[job]);
}

#[test]
fn what_was_paid_can_be_read_from_accounts_after_its_jobs_are_closed() {
    let story = Story::new();
    let world = &story.world;
    let fee = Terms { fee_share: Bps(1_000), fee_payee: story.treasury, ..usual_terms() };
    let mut paid = 0;
    for terms in [usual_terms(), fee] {
        let market = story.token_market(terms);
        let job = story.running(&market);
        world.pass(100);
        let finish = market.finish_instruction(&job, job.provider, RESULT);
        let close = swap(market.close_job_instruction(world, &job), 1, story.payer.pubkey());
        world.ok(&[finish, close], &[story.key(&job)]);
        assert_eq!(world.account(job.address), None);
        paid += 100 * PRICE;
        assert_eq!(story.deposit_state().paid, Amount(paid));
    }
    // In credits `bme` keeps the sum.
    let market = story.credit_market(usual_terms());
    let job = story.running(&market);
    world.pass(100);
    let finish = market.finish_instruction(&job, job.provider, RESULT);
    let close = swap(market.close_job_instruction(world, &job), 1, story.payer.pubkey());
    world.ok(&[finish, close], &[story.key(&job)]);
    assert_eq!(story.credit_account().consumed, Credits(100 * PRICE));
}

#[test]
fn whoever_waits_or_stands_for_a_job_need_not_pay_the_rent() {
    let story = Story::new();
    let terms = Terms { bond_amount: Tokens(BOND), ..usual_terms() };
    let (world, market) = (&story.world, story.token_market(terms).with_queue(&story.world, 4));
    let worker = &story.workers[0].key;
    let before = world.lamports(worker.pubkey());
    let join = swap(market.join_instruction(worker.pubkey(), 0), 0, story.payer.pubkey());
    world.ok(&[join], &[&story.payer, worker]);
    let job = story.posted(&market);
    let start = swap(market.start_instruction(world, &job), 9, story.payer.pubkey());
    world.ok(&[start], &[&story.payer, worker]);
    let auctioned = Job { matching: matching::AUCTION, ..story.unposted(&market) };
    market.post(world, &story.client, &auctioned, 60);
    let bid = swap(market.bid_instruction(world, &auctioned, PRICE, None), 9, story.payer.pubkey());
    world.ok(&[bid], &[&story.payer, worker]);
    assert_eq!(world.lamports(worker.pubkey()), before);
}

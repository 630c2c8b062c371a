//! Client, provider, bidder, keeper and stranger as one person: what none of them can do for nothing to somebody else.

use {
    super::{games::Court, *},
    joule_escrow_interface::{
        instruction::CreateVerificationArgs,
        state::{Queue, Trace},
        verifier::statement,
    },
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
    for job in [&old, &cancelled] {
        world.ok(&[market.cancel_instruction(job, job.client)], &[&story.client]);
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

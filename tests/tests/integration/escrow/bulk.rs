//! More jobs in one instruction: each as if it had one of its own, and those that changed meanwhile are passed over.

use {
    super::*,
    joule_bme_interface::state::Spender,
    joule_escrow_interface::{
        event::JobPassedOver,
        state::{CLOSING_TIP_DELAY, Queue, scheme},
    },
    joule_interface::TOKEN_2022_PROGRAM,
};

/// Which accounts were passed over, in which places, and why.
#[track_caller]
fn passed_over(receipt: &Receipt) -> Vec<(u8, Address, u32)> {
    let events = receipt.events::<JobPassedOver>(ID);
    assert!(events.iter().all(|event| event.header.sequence == 0));
    events.iter().map(|event| (event.index, event.header.source, event.error)).collect()
}

/// What is expected of them.
fn over<const N: usize>(jobs: [(u8, &Job, EscrowError); N]) -> Vec<(u8, Address, u32)> {
    jobs.map(|(place, job, error)| (place, job.address, error as u32)).to_vec()
}

impl Story {
    /// What lies at the jobs' addresses.
    fn accounts(&self, jobs: &[&Job]) -> Vec<Option<solana_account::Account>> {
        jobs.iter().map(|job| self.world.account(job.address)).collect()
    }

    fn waiting(&self, market: &Market) -> u32 {
        let account = self.world.account(market.queue).expect("the queue is there");
        bytemuck::from_bytes::<Queue>(&account.data[..size_of::<Queue>()]).waiting
    }

    fn queued(&self, market: &Market, count: usize) -> Vec<Job> {
        let jobs: Vec<Job> = (0..count).map(|_| Job { matching: matching::QUEUE, ..self.unposted(market) }).collect();
        self.world.ok(&[market.post_many_instruction(&self.world, &jobs, HOUR, PRICE)], &[&self.client]);
        jobs
    }

    fn all_running(&self, market: &Market, count: usize) -> Vec<Job> {
        (0..count).map(|_| self.running(market)).collect()
    }
}

#[test]
fn a_provider_starts_all_that_still_wait() {
    let story = Story::new();
    let market = story.token_market(usual_terms()).with_queue(&story.world, 9);
    let world = &story.world;
    let jobs = story.queued(&market, 7);
    let [key, rival] = story.workers.each_ref().map(|worker| &worker.key);
    let start = market.start_all_instruction(world, &jobs, 9);
    // Meanwhile another was faster, and the client cancelled one, posted one anew, and closed one.
    let taken = story.by(&market, &jobs[1], 1);
    world.ok(&[market.start_instruction(world, &taken)], &[rival]);
    for job in &jobs[2..5] {
        world.ok(&[market.cancel_instruction(job, job.client)], &[&story.client]);
    }
    world.pass(1);
    market.post(world, &story.client, &jobs[3], HOUR);
    world.ok(&[market.close_job_instruction(world, &jobs[4])], &[]);
    let others = [&jobs[1], &jobs[2], &jobs[3], &jobs[4]];
    let before = story.accounts(&others);

    let receipt = world.ok(std::slice::from_ref(&start), &[key]);
    let expected = over([
        (1, &jobs[1], EscrowError::WrongJobState),
        (2, &jobs[2], EscrowError::WrongJobState),
        (3, &jobs[3], EscrowError::PostingChanged),
        (4, &jobs[4], EscrowError::WrongOwner),
    ]);
    assert_eq!(passed_over(&receipt), expected);
    let started: Vec<Address> =
        receipt.events::<event::JobStarted>(ID).iter().map(|event| event.header.source).collect();
    assert_eq!(started, [jobs[0].address, jobs[5].address, jobs[6].address]);
    assert_eq!(story.accounts(&others), before);
    for job in [&jobs[0], &jobs[5], &jobs[6]] {
        let state = story.job(job);
        assert_eq!((state.state, state.provider, state.started_at), (job_state::RUNNING, key.pubkey(), world.now()));
    }
    // What was posted anew still waits.
    assert_eq!(story.waiting(&market), 1);
    // With none it fails, as with the first alone.
    world.fails(start, &[key], EscrowError::WrongJobState);
}

#[test]
fn a_provider_starts_as_many_as_it_can_run() {
    let story = Story::new();
    let market = story.token_market(usual_terms()).with_queue(&story.world, 9);
    let (world, key) = (&story.world, &story.workers[0].key);
    let jobs = story.queued(&market, 6);
    let runs = || jobs.iter().filter(|job| story.job(job).state == job_state::RUNNING).count();
    for (most, sum) in [(0, 1), (1, 2), (3, 5)] {
        world.ok(&[market.start_all_instruction(world, &jobs, most)], &[key]);
        assert_eq!(runs(), sum);
    }
    let start = market.start_all_instruction(world, &jobs, 9);
    let last = start.accounts.len() - 1;
    world.fails(read_only(start.clone(), last), &[key], EscrowError::NotWritable);
    for cut in [1, 8] {
        let mut short = start.clone();
        short.data.truncate(start.data.len() - cut);
        world.fails(short, &[key], EscrowError::InvalidArguments);
    }
    world.fails(swap(start.clone(), 2, story.pool.address), &[key], EscrowError::WrongNetwork);
    world.ok(&[start], &[key]);
    assert_eq!((runs(), story.waiting(&market)), (6, 0));
    story.check(&jobs);
}

/// Nothing of a job that cannot be started is left changed, neither itself nor its place in the queue.
#[test]
fn a_job_that_asks_for_a_bond_is_passed_over_and_waits_on() {
    let story = Story::new();
    let plain = story.token_market(usual_terms()).with_queue(&story.world, 9);
    let bonded = story.token_market(Terms { bond_amount: Tokens(BOND), ..usual_terms() }).with_queue(&story.world, 9);
    let (world, key) = (&story.world, &story.workers[0].key);
    let (job, other) = (story.queued(&plain, 1)[0], story.queued(&bonded, 1)[0]);
    let before = story.accounts(&[&other]);
    // Of the other market's queue as well, where it is the first.
    for queue in [plain.queue, bonded.queue] {
        let start = plain.start_all_instruction(world, &[other, job], 2);
        let queue_at = start.accounts.iter().position(|meta| meta.pubkey == plain.queue).expect("it is there");
        let outcome = world.send(&[swap(start, queue_at, queue)], &[key]);
        match outcome {
            Ok(receipt) => {
                assert_eq!(passed_over(&receipt), over([(0, &other, EscrowError::StakeRequired)]));
                assert_eq!(queue, plain.queue);
            }
            Err(failure) => {
                assert_eq!(queue, bonded.queue);
                assert_eq!(failure.code(), Some(EscrowError::StakeRequired as u32));
            }
        }
        assert_eq!((story.accounts(&[&other]), story.waiting(&bonded)), (before.clone(), 1));
    }
}

/// All that may be left of it is that the queue has lost what was over: as after a sweep, which is anyone's.
#[test]
fn a_start_in_vain_takes_nothing_from_a_queue_but_what_is_over() {
    let story = Story::new();
    let market = story.token_market(usual_terms()).with_queue(&story.world, 30);
    let (world, key) = (&story.world, &story.workers[0].key);
    let old = story.queued(&market, 1)[0];
    world.pass(3_000);
    let jobs = story.queued(&market, 18);
    world.pass(601);
    assert_eq!(story.waiting(&market), 19);
    let receipt = world.ok(&[market.start_all_instruction(world, &[jobs[17], jobs[0]], 2)], &[key]);
    assert_eq!(passed_over(&receipt), over([(0, &jobs[17], EscrowError::NotFirstInQueue)]));
    assert_eq!((story.job(&jobs[0]).state, story.job(&jobs[17]).state), (job_state::RUNNING, job_state::POSTED));
    assert_eq!(story.waiting(&market), 17);
    world.ok(&[market.cancel_instruction(&old, story.someone.pubkey())], &[&story.someone]);
    let state = story.job(&old);
    assert_eq!((state.state, state.refunded), (job_state::CANCELLED, state.deposited));
}

#[test]
fn one_heartbeat_for_many_jobs_and_none_for_those_that_it_names_in_vain() {
    let story = Story::new();
    let market =
        story.token_market(Terms { heartbeat_interval: Seconds(60), min_duration: Seconds(60), ..usual_terms() });
    let (world, key) = (&story.world, &story.workers[0].key);
    let jobs = story.all_running(&market, 5);
    let other = story.by(&market, &story.unposted(&market), 1);
    market.post(world, &story.client, &other, HOUR);
    story.start(&market, &other);
    world.pass(50);
    world.ok(&[market.finish_instruction(&jobs[1], jobs[1].client, NO_RESULT)], &[&story.client]);
    let now = world.now();
    let all = [jobs[0], jobs[1], other, jobs[2], jobs[0]];
    let beat = market.heartbeat_all_instruction(&all);
    world.fails(read_only(beat.clone(), 4), &[key], EscrowError::NotWritable);
    let receipt = world.ok(&[beat], &[key]);
    let expected = over([(1, &jobs[1], EscrowError::WrongJobState), (2, &other, EscrowError::Unauthorized)]);
    assert_eq!(passed_over(&receipt), expected);
    let last = |job: &Job| story.job(job).last_heartbeat_at;
    assert_eq!([last(&jobs[0]), last(&jobs[2])], [now; 2]);
    assert_eq!((last(&other), last(&jobs[3])), (story.job(&other).started_at, story.job(&jobs[3]).started_at));
    // Late for both, and counted for both.
    world.pass(70);
    world.ok(&[market.heartbeat_all_instruction(&[jobs[0], jobs[3]])], &[key]);
    assert_eq!(
        [&jobs[0], &jobs[3]].map(|job| (story.job(job).downtime, story.job(job).missed_heartbeats)),
        [(10, 1), (60, 1)]
    );
    // With none it fails.
    world.fails(market.heartbeat_all_instruction(&[jobs[1], other]), &[key], EscrowError::WrongJobState);
    let unsigned = unsigned(market.heartbeat_all_instruction(&jobs[..1]), 0);
    world.fails(unsigned, &[], EscrowError::MissingSigner);
}

#[test]
fn many_jobs_are_closed_at_once() {
    let story = Story::new();
    let terms = Terms { bond_amount: Tokens(BOND), reports: 1, ..usual_terms() };
    let (plain, bonded) = (story.token_market(usual_terms()), story.token_market(terms));
    let world = &story.world;
    let mut jobs = story.all_running(&plain, 3);
    jobs.push(story.running(&bonded));
    // One whose rent somebody else paid.
    let other = story.unposted(&plain);
    plain.post(world, &story.client, &other, HOUR);
    story.start(&plain, &other);
    world.pass(60);
    for (market, job) in jobs.iter().take(2).map(|job| (&plain, job)).chain([(&bonded, &jobs[3]), (&plain, &other)]) {
        world.ok(&[market.finish_instruction(job, job.provider, RESULT)], &[story.key(job)]);
    }
    let all = [jobs[2], jobs[0], jobs[0], other, jobs[3], jobs[1]];
    let close = swap(plain.close_jobs_instruction(world, &all), 1, story.payer.pubkey());
    world.fails(read_only(close.clone(), 6), &[], EscrowError::NotWritable);
    let before = world.lamports(story.payer.pubkey());
    let kept = story.accounts(&[&jobs[2], &other, &jobs[3]]);
    let receipt = world.ok(std::slice::from_ref(&close), &[]);
    let expected = over([
        (0, &jobs[2], EscrowError::WrongJobState),
        (2, &jobs[0], EscrowError::WrongOwner),
        (3, &other, EscrowError::WrongPayer),
        (4, &jobs[3], EscrowError::BondUnsettled),
    ]);
    assert_eq!(passed_over(&receipt), expected);
    assert_eq!(story.accounts(&[&jobs[0], &jobs[1]]), [None, None]);
    assert_eq!(story.accounts(&[&jobs[2], &other, &jobs[3]]), kept);
    assert_eq!(world.lamports(story.payer.pubkey()) - before, 2 * world.rent(JobState::SIZE));
    world.fails(close, &[], EscrowError::WrongJobState);
}

#[test]
fn many_jobs_are_finished_with_one_payment() {
    for credits in [true, false] {
        let story = Story::new();
        let market = if credits { story.credit_market(usual_terms()) } else { story.token_market(usual_terms()) };
        let world = &story.world;
        let key = &story.workers[0].key;
        let mut jobs = story.all_running(&market, 4);
        // Of another provider, of another funding account, and one that is over.
        let other = story.by(&market, &story.unposted(&market), 1);
        market.post(world, &story.client, &other, HOUR);
        story.start(&market, &other);
        let elsewhere = if credits { story.token_market(usual_terms()) } else { story.credit_market(usual_terms()) };
        let foreign = story.running(&elsewhere);
        world.pass(100);
        world.ok(&[market.finish_instruction(&jobs[3], jobs[3].provider, RESULT)], &[key]);
        let results: Vec<(Job, [u8; 32])> = [jobs[0], other, foreign, jobs[1], jobs[3], jobs[1], jobs[2]]
            .iter()
            .map(|job| (*job, [job.nonce as u8; 32]))
            .collect();
        let finish = market.finish_all_instruction(&results, key.pubkey(), u64::MAX);
        let last = finish.accounts.len() - 1;
        world.fails(read_only(finish.clone(), last), &[key], EscrowError::NotWritable);
        let mut short = finish.clone();
        short.data.pop();
        world.fails(short, &[key], EscrowError::InvalidArguments);
        let mut missing = finish.clone();
        missing.accounts.pop();
        world.fails(missing, &[key], EscrowError::NotEnoughAccounts);
        let kept = story.accounts(&[&other, &foreign, &jobs[3]]);

        let receipt = world.ok(std::slice::from_ref(&finish), &[key]);
        let expected = over([
            (1, &other, if credits { EscrowError::WrongProvider } else { EscrowError::WrongTokenOwner }),
            (2, &foreign, EscrowError::WrongClient),
            (4, &jobs[3], EscrowError::WrongJobState),
            (5, &jobs[1], EscrowError::WrongJobState),
        ]);
        assert_eq!(passed_over(&receipt), expected);
        assert_eq!(story.accounts(&[&other, &foreign, &jobs[3]]), kept);
        // One payment, and in credits one refund; of tokens the books alone change for it.
        assert_eq!(receipt.calls.iter().filter(|call| call.depth == 2).count(), if credits { 2 } else { 1 });
        assert_eq!(receipt.events::<event::JobEnded>(ID).len(), 3);
        for job in &jobs[..3] {
            let state = story.job(job);
            assert_eq!(
                (state.state, state.paid.0, state.refunded.0),
                (job_state::FINISHED, 100 * PRICE, COST - 100 * PRICE)
            );
            assert_eq!(state.result, [job.nonce as u8; 32]);
        }
        if !credits {
            assert_eq!(world.tokens(jobs[0].payee), 4 * 100 * PRICE);
        }
        world.fails(finish, &[key], EscrowError::WrongJobState);
        jobs.extend([other, foreign]);
        story.check(&jobs);
    }
}

/// The client stops them, and whoever is no party can only once their time is over.
#[test]
fn each_of_many_is_ended_by_whoever_may() {
    let story = Story::new();
    let market = story.token_market(usual_terms());
    let world = &story.world;
    let long: Vec<Job> = story.all_running(&market, 2);
    let short = story.unposted(&market);
    world.ok(&[story.post(&market, &short, 60)], &story.posting());
    story.start(&market, &short);
    world.pass(100);
    let by = |caller: &Keypair, jobs: &[Job], result| {
        let jobs: Vec<(Job, [u8; 32])> = jobs.iter().map(|job| (*job, result)).collect();
        market.finish_all_instruction(&jobs, caller.pubkey(), u64::MAX)
    };
    let with_result = by(&story.someone, &[long[0], short], RESULT);
    world.fails(with_result, &[&story.someone], EscrowError::ResultByProviderOnly);
    let receipt = world.ok(&[by(&story.someone, &[long[0], short], NO_RESULT)], &[&story.someone]);
    assert_eq!(passed_over(&receipt), over([(0, &long[0], EscrowError::TooEarly)]));
    world.ok(&[by(&story.client, &long, NO_RESULT)], &[&story.client]);
    assert_eq!(world.tokens(short.payee), (60 + 2 * 100) * PRICE);
    story.check(&[long[0], long[1], short]);
}

#[test]
fn no_more_is_paid_for_all_together_than_was_allowed() {
    let story = Story::new();
    let market = story.token_market(Terms { fee_share: Bps(1_000), fee_payee: story.treasury, ..usual_terms() });
    let (world, key) = (&story.world, &story.workers[0].key);
    let jobs = story.all_running(&market, 3);
    world.pass(100);
    let all: Vec<(Job, [u8; 32])> = jobs.iter().map(|job| (*job, RESULT)).collect();
    // Each is owed nine tenths of its price, and a tenth is the fee. The first is paid, the second in part.
    let (each, fee) = (90 * PRICE, 10 * PRICE);
    world.ok(&[market.finish_all_instruction(&all, key.pubkey(), each + each / 3)], &[key]);
    let paid = [0, 1, 2].map(|place| (story.job(&jobs[place]).paid.0, story.job(&jobs[place]).fee_paid.0));
    assert_eq!(paid, [(each, fee), (each / 3, 0), (0, 0)]);
    let states = [0, 1, 2].map(|place| story.job(&jobs[place]).state);
    assert_eq!(states, [job_state::FINISHED, job_state::OWING, job_state::OWING]);
    assert_eq!((world.tokens(jobs[0].payee), world.tokens(story.treasury)), (each + each / 3, fee));
    world.ok(&[market.settle_many_instruction(&jobs[1..], u64::MAX)], &[]);
    assert_eq!((world.tokens(jobs[0].payee), world.tokens(story.treasury)), (3 * each, 3 * fee));
    story.check(&jobs);
}

/// Of nothing that an end wrote something is left where it cannot be paid.
#[test]
fn a_job_with_another_receiver_of_its_fee_is_passed_over() {
    let story = Story::new();
    let market = story.token_market(Terms { fee_share: Bps(1_000), fee_payee: story.treasury, ..usual_terms() });
    let other = story.token_market(Terms { fee_share: Bps(1_000), fee_payee: story.wallet, ..usual_terms() });
    let free = story.token_market(usual_terms());
    let (world, key) = (&story.world, &story.workers[0].key);
    let (job, foreign, plain) = (story.running(&market), story.running(&other), story.running(&free));
    world.pass(100);
    let before = story.accounts(&[&foreign]);
    let all = [(plain, RESULT), (foreign, RESULT), (job, RESULT)];
    let receipt = world.ok(&[market.finish_all_instruction(&all, key.pubkey(), u64::MAX)], &[key]);
    assert_eq!(passed_over(&receipt), over([(1, &foreign, EscrowError::FeeRequired)]));
    assert_eq!(story.accounts(&[&foreign]), before);
    assert_eq!((world.tokens(job.payee), world.tokens(story.treasury)), (190 * PRICE, 10 * PRICE));
    story.check(&[job, foreign, plain]);
}

/// The payee's issuer froze it: what it is owed waits, of all.
#[test]
fn what_cannot_be_paid_waits_for_each() {
    let mut story = Story::with(TOKEN_2022_PROGRAM);
    let market = story.token_market(Terms { fee_share: Bps(1_000), fee_payee: story.treasury, ..usual_terms() });
    let jobs = story.all_running(&market, 2);
    story.world.pass(100);
    let plain = story.world.account(jobs[0].payee).expect("it is there");
    story.world.ask_for_memos(jobs[0].payee);
    let all = [(jobs[0], RESULT), (jobs[1], RESULT)];
    story.world.ok(&[market.finish_all_instruction(&all, jobs[0].provider, u64::MAX)], &[story.key(&jobs[0])]);
    for job in &jobs {
        let state = story.job(job);
        assert_eq!((state.state, state.paid.0, state.fee_paid.0), (job_state::OWING, 0, 10 * PRICE));
    }
    assert_eq!((story.world.tokens(jobs[0].payee), story.world.tokens(story.treasury)), (0, 20 * PRICE));
    story.world.set_account(jobs[0].payee, plain);
    story.world.ok(&[market.settle_many_instruction(&jobs, u64::MAX)], &[]);
    assert_eq!(story.world.tokens(jobs[0].payee), 180 * PRICE);
    story.check(&jobs);
}

/// What a revoked right locked is paid by no other, and no good one is written off for it.
#[test]
fn jobs_of_a_revoked_right_are_written_off_and_others_paid() {
    let mut story = Story::new();
    let market = story.credit_market(usual_terms());
    let old = story.all_running(&market, 2);
    let authority = story.world.read::<Spender>(market.spender).authority;
    story.network.revoke_soon(&mut story.world, market.spender, 0);
    story.world.ok(&[story.network.close_spender_instruction(&story.world, market.spender)], &[]);
    story.network.add_spender(&story.world, authority);
    let new = story.all_running(&market, 3);
    story.world.pass(100);
    let (world, key) = (&story.world, story.key(&new[0]));
    let all: Vec<(Job, [u8; 32])> = [old[0], new[0], new[1], old[1], new[2]].map(|job| (job, RESULT)).to_vec();
    let receipt = world.ok(&[market.finish_all_instruction(&all, key.pubkey(), u64::MAX)], &[key]);
    assert_eq!(passed_over(&receipt), []);
    for (jobs, paid, came_back) in [(&old[..], 0, COST), (&new[..], 100 * PRICE, COST - 100 * PRICE)] {
        for job in jobs {
            let state = story.job(job);
            assert_eq!((state.state, state.paid.0, state.refunded.0), (job_state::FINISHED, paid, came_back));
        }
    }
    assert_eq!(story.credit_account().consumed.0, 300 * PRICE);
}

/// The client had the account of a job posted anew, for a friend: the provider's others end all the same, also if they are not paid now.
#[test]
fn what_a_job_became_meanwhile_is_nothing_to_the_others() {
    for most in [u64::MAX, 0] {
        let story = Story::new();
        let market = story.token_market(usual_terms());
        let (world, key) = (&story.world, &story.workers[0].key);
        let jobs = story.all_running(&market, 3);
        // Without a result for the first, which anyone may end so once its time is over.
        let all = [(jobs[0], NO_RESULT), (jobs[1], RESULT), (jobs[2], RESULT)];
        let finish = market.finish_all_instruction(&all, key.pubkey(), most);
        world.pass(10);
        world.ok(&[market.finish_instruction(&jobs[0], jobs[0].client, NO_RESULT)], &[&story.client]);
        let friends = story.by(&market, &jobs[0], 1);
        market.post(world, &story.client, &friends, 10);
        story.start(&market, &friends);
        world.pass(10);
        let receipt = world.ok(&[finish], &[key]);
        for job in &jobs[1..] {
            let state = story.job(job);
            assert_eq!((state.result, state.earned.0), (RESULT, 20 * PRICE));
            assert_eq!(state.state, if most == 0 { job_state::OWING } else { job_state::FINISHED });
        }
        // Where something is paid, it is not to the friend's harm.
        if most == 0 {
            assert_eq!(passed_over(&receipt), []);
            assert_eq!((story.job(&friends).state, story.job(&friends).held.0), (job_state::OWING, 10 * PRICE));
        } else {
            assert_eq!(passed_over(&receipt), over([(0, &friends, EscrowError::WrongTokenOwner)]));
            assert_eq!(story.job(&friends).state, job_state::RUNNING);
        }
        assert_eq!(story.deposit_state().held.0, jobs.iter().map(|job| story.job(job).held.0).sum::<u64>());
    }
}

/// A job that is paid by the unit, one of a gang, and one on a beacon that was not read have their own ways to end.
#[test]
fn jobs_that_end_otherwise_are_passed_over() {
    let story = Story::new();
    let market = story.token_market(usual_terms());
    let (world, key) = (&story.world, &story.workers[0].key);
    let units = story.token_market(by_usage(usual_terms()));
    let used = story.unposted(&units);
    let session = (scheme::ED25519, world.key().pubkey().to_bytes());
    world.ok(&[units.post_usage_instruction(world, &used, HOUR, 1_000, session)], &[&story.client]);
    story.start(&units, &used);
    let measured = story.token_market(by_beacon(Terms {
        heartbeat_interval: Seconds(60),
        min_duration: Seconds(60),
        ..usual_terms()
    }));
    let on_beacon = story.posted(&measured);
    let beacon = Beacon::of(key.pubkey());
    world.ok(&[beacon.open_with_instruction(world, 60, 1)], &[key]);
    world.ok(&[measured.start_instruction(world, &on_beacon), beacon.join_instruction(&[on_beacon])], &[key]);
    let job = story.running(&market);
    world.pass(100);
    let before = story.accounts(&[&used, &on_beacon]);
    let all = [(used, NO_RESULT), (on_beacon, RESULT), (job, RESULT)];
    let receipt = world.ok(&[market.finish_all_instruction(&all, key.pubkey(), u64::MAX)], &[key]);
    let expected = over([(0, &used, EscrowError::WrongPricing), (1, &on_beacon, EscrowError::BeaconUnread)]);
    assert_eq!(passed_over(&receipt), expected);
    let receipt = world.send(&[market.heartbeat_all_instruction(&[on_beacon, job])], &[key]);
    assert_eq!(receipt.unwrap_err().code(), Some(EscrowError::OnBeacon as u32));
    assert_eq!(story.accounts(&[&used, &on_beacon]), before);
    story.check(&[used, on_beacon, job]);
}

#[test]
fn many_results_are_delivered_and_accepted_at_once() {
    for credits in [true, false] {
        let story = Story::new();
        let terms = Terms { price: Amount(10 * PRICE), ..accepted(story.payer.pubkey(), usual_terms()) };
        let market = if credits { story.credit_market(terms) } else { story.token_market(terms) };
        let (world, key) = (&story.world, &story.workers[0].key);
        let jobs = story.all_running(&market, 4);
        let other = story.by(&market, &story.unposted(&market), 1);
        market.post(world, &story.client, &other, HOUR);
        story.start(&market, &other);
        world.pass(10);
        let result = |job: &Job| [job.nonce as u8; 32];
        let mut all: Vec<(Job, [u8; 32])> = [jobs[0], other, jobs[1], jobs[1]].map(|job| (job, result(&job))).to_vec();
        all.push((jobs[3], NO_RESULT));
        all.push((jobs[2], result(&jobs[2])));
        let deliver = market.deliver_all_instruction(&all);
        world.fails(read_only(deliver.clone(), deliver.accounts.len() - 1), &[key], EscrowError::NotWritable);
        let mut short = deliver.clone();
        short.data.pop();
        world.fails(short, &[key], EscrowError::InvalidArguments);
        let mut long = deliver.clone();
        long.data.extend([1; 32]);
        world.fails(long, &[key], EscrowError::InvalidArguments);
        let receipt = world.ok(&[deliver], &[key]);
        let expected = over([
            (1, &other, EscrowError::Unauthorized),
            (3, &jobs[1], EscrowError::WrongJobState),
            (4, &jobs[3], EscrowError::ResultRequired),
        ]);
        assert_eq!(passed_over(&receipt), expected);
        assert_eq!(receipt.events::<event::JobDelivered>(ID).len(), 3);
        for job in &jobs[..3] {
            assert_eq!((story.job(job).state, story.job(job).result), (job_state::DELIVERED, result(job)));
        }
        assert_eq!([&jobs[3], &other].map(|job| story.job(job).state), [job_state::RUNNING; 2]);

        // Nobody else accepts in the client's time.
        let by = |caller: &Keypair| market.accept_all_instruction(&jobs, caller.pubkey(), u64::MAX);
        world.fails(by(&story.someone), &[&story.someone], EscrowError::TooEarly);
        // One more account is a mandate.
        let mut as_mandate = market.accept_instruction(&jobs[0], story.someone.pubkey());
        as_mandate.accounts.push(by(&story.client).accounts.last().expect("a job").clone());
        world.fails(as_mandate, &[&story.someone], EscrowError::WrongAccountType);
        world.ok(&[market.accept_instruction(&jobs[0], story.client.pubkey())], &[&story.client]);
        let receipt = world.ok(&[by(&story.client)], &[&story.client]);
        let expected = over([(0, &jobs[0], EscrowError::WrongJobState), (3, &jobs[3], EscrowError::WrongJobState)]);
        assert_eq!(passed_over(&receipt), expected);
        assert_eq!(receipt.events::<event::JobEnded>(ID).len(), 2);
        // One payment; nothing comes back of a fixed price.
        assert_eq!(receipt.calls.iter().filter(|call| call.depth == 2).count(), 1);
        for job in &jobs[..3] {
            assert_eq!((story.job(job).state, story.job(job).paid.0), (job_state::FINISHED, 10 * PRICE));
        }
        let all: Vec<Job> = jobs.into_iter().chain([other]).collect();
        story.check(&all);
    }
}

/// A small bond, and a report that counts.
fn of_bonds(story: &Story) -> Terms {
    Terms {
        bond_amount: Tokens(BOND / 10),
        reports: 1,
        fee_share: Bps(1_000),
        fee_payee: story.treasury,
        whole_job_fee: 6,
        failure_penalty: Bps::WHOLE,
        ..usual_terms()
    }
}

impl Story {
    fn end(&self, market: &Market, job: &Job, result: [u8; 32]) {
        self.world.ok(&[market.finish_instruction(job, job.provider, result)], &[self.key(job)]);
    }

    fn settle_all(&self, market: &Market, jobs: &[Job]) -> Receipt {
        self.world.ok(&[market.settle_bonds_instruction(jobs, self.network_wallet)], &[])
    }

    fn bonds(&self, jobs: &[&Job]) -> Vec<Option<solana_account::Account>> {
        jobs.iter().map(|job| self.world.account(job.bond)).collect()
    }
}

/// As one after the other, by one call of `stake`; and what is named twice is settled once.
#[test]
fn bonds_of_many_jobs_are_released_and_reported_by_one_call() {
    let outcomes = [false, true].map(|together| {
        let story = Story::new();
        let market = story.token_market(of_bonds(&story));
        let world = &story.world;
        let jobs = story.all_running(&market, 4);
        let before = world.lamports(jobs[0].provider);
        // One is stopped by its client, which reports nothing; the others serve different times.
        world.pass(100);
        world.ok(&[market.finish_instruction(&jobs[1], jobs[1].client, NO_RESULT)], &[&story.client]);
        for job in [&jobs[0], &jobs[2], &jobs[3]] {
            world.pass(100);
            story.end(&market, job, RESULT);
        }
        let receipts = if together {
            let twice = [jobs[0], jobs[1], jobs[0], jobs[2], jobs[3], jobs[2]];
            vec![story.settle_all(&market, &twice)]
        } else {
            jobs.iter().map(|job| story.settle_bond(&market, job)).collect()
        };
        let released: Vec<(Address, Tokens, u32, u32)> = receipts
            .iter()
            .flat_map(|receipt| receipt.events::<joule_stake_interface::event::BondReleased>(joule_stake_interface::ID))
            .map(|event| (event.job, event.amount, event.outcome, event.weight))
            .collect();
        assert_eq!(released.len(), 4);
        if together {
            assert_eq!(passed_over(&receipts[0]), []);
            assert_eq!(receipts[0].calls.iter().filter(|call| call.depth == 2).count(), 1);
        }
        for job in &jobs {
            let state = story.job(job);
            assert_eq!((state.bond_unsettled, state.bond, state.is_over()), (0, NONE, true));
        }
        let provider = story.staked(0);
        assert_eq!((provider.bonded, provider.reputation.delivered), (Tokens(0), 3));
        // The rent of all came back to who paid it.
        assert_eq!(world.lamports(jobs[0].provider) - before, 4 * world.rent(joule_stake_interface::state::Bond::SIZE));
        // Once more, nothing is left to do.
        let again = story.settle_all(&market, &jobs);
        assert_eq!((again.calls.len(), story.staked(0)), (1, provider));
        story.check(&jobs);
        (released.iter().map(|one| (one.1, one.2, one.3)).collect::<Vec<_>>(), provider.reputation)
    });
    assert_eq!(outcomes[0], outcomes[1]);
}

/// Neither itself nor its bond is changed, and no other is held up: whatever became of it.
#[test]
fn a_job_that_changed_keeps_its_bond_and_the_others_are_settled() {
    let story = Story::new();
    let market = story.token_market(of_bonds(&story));
    let in_credits = Terms { bond_amount: Tokens(BOND / 10), reports: 1, ..usual_terms() };
    let (plain, credit) = (story.token_market(usual_terms()), story.credit_market(in_credits));
    let world = &story.world;
    let jobs = story.all_running(&market, 3);
    let (runs, failed, closed) = (story.running(&market), story.running(&market), story.running(&market));
    // One without a bond that has nothing to settle, and one that has a report.
    let unbonded = story.running(&plain);
    let reporting = story.token_market(Terms { bond_amount: Tokens(0), failure_penalty: Bps(0), ..of_bonds(&story) });
    let reported = story.running(&reporting);
    let other = story.by(&market, &story.unposted(&market), 1);
    market.post(world, &story.client, &other, HOUR);
    story.start(&market, &other);
    // One in a place whose rent came from elsewhere, and is not asked for; one whose rent another paid.
    let name = Address::new_from_array([0xc0; 32]);
    world.ok(&[story.pool.open_bond_instruction(world, story.workers[0].own.provider, name)], &[]);
    let bond = joule_stake_interface::pda::bond::find(&story.workers[0].own.provider, &name).0;
    let placed = Job { bond, ..story.posted(&market) };
    story.start(&market, &placed);
    let lent = story.posted(&market);
    let start = market.start_instruction(world, &lent);
    let payer = start.accounts.iter().rposition(|meta| meta.pubkey == lent.provider).expect("it is there");
    world.ok(&[swap(start, payer, story.payer.pubkey())], &[&story.payer, story.key(&lent)]);
    // In credits, what is owed may never be paid.
    let owing = story.running(&credit);
    world.pass(100);
    let all = [&jobs[0], &jobs[1], &jobs[2], &closed, &other, &placed, &lent];
    for job in all {
        story.end(&market, job, RESULT);
    }
    story.end(&market, &failed, NO_RESULT);
    story.end(&plain, &unbonded, RESULT);
    story.end(&reporting, &reported, RESULT);
    let mut finish = credit.finish_instruction(&owing, owing.provider, RESULT);
    let end = finish.data.len();
    finish.data[end - 8..].copy_from_slice(&1u64.to_le_bytes());
    world.ok(&[finish], &[story.key(&owing)]);
    assert_eq!(story.job(&owing).state, job_state::OWING);
    story.settle_bond(&market, &closed);
    let close = market.close_job_instruction(world, &closed);
    world.ok(&[swap(close, 1, story.payer.pubkey())], &[]);
    // Another's bond in its place.
    let wrong = Job { bond: jobs[2].bond, ..jobs[1] };

    let kept = [&runs, &failed, &other, &lent, &owing, &reported];
    let before = (story.accounts(&kept), story.bonds(&kept), story.staked(1));
    let named = [runs, jobs[0], failed, closed, unbonded, other, wrong, placed, lent, owing, jobs[2], reported];
    let receipt = story.settle_all(&market, &named);
    let expected = over([
        (0, &runs, EscrowError::WrongJobState),
        (2, &failed, EscrowError::SettledAlone),
        (3, &closed, EscrowError::WrongOwner),
        (5, &other, EscrowError::WrongProvider),
        (6, &wrong, EscrowError::WrongBond),
        (8, &lent, EscrowError::WrongPayer),
        (9, &owing, EscrowError::WrongJobState),
        (11, &reported, EscrowError::SettledAlone),
    ]);
    assert_eq!(passed_over(&receipt), expected);
    assert_eq!((story.accounts(&kept), story.bonds(&kept), story.staked(1)), before);
    for job in [&jobs[0], &placed, &jobs[2], &unbonded] {
        assert_eq!((story.job(job).bond_unsettled, story.job(job).bond), (0, NONE));
    }
    assert_eq!(story.job(&jobs[1]).bond_unsettled, 1);
    // With none it fails, with the first one's error.
    let none = market.settle_bonds_instruction(&[failed, runs], story.network_wallet);
    world.fails(none, &[], EscrowError::SettledAlone);
    // Each of them alone.
    for job in [&jobs[1], &failed] {
        story.settle_bond(&market, job);
    }
    assert_eq!(story.settled(&reporting, &reported), (Tokens(0), outcome::DELIVERED));
    let of_payer = swap(market.settle_bond_instruction(&lent, story.network_wallet), 6, story.payer.pubkey());
    world.ok(&[of_payer], &[]);
    assert_eq!((story.staked(0).bonded, story.staked(0).reputation.failed), (Tokens(2 * BOND / 10), 1));
}

#[test]
fn settling_many_bonds_checks_what_all_have_in_common() {
    let mut story = Story::new();
    let market = story.token_market(of_bonds(&story));
    let jobs = story.all_running(&market, 2);
    let rival = story.world.user();
    let rivals = story.pool.add_slasher(&story.world, &story.network, rival.pubkey());
    let world = &story.world;
    world.pass(100);
    for job in &jobs {
        story.end(&market, job, RESULT);
    }
    let settle = || market.settle_bonds_instruction(&jobs, story.network_wallet);
    let count = settle().accounts.len();
    for place in [count - 2, count - 1] {
        world.fails(read_only(settle(), place), &[], EscrowError::NotWritable);
    }
    let mut missing = settle();
    missing.accounts.pop();
    world.fails(missing, &[], EscrowError::NotEnoughAccounts);
    world.fails(swap(settle(), 4, story.network.address), &[], EscrowError::WrongProgram);
    world.fails(read_only(swap(settle(), 6, ID), 6), &[], EscrowError::StakeRequired);
    // Of another slasher there are no bonds among them.
    world.fails(swap(settle(), 2, rivals), &[], EscrowError::SettledAlone);
    world.fails(swap(settle(), 2, story.network.address), &[], EscrowError::WrongOwner);
    world.fails(swap(settle(), 1, story.workers[1].own.provider), &[], EscrowError::WrongProvider);
    // The authority of another network does not sign for this one.
    assert!(world.send(&[swap(settle(), 3, rival.pubkey())], &[]).is_err());
    world.ok(&[settle()], &[]);
}

/// What a provider lost in between would be nothing.
#[test]
fn a_right_taken_and_given_back_frees_no_bond_among_others() {
    let story = Story::new();
    let market = story.token_market(of_bonds(&story));
    let (world, authority) = (&story.world, &[&story.network.authority][..]);
    let (good, failed, late) = (story.running(&market), story.running(&market), story.running(&market));
    world.pass(100);
    for (job, result) in [(&good, RESULT), (&failed, NO_RESULT), (&late, RESULT)] {
        story.end(&market, job, result);
    }
    let settle = |jobs: &[Job]| market.settle_bonds_instruction(jobs, story.network_wallet);
    world.ok(&[story.set_rights(&market, 0)], authority);
    let receipt = world.ok(&[settle(&[failed, good])], &[]);
    assert_eq!(passed_over(&receipt), over([(0, &failed, EscrowError::SettledAlone)]));
    assert_eq!(settled(&receipt), (Tokens(0), outcome::NONE));
    assert_eq!(story.staked(0).bonded, Tokens(2 * BOND / 10));
    world.ok(&[story.set_rights(&market, joule_stake_interface::state::rights::ALL)], authority);
    assert_eq!(story.settled(&market, &failed), (Tokens(BOND / 10), outcome::FAILED));
    // Long after it lost the right, others gave back what is to be released.
    world.ok(&[story.set_rights(&market, joule_stake_interface::state::rights::REPORT)], authority);
    world.pass(7 * 86_400);
    let take = joule_stake_interface::instruction::ReleaseBond {
        slasher_authority: story.someone.pubkey(),
        slasher: market.slasher,
        provider: late.staked,
        bond: late.bond,
        rent_receiver: late.provider,
    };
    let take = take.instruction(&joule_stake_interface::instruction::ReleaseBondArgs { outcome: 0, weight: 0 });
    world.ok(&[take], &[&story.someone]);
    world.fails(settle(&[late, late]), &[], EscrowError::SettledAlone);
    assert_eq!(story.settled(&market, &late), (Tokens(0), outcome::DELIVERED));
    assert_eq!(story.staked(0).bonded, Tokens(0));
}

/// A slasher without the right to bonds lets anyone release what it held, so its bond says nothing of whose slasher it is.
#[test]
fn a_slasher_of_someone_else_that_lost_its_rights_does_not_let_a_provider_off() {
    let mut story = Story::new();
    let market = story.token_market(Terms { failure_penalty: Bps(0), ..of_bonds(&story) });
    let rival = story.world.user();
    let rivals = story.pool.add_slasher(&story.world, &story.network, rival.pubkey());
    let (job, other) = (story.running(&market), story.running(&market));
    let world = &story.world;
    for job in [&job, &other] {
        story.end(&market, job, NO_RESULT);
    }
    let (report, authority) = (joule_stake_interface::state::rights::REPORT, &[&story.network.authority][..]);
    world.ok(&[story.set_rights(&market, report)], authority);
    world.pass(7 * 86_400);
    // The provider takes its bonds back, and has the other slasher hold bonds there in the jobs' names.
    let provider = story.key(&job).insecure_clone();
    for job in [&job, &other] {
        let take = joule_stake_interface::instruction::ReleaseBond {
            slasher_authority: provider.pubkey(),
            slasher: market.slasher,
            provider: job.staked,
            bond: job.bond,
            rent_receiver: provider.pubkey(),
        };
        let lock = joule_stake_interface::instruction::LockBond {
            authority: provider.pubkey(),
            slasher_authority: rival.pubkey(),
            slasher: rivals,
            network: story.network.address,
            pool: story.pool.address,
            provider: job.staked,
            bond: job.bond,
            system_program: joule_interface::SYSTEM_PROGRAM,
            payer: provider.pubkey(),
        };
        let take = take.instruction(&joule_stake_interface::instruction::ReleaseBondArgs { outcome: 0, weight: 0 });
        let args = joule_stake_interface::instruction::LockBondArgs {
            job: job.address,
            amount: Tokens(1),
            client: provider.pubkey(),
        };
        world.ok(&[take, lock.instruction(&args)], &[&provider, &rival]);
    }
    let set = SetSlasher {
        authority: story.network.authority.pubkey(),
        network: story.network.address,
        pool: story.pool.address,
        slasher: rivals,
    };
    let no_rights = SetSlasherArgs { rights: 0, window_limit: Tokens(0), slash_share: Bps(0) };
    world.ok(&[set.instruction(&no_rights)], authority);
    world.pass(7 * 86_400);
    let settle = |slasher| swap(market.settle_bond_instruction(&job, story.network_wallet), 2, slasher);
    world.fails(settle(rivals), &[], EscrowError::WrongAddress);
    let both = market.settle_bonds_instruction(&[job, other], story.network_wallet);
    world.fails(swap(both, 2, rivals), &[], EscrowError::WrongAddress);
    assert_eq!(story.staked(0).reputation.failed, 0);
    for job in [&job, &other] {
        assert_eq!(story.settled(&market, job), (Tokens(0), outcome::FAILED));
    }
}

/// Of more jobs, those that it fails for are passed over: so none of them is surely ended, and no tip is due.
#[test]
fn no_tip_is_due_for_more_jobs_than_one() {
    let mut story = Story::new();
    let keeper = story.world.address();
    let lamports = story.world.rent(0);
    story.world.set_account(keeper, solana_account::Account { lamports, ..Default::default() });
    let tipped = |market: Market| {
        story.world.ok(&[market.set_tip_instruction(&story.network, 12_000)], &[&story.network.authority]);
        market
    };
    let market = tipped(story.token_market(usual_terms()));
    let judged = tipped(story.token_market(accepted(story.treasury, usual_terms())));
    let (jobs, open) = (story.all_running(&market, 2), story.all_running(&judged, 2));
    let world = &story.world;
    world.run(10);
    let delivered = [(open[0], RESULT), (open[1], RESULT)];
    world.ok(&[judged.deliver_all_instruction(&delivered)], &[story.key(&open[0])]);
    world.run(2 * HOUR as u64 + 61);
    let (caller, signers) = (story.someone.pubkey(), [&story.someone]);
    let refused = |market: &Market, job: &Job, call: Instruction| {
        let both = [market.tip_instruction(job, keeper), call];
        let signs = both[1].accounts.iter().any(|meta| meta.is_signer);
        let failure = world.send(&both, if signs { &signers } else { &[] }).expect_err("it must fail");
        assert_eq!(failure.code(), Some(EscrowError::NoTipDue as u32), "{}", failure.logs.join("\n"));
    };
    // A result of the highest bytes does not stand for an amount.
    for result in [NO_RESULT, [0xff; 32]] {
        let all = [(jobs[0], NO_RESULT), (jobs[1], result)];
        for most in [u64::MAX, 0] {
            refused(&market, &jobs[0], market.finish_all_instruction(&all, caller, most));
        }
    }
    refused(&judged, &open[0], judged.accept_all_instruction(&open, caller, u64::MAX));
    let alone = |market: &Market, job: &Job, call: Instruction| {
        let before = world.lamports(keeper);
        world.ok(&[market.tip_instruction(job, keeper), call], &signers);
        assert_eq!(world.lamports(keeper) - before, 12_000);
    };
    for job in &jobs {
        alone(&market, job, market.finish_instruction(job, caller, NO_RESULT));
    }
    alone(&judged, &open[0], judged.accept_instruction(&open[0], caller));
    // Of bonds as well: one that is passed over keeps its bond.
    let bonded = tipped(story.token_market(of_bonds(&story)));
    let held = story.all_running(&bonded, 2);
    world.run(100);
    for job in &held {
        story.end(&bonded, job, RESULT);
    }
    world.run(2 * HOUR as u64);
    refused(&bonded, &held[0], bonded.settle_bonds_instruction(&held, story.network_wallet));
    alone(&bonded, &held[0], bonded.settle_bond_instruction(&held[0], story.network_wallet));
    world.run(CLOSING_TIP_DELAY.0 as u64 + HOUR as u64);
    let close = |jobs: &[Job]| swap(market.close_jobs_instruction(world, jobs), 1, story.payer.pubkey());
    refused(&market, &jobs[0], close(&jobs));
    let before = world.lamports(keeper);
    world.ok(&[market.tip_instruction(&jobs[0], keeper), close(&jobs[..1])], &[]);
    assert_eq!(world.lamports(keeper) - before, 12_000);
}

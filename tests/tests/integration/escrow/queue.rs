//! The queue: first come, first served, both ways round.

use {
    super::*,
    joule_bme_interface::BmeError,
    joule_escrow_interface::state::{MAX_SLOTS, Queue, WaitingProvider, side},
    joule_interface::Account as _,
    joule_stake_interface::{
        instruction::{RefreshProvider, RefreshProviderArgs},
        state::ProviderStub,
    },
    joule_tests::{books, fixture::Upkeep},
    solana_account::Account,
};

fn queued(story: &Story, market: &Market) -> Job {
    let job = Job { matching: matching::QUEUE, ..story.unposted(market) };
    market.post(&story.world, &story.client, &job, 60);
    job
}

fn queue(story: &Story, market: &Market) -> Queue {
    let account = story.world.account(market.queue).expect("the queue is there");
    *bytemuck::from_bytes(&account.data[..size_of::<Queue>()])
}

#[test]
fn jobs_wait_until_they_are_taken() {
    let story = Story::new();
    let (world, market) = (&story.world, story.token_market(usual_terms()).with_queue(&story.world, 4));
    let jobs: Vec<Job> = (0..4).map(|_| queued(&story, &market)).collect();
    let full = Job { matching: matching::QUEUE, ..story.unposted(&market) };
    world.fails(market.post_instruction(world, &full, 60), &[&story.client], EscrowError::QueueFull);
    // Two places more, and one who gives up its own.
    world.ok(&[market.grow_queue_instruction(world, 2)], &[]);
    let last = queued(&story, &market);
    world.ok(&[market.cancel_instruction(&jobs[1], story.client.pubkey())], &[&story.client]);
    assert_eq!((queue(&story, &market).used, queue(&story, &market).waiting), (5, 4));

    let start = |job: &Job, worker: usize| {
        let job = story.by(&market, job, worker);
        world.send(&[market.start_instruction(world, &job)], &[&story.workers[worker].key])
    };
    let mut worker = 0;
    for job in [&jobs[0], &jobs[2], &jobs[3], &last] {
        start(job, worker).unwrap();
        assert_eq!(story.job(job).provider, story.workers[worker].key.pubkey());
        worker = 1 - worker;
    }
    assert_eq!(queue(&story, &market).used, 0);
    // Taken is taken.
    assert_eq!(start(&last, 0).unwrap_err().code(), Some(EscrowError::WrongJobState as u32));
}

#[test]
fn a_provider_that_names_several_queued_jobs_gets_one() {
    let story = Story::new();
    let (world, market) = (&story.world, story.token_market(usual_terms()).with_queue(&story.world, 9));
    let jobs: Vec<Job> = (0..4).map(|_| queued(&story, &market)).collect();
    let by = |worker: usize| jobs.iter().map(|job| story.by(&market, job, worker)).collect::<Vec<Job>>();
    // Both saw the same queue, and want its first three.
    let [one, two] = [0, 1].map(|worker| market.start_first_instruction(world, &by(worker)[..3]));
    let send =
        |start: &Instruction, worker: usize| world.send(std::slice::from_ref(start), &[&story.workers[worker].key]);
    for (start, worker) in [(&one, 0), (&two, 1), (&one, 0)] {
        send(start, worker).unwrap();
    }
    for (job, worker) in jobs.iter().zip([0, 1, 0]) {
        let state = story.job(job);
        assert_eq!((state.state, state.provider), (job_state::RUNNING, story.workers[worker].key.pubkey()));
    }
    let code = |result: Result<Receipt, Failure>| result.unwrap_err().code();
    assert_eq!(code(send(&two, 1)), Some(EscrowError::WrongJobState as u32));
    // Each in the posting that was seen.
    world.ok(&[market.cancel_instruction(&jobs[3], jobs[3].client)], &[&story.client]);
    let mut stale = market.start_first_instruction(world, &[by(0)[0], by(0)[3]]);
    market.post(world, &story.client, &jobs[3], 60);
    assert_eq!(code(send(&stale, 0)), Some(EscrowError::WrongJobState as u32));
    let fresh = market.start_first_instruction(world, &[by(0)[0], by(0)[3]]);
    world.fails(read_only(fresh.clone(), 9), &[&story.workers[0].key], EscrowError::NotWritable);
    let mut alone = market.start_first_instruction(world, &[by(0)[3], by(0)[0]]);
    alone = read_only(swap(alone, 5, ID), 5);
    world.fails(alone, &[&story.workers[0].key], EscrowError::QueueRequired);
    stale.data.pop();
    assert_eq!(code(send(&stale, 0)), Some(EscrowError::InvalidArguments as u32));
    send(&fresh, 0).unwrap();
    assert_eq!(code(send(&fresh, 0)), Some(EscrowError::WrongJobState as u32));
    story.check(&jobs);
}

#[test]
fn a_job_finds_the_provider_that_waited_longest() {
    let story = Story::new();
    let (world, market) = (&story.world, story.token_market(usual_terms()).with_queue(&story.world, 4));
    let [first, second] = story.workers.each_ref().map(|worker| &worker.key);
    for worker in [first, second] {
        world.ok(&[market.join_instruction(worker.pubkey(), 0)], &[worker]);
    }
    world.fails(market.join_instruction(first.pubkey(), 0), &[first], EscrowError::AlreadyWaiting);
    world.fails(market.join_instruction(first.pubkey(), 1), &[first], EscrowError::InvalidParameter);
    world.fails(market.close_waiting_provider_instruction(first.pubkey(), 0), &[first], EscrowError::AlreadyWaiting);
    assert_eq!((queue(&story, &market).waiting, queue(&story, &market).side), (2, side::PROVIDERS));

    let job = queued(&story, &market);
    let state = story.job(&job);
    assert_eq!((state.state, state.provider), (job_state::ASSIGNED, first.pubkey()));
    assert_eq!(state.deadline_at, world.now().after(Seconds(300)).unwrap());
    let other = story.by(&market, &job, 1);
    world.fails(market.start_instruction(world, &other), &[second], EscrowError::Unauthorized);
    story.start(&market, &job);
    // Given a job, it may wait again; who leaves is skipped.
    world.ok(&[market.join_instruction(first.pubkey(), 0)], &[first]);
    world.ok(&[market.leave_instruction(second.pubkey(), 0)], &[second]);
    world.fails(market.leave_instruction(second.pubkey(), 0), &[second], EscrowError::NotWaiting);
    assert_eq!(story.job(&queued(&story, &market)).provider, first.pubkey());
    // Nobody is left: the next job waits, and while it does no provider may.
    let job = queued(&story, &market);
    assert_eq!(story.job(&job).state, job_state::POSTED);
    world.fails(market.join_instruction(second.pubkey(), 0), &[second], EscrowError::JobsWaiting);
    world.ok(&[market.cancel_instruction(&job, job.client)], &[&story.client]);
    world.ok(&[market.join_instruction(second.pubkey(), 0)], &[second]);
    world.ok(&[market.close_waiting_provider_instruction(first.pubkey(), 0)], &[first]);
    assert_eq!(world.account(market.waiting_provider(first.pubkey(), 0)), None);
    // Nobody waits where no job can come.
    let authority = &story.network.authority;
    let direct = Terms { matching: matching::DIRECT, ..usual_terms() };
    world.ok(&[market.set_instruction(&story.network, direct, 0)], &[authority]);
    world.fails(market.join_instruction(first.pubkey(), 0), &[first], EscrowError::MatchingNotOffered);
    world.ok(&[market.set_instruction(&story.network, usual_terms(), 1)], &[authority]);
    world.fails(market.join_instruction(first.pubkey(), 0), &[first], EscrowError::MarketClosed);
}

#[test]
fn a_provider_that_waited_and_does_not_start_has_failed() {
    let story = Story::new();
    let terms = Terms { reports: 1, ..usual_terms() };
    let (world, market) = (&story.world, story.token_market(terms).with_queue(&story.world, 4));
    let first = &story.workers[0].key;
    world.ok(&[market.join_instruction(first.pubkey(), 0)], &[first]);
    let job = queued(&story, &market);
    world.pass(301);
    world.ok(&[market.cancel_instruction(&job, story.someone.pubkey())], &[&story.someone]);
    let mut settle = market.settle_bond_instruction(&job, story.network_wallet);
    world.fails(market.close_job_instruction(world, &job), &[], EscrowError::BondUnsettled);
    for meta in &mut settle.accounts[5..] {
        (meta.pubkey, meta.is_writable) = (ID, false);
    }
    let receipt = world.ok(&[settle], &[]);
    assert_eq!(settled(&receipt), (Tokens(0), outcome::FAILED));
    assert_eq!(story.staked(0).reputation.failed, 1);
    world.ok(&[market.close_job_instruction(world, &job)], &[]);
    assert_eq!(world.account(job.address), None);
}

#[test]
fn a_waiting_provider_is_given_no_job_on_other_terms() {
    let story = Story::new();
    let (world, market) = (&story.world, story.token_market(usual_terms()).with_queue(&story.world, 4));
    let [first, second] = story.workers.each_ref().map(|worker| &worker.key);
    for worker in [first, second] {
        world.ok(&[market.join_instruction(worker.pubkey(), 0)], &[worker]);
    }
    let cheap = Terms { price: Amount(1), ..usual_terms() };
    let market = Market { terms: cheap, ..market };
    world.ok(&[market.set_instruction(&story.network, cheap, 0)], &[&story.network.authority]);
    let job = queued(&story, &market);
    assert_eq!((story.job(&job).state, queue(&story, &market).waiting), (job_state::POSTED, 1));
    world.ok(&[market.cancel_instruction(&job, job.client)], &[&story.client]);
    // Who joins after the change has seen it.
    world.ok(&[market.join_instruction(second.pubkey(), 0)], &[second]);
    world.ok(&[market.set_instruction(&story.network, cheap, 0)], &[&story.network.authority]);
    world.ok(&[market.sweep_instruction(5, &[])], &[]);
    assert_eq!(queue(&story, &market).waiting, 0);
    world.ok(&[market.join_instruction(first.pubkey(), 0)], &[first]);
    assert_eq!(story.job(&queued(&story, &market)).provider, first.pubkey());
}

#[test]
fn expired_queue_entries_are_skipped_and_swept() {
    let story = Story::new();
    let (world, market) = (&story.world, story.token_market(usual_terms()).with_queue(&story.world, 100));
    let old: Vec<Job> = (0..20).map(|_| queued(&story, &market)).collect();
    world.pass(3_600);
    let young = queued(&story, &market);
    // In their last second they still come first.
    world.fails(market.start_instruction(world, &young), &[story.key(&young)], EscrowError::NotFirstInQueue);
    world.pass(1);
    world.fails(market.start_instruction(world, &old[0]), &[story.key(&old[0])], EscrowError::TooLate);
    world.fails(market.start_instruction(world, &young), &[story.key(&young)], EscrowError::QueueStale);
    world.ok(&[market.sweep_instruction(10, &[])], &[]);
    assert_eq!(queue(&story, &market).waiting, 11);
    story.start(&market, &young);
    // Those that were swept are given back all the same.
    for job in [old[0], old[19]] {
        world.ok(&[market.cancel_instruction(&job, story.someone.pubkey())], &[&story.someone]);
    }
    let jobs: Vec<Job> = old.into_iter().chain([young]).collect();
    story.check(&jobs);
}

/// The queue's jobs leave nobody an advance, so its network pays whoever makes it usable again.
#[test]
fn a_network_pays_a_keeper_for_sweeping_a_queue() {
    let mut story = Story::new();
    let market = story.token_market(usual_terms()).with_queue(&story.world, 100);
    let upkeep = Upkeep::unborn(&mut story.world, &story.network);
    let owner = story.world.address();
    let wallet = story.world.token_account(story.network.mint, owner);
    let (world, network) = (&story.world, &story.network);
    let sweep = |most: u16| market.sweep_instruction(most, &[]);
    // That it removes up to 256 entries counts: a call for none does nothing.
    let chore = upkeep.chore_instruction(network, 0, &sweep(256), (1, 3), (TOKEN, 3_600));
    world.ok(&[upkeep.set_instruction(world, network, 1_000, TOKEN), chore], &[&network.authority]);
    let comes = network.transfer_instruction(story.network_wallet, upkeep.vault, &story.client, 20 * TOKEN);
    world.ok(&[comes], &[&story.client]);
    (0..20).for_each(|_| {
        queued(&story, &market);
    });
    world.pass(3_601);
    let young = queued(&story, &market);
    let stale = || market.start_instruction(world, &young);
    world.fails(stale(), &[story.key(&young)], EscrowError::QueueStale);
    let tip = upkeep.tip_instruction(network, 0, wallet);
    for most in [0, 1, 255] {
        let failure = world.send(&[tip.clone(), sweep(most)], &[]).expect_err("another call");
        assert_eq!(failure.code(), Some(BmeError::NoTipDue as u32));
    }
    world.ok(&[tip.clone(), sweep(256)], &[]);
    assert_eq!((queue(&story, &market).waiting, world.tokens(wallet)), (1, TOKEN));
    story.start(&market, &young);
    let failure = world.send(&[tip, sweep(256)], &[]).expect_err("once an interval");
    assert_eq!(failure.code(), Some(BmeError::NoTipDue as u32));
}

/// What a provider is worth for rewards follows its stake when anyone refreshes it: a chore names the provider.
#[test]
fn a_network_pays_a_keeper_for_refreshing_a_provider() {
    let mut story = Story::new();
    let upkeep = Upkeep::unborn(&mut story.world, &story.network);
    let owner = story.world.address();
    let wallet = story.world.token_account(story.network.mint, owner);
    let (world, network, pool) = (&story.world, &story.network, &story.pool);
    let refresh = |worker: usize| {
        let provider = joule_stake_interface::pda::provider::find(&pool.address, &story.workers[worker].key.pubkey()).0;
        RefreshProvider { pool: pool.address, provider, rewards: pool.rewards }.instruction(&RefreshProviderArgs {})
    };
    let chore = upkeep.chore_instruction(network, 0, &refresh(0), (1, 1), (TOKEN, 3_600));
    world.ok(&[upkeep.set_instruction(world, network, 1_000, TOKEN), chore], &[&network.authority]);
    let comes = network.transfer_instruction(story.network_wallet, upkeep.vault, &story.client, 20 * TOKEN);
    world.ok(&[comes], &[&story.client]);
    world.pass(3_601);
    let tip = upkeep.tip_instruction(network, 0, wallet);
    let failure = world.send(&[tip.clone(), refresh(1)], &[]).expect_err("another provider");
    assert_eq!(failure.code(), Some(BmeError::NoTipDue as u32));
    world.ok(&[tip.clone(), refresh(0)], &[]);
    assert_eq!(world.tokens(wallet), TOKEN);
    world.send(&[tip, refresh(0)], &[]).expect_err("once an interval");
}

#[test]
fn a_waiting_provider_is_not_swept_for_what_it_is_in_another_pool() {
    let mut story = Story::new();
    let market = story.token_market(usual_terms()).with_queue(&story.world, 4);
    let key = story.workers[0].key.insecure_clone();
    let pool = pool_elsewhere(&mut story.world, &story.network, &key);
    story.world.ok(&[market.join_instruction(key.pubkey(), 0)], &[&key]);
    let elsewhere = in_pool(&market, &pool);
    let job = story.unposted(&market);
    let staked = job.by(&elsewhere, job.provider, job.payee).staked;
    let state: Provider = story.world.read(staked);
    story.world.forge(staked, &Provider { status: joule_stake_interface::state::status::JAILED, ..state });
    story.world.fails(elsewhere.sweep_instruction(1, &[staked]), &[], EscrowError::WrongPool);
}

#[test]
fn a_waiting_provider_that_lost_its_eligibility_is_swept() {
    let mut story = Story::new();
    let terms = Terms { min_self_stake: Tokens(300 * TOKEN), ..usual_terms() };
    let market = story.token_market(terms).with_queue(&story.world, 4);
    let keys = story.workers.each_ref().map(|worker| (worker.key.insecure_clone(), worker.own.provider));
    for (key, _) in &keys {
        story.world.ok(&[market.join_instruction(key.pubkey(), 0)], &[key]);
    }
    let [(first, staked), (second, theirs)] = keys;
    let sweep = |shown: &[Address]| market.sweep_instruction(5, shown);
    // Neither one that may work, nor one that comes later, nor one that is not shown.
    story.world.ok(&[sweep(&[staked]), sweep(&[])], &[]);
    story.world.fails(sweep(&[theirs]), &[], EscrowError::WrongProvider);
    assert_eq!(queue(&story, &market).waiting, 2);
    let mut state: Provider = story.world.read(staked);
    state.status = joule_stake_interface::state::status::JAILED;
    story.world.forge(staked, &state);
    story.world.ok(&[sweep(&[staked])], &[]);
    assert_eq!(queue(&story, &market).waiting, 1);
    assert_eq!(story.job(&queued(&story, &market)).provider, second.pubkey());
    story.world.fails(market.join_instruction(first.pubkey(), 0), &[&first], EscrowError::ProviderNotEligible);
}

/// A provider that is closed leaves a stub at its address.
#[test]
fn a_waiting_provider_that_was_closed_is_swept() {
    let mut story = Story::new();
    let market = story.token_market(usual_terms()).with_queue(&story.world, 4);
    let keys = story.workers.each_ref().map(|worker| (worker.key.insecure_clone(), worker.own.provider));
    for (key, _) in &keys {
        story.world.ok(&[market.join_instruction(key.pubkey(), 0)], &[key]);
    }
    let [(_, closed), (second, _)] = keys;
    let sweep = || market.sweep_instruction(5, &[closed]);
    let Provider { header, pool, authority, .. } = story.world.read(closed);
    let mut stub = ProviderStub { header, pool, authority, ..ProviderStub::default() };
    stub.header.discriminator = ProviderStub::DISCRIMINATOR;
    let of_another = ProviderStub { authority: second.pubkey(), ..stub };
    let elsewhere = ProviderStub { pool: market.address, ..stub };
    for (stub, error) in [(elsewhere, EscrowError::WrongPool), (of_another, EscrowError::WrongProvider)] {
        story.world.forge(closed, &stub);
        story.world.fails(sweep(), &[], error);
    }
    story.world.forge(closed, &stub);
    let good = story.world.account(closed).expect("it is there");
    let foreign = Account { owner: market.address, ..good.clone() };
    let mut of_version = good.clone();
    of_version.data[1] = u8::MAX;
    for (account, error) in [(foreign, EscrowError::WrongOwner), (of_version, EscrowError::WrongAccountType)] {
        story.world.set_account(closed, account);
        story.world.fails(sweep(), &[], error);
    }
    story.world.set_account(closed, good);
    story.world.ok(&[sweep()], &[]);
    assert_eq!(queue(&story, &market).waiting, 1);
    assert_eq!(story.job(&queued(&story, &market)).provider, second.pubkey());
}

#[test]
fn a_queue_grows_while_it_is_used_and_closes_when_it_is_empty() {
    let story = Story::new();
    let (world, market) = (&story.world, story.token_market(usual_terms()).with_queue(&story.world, 3));
    // Wrapped around its end, it grows when it no longer is.
    let jobs: Vec<Job> = (0..3).map(|_| queued(&story, &market)).collect();
    for job in &jobs[..2] {
        story.start(&market, job);
    }
    let more = [queued(&story, &market), queued(&story, &market)];
    for _ in 0..20 {
        world.ok(&[market.grow_queue_instruction(world, 213)], &[]);
    }
    assert_eq!((queue(&story, &market).capacity, queue(&story, &market).slots), (3, 3 + 20 * 213));
    let full = Job { matching: matching::QUEUE, ..story.unposted(&market) };
    world.fails(market.post_instruction(world, &full, 60), &[&story.client], EscrowError::QueueFull);
    story.start(&market, &jobs[2]);
    assert_eq!(queue(&story, &market).capacity, 3 + 20 * 213);
    let size = world.account(market.queue).unwrap().data.len();
    assert_eq!(size, 128 + 48 * (3 + 20 * 213));
    assert!(world.lamports(market.queue) >= world.rent(size));
    let close = market.close_queue_instruction(world, &story.network);
    world.fails(close.clone(), &[&story.network.authority], EscrowError::NotEmpty);
    for job in more {
        story.start(&market, &job);
    }
    for slots in [0, 214] {
        assert_eq!(world.out_of_range(market.grow_queue_instruction(world, slots), &[]), "slots");
    }
    let gone = market.close_instruction(world, &story.network);
    world.fails(gone.clone(), &[&story.network.authority], EscrowError::NotEmpty);
    // Jobs outlive their market and its queue.
    world.pass(1);
    world.ok(&[close, gone], &[&story.network.authority]);
    world.pass(59);
    for job in &jobs {
        let finish = market.finish_instruction(job, story.someone.pubkey(), NO_RESULT);
        world.ok(&[finish], &[&story.someone]);
    }
    let all: Vec<Job> = jobs.into_iter().chain(more).collect();
    story.check(&all);
}

#[test]
fn a_queue_grows_no_further_than_its_most_slots() {
    let mut story = Story::new();
    let market = story.token_market(usual_terms()).with_queue(&story.world, 3);
    let mut account = story.world.account(market.queue).expect("it is there");
    let slots = std::mem::offset_of!(Queue, slots);
    account.data[slots..slots + 4].copy_from_slice(&(MAX_SLOTS - 2).to_le_bytes());
    story.world.set_account(market.queue, account);
    let grow = market.grow_queue_instruction(&story.world, 3);
    assert_eq!(story.world.out_of_range(grow, &[]), "slots");
}

/// A start looks at no more entries than it can afford, though most of them are over.
#[test]
fn a_job_behind_more_than_a_start_looks_at_waits() {
    let story = Story::new();
    let market = story.token_market(usual_terms()).with_queue(&story.world, 100);
    let wait = |seconds: u32| {
        let terms = Terms { wait_window: Seconds(seconds), ..usual_terms() };
        story.world.ok(&[market.set_instruction(&story.network, terms, 0)], &[&story.network.authority]);
    };
    queued(&story, &market);
    wait(10);
    for _ in 0..62 {
        queued(&story, &market);
    }
    wait(300);
    let last = queued(&story, &market);
    wait(10);
    for _ in 0..2 {
        queued(&story, &market);
    }
    story.world.pass(11);
    wait(300);
    let behind = queued(&story, &market);
    let start = market.start_instruction(&story.world, &behind);
    story.world.fails(start, &[story.key(&behind)], EscrowError::NotFirstInQueue);
    story.start(&market, &last);
}

/// Two markets of one second number their terms and waits alike.
#[test]
fn a_provider_waits_in_the_queue_of_its_account() {
    let story = Story::new();
    let [one, other] = [(); 2].map(|()| story.token_market(usual_terms()).with_queue(&story.world, 4));
    let (world, [worker, _]) = (&story.world, story.workers.each_ref().map(|worker| &worker.key));
    world.ok(&[one.join_instruction(worker.pubkey(), 0)], &[worker]);
    let first = one.waiting_provider(worker.pubkey(), 0);
    let with_it = swap(other.join_instruction(worker.pubkey(), 0), 4, first);
    world.fails(with_it, &[worker], EscrowError::WrongMarket);
    world.ok(&[other.join_instruction(worker.pubkey(), 0)], &[worker]);
    let leave = one.leave_instruction(worker.pubkey(), 0);
    world.fails(swap(leave.clone(), 1, other.queue), &[worker], EscrowError::WrongMarket);
    world.ok(&[leave], &[worker]);
}

#[test]
fn a_provider_waits_in_the_account_of_its_index() {
    let story = Story::new();
    let terms = Terms { max_queue_entries: 2, ..usual_terms() };
    let market = story.token_market(terms).with_queue(&story.world, 4);
    let [worker, _] = story.workers.each_ref().map(|worker| &worker.key);
    story.world.ok(&[market.join_instruction(worker.pubkey(), 0)], &[worker]);
    story.world.ok(&[market.leave_instruction(worker.pubkey(), 0)], &[worker]);
    let first = market.waiting_provider(worker.pubkey(), 0);
    let with_second = swap(market.join_instruction(worker.pubkey(), 1), 4, first);
    assert_eq!(story.world.out_of_range(with_second, &[worker]), "index");
}

#[test]
fn a_job_whose_queue_is_gone_is_given_back() {
    let story = Story::new();
    let (world, market) = (&story.world, story.token_market(usual_terms()).with_queue(&story.world, 3));
    let job = queued(&story, &market);
    world.pass(3_601);
    let close = market.close_queue_instruction(world, &story.network);
    world.ok(&[market.sweep_instruction(1, &[]), close], &[&story.network.authority]);
    let cancel = || market.cancel_instruction(&job, job.client);
    let elsewhere = swap(cancel(), 7, story.someone.pubkey());
    world.fails(elsewhere, &[&story.client], EscrowError::WrongAddress);
    world.fails(read_only(swap(cancel(), 7, ID), 7), &[&story.client], EscrowError::QueueRequired);
    world.ok(&[cancel()], &[&story.client]);
    story.check(&[job]);
}

#[test]
fn the_books_count_who_waits_in_a_queue() {
    let story = Story::new();
    let market = story.token_market(usual_terms()).with_queue(&story.world, 4);
    let jobs = [queued(&story, &market), queued(&story, &market)];
    story.world.ok(&[market.cancel_instruction(&jobs[0], story.client.pubkey())], &[&story.client]);
    let account = story.world.account(market.queue).expect("the queue is there");
    let broken = |at: usize| {
        let mut account = account.clone();
        account.data[at] ^= 1;
        books::check_all(&[(market.queue, account)].into(), &[])
    };
    let problem = "a queue counts others than wait in it";
    assert!(broken(std::mem::offset_of!(Queue, waiting)).is_err_and(|error| error.contains(problem)));
    // The entry that is left is blanked.
    let entry = std::mem::size_of::<Queue>() + queue(&story, &market).head as usize * 48;
    let mut account = account.clone();
    account.data[entry..entry + 40].fill(0);
    let blanked = books::check_all(&[(market.queue, account)].into(), &[]);
    assert!(blanked.is_err_and(|error| error.contains(problem)));
    assert_eq!(broken(std::mem::offset_of!(Queue, payer)), Ok(()));
}

/// Neither who paid for the market, for more slots, or for the provider, nor the provider.
#[test]
fn who_pays_for_a_queue_and_who_pays_to_wait_there_get_their_rent_back() {
    let mut story = Story::new();
    let [payer, other]: [Keypair; 2] = std::array::from_fn(|_| story.world.user());
    let (world, market, worker) = (&story.world, story.token_market(usual_terms()), &story.workers[0].key);
    let create = swap_named(market.create_queue_instruction(world), "payer", payer.pubkey());
    world.ok(&[create, market.grow_queue_instruction(world, 3)], &[&payer]);
    assert_eq!(queue(&story, &market).payer, payer.pubkey());
    let join = swap_named(market.join_instruction(worker.pubkey(), 0), "payer", other.pubkey());
    world.ok(&[join], &[&other, worker]);
    let address = market.waiting_provider(worker.pubkey(), 0);
    let waiting: WaitingProvider = world.read(address);
    assert_eq!((waiting.provider, waiting.payer), (worker.pubkey(), other.pubkey()));

    world.ok(&[market.leave_instruction(worker.pubkey(), 0)], &[worker]);
    let close = market.close_waiting_provider_instruction(worker.pubkey(), 0);
    world.closes(swap_named(close, "rent_receiver", other.pubkey()), &[worker], address, other.pubkey());
    let close = market.close_queue_instruction(world, &story.network);
    let authority = &story.network.authority;
    world.closes(swap_named(close, "rent_receiver", payer.pubkey()), &[authority], market.queue, payer.pubkey());
}

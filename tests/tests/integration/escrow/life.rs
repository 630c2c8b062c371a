//! A job's life.

use super::*;

fn whole_life(story: &Story, market: &Market) {
    let world = &story.world;
    let job = story.posted(market);
    let state = story.job(&job);
    assert_eq!((state.state, state.deposited, state.held), (job_state::POSTED, Amount(COST), Amount(COST)));
    story.check(&[job]);
    world.pass(100);
    story.start(market, &job);
    world.pass(1_000);
    let receipt = world.ok(&[market.settle_instruction(&job)], &[]);
    assert_eq!(receipt.event::<event::JobSettled>(ID).paid, Amount(1_000 * PRICE));
    story.check(&[job]);
    world.pass(800);
    let finish = market.finish_instruction(&job, job.provider, RESULT);
    let receipt = world.ok(&[finish], &[story.key(&job)]);
    let ended: event::JobEnded = receipt.event(ID);
    assert_eq!((ended.paid, ended.refunded, ended.held), (Amount(COST / 2), Amount(COST / 2), Amount(0)));
    assert_eq!((ended.state, ended.outcome), (job_state::FINISHED, outcome::DELIVERED));
    story.check(&[job]);
}

#[test]
fn a_metered_job_is_paid_in_credits() {
    let story = Story::new();
    whole_life(&story, &story.credit_market(usual_terms()));
}

#[test]
fn a_metered_job_is_paid_in_tokens() {
    let story = Story::new();
    whole_life(&story, &story.token_market(usual_terms()));
}

#[path = "../../../../programs/escrow/interface/examples/client.rs"]
mod example;

/// The page for programs shows this example.
#[test]
fn a_client_of_a_token_market_sends_what_the_example_of_the_interface_builds() {
    let story = Story::new();
    let (world, client, worker) = (&story.world, &story.client, &story.workers[0]);
    let user = example::Client { address: client.pubkey(), network: story.network.address, mint: story.mint.address };
    assert_eq!((user.deposit(), user.vault()), (story.deposit.address, story.deposit.vault));
    world.ok(&[user.fill(client.pubkey(), story.wallet, Amount(TOKEN))], &[client]);
    let market = story.token_market(accepted(story.someone.pubkey(), usual_terms()));
    let (good, bad) = (story.running(&market), story.running(&market));
    world.ok(&[user.extend(good.address, Seconds(60))], &[client]);
    world.pass(1_800);
    for job in [&good, &bad] {
        world.ok(&[market.deliver_instruction(job, RESULT)], &[&worker.key]);
    }
    let before = world.tokens(worker.wallet);
    world.ok(&[user.accept(good.address, worker.wallet)], &[client]);
    assert_eq!(world.tokens(worker.wallet) - before, TOKEN);
    world.ok(&[user.reject(bad.address, [9; 32])], &[client]);
    assert_eq!((story.job(&good).state, story.job(&bad).state), (job_state::FINISHED, job_state::REJECTED));
    let free = story.deposit_state().free;
    world.ok(&[user.withdraw(story.wallet, free)], &[client]);
    assert_eq!(story.deposit_state().free, Amount(0));
}

/// Neither its client nor its provider, nor one for the other.
#[test]
fn who_pays_for_a_job_and_who_pays_for_its_bond_get_their_rent_back() {
    let mut story = Story::new();
    let payer = story.world.user();
    let market = story.token_market(Terms { bond_amount: Tokens(BOND), ..usual_terms() });
    let (world, job) = (&story.world, story.posted(&market));
    let start = swap_named(market.start_instruction(world, &job), "payer", payer.pubkey());
    world.ok(&[start], &[&payer, story.key(&job)]);
    let state = story.job(&job);
    assert_eq!((state.client, state.provider, state.payer), (job.client, job.provider, story.payer.pubkey()));
    assert_eq!(world.read::<Bond>(job.bond).payer, payer.pubkey());
    world.pass(HOUR as u64);
    world.ok(&[market.finish_instruction(&job, job.provider, RESULT)], &[story.key(&job)]);
    let settle = market.settle_bond_instruction(&job, story.network_wallet);
    world.closes(swap_named(settle, "bond_payer", payer.pubkey()), &[], job.bond, payer.pubkey());
    let close = market.close_job_instruction(world, &job);
    let receiver = story.payer.pubkey();
    world.closes(swap_named(close, "rent_receiver", receiver), &[], job.address, receiver);
}

/// The time to take it, to start it, and for which it runs; the market's price, and what is offered.
#[test]
fn each_of_several_jobs_waits_as_long_as_its_terms_say_and_costs_what_it_offers() {
    let story = Story::new();
    let terms = Terms { wait_window: Seconds(1_000), start_window: Seconds(200), ..usual_terms() };
    let (world, market, price) = (&story.world, story.token_market(terms), PRICE - 1);
    for (kind, window) in [(matching::DIRECT, 200), (matching::AUCTION, 1_000)] {
        let jobs = [(); 3].map(|()| Job { matching: kind, ..story.unposted(&market) });
        world.ok(&[market.post_many_instruction(world, &jobs, 300, price)], &[&story.client]);
        for state in jobs.each_ref().map(|job| story.job(job)) {
            assert_eq!(state.deadline_at, world.now().after(Seconds(window)).unwrap());
            assert_eq!((state.duration, state.price), (Seconds(300), Amount(price)));
            assert_eq!(state.deposited, Amount(price * 300));
        }
        if kind == matching::DIRECT {
            story.start(&market, &jobs[2]);
            let extended: event::JobExtended =
                world.ok(&[market.extend_instruction(&jobs[2], 60)], &[&story.client]).event(ID);
            assert_eq!(extended.added, Amount(price * 60));
        }
    }
}

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

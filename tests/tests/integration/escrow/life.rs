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

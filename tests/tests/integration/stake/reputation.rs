//! Reputation.

use super::*;

#[test]
fn jobs_make_a_reputation_that_fades() {
    let story = Story::with_stake();
    let slashing = &[&story.slashing][..];
    assert_eq!(story.provider().reliability(story.world.now()), Bps(0));
    let receipt = story.world.ok(&[story.report(outcome::DELIVERED)], slashing);
    let event: event::JobReported = receipt.event(ID);
    assert_eq!((event.job, event.outcome, event.reliability), (JOB, outcome::DELIVERED as u64, 2_000));
    for (how, reliability) in
        [(outcome::DELIVERED, 3_333), (outcome::LATE, 3_571), (outcome::FAILED, 3_125), (outcome::DISPUTED, 2_777)]
    {
        story.world.ok(&[story.report(how)], slashing);
        assert_eq!(story.provider().reliability(story.world.now()), Bps(reliability));
    }
    let reputation = story.provider().reputation;
    assert_eq!((reputation.delivered, reputation.late, reputation.failed, reputation.disputed), (2, 1, 1, 1));
    // After a half-life, half of five jobs and of two and a half good ones.
    story.world.pass(90 * DAY);
    assert_eq!(story.provider().reliability(story.world.now()), Bps(1_923));
    story.world.ok(&[story.report(outcome::DELIVERED)], slashing);
    assert_eq!(story.provider().reliability(story.world.now()), Bps(3_000));
    // At the offset that is promised.
    let data = story.world.account(story.provider).unwrap().data;
    assert_eq!(data[472..488], [[3, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0]].concat());
}

#[test]
fn only_reporters_report() {
    let mut story = Story::with_stake();
    let stranger = story.stranger();
    let report = || story.report(outcome::DELIVERED);
    let (world, slashing) = (&story.world, &[&story.slashing][..]);
    world.fails(unsigned(report(), 0), &[], StakeError::MissingSigner);
    world.fails(swap(report(), 0, story.authority.pubkey()), &[&story.authority], StakeError::Unauthorized);
    world.fails(swap(report(), 1, stranger.slasher), slashing, StakeError::WrongPool);
    world.fails(swap(report(), 1, story.pool.address), slashing, StakeError::WrongAccountType);
    world.fails(swap(report(), 2, stranger.provider), slashing, StakeError::WrongPool);
    world.fails(swap(report(), 2, story.pool.address), slashing, StakeError::WrongAccountType);
    world.fails(read_only(report(), 2), slashing, StakeError::NotWritable);
    for unknown in [outcome::NONE, 5, u8::MAX] {
        world.fails(story.report(unknown), slashing, StakeError::InvalidParameter);
    }
    world.ok(&[story.set_slasher(rights::BOND | rights::SLASH, u64::MAX)], &[&story.network.authority]);
    world.fails(report(), slashing, StakeError::MissingRight);
    world.ok(&[story.set_slasher(rights::REPORT, 0)], &[&story.network.authority]);
    let receipt = world.ok(&[report()], slashing);
    assert_eq!(receipt.writable, [story.provider]);
}

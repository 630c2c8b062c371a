//! Reputation.

use super::*;

#[test]
fn jobs_make_a_reputation_that_fades() {
    let story = Story::with_stake();
    let slashing = &[&story.slashing][..];
    assert_eq!(story.provider().reliability(story.world.now()), Bps(0));
    let receipt = story.world.ok(&[story.report(outcome::DELIVERED)], slashing);
    let event: event::JobReported = receipt.event(ID);
    assert_eq!((event.job, event.outcome, event.reliability), (JOB, outcome::DELIVERED as u32, 2_000));
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
fn a_record_costs_what_its_jobs_cost() {
    let story = Story::with_stake();
    let report = |how: u8, weight: u32, times: u32| {
        for _ in 0..times {
            let mut report = story.report(how);
            report.data[34..38].copy_from_slice(&weight.to_le_bytes());
            story.world.ok(&[report], &[&story.slashing]);
        }
        story.provider().reliability(story.world.now()).0
    };
    // Forty jobs that cost nothing are none; nor do forty that cost a thousandth make one.
    assert_eq!(report(outcome::DELIVERED, 0, 40), 0);
    assert!(report(outcome::DELIVERED, WHOLE_JOB / 1_000, 40) < 100);
    let event: event::JobReported = story.world.ok(&[story.report(outcome::FAILED)], &[&story.slashing]).event(ID);
    assert_eq!(event.weight, WHOLE_JOB);
    // Nine times the one failure and the four that everybody is imagined to have: 90 %. 99 times: 99 %.
    assert_eq!(report(outcome::DELIVERED, 9 * WHOLE_JOB, 5), 9_000);
    assert_eq!(report(outcome::DELIVERED, 50 * WHOLE_JOB, 9), 9_900);
    // Penny failures weigh as little.
    assert!(report(outcome::FAILED, WHOLE_JOB / 100, 10) >= 9_880);
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

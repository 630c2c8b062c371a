//! Commission: capped, delayed, a step at a time.

use super::*;

#[test]
fn a_new_commission_waits() {
    let story = Story::with_stake();
    let authority = &[&story.authority][..];
    let receipt = story.world.ok(&[story.set_commission(3_000)], authority);
    let from = story.world.now().after(Seconds(3 * DAY as u32)).unwrap();
    let event: event::CommissionChanged = receipt.event(ID);
    assert_eq!((event.commission, event.effective_at), (3_000, from));
    assert_eq!((story.provider().commission, story.provider().next_commission), (Bps(1_000), Bps(3_000)));
    story.world.pass(3 * DAY - 1);
    story.world.ok(&[story.refresh()], &[]);
    assert_eq!(story.provider().commission, Bps(1_000));
    story.world.pass(1);
    story.world.ok(&[story.refresh()], &[]);
    assert_eq!((story.provider().commission, story.provider().next_commission_at), (Bps(3_000), Timestamp(0)));
}

#[test]
fn steps_count_from_what_is_in_force() {
    let story = Story::with_stake();
    let authority = &[&story.authority][..];
    for commission in [3_001, 10_000] {
        story.world.fails(story.set_commission(commission), authority, StakeError::CommissionStepTooLarge);
    }
    for commission in [10_001, u16::MAX] {
        story.world.fails(story.set_commission(commission), authority, StakeError::CommissionTooHigh);
    }
    story.world.ok(&[story.set_commission(3_000)], authority);
    story.world.fails(story.set_commission(5_000), authority, StakeError::CommissionStepTooLarge);
    story.world.pass(3 * DAY);
    story.world.ok(&[story.set_commission(5_000)], authority);
    // One that waits is replaced, and waits again.
    story.world.pass(2 * DAY);
    story.world.ok(&[story.set_commission(1_000)], authority);
    story.world.pass(2 * DAY);
    story.world.ok(&[story.refresh()], &[]);
    assert_eq!(story.provider().commission, Bps(3_000));
}

#[test]
fn setting_a_commission_checks_its_accounts() {
    let mut story = Story::with_stake();
    let stranger = story.stranger();
    let (world, authority) = (&story.world, &[&story.authority][..]);
    let set = || story.set_commission(2_000);
    world.fails(unsigned(set(), 0), &[], StakeError::MissingSigner);
    world.fails(swap(set(), 0, story.theirs.owner), &[&story.delegator], StakeError::Unauthorized);
    world.fails(swap(set(), 1, stranger.pool.address), authority, StakeError::WrongPool);
    world.fails(swap(set(), 2, stranger.provider), authority, StakeError::WrongPool);
    world.fails(swap(set(), 3, stranger.pool.rewards), authority, StakeError::WrongAddress);
    for index in [2, 3] {
        world.fails(read_only(set(), index), authority, StakeError::NotWritable);
    }
    world.ok(&[set()], authority);
}

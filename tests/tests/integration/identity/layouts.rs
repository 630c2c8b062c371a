//! `identity` is upgraded to a second layout of a node (`tests/second-layout`), which counts proofs in what the first
//! reserves, and rolled back.

use {super::*, std::mem::offset_of};

const PROOFS: usize = offset_of!(Node, reserved);

#[test]
fn machines_in_service_stay_so_through_an_upgrade_to_a_second_layout() {
    let mut story = Story::new();
    if !story.world.can_upgrade(&["joule_identity"]) {
        return;
    }
    let [proved, refreshed, untouched] = ["proved", "refreshed", "untouched"].map(|name| story.mint(name));
    for machine in [&proved, &refreshed, &untouched] {
        story.world.ok(&[story.activate(machine)], &[&story.owner]);
    }
    let world = &story.world;
    let sync = |machine: &Machine| story.tree.sync_instruction(machine, OPERATOR, CLASS);
    let layouts = || [&proved, &refreshed, &untouched].map(|machine| world.layout(machine.node(), PROOFS));
    world.ok(&[sync(&proved)], &[]);
    assert_eq!(layouts(), [(1, 0); 3]);

    world.upgrade("joule_identity");
    world.ok(&[sync(&proved), sync(&proved)], &[]);
    // Anyone turns a node into the second layout.
    world.ok(&[story.refresh(&refreshed)], &[]);
    assert_eq!(layouts(), [(2, 2), (2, 0), (1, 0)]);

    world.roll_back("joule_identity");
    for machine in [&proved, &refreshed] {
        world.fails(sync(machine), &[], IdentityError::WrongAccountType);
        world.fails(story.deactivate_signed(machine), &[&story.owner], IdentityError::WrongAccountType);
    }
    world.ok(&[sync(&untouched)], &[]);
    assert_eq!(layouts(), [(2, 2), (2, 0), (1, 0)]);

    world.upgrade("joule_identity");
    world.ok(&[sync(&proved), sync(&refreshed), sync(&untouched)], &[]);
    assert_eq!(layouts(), [(2, 3), (2, 1), (2, 1)]);
    world.ok(&[story.deactivate_signed(&proved)], &[&story.owner]);
    assert!(world.account(proved.node()).is_none());
}

//! `bme` is upgraded to a second layout of a provider's work (`tests/second-layout`), which counts claims in what the first
//! reserves, and rolled back.

use {super::*, std::mem::offset_of};

/// Where claims are counted. Before the counter is what aligns it.
const CLAIMS: usize = offset_of!(ProviderWork, reserved) + 3;

#[test]
fn work_of_the_first_layout_is_claimed_by_a_build_with_the_second() {
    let mut story = Story::with_epoch();
    if !story.world.can_upgrade(&["joule_bme"]) {
        return;
    }
    let destination = story.world.token_account(story.network.mint, story.provider.pubkey());
    let (world, work) = (&story.world, story.work);
    world.upgrade("joule_bme");
    assert_eq!(world.layout(work, CLAIMS), (1, 0));
    // Anyone turns it into the second layout: who keeps the network sends this anyway.
    world.ok(&[story.accrue(0)], &[]);
    assert_eq!(world.layout(work, CLAIMS), (2, 0));
    let claim = || story.claim(destination);
    world.roll_back("joule_bme");
    world.fails(claim(), &[&story.provider], BmeError::WrongAccountType);
    world.upgrade("joule_bme");
    world.ok(&[claim()], &[&story.provider]);
    assert_eq!(world.layout(work, CLAIMS), (2, 1));
    assert!(world.tokens(destination) > 0);
    world.fails(claim(), &[&story.provider], BmeError::NothingToClaim);
    assert_eq!(world.layout(work, CLAIMS), (2, 1));
}

#[test]
fn a_build_with_the_feature_logs_names_and_the_usual_one_none() {
    let mut story = Story::with_epoch();
    if !story.world.can_upgrade(&["joule_bme"]) {
        return;
    }
    let destination = story.world.token_account(story.network.mint, story.provider.pubkey());
    let world = &story.world;
    let logs = |instruction: Instruction| match world.send(&[instruction], &[&story.provider]) {
        Ok(receipt) => receipt.logs,
        Err(failure) => failure.logs,
    };
    let claim = || story.claim(destination);
    let says = |logs: &[String]| -> Vec<String> {
        logs.iter().filter_map(|line| line.strip_prefix("Program log: ").map(str::to_owned)).collect()
    };
    assert_eq!(says(&logs(claim())), [""; 0]);
    // The test build with a second layout has the feature as well.
    world.upgrade("joule_bme");
    assert_eq!(says(&logs(story.accrue(0))), ["Instruction: AccrueWork"]);
    assert_eq!(says(&logs(claim()))[0], "Instruction: ClaimRewards");
    let nothing = BmeError::NothingToClaim;
    let error = format!("Error: NothingToClaim ({}): {nothing}", nothing as u32);
    assert_eq!(says(&logs(claim())), ["Instruction: ClaimRewards".to_owned(), error]);
    let said = says(&logs(Instruction { data: vec![255], ..claim() }));
    assert_eq!(said[0], "Instruction: unknown");
    assert!(said[1].starts_with("Error: UnknownInstruction (1000): "), "{}", said[1]);
}

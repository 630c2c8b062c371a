//! A month of a network in which nobody but a keeper does what anyone may do, and the keeper does nothing that it is not paid for.

use {
    joule_bme_interface::state::Upkeep as UpkeepState,
    joule_escrow_interface::state::{HALT_CLOCK, HaltClock},
    joule_math::Tokens,
    joule_tests::{World, fixture::Month},
};

const DAYS: u64 = Month::DAYS;

#[test]
fn a_keeper_that_only_does_what_pays_keeps_a_network_alive_for_a_month() {
    for create in [Month::new, Month::with_reserve] {
        let mut world = World::new();
        let month = create(&mut world);
        stays_alive(&mut world, month);
    }
}

fn stays_alive(world: &mut World, mut month: Month) {
    for _ in 0..DAYS {
        month.begin_day(world);
        for _ in 0..Month::LOOKS {
            month.look(world);
            // Each epoch is closed when it is over, or at the next look.
            let state = month.state(world);
            assert!(world.now().0 < state.epoch_ends_at.0 + Month::LOOK as i64, "an epoch waits");
            // Nobody else lets the average follow the price.
            let averaged_at = state.average.published_at;
            assert!(world.now().since(averaged_at) <= Month::LOOK, "the average does not follow the price");
        }
        let clock: HaltClock = world.read(HALT_CLOCK);
        assert!(world.now().since(clock.ticked_at) <= Month::LOOK, "the halt clock was not ticked");
    }
    // Every job that is older than two days is closed, with its bond settled and its money where it belongs.
    assert!(month.jobs.len() as u64 <= 2 * Month::JOBS, "{} jobs are left of {}", month.jobs.len(), month.posted);
    assert!(month.state(world).open_epoch >= DAYS - 2);
    // What buyers paid is burned, but for the last day's.
    assert!(world.tokens(month.network.burn_vault(0)) <= Month::SPENT);
    assert!(month.state(world).burned.get() >= ((DAYS - 1) * Month::SPENT) as u128);
    // It was paid for all that it sent: in lamports what jobs' payers advanced, in tokens a share of what the treasury got.
    let (lamports, tokens) = (month.lamports(world), world.tokens(month.wallet));
    let upkeep: UpkeepState = world.read(month.upkeep.address);
    assert_eq!(upkeep.paid, Tokens(tokens));
    let for_jobs = month.times(&Month::FOR_JOBS);
    let for_chores = month.done.values().sum::<u64>() - for_jobs;
    assert_eq!((lamports, tokens), (for_jobs * Month::TIP, for_chores * Month::CHORE));
    // Two to four things of each of five jobs a day, and six chores, some of them four times.
    assert!(for_jobs >= (DAYS - 2) * 14 && for_chores >= DAYS * 6, "{for_jobs} tips of jobs, {for_chores} of chores");
    world.ok(&[month.upkeep.forward_instruction(&month.network)], &[]);
    let upkeep: UpkeepState = world.read(month.upkeep.address);
    let to_treasury = world.tokens(month.upkeep.treasury);
    let got = to_treasury + upkeep.kept.0 + upkeep.paid.0;
    assert!(upkeep.paid.0 <= got / 10, "keepers got {} of {got}", upkeep.paid.0);
}

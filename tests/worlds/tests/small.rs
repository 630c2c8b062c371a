//! The small scope of every world.

use joule_worlds::{Scope, WORLDS};

fn explore(world: &str) {
    let named = WORLDS.iter().find(|named| named.name == world).expect("a world");
    let report = (named.explore)(Scope::Small, (named.depth)(Scope::Small), false)
        .unwrap_or_else(|story| panic!("{world}: {story}"));
    assert!(report.ends > 0 && report.moves[1] > 0, "{world}: {report:?}");
    println!("{world}: {report:?}");
}

#[test]
fn jobs_end_and_pay_what_they_promise() {
    explore("jobs");
}

#[test]
fn panels_end_and_pay_what_they_promise() {
    explore("panels");
}

#[test]
fn games_are_won_by_who_is_right() {
    explore("games");
}

#[test]
fn gangs_pay_each_member_its_own_seconds() {
    explore("gangs");
}

#[test]
fn queues_lose_nobody() {
    explore("queues");
}

#[test]
fn stake_comes_out_less_what_slashes_took() {
    explore("stakes");
}

#[test]
fn work_is_paid_once_and_never_lost() {
    explore("works");
}

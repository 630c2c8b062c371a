//! The code agrees with its references.

use joule_models::{Random, auction, bme, job, math, panel, price, stake};

#[test]
fn arithmetic_agrees_with_big_integers() {
    let mut random = Random::new(0x4A6F_756C_6530);
    (0..300_000).for_each(|_| math::check(&mut random));
}

#[test]
fn prices_are_read_as_they_were_written() {
    let mut random = Random::new(0x4A6F_756C_6532);
    (0..100_000).for_each(|_| price::check(&mut random));
}

/// Episodes of a state machine: how many steps were tried, and taken.
fn episodes(seed: u64, count: u32, steps: u64, episode: fn(&mut Random, u64) -> (u64, u64)) -> (u64, u64) {
    let mut random = Random::new(seed);
    let add = |(tried, taken), (more, done)| (tried + more, taken + done);
    (0..count).map(|_| episode(&mut random, steps)).fold((0, 0), add)
}

/// In many short ones, because the reference's fractions grow with every step.
#[test]
fn a_hundred_thousand_actions_of_stake_agree_with_exact_arithmetic() {
    let (tried, taken) = episodes(0x4A6F_756C_6531, 8_000, 13, stake::episode);
    assert!(tried >= 100_000 && taken >= 30_000, "{taken} of {tried}");
}

#[test]
fn forty_thousand_sales_are_paid_the_area_below_a_line() {
    let (tried, taken) = episodes(0x4A6F_756C_6537, 2_000, 20, auction::episode);
    assert!(tried == 40_000 && taken >= 4_000, "{taken} of {tried}");
}

#[test]
fn four_hundred_thousand_steps_of_bme_are_as_sums_say() {
    let (tried, taken) = episodes(0x4A6F_756C_6533, 2_000, 200, bme::episode);
    assert!(tried == 400_000 && taken >= 200_000, "{taken} of {tried}");
}

#[test]
fn forty_thousand_jobs_cost_what_their_seconds_do() {
    let (tried, taken) = episodes(0x4A6F_756C_6534, 40_000, 24, job::episode);
    assert!(taken >= tried / 5, "{taken} of {tried}");
}

#[test]
fn six_thousand_panels_believe_the_majority() {
    let (tried, taken) = episodes(0x4A6F_756C_6535, 6_000, 160, panel::episode);
    assert!(taken >= tried / 5, "{taken} of {tried}");
}

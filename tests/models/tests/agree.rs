//! The code agrees with its references.

use joule_models::{Random, bme, job, math, panel, price, stake};

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

/// In episodes, because the reference's fractions grow with every step.
#[test]
fn a_hundred_thousand_actions_of_stake_agree_with_exact_arithmetic() {
    let mut random = Random::new(0x4A6F_756C_6531);
    let (mut tried, mut taken) = (0, 0);
    for _ in 0..8_000 {
        let episode = stake::episode(&mut random, 13);
        (tried, taken) = (tried + episode.0, taken + episode.1);
    }
    assert!(tried >= 100_000 && taken >= 30_000, "{taken} of {tried}");
}

#[test]
fn four_hundred_thousand_steps_of_bme_are_as_sums_say() {
    let mut random = Random::new(0x4A6F_756C_6533);
    let (mut tried, mut taken) = (0, 0);
    for _ in 0..2_000 {
        let episode = bme::episode(&mut random, 200);
        (tried, taken) = (tried + episode.0, taken + episode.1);
    }
    assert!(tried == 400_000 && taken >= 200_000, "{taken} of {tried}");
}

#[test]
fn forty_thousand_jobs_cost_what_their_seconds_do() {
    let mut random = Random::new(0x4A6F_756C_6534);
    let (mut tried, mut taken) = (0, 0);
    for _ in 0..40_000 {
        let episode = job::episode(&mut random, 24);
        (tried, taken) = (tried + episode.0, taken + episode.1);
    }
    assert!(taken >= tried / 5, "{taken} of {tried}");
}

#[test]
fn six_thousand_panels_believe_the_most() {
    let mut random = Random::new(0x4A6F_756C_6535);
    let (mut tried, mut taken) = (0, 0);
    for _ in 0..6_000 {
        let episode = panel::episode(&mut random, 160);
        (tried, taken) = (tried + episode.0, taken + episode.1);
    }
    assert!(taken >= tried / 5, "{taken} of {tried}");
}

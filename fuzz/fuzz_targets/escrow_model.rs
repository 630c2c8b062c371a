//! The state machines of `escrow`, jobs and panels, against seconds that are counted and lists of votes.
#![no_main]

use {
    joule_models::{Random, job, panel},
    libfuzzer_sys::fuzz_target,
};

fuzz_target!(|data: &[u8]| {
    let mut random = Random::bytes(data);
    match random.below(2) {
        0 => job::episode(&mut random, 40),
        _ => panel::episode(&mut random, 160),
    };
});

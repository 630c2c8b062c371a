//! The state machine of `stake` against exact fractions.
#![no_main]

use {joule_models::Random, libfuzzer_sys::fuzz_target};

fuzz_target!(|data: &[u8]| {
    joule_models::stake::episode(&mut Random::bytes(data), 24);
});

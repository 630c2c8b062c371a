//! The state machine of `bme` against sums and sets.
#![no_main]

use {joule_models::Random, libfuzzer_sys::fuzz_target};

fuzz_target!(|data: &[u8]| {
    joule_models::bme::episode(&mut Random::bytes(data), 400);
});

//! The money arithmetic against big integers.
#![no_main]

use {joule_models::Random, libfuzzer_sys::fuzz_target};

fuzz_target!(|data: &[u8]| joule_models::math::check(&mut Random::bytes(data)));

//! The price parser against a reader of its own.
#![no_main]

use {joule_models::Random, libfuzzer_sys::fuzz_target};

fuzz_target!(|data: &[u8]| joule_models::price::check(&mut Random::bytes(data)));

//! `escrow`: many actors on the ELFs, every invariant after each action.
#![no_main]

use {
    joule_fuzz::coverage,
    joule_tests::actors::{escrow::Jobs, play},
    libfuzzer_sys::fuzz_target,
};

fuzz_target!(init: coverage::count(), |data: &[u8]| play::<Jobs>(data, 200));

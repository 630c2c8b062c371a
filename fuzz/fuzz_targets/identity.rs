//! `identity`: many actors on the ELFs, every invariant after each action.
#![no_main]

use {
    joule_fuzz::coverage,
    joule_tests::actors::{identity::Machines, play},
    libfuzzer_sys::fuzz_target,
};

fuzz_target!(init: coverage::count(), |data: &[u8]| play::<Machines>(data, 100));

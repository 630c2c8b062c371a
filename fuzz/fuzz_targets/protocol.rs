//! All four programs: many actors on the ELFs, every invariant after each action.
#![no_main]

use {
    joule_fuzz::coverage,
    joule_tests::actors::{play, protocol::Protocol},
    libfuzzer_sys::fuzz_target,
};

fuzz_target!(init: coverage::count(), |data: &[u8]| play::<Protocol>(data, 200));

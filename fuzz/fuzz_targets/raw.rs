//! Every instruction's raw bytes and hostile accounts, on the ELFs.
#![no_main]

use {
    joule_fuzz::{coverage, raw::Raw},
    joule_tests::tracked_world::Random,
    libfuzzer_sys::fuzz_target,
    std::cell::RefCell,
};

thread_local! {
    static RAW: RefCell<Raw> = RefCell::new(Raw::new());
}

fuzz_target!(init: coverage::count(), |data: &[u8]| RAW.with_borrow_mut(|raw| raw.run(&mut Random::bytes(data))));

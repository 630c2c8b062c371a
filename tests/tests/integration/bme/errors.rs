//! Every error of `bme` has a test that triggers it.

use joule_bme_interface::BmeError;

/// What the tests of this folder say, this file and the random one excepted.
const TESTS: [&str; 16] = [
    include_str!("burning.rs"),
    include_str!("buying.rs"),
    include_str!("closing.rs"),
    include_str!("dollars.rs"),
    include_str!("emission.rs"),
    include_str!("epochs.rs"),
    include_str!("governance.rs"),
    include_str!("lanes.rs"),
    include_str!("machines.rs"),
    include_str!("mod.rs"),
    include_str!("price.rs"),
    include_str!("reserve.rs"),
    include_str!("roots.rs"),
    include_str!("setup.rs"),
    include_str!("spending.rs"),
    include_str!("upkeep.rs"),
];

/// What every program of Joule can report and `bme` cannot be made to, with the reason.
const UNREACHABLE: [(&str, &str); 2] = [
    ("CallFailed", "the runtime ends the transaction when an inner call fails"),
    ("NotRentExempt", "it begins no account that was made before"),
];

#[test]
fn every_error_is_triggered_by_a_test() {
    for error in BmeError::ALL {
        let name = format!("BmeError::{}", error.name);
        let expected = TESTS.iter().any(|test| {
            test.match_indices(&name).any(|(at, _)| {
                // The whole name, and not of a similar one.
                !test[at + name.len()..].starts_with(|c: char| c.is_alphanumeric())
            })
        });
        let unreachable = UNREACHABLE.iter().any(|(name, _)| *name == error.name);
        assert_ne!(expected, unreachable, "{name}");
    }
}

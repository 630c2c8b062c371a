//! Every error of `identity` has a test that triggers it.

use joule_identity_interface::IdentityError;

/// What the tests of this folder say, this file and the random one excepted.
const TESTS: [&str; 8] = [
    include_str!("attesting.rs"),
    include_str!("leaves.rs"),
    include_str!("minting.rs"),
    include_str!("mod.rs"),
    include_str!("revoking.rs"),
    include_str!("schema_2.rs"),
    include_str!("setup.rs"),
    include_str!("syncing.rs"),
];

/// What every program of Joule can report and `identity` cannot be made to, with the reason.
const UNREACHABLE: [(&str, &str); 9] = [
    ("CallFailed", "the runtime ends the transaction when an inner call fails"),
    ("InvalidTokenAccount", "it has no tokens"),
    ("MintNotAllowed", "it has no tokens"),
    ("NotRentExempt", "it begins no account that was made before"),
    ("Overflow", "its counters hold more events than there can be; those of attestors and versions are unit-tested"),
    ("WrongMint", "it has no tokens"),
    ("WrongTokenOwner", "it has no tokens"),
    ("WrongTokenProgram", "it has no tokens"),
    ("ZeroAmount", "fees are checked by NoFees, slashes by stake"),
];

#[test]
fn every_error_is_triggered_by_a_test() {
    for error in IdentityError::ALL {
        let name = format!("IdentityError::{}", error.name);
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

//! Each of the program's own errors is expected by a test.

use super::*;

#[test]
fn every_error_is_triggered_somewhere() {
    let tests = [
        include_str!("bonds.rs"),
        include_str!("closing.rs"),
        include_str!("commission.rs"),
        include_str!("leaving.rs"),
        include_str!("locks.rs"),
        include_str!("migration.rs"),
        include_str!("redelegation.rs"),
        include_str!("reputation.rs"),
        include_str!("rewards.rs"),
        include_str!("rules.rs"),
        include_str!("setup.rs"),
        include_str!("slashing.rs"),
        include_str!("staking.rs"),
    ]
    .concat();
    let own = StakeError::ALL.iter().filter(|error| error.code >= 2_100);
    let missing: Vec<_> = own
        .filter(|error| {
            let name = format!("StakeError::{}", error.name);
            // A name that another one starts with does not count for it.
            !tests.match_indices(&name).any(|(at, _)| !tests[at + name.len()..].starts_with(char::is_alphanumeric))
        })
        .map(|error| error.name)
        .collect();
    assert!(missing.is_empty(), "no test expects {missing:?}");
}

//! Each of the program's own errors is expected by a test.

use super::*;

#[test]
fn every_error_is_triggered_somewhere() {
    let tests = [
        include_str!("auction.rs"),
        include_str!("beacons.rs"),
        include_str!("bulk.rs"),
        include_str!("coalition.rs"),
        include_str!("dollars.rs"),
        include_str!("games.rs"),
        include_str!("gangs.rs"),
        include_str!("halts.rs"),
        include_str!("keys.rs"),
        include_str!("lanes.rs"),
        include_str!("mandates.rs"),
        include_str!("money.rs"),
        include_str!("panels.rs"),
        include_str!("proofs.rs"),
        include_str!("queue.rs"),
        include_str!("reservations.rs"),
        include_str!("rules.rs"),
        include_str!("service.rs"),
        include_str!("tips.rs"),
        include_str!("usage.rs"),
    ]
    .concat();
    // What the golden tables show was triggered as well.
    let tables =
        [include_str!("../../../golden/escrow_checks.md"), include_str!("../../../golden/escrow_states.md")].concat();
    let own = EscrowError::ALL.iter().filter(|error| error.code >= 3_100);
    let missing: Vec<_> = own
        .filter(|error| {
            let name = format!("EscrowError::{}", error.name);
            // A name that another one starts with does not count for it.
            let mut named = tests.match_indices(&name);
            !named.any(|(at, _)| !tests[at + name.len()..].starts_with(char::is_alphanumeric))
                && !tables.contains(&format!("| {} |", error.name))
        })
        .map(|error| error.name)
        .collect();
    assert!(missing.is_empty(), "no test expects {missing:?}");
}

//! Until when enough attestors vouch for a machine: reckoned when their word changes, so that who reads a node compares
//! one time with another.

use {
    crate::Result,
    joule_common::guard::require,
    joule_identity_interface::{
        IdentityError,
        state::{Attestation, MAX_ATTESTATIONS, Node, Registry},
    },
    joule_math::Timestamp,
};

/// Nobody has to vouch: for ever.
pub const ALWAYS: Timestamp = Timestamp(i64::MAX);
/// Nobody does: not even at the beginning of time.
pub const NEVER: Timestamp = Timestamp(i64::MIN);

/// The time before which attestations that weigh `threshold` last: the latest expiry such that those that last as long or
/// longer weigh enough.
pub fn until(attestations: &[Attestation; MAX_ATTESTATIONS], threshold: u32) -> Timestamp {
    if threshold == 0 {
        return ALWAYS;
    }
    let mut until = NEVER;
    for candidate in attestations {
        // One that would not move it need not be weighed.
        if candidate.weight == 0 || candidate.expires_at <= until {
            continue;
        }
        let lasting = attestations.iter().filter(|other| other.expires_at >= candidate.expires_at);
        let weight: u64 = lasting.map(|other| other.weight as u64).sum();
        if weight >= threshold as u64 {
            until = candidate.expires_at;
        }
    }
    until
}

/// Adds an attestor's word, in a place of none or of one that has ended.
pub fn add(node: &mut Node, word: Attestation, now: Timestamp) -> Result<()> {
    require(live(node, word.attestor, now).is_none(), IdentityError::AlreadyAttested)?;
    let place = node.attestations.iter().position(|old| old.attestor == 0 || old.expires_at <= now);
    node.attestations[place.ok_or(IdentityError::AttestationsFull)?] = word;
    Ok(())
}

/// Ends an attestor's word.
pub fn end(node: &mut Node, attestor: u32, now: Timestamp) -> Result<()> {
    let place = live(node, attestor, now).ok_or(IdentityError::NoAttestation)?;
    node.attestations[place] = Attestation::default();
    Ok(())
}

/// Weighs what lasts as the registry's attestors count now.
pub fn weigh(node: &mut Node, registry: &Registry, now: Timestamp) {
    for word in node.attestations.iter_mut().filter(|word| word.expires_at > now) {
        let attestor = registry.attestor(word.attestor).filter(|attestor| attestor.bonded == 1);
        word.weight = attestor.map_or(0, |attestor| attestor.weight as u32);
    }
}

/// The machine is another to those who vouched for it.
pub fn renew(node: &mut Node, threshold: u32) -> Result<()> {
    node.version = node.version.checked_add(1).ok_or(joule_math::Overflow)?;
    node.attestations = [Attestation::default(); MAX_ATTESTATIONS];
    node.class_expires_at = until(&node.attestations, threshold);
    Ok(())
}

/// Where the attestor's word is that has not ended.
fn live(node: &Node, attestor: u32, now: Timestamp) -> Option<usize> {
    node.attestations.iter().position(|word| attestor != 0 && word.attestor == attestor && word.expires_at > now)
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        joule_identity_interface::state::Attestor,
        proptest::{array::uniform8, collection::vec, prelude::*},
    };

    fn attestations() -> impl Strategy<Value = [Attestation; MAX_ATTESTATIONS]> {
        uniform8((0..20i64, 0..5u32)).prop_map(|all| {
            all.map(|(expires, weight)| Attestation {
                expires_at: Timestamp(expires),
                weight,
                ..Attestation::default()
            })
        })
    }

    /// What is done to a node and its registry.
    #[derive(Clone, Debug)]
    enum Step {
        Attest(usize, i64),
        End(usize),
        Unbond(usize),
        Remove(usize),
        Refresh,
        Pass(i64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            6 => (0..10usize, 1..9i64).prop_map(|(who, lasts)| Step::Attest(who, lasts)),
            3 => (0..10usize).prop_map(Step::End),
            1 => (0..10usize).prop_map(Step::Unbond),
            1 => (0..10usize).prop_map(Step::Remove),
            2 => Just(Step::Refresh),
            3 => (1..5i64).prop_map(Step::Pass),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn a_class_is_met_exactly_while_enough_attestors_vouch(all in attestations(), threshold in 0..24u32) {
            let until = until(&all, threshold);
            for now in -1..=21 {
                let weight: u32 = all.iter().filter(|word| now < word.expires_at.0).map(|word| word.weight).sum();
                prop_assert_eq!(Timestamp(now) < until, weight >= threshold, "at {}", now);
            }
        }

        /// Against a list of who said what until when.
        #[test]
        fn each_attestor_is_counted_once(steps in vec(step(), 1..60), threshold in 1..12u32) {
            let mut registry = Registry::default();
            for (index, place) in registry.attestors.iter_mut().take(10).enumerate() {
                *place = Attestor { id: index as u32 + 1, weight: index as u16 % 4 + 1, bonded: 1, ..Attestor::default() };
            }
            let mut node = Node { version: 1, ..Node::default() };
            // Who, until when, and what it counted when it was last looked at.
            let mut words: Vec<(u32, i64, u32)> = vec![];
            let mut now = 100;
            for step in steps {
                let at = Timestamp(now);
                match step {
                    Step::Attest(who, lasts) => {
                        let attestor = registry.attestors[who];
                        if attestor.id == 0 {
                            continue;
                        }
                        let (id, expires, weight) = (attestor.id, now + lasts, attestor.weight as u32);
                        let word = Attestation { attestor: id, expires_at: Timestamp(expires), weight, ..Attestation::default() };
                        let said = add(&mut node, word, at);
                        let twice = words.iter().any(|word| word.0 == id && word.1 > now);
                        let full = words.iter().filter(|word| word.1 > now).count() == MAX_ATTESTATIONS;
                        let expected = if twice {
                            Err(IdentityError::AlreadyAttested)
                        } else if full {
                            Err(IdentityError::AttestationsFull)
                        } else {
                            words.push((id, expires, weight));
                            Ok(())
                        };
                        prop_assert_eq!(said, expected);
                    }
                    Step::End(who) => {
                        let id = who as u32 + 1;
                        let live = words.iter().any(|word| word.0 == id && word.1 > now);
                        prop_assert_eq!(end(&mut node, id, at).is_ok(), live);
                        words.retain(|word| word.0 != id || word.1 <= now);
                    }
                    Step::Unbond(who) => registry.attestors[who].bonded ^= 1,
                    Step::Remove(who) => registry.attestors[who] = Attestor::default(),
                    Step::Refresh => {
                        weigh(&mut node, &registry, at);
                        for word in words.iter_mut().filter(|word| word.1 > now) {
                            let attestor = registry.attestor(word.0).filter(|attestor| attestor.bonded == 1);
                            word.2 = attestor.map_or(0, |attestor| attestor.weight as u32);
                        }
                    }
                    Step::Pass(seconds) => now += seconds,
                }
                let weight: u32 = words.iter().filter(|word| word.1 > now).map(|word| word.2).sum();
                prop_assert_eq!(Timestamp(now) < until(&node.attestations, threshold), weight >= threshold);
            }
        }
    }

    #[test]
    fn a_new_version_starts_from_nothing() {
        let mut node = Node { version: 1, class_expires_at: ALWAYS, ..Node::default() };
        node.attestations[3] = Attestation { attestor: 1, weight: 9, expires_at: ALWAYS, ..Attestation::default() };
        renew(&mut node, 1).unwrap();
        assert_eq!((node.version, node.class_expires_at), (2, NEVER));
        assert_eq!(node.attestations, [Attestation::default(); MAX_ATTESTATIONS]);
        renew(&mut node, 0).unwrap();
        assert_eq!(node.class_expires_at, ALWAYS);
        node.version = u32::MAX;
        assert_eq!(renew(&mut node, 0), Err(IdentityError::Overflow));
    }
}

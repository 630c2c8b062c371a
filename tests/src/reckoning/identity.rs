//! `identity`: what of a registry, a machine, its claim and what was said of it changes, by whom, and to what.

use {
    super::{NEVER, Transition, Verdict, hold, later, whole::equal},
    crate::books::read,
    joule_bme_interface::state::Network,
    joule_identity_interface::state::{status::*, *},
    joule_interface::Address,
    joule_math::Timestamp,
    joule_stake_interface::state as stake,
};

const NOBODY: Address = Address::new_from_array([0; 32]);
/// Until when a class stands that needs nobody's word; and one for which not enough vouch.
const ALWAYS: Timestamp = Timestamp(i64::MAX);
const NOT: Timestamp = Timestamp(i64::MIN);

impl Transition<'_> {
    fn governs(&self, network: &Address) -> bool {
        self.find::<Network>(network).is_none_or(|network| self.signers.contains(&network.authority))
    }

    fn guards(&self, network: &Address) -> bool {
        let guards = |network: &Network| self.signers.contains(&network.policy.guardian);
        self.find::<Network>(network).is_none_or(guards) || self.governs(network)
    }

    fn class_of(&self, registry: &Address, id: u32) -> Option<&Class> {
        let all = self.before.values().chain(self.others.values()).filter_map(read::<Class>);
        { all }.find(|class| class.registry == *registry && class.id == id)
    }

    /// Until when enough vouch for a machine of this class.
    fn stands_until(&self, node: &Node, threshold: u32) -> Timestamp {
        if threshold == 0 {
            return ALWAYS;
        }
        let words = || node.attestations.iter().filter(|word| word.weight != 0);
        let weight = |at: Timestamp| {
            node.attestations.iter().filter(|word| word.expires_at >= at).map(|word| word.weight as u64).sum::<u64>()
        };
        words().map(|word| word.expires_at).filter(|at| weight(*at) >= threshold as u64).max().unwrap_or(NOT)
    }

    // ---- Registries.

    /// A registry counts what it ever had, never anew; its rules wait, and come into force as they were announced.
    pub(super) fn reckon_registry(&self, address: &Address, before: Option<&Registry>, is: &Registry) -> Verdict {
        let now = self.now;
        let Some(was) = before else {
            let (network, policy, payer) = (is.network, is.policy, is.payer);
            return equal(&Registry { network, policy, payer, ..Default::default() }, is);
        };
        let mut e = *was;
        let network = self.find::<Network>(&was.network);
        let in_force = is.next_policy_at == NEVER && was.next_policy_at != NEVER;
        if in_force {
            let executed = is.policy != was.policy || !self.guards(&was.network) || network.is_none();
            if executed {
                let in_time = now >= was.next_policy_at && now < later(was.next_policy_at, POLICY_WINDOW);
                hold(in_time, "rules in force out of their time")?;
                e.policy = was.next_policy;
            }
            (e.next_policy, e.next_policy_at) = (Policy::default(), NEVER);
        } else if (is.next_policy, is.next_policy_at) != (was.next_policy, was.next_policy_at) {
            hold(self.governs(&was.network), "rules that the authority did not propose")?;
            let from = network.map_or(is.next_policy_at, |network| later(now, network.policy.change_delay));
            (e.next_policy, e.next_policy_at) = (is.next_policy, from);
        }
        // Classes and trees.
        if is.class_count != was.class_count {
            hold(is.last_class_id > was.last_class_id, "a number that two classes have")?;
            let class = self.class_after(address, is.last_class_id).ok_or("a class that is not there")?;
            let sha256 = |parts: &[&[u8]]| solana_program::hash::hashv(parts).to_bytes();
            let (id, threshold, description) = (class.id, class.threshold, &class.description);
            e.classes_hash =
                joule_identity_interface::class_hash(sha256, &was.classes_hash, id, threshold, description);
            (e.class_count, e.open_class_count) = (was.class_count + 1, was.open_class_count + 1);
            e.last_class_id = is.last_class_id;
        }
        e.open_class_count -= self.gone::<Class>().filter(|(_, class)| class.registry == *address).count() as u32;
        if is.tree_count != was.tree_count {
            (e.tree_count, e.open_tree_count) = (was.tree_count + 1, was.open_tree_count + 1);
        }
        e.open_tree_count -= self.gone::<Tree>().filter(|(_, tree)| tree.registry == *address).count() as u32;
        // Attestors.
        for (place, (old, new)) in was.attestors.iter().zip(&is.attestors).enumerate() {
            if old == new {
                continue;
            }
            let mut to = *old;
            if old.id == 0 {
                hold(self.governs(&was.network), "an attestor that the authority did not add")?;
                let first = was.attestors.iter().position(|one| one.id == 0);
                hold(first == Some(place), "an attestor at another place than the first free one")?;
                let taken = |one: &Attestor| {
                    one.authority == new.authority || one.provider == new.provider && new.provider != NOBODY
                };
                hold(!was.attestors.iter().any(taken), "an attestor twice")?;
                e.attestor_count += 1;
                to = Attestor { id: e.attestor_count, bonded: 1, reserved: 0, ..*new };
                let provider = if was.policy.attestor_bond.0 == 0 { NOBODY } else { new.provider };
                to.provider = provider;
                hold(new.weight != 0, "an attestor whose word counts nothing")?;
                hold(self.is_bonded(&was.policy, new), "an attestor without its bond")?;
            } else if new.id == 0 {
                hold(self.governs(&was.network), "an attestor that the authority did not remove")?;
                to = Attestor::default();
            } else {
                to.bonded = self.is_bonded(&was.policy, old) as u8;
            }
            e.attestors[place] = to;
        }
        equal(&e, is)
    }

    /// Its own stake is there, and stands, with a provider of the pool that is not punished.
    fn is_bonded(&self, policy: &Policy, attestor: &Attestor) -> bool {
        if policy.attestor_bond.0 == 0 {
            return true;
        }
        let Some(provider) = self.find::<stake::Provider>(&attestor.provider) else { return false };
        let waits = |tokens: u64, until: Timestamp| if self.now < until { tokens } else { 0 };
        let own = provider.own.0 + provider.bonded.0;
        let young = waits(provider.fresh.0, provider.fresh_ends_at) + waits(provider.newer.0, provider.newer_ends_at);
        let stands = own >= provider.lien.0 + young + policy.attestor_bond.0;
        provider.pool == policy.pool && provider.status == stake::status::ACTIVE && stands
    }

    fn class_after(&self, registry: &Address, id: u32) -> Option<&Class> {
        let mut classes = self.there::<Class>().map(|(_, class)| class);
        classes.find(|class| class.registry == *registry && class.id == id)
    }

    /// A class never changes, but that it is retired, once.
    pub(super) fn reckon_class(&self, _: &Address, before: Option<&Class>, is: &Class) -> Verdict {
        let Some(was) = before else {
            let (registry, description, payer) = (is.registry, is.description, is.payer);
            let (id, threshold) = (is.id, is.threshold);
            return equal(&Class { registry, description, payer, id, threshold, ..Default::default() }, is);
        };
        let mut e = *was;
        if is.retired != was.retired {
            (e.retired, e.retired_at) = (1, self.now);
        }
        equal(&e, is)
    }

    /// A class is closed long after it was retired.
    pub(super) fn class_ends(&self, was: &Class) -> Verdict {
        let due = was.retired == 1 && self.now >= later(was.retired_at, CLASS_CLOSING_DELAY);
        hold(due, "a class was closed before its time")
    }

    /// A tree counts what was minted into it.
    pub(super) fn reckon_tree(&self, _: &Address, before: Option<&Tree>, is: &Tree) -> Verdict {
        let Some(was) = before else {
            let registry = self.was::<Registry>(&is.registry);
            let number = registry.map_or(is.index, |registry| registry.tree_count);
            hold(is.index == number, "a tree of another number than the next")?;
            let network = registry.map_or(is.network, |registry| registry.network);
            let fresh = is.minted_count == 0 && is.network == network;
            return hold(fresh && is.capacity == 1 << is.depth, "a tree that begins otherwise");
        };
        let mut e = *was;
        if is.minted_count != was.minted_count {
            e.minted_count += 1;
            hold(is.minted_count <= was.capacity, "more leaves than fit")?;
            if let Some(registry) = self.find::<Registry>(&was.registry) {
                let paused = self.find::<Network>(&registry.network).is_some_and(|network| network.paused != 0);
                hold(!paused, "minted while the network is paused")?;
            }
        }
        equal(&e, is)
    }

    // ---- Machines.

    /// What the owner states, what was proved, what attestors vouch for, and what the network decided change apart from each other.
    pub(super) fn reckon_node(&self, _: &Address, before: Option<&Node>, is: &Node) -> Verdict {
        let now = self.now;
        let Some(was) = before else {
            let class = self.class_of(&is.registry, is.class);
            let mut e = *is;
            (e.status, e.synced_at, e.version) = (ACTIVE, now, 1);
            (e.suspension_ends_at, e.guardian_suspends_at, e.site) = (NEVER, NEVER, [0; 32]);
            e.attestations = Default::default();
            if let Some(class) = class {
                e.class_expires_at = if class.threshold == 0 { ALWAYS } else { NOT };
                hold(class.retired == 0, "a machine of a class that is retired")?;
            }
            let paused = self.find::<Network>(&is.network).is_some_and(|network| network.paused != 0);
            hold(!paused, "put into service while the network is paused")?;
            return equal(&e, is);
        };
        let mut e = *was;
        let class = self.class_of(&is.registry, is.class);
        let owner = self.signers.contains(&was.owner);
        let states = (is.specification, is.class, is.site) != (was.specification, was.class, was.site);
        let handed_over = is.owner != was.owner;
        if handed_over {
            hold(self.signers.contains(&is.owner), "a machine was taken over by one who did not sign")?;
            (e.owner, e.operator) = (is.owner, is.operator);
        } else if states || is.version != was.version {
            hold(owner, "a machine became another without its owner")?;
            hold(was.status & (SUSPENDED | REVOKED) == 0, "a blocked machine became another")?;
            let retired = class.is_some_and(|class| class.retired == 1);
            hold(is.class == was.class || !retired, "a machine entered a class that is retired")?;
            (e.specification, e.class, e.site) = (is.specification, is.class, is.site);
        } else if is.operator != was.operator {
            hold(owner, "an operator that the owner did not name")?;
            e.operator = is.operator;
        }
        let renews = handed_over || states || is.version != was.version;
        if renews {
            e.version += 1;
            e.attestations = Default::default();
        }
        // What was proved: that its leaf is its owner's, or is not.
        let decided = |node: &Node| node.status & (SUSPENDED | REVOKED);
        let lost = (was.status & LOST, is.status & LOST);
        if lost == (0, LOST) {
            e.synced_at = now;
        } else if is.synced_at != was.synced_at || handed_over || lost == (LOST, 0) {
            e.synced_at = now;
            hold(is.status & LOST == 0, "a machine was proved that is lost")?;
        }
        // What the network decided.
        if decided(is) & SUSPENDED != 0
            && (decided(was) & SUSPENDED == 0 || is.suspension_ends_at != was.suspension_ends_at)
        {
            let authority = self.find::<Network>(&was.network).is_some_and(|one| self.signers.contains(&one.authority));
            let guardian = decided(was) == 0 && now >= was.guardian_suspends_at && self.guards(&was.network);
            hold(authority || guardian, "a machine was suspended by one who may not now")?;
            e.suspension_ends_at = later(now, SUSPENSION_PERIOD);
        } else if decided(was) & SUSPENDED != 0 && decided(is) & SUSPENDED == 0 {
            (e.suspension_ends_at, e.guardian_suspends_at) = (NEVER, later(now, SUSPENSION_PERIOD));
        }
        let rest = decided(is) | is.status & LOST;
        e.status = if rest == 0 { ACTIVE } else { rest };
        // What attestors say.
        if !renews {
            self.words(was, is, &mut e)?;
        }
        let changed = e.attestations != was.attestations;
        if let Some(class) = class {
            let stands = self.stands_until(&e, class.threshold);
            let is_known = renews || changed || is.class_expires_at != was.class_expires_at;
            e.class_expires_at = if is_known { stands } else { was.class_expires_at };
        } else if !self.is_class_known(is) {
            // Of a class that is closed nothing is enough.
            let known =
                is.class_expires_at == was.class_expires_at || is.class_expires_at == self.stands_until(&e, u32::MAX);
            hold(known, "a machine stands in a class that is closed")?;
            e.class_expires_at = is.class_expires_at;
        }

        equal(&e, is)
    }

    fn is_class_known(&self, node: &Node) -> bool {
        self.class_of(&node.registry, node.class).is_some()
    }

    /// Words are given by attestors, in the first place that is free or over; and end by them or by the network; or are weighed anew.
    fn words(&self, was: &Node, is: &Node, e: &mut Node) -> Verdict {
        let now = self.now;
        let registry = self.find::<Registry>(&was.registry);
        let is_over = |word: &Attestation| word.attestor == 0 || word.expires_at <= now;
        let moved: Vec<usize> =
            (0..MAX_ATTESTATIONS).filter(|place| was.attestations[*place] != is.attestations[*place]).collect();
        let is_weighed = |place: &usize| {
            let (old, new) = (&was.attestations[*place], &is.attestations[*place]);
            Attestation { weight: 0, ..*old } == Attestation { weight: 0, ..*new }
        };
        if moved.iter().all(is_weighed) {
            if moved.is_empty() {
                return Ok(());
            }
            let Some(registry) = registry else { return Ok(()) };
            for word in e.attestations.iter_mut().filter(|word| word.expires_at > now) {
                let attestor = registry.attestor(word.attestor).filter(|one| one.bonded == 1);
                word.weight = attestor.map_or(0, |one| one.weight as u32);
            }
            return Ok(());
        }
        hold(moved.len() == 1, "words of several changed")?;
        let place = moved[0];
        let (old, new) = (&was.attestations[place], &is.attestations[place]);
        if new.attestor == 0 {
            hold(!is_over(old), "a word ended that was over")?;
            let own = registry.and_then(|one| one.attestor(old.attestor)).map(|one| one.authority);
            let may = own.is_some_and(|own| self.signers.contains(&own)) || self.guards(&was.network);
            hold(may, "a word was taken back by another")?;
            e.attestations[place] = Attestation::default();
            return Ok(());
        }
        let first = was.attestations.iter().position(is_over);
        hold(first == Some(place), "a word at another place than the first that is free or over")?;
        let live = was.attestations.iter().any(|word| word.attestor == new.attestor && word.expires_at > now);
        hold(!live, "an attestor vouches twice")?;
        let Some(registry) = registry else { return Ok(()) };
        let attestor = registry.attestor(new.attestor).ok_or("a word of no attestor")?;
        hold(self.is_bonded(&registry.policy, attestor), "a word without the bond behind it")?;
        hold(
            now < new.expires_at && new.expires_at <= later(now, registry.policy.max_attestation_period),
            "a word for too long",
        )?;
        e.attestations[place] = Attestation { weight: attestor.weight as u32, ..*new };
        Ok(())
    }

    fn is_lost_for_long(&self, node: &Node) -> bool {
        node.status & LOST != 0 && self.now >= later(node.synced_at, LOST_DELAY)
    }

    /// A machine is taken out of service by its owner, or once it was lost for a day; never while it is blocked.
    pub(super) fn node_ends(&self, was: &Node) -> Verdict {
        hold(
            self.signers.contains(&was.owner) || self.is_lost_for_long(was),
            "a machine was taken out of service before its time",
        )?;
        hold(was.status & (SUSPENDED | REVOKED) == 0, "a blocked machine was taken out of service")
    }

    // ---- Specifications.

    /// A specification is reserved for an owner or for a machine, for a month; or used.
    pub(super) fn reckon_claim(
        &self,
        _: &Address,
        before: Option<&SpecificationClaim>,
        is: &SpecificationClaim,
    ) -> Verdict {
        let until = later(self.now, RESERVATION_PERIOD);
        let Some(was) = before else {
            let (registry, owner, payer) = (is.registry, is.owner, is.payer);
            let e =
                SpecificationClaim { registry, owner, payer, specification: is.specification, ..Default::default() };
            return equal(&SpecificationClaim { reservation_ends_at: until, ..e }, is);
        };
        let mut e = *was;
        let used = |claim: &SpecificationClaim| claim.reservation_ends_at == NEVER;
        if used(is) && !used(was) {
            let owner = was.owner != NOBODY && self.signers.contains(&was.owner);
            hold(
                was.revoked == 0 && (owner || was.node == is.node),
                "a specification was used by one for whom it is not",
            )?;
            (e.node, e.owner, e.reservation_ends_at) = (is.node, NOBODY, NEVER);
        } else if !used(is) && used(was) {
            let node = self.was::<Node>(&was.node);
            let gone = self.after.get(&was.node).and_then(read::<Node>).is_none();
            let by_owner = node.is_some_and(|node| !self.is_lost_for_long(node));
            hold(node.is_some(), "a specification was reserved without its machine")?;
            (e.owner, e.node) =
                if gone && !by_owner { (NOBODY, was.node) } else { (node.map_or(is.owner, |node| node.owner), NOBODY) };
            e.reservation_ends_at = until;
        } else if used(was) {
            // What was revoked is not used again.
            let node = self.after.get(&was.node).and_then(read::<Node>);
            e.revoked = node.map_or(was.revoked, |node| (node.status & REVOKED != 0) as u8);
        }
        equal(&e, is)
    }

    pub(super) fn reckon_commitment(&self, _: &Address, before: Option<&Commitment>, is: &Commitment) -> Verdict {
        let e = Commitment { payer: is.payer, hash: is.hash, committed_at: self.now, ..Default::default() };
        equal(before.unwrap_or(&e), is)
    }

    /// A commitment is revealed when it is old enough and not too old, or closed when it is too old.
    pub(super) fn commitment_ends(&self, was: &Commitment) -> Verdict {
        let over = later(was.committed_at, COMMITMENT_WINDOW);
        let revealed = self.there::<SpecificationClaim>().any(|(at, claim)| {
            let is_new = self.was::<SpecificationClaim>(at).is_none();
            is_new && claim.reservation_ends_at == later(self.now, RESERVATION_PERIOD)
        });
        let in_time = self.now >= later(was.committed_at, COMMITMENT_DELAY) && self.now < over;
        hold(if revealed { in_time } else { self.now >= over }, "a commitment ended out of its time")
    }

    // ---- What was said.

    /// A statement says what the machine is, and the stake answers to the end.
    fn what_was_said(&self, _: &Address, before: Option<&Statement>, is: &Statement) -> Verdict {
        if let Some(was) = before {
            let is_punished = was.punished == 0 && is.punished == 1;
            return hold(!is_punished || self.now < was.liability_ends_at, "an attestor was punished too late");
        }
        let Some(node) = self.find::<Node>(&is.node) else { return Ok(()) };
        let machine = (node.registry, node.owner, node.specification, node.site, node.class);
        let said = (is.registry, is.owner, is.specification, is.site, is.class);
        hold(machine == said, "a statement is about another machine")?;
        let Some(registry) = self.find::<Registry>(&is.registry) else { return Ok(()) };
        let until = later(is.expires_at, registry.policy.liability_period);
        let attestor = registry.attestors.iter().find(|one| one.id == is.attestor);
        let bond = (is.bond, Some(is.provider)) == (registry.policy.attestor_bond, attestor.map(|one| one.provider));
        hold(is.liability_ends_at == until && bond, "stake answers for another time or amount")
    }

    /// A statement ends when nobody can be punished for it any more.
    pub(super) fn statement_ends(&self, was: &Statement) -> Verdict {
        hold(self.now >= was.liability_ends_at, "a statement is gone while its attestor is liable")
    }

    /// What was said is kept; it is punished once, in its time, by the network.
    pub(super) fn reckon_statement(&self, address: &Address, before: Option<&Statement>, is: &Statement) -> Verdict {
        self.what_was_said(address, before, is)?;
        let Some(was) = before else {
            let node = self.after.get(&is.node).and_then(read::<Node>);
            let said = node.is_none_or(|node| {
                let is_its = |word: &&Attestation| word.attestor == is.attestor && word.expires_at == is.expires_at;
                node.attestations.iter().find(is_its).is_some_and(|word| word.evidence == is.evidence)
            });
            return hold(said && is.punished == 0, "a statement says otherwise than its word");
        };
        let e = Statement { punished: is.punished, ..*was };
        hold(is.punished >= was.punished, "a punishment is forgotten")?;
        equal(&e, is)
    }
}

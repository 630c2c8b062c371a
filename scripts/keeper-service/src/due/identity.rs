//! Machines: attestors, fees, suspensions, and what is over.

use {
    super::{Rules, after, set},
    joule_identity_interface::{ID, instruction::*, pda, state::*},
    joule_interface::Address,
    joule_math::Timestamp,
    joule_stake_interface::state::{Provider, status as provider_status},
};

pub const SENDS: [&str; 9] = [
    "CloseCommitment",
    "CloseStatement",
    "CollectFees",
    "DeactivateNode",
    "ExecutePolicy",
    "RefreshAttestor",
    "RefreshNode",
    "ReinstateNode",
    "ReleaseSpecification",
];

/// Where the runtime says what rent is.
const RENT: Address = Address::from_str_const("SysvarRent111111111111111111111111111111111");

pub fn find(rules: &mut Rules) {
    for (address, registry) in rules.view.each::<Registry>() {
        if rules.serves(&registry.network) {
            of_registry(rules, address, &registry);
        }
    }
    trees(rules);
    for (address, node) in rules.view.each::<Node>() {
        if rules.serves(&node.network) {
            of_node(rules, address, &node);
        }
    }
    for (specification_claim, claim) in rules.view.each::<SpecificationClaim>() {
        let Some(ends_at) = set(claim.reservation_ends_at) else { continue };
        let Some(registry) = rules.view.read::<Registry>(&claim.registry) else { continue };
        if rules.serves(&registry.network) && rules.now() >= ends_at {
            let release = ReleaseSpecification {
                authority: claim.owner,
                specification_claim,
                payer: claim.payer,
                network: ID,
                registry: ID,
            };
            let release = release.instruction(&ReleaseSpecificationArgs {});
            rules.push(("identity", "ReleaseSpecification"), specification_claim, ends_at, release);
        }
    }
    // One says no network: nobody knows what it is for.
    for (commitment, state) in rules.view.each::<Commitment>() {
        let ends_at = after(state.committed_at, COMMITMENT_WINDOW);
        if rules.now() >= ends_at {
            let close = CloseCommitment { commitment, payer: state.payer }.instruction(&CloseCommitmentArgs {});
            rules.push(("identity", "CloseCommitment"), commitment, ends_at, close);
        }
    }
    for (statement, state) in rules.view.each::<Statement>() {
        let Some(registry) = rules.view.read::<Registry>(&state.registry) else { continue };
        if rules.serves(&registry.network) && rules.now() >= state.liability_ends_at {
            let close = CloseStatement { statement, payer: state.payer }.instruction(&CloseStatementArgs {});
            rules.push(("identity", "CloseStatement"), statement, state.liability_ends_at, close);
        }
    }
}

fn of_registry(rules: &mut Rules, address: Address, registry: &Registry) {
    if let Some(at) = set(registry.next_policy_at)
        && (at..after(at, POLICY_WINDOW)).contains(&rules.now())
    {
        let execute = ExecutePolicy { registry: address }.instruction(&ExecutePolicyArgs {});
        rules.push(("identity", "ExecutePolicy"), address, at, execute);
    }
    let policy = &registry.policy;
    for attestor in registry.attestors.iter().filter(|attestor| attestor.id != 0) {
        let bonded = if policy.attestor_bond.is_zero() {
            true
        } else {
            let Some(found) = rules.view.find(&attestor.provider) else { continue };
            let provider = found.and_then(|_| rules.view.read::<Provider>(&attestor.provider));
            provider.is_some_and(|it| {
                it.pool == policy.pool
                    && it.status == provider_status::ACTIVE
                    && it.has_own(policy.attestor_bond, rules.now())
            })
        };
        if attestor.bonded != bonded as u8 {
            let refresh = RefreshAttestor { registry: address, provider: attestor.provider };
            let refresh = refresh.instruction(&RefreshAttestorArgs { attestor: attestor.id });
            rules.push(("identity", "RefreshAttestor"), attestor.authority, rules.now(), refresh);
        }
    }
}

fn trees(rules: &mut Rules) {
    for (tree, state) in rules.view.each::<Tree>() {
        let Some(registry) = rules.view.read::<Registry>(&state.registry) else { continue };
        let receiver = registry.policy.fee_receiver;
        let lamports = rules.view.account(&tree).map_or(0, |account| account.lamports);
        let Some(rent) = rent(rules, size_of::<Tree>()) else { continue };
        let fees = lamports.saturating_sub(rent);
        if rules.serves(&state.network) && receiver != Address::default() && fees >= rules.settings.least_fees.max(1) {
            let collect = CollectFees { registry: state.registry, tree, receiver }.instruction(&CollectFeesArgs {});
            rules.push(("identity", "CollectFees"), tree, rules.now(), collect);
            rules.recurs();
        }
    }
}

/// Lamports that an account of `size` bytes needs.
fn rent(rules: &Rules, size: usize) -> Option<u64> {
    const OVERHEAD: usize = 128;
    let data = &rules.view.account(&RENT)?.data;
    let a_byte = u64::from_le_bytes(data.get(..8)?.try_into().ok()?);
    // Once a number of years, now one.
    let threshold = f64::from_le_bytes(data.get(8..16)?.try_into().ok()?);
    Some((((OVERHEAD + size) as u64 * a_byte) as f64 * threshold) as u64)
}

fn of_node(rules: &mut Rules, address: Address, node: &Node) {
    let now = rules.now();
    let specification_claim = pda::specification_claim::find(&node.registry, &node.specification).0;
    if node.status & status::SUSPENDED != 0 && node.status & status::REVOKED == 0 && now >= node.suspension_ends_at {
        let reinstate =
            ReinstateNode { authority: rules.payer, network: node.network, node: address, specification_claim };
        let reinstate = reinstate.instruction(&ReinstateNodeArgs {});
        rules.push(("identity", "ReinstateNode"), address, node.suspension_ends_at, reinstate);
        return;
    }
    let lost_at = after(node.synced_at, LOST_DELAY);
    if node.status & status::LOST != 0 && !node.is_blocked() && now >= lost_at {
        let deactivate = DeactivateNode {
            owner: node.owner,
            node: address,
            specification_claim,
            node_payer: node.payer,
            leaf_delegate: ID,
            tree: ID,
            compression_program: ID,
            merkle_tree: ID,
        };
        let none = [0; 32];
        let args = DeactivateNodeArgs { root: none, data_hash: none, creator_hash: none, flags: 0 };
        rules.push(("identity", "DeactivateNode"), address, lost_at, deactivate.instruction(&args));
        return;
    }
    refresh(rules, address, node);
}

/// An attestor that vouches for the node counts more or less than it did, or nothing any more.
fn refresh(rules: &mut Rules, address: Address, node: &Node) {
    let Some(registry) = rules.view.read::<Registry>(&node.registry) else { return };
    let now = rules.now();
    let counts = |word: &Attestation| {
        let attestor = registry.attestor(word.attestor).filter(|attestor| attestor.bonded == 1);
        attestor.map_or(0, |attestor| attestor.weight as u32)
    };
    let live = node.attestations.iter().filter(|word| word.attestor != 0 && word.expires_at > now);
    if live.clone().all(|word| counts(word) == word.weight) {
        return;
    }
    let class = pda::class::find(&node.registry, &node.class.to_le_bytes()).0;
    let refresh = RefreshNode { registry: node.registry, class, node: address }.instruction(&RefreshNodeArgs {});
    rules.push(("identity", "RefreshNode"), address, Timestamp(now.0), refresh);
}

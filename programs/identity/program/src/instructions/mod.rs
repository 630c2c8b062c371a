//! One file for each instruction: its accounts taken apart, checks, effect, event.

mod activate_node;
mod add_attestor;
mod add_class;
mod attest;
mod cancel_policy;
mod challenge_node;
mod change_specification;
mod collect_fees;
mod control_leaf;
mod create_registry;
mod create_tree;
mod deactivate_node;
mod execute_policy;
mod mint_node;
mod propose_policy;
mod punish_attestor;
mod refresh_attestor;
mod refresh_node;
mod reinstate_node;
mod remove_attestor;
mod retire_class;
mod revoke_node;
mod set_operator;
mod suspend_node;
mod sync_node;
mod withdraw_attestation;

// No instruction is inlined: together their frames would exceed the stack.
joule_interface::dispatch!(joule_identity_interface);

use {
    crate::Result,
    joule_bme_interface::state::Network,
    joule_common::{
        AccountView,
        account::{self, RefMut},
        event, guard,
        guard::require,
    },
    joule_identity_interface::{
        ID, IdentityError,
        event::StatusChanged,
        pda,
        state::{Attestor, Class, Node, Policy, Registry, SpecificationClaim, Tree},
    },
    joule_interface::Address,
    joule_stake_interface::state::{Provider, status as provider_status},
};

/// The signer is the authority of the network.
#[inline(always)]
fn network_authority(authority: &AccountView, network: &AccountView) -> Result<()> {
    let network = account::keep::<Network>(network)?;
    Ok(guard::authority(authority, &network.authority)?)
}

/// The signer is the authority of the network, or its guardian.
#[inline(always)]
fn guardian(signer: &AccountView, network: &AccountView) -> Result<()> {
    let network = account::keep::<Network>(network)?;
    if !guard::eq(signer.address(), &network.policy.guardian) {
        guard::authority(signer, &network.authority)?;
    }
    Ok(())
}

/// The registry, for a change by the authority of its network.
#[inline(always)]
fn registry_of<'a>(
    authority: &AccountView,
    network: &AccountView,
    registry: &'a AccountView,
) -> Result<&'a mut Registry> {
    network_authority(authority, network)?;
    let registry = account::keep_mut::<Registry>(registry)?;
    guard::network(&registry.network, network.address())?;
    Ok(registry)
}

/// The account names `registry` as its registry.
#[inline(always)]
fn in_registry(of_account: &Address, registry: &Address) -> Result<()> {
    require(guard::eq(of_account, registry), IdentityError::WrongRegistry)
}

/// A class of the registry.
#[inline(always)]
fn class_of<'a>(class: &'a AccountView, registry: &Address) -> Result<&'a Class> {
    let class = account::keep::<Class>(class)?;
    in_registry(&class.registry, registry)?;
    Ok(class)
}

/// The node's class.
#[inline(always)]
fn own_class<'a>(class: &'a AccountView, node: &Node) -> Result<&'a Class> {
    let class = class_of(class, &node.registry)?;
    require(class.id == node.class, IdentityError::WrongClass)?;
    Ok(class)
}

/// The tree of the node's leaf.
#[inline(always)]
fn own_tree<'a>(tree: &'a AccountView, node: &Node) -> Result<&'a Tree> {
    let tree = account::keep::<Tree>(tree)?;
    require(guard::eq(&tree.merkle_tree, &node.merkle_tree), IdentityError::WrongTree)?;
    Ok(tree)
}

/// A node and its registry.
#[inline(always)]
fn node_of<'a>(node: &'a AccountView, registry: &AccountView) -> Result<&'a mut Node> {
    let node = account::keep_mut::<Node>(node)?;
    in_registry(&node.registry, registry.address())?;
    Ok(node)
}

/// A node of the network.
#[inline(always)]
fn node_in<'a>(node: &'a AccountView, network: &AccountView) -> Result<&'a mut Node> {
    let node = account::keep_mut::<Node>(node)?;
    guard::network(&node.network, network.address())?;
    Ok(node)
}

/// The claim of the node's specification.
#[inline(always)]
fn claim_of<'a>(claim: &'a AccountView, node: &AccountView) -> Result<RefMut<'a, SpecificationClaim>> {
    let claim = account::load_mut::<SpecificationClaim>(claim)?;
    require(guard::eq(&claim.node, node.address()), IdentityError::WrongClaim)?;
    Ok(claim)
}

/// Takes a specification for a node: it must not be another machine's, nor have been revoked.
#[inline(never)]
fn take_specification(
    payer: &AccountView,
    claim: &AccountView,
    registry: &Address,
    specification: &[u8; 32],
    node: &Address,
) -> Result<()> {
    if guard::eq(claim.owner(), &ID) {
        let revoked = account::load::<SpecificationClaim>(claim)?.revoked == 1;
        return Err(if revoked { IdentityError::SpecificationRevoked } else { IdentityError::SpecificationTaken });
    }
    let mut claim =
        account::create::<SpecificationClaim>(payer, claim, &pda::specification_claim::seeds(registry, specification))?;
    claim.node = *node;
    claim.payer = *payer.address();
    Ok(())
}

/// Who paid an account's rent gets it back.
#[inline(always)]
fn paid_by(payer: &Address, receiver: &AccountView) -> Result<()> {
    require(guard::eq(receiver.address(), payer), IdentityError::WrongPayer)
}

/// The registry's attestor of that number, who signed.
#[inline(always)]
fn attestor_of<'a>(registry: &'a Registry, id: u32, authority: &AccountView) -> Result<&'a Attestor> {
    let attestor = registry.attestor(id).ok_or(IdentityError::UnknownAttestor)?;
    guard::authority(authority, &attestor.authority)?;
    Ok(attestor)
}

/// The provider stands in the policy's pool with the bond, and takes jobs: it is neither jailed nor out.
fn is_bonded(provider: &Provider, policy: &Policy) -> bool {
    guard::eq(&provider.pool, &policy.pool)
        && provider.status == provider_status::ACTIVE
        && provider.has_own(policy.attestor_bond)
}

/// Tells of a node's new status.
fn status_changed(view: &AccountView, node: &mut Node) -> Result<()> {
    event::emit(&StatusChanged {
        header: StatusChanged::header(*view.address(), event::next(&mut node.sequence)?),
        status: node.status as u64,
    });
    Ok(())
}

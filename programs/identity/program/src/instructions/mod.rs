//! One file for each instruction: its accounts taken apart, checks, effect, event.

mod activate_node;
mod add_attestor;
mod add_class;
mod attest;
mod cancel_policy;
mod challenge_node;
mod change_specification;
mod close_class;
mod close_commitment;
mod close_registry;
mod close_statement;
mod close_tree;
mod collect_fees;
mod commit_specification;
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
mod release_specification;
mod remove_attestor;
mod reserve_specification;
mod retire_class;
mod revoke_node;
mod set_operator;
mod strike_attestation;
mod suspend_node;
mod sync_node;
mod withdraw_attestation;

// No instruction is inlined: together their frames would exceed the stack.
joule_interface::dispatch!(joule_identity_interface);

use {
    crate::{Result, compression, leaf::Leaf},
    joule_bme_interface::state::Network,
    joule_common::{
        AccountView,
        account::{self, RefMut},
        event, guard,
        guard::require,
    },
    joule_identity_interface::{
        IdentityError,
        event::{SpecificationReserved, StatusChanged},
        pda,
        state::{Attestor, Class, Node, Policy, RESERVATION_PERIOD, Registry, SpecificationClaim, Tree},
    },
    joule_interface::{Address, SYSTEM_PROGRAM},
    joule_math::Timestamp,
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

/// Weight that the node's class asks for. One that was closed is served by nobody: no attestations weigh as much.
#[inline(always)]
fn threshold_of(class: &AccountView, node: &Node) -> Result<u32> {
    if !guard::eq(class.owner(), &SYSTEM_PROGRAM) {
        return Ok(own_class(class, node)?.threshold);
    }
    closed_class(class, node)?;
    Ok(u32::MAX)
}

/// The class of the node was closed: nothing is at its address.
#[inline(never)]
fn closed_class(class: &AccountView, node: &Node) -> Result<()> {
    let (address, _) = pda::class::find(&node.registry, &node.class.to_le_bytes());
    require(guard::eq(class.address(), &address), IdentityError::WrongClass)
}

/// The tree of the node's leaf. Where a closed Merkle tree was, another registry may have made one of its own.
#[inline(always)]
fn own_tree<'a>(tree: &'a AccountView, node: &Node) -> Result<&'a Tree> {
    let tree = account::keep::<Tree>(tree)?;
    require(guard::eq(&tree.merkle_tree, &node.merkle_tree), IdentityError::WrongTree)?;
    in_registry(&tree.registry, &node.registry)?;
    Ok(tree)
}

/// What lies in a tree's account above its rent: the fees that were paid in it.
fn fees(tree: &AccountView) -> Result<u64> {
    let rent = joule_common::account::rent(size_of::<Tree>())?;
    Ok(tree.lamports().saturating_sub(rent))
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

/// The claim of the node's specification, which it uses.
#[inline(always)]
fn claim_of<'a>(claim: &'a AccountView, view: &AccountView, node: &Node) -> Result<RefMut<'a, SpecificationClaim>> {
    let claim = account::load_mut::<SpecificationClaim>(claim)?;
    let used = guard::eq(&claim.node, view.address()) && claim.reservation_ends_at == UNRESERVED;
    require(used && claim.specification == node.specification, IdentityError::WrongClaim)?;
    Ok(claim)
}

/// [`SpecificationClaim::reservation_ends_at`] while a machine uses the specification.
const UNRESERVED: Timestamp = Timestamp(0);

/// Takes a specification for a node of `owner`: it is reserved for one of them. Returns it.
#[inline(always)]
fn take_specification(claim: &AccountView, registry: &Address, owner: &Address, node: &Address) -> Result<[u8; 32]> {
    let mut claim = account::load_mut::<SpecificationClaim>(claim)?;
    in_registry(&claim.registry, registry)?;
    require(claim.revoked == 0, IdentityError::SpecificationRevoked)?;
    // Nobody signs for the zero address, and no node is there.
    let may = guard::eq(&claim.owner, owner) || guard::eq(&claim.node, node);
    require(may && claim.reservation_ends_at != UNRESERVED, IdentityError::SpecificationTaken)?;
    (claim.node, claim.owner, claim.reservation_ends_at) = (*node, Address::default(), UNRESERVED);
    Ok(claim.specification)
}

/// Reserves a specification that is used no more, for an owner or for a node: the other is zero.
fn reserve(
    view: &AccountView,
    claim: &mut SpecificationClaim,
    owner: Address,
    node: Address,
    now: Timestamp,
) -> Result<()> {
    (claim.owner, claim.node, claim.reservation_ends_at) = (owner, node, now.after(RESERVATION_PERIOD)?);
    event::emit(&SpecificationReserved {
        header: SpecificationReserved::header(*view.address(), event::next(&mut claim.sequence)?),
        specification: claim.specification,
        owner,
        node,
        reservation_ends_at: claim.reservation_ends_at,
    });
    Ok(())
}

/// What proves a leaf, beside its owner and what the node says of it.
struct LeafProof<'a> {
    tree: &'a AccountView,
    delegate: &'a AccountView,
    compression_program: &'a AccountView,
    /// The Merkle tree and the proof's nodes.
    path: &'a [AccountView],
    root: &'a [u8; 32],
    data_hash: &'a [u8; 32],
    creator_hash: &'a [u8; 32],
    flags: u8,
}

impl LeafProof<'_> {
    /// The node's leaf still is its owner's, who signed. Who sold the machine changes nothing of it any more.
    #[inline(always)]
    fn require_owner(&self, owner: &AccountView, node: &Node) -> Result<()> {
        guard::authority(owner, &node.owner)?;
        let tree = own_tree(self.tree, node)?;
        let leaf = Leaf {
            asset: &node.asset,
            owner: &node.owner,
            delegate: self.delegate.address(),
            nonce: node.nonce,
            data_hash: self.data_hash,
            creator_hash: self.creator_hash,
            flags: self.flags,
        };
        compression::verify_leaf(tree, self.path, self.compression_program, self.root, &leaf.hash(tree), node.nonce)
    }
}

/// An instruction's [`LeafProof`], from its accounts, its arguments, all accounts, and those of the proof.
macro_rules! leaf_proof {
    ($a:expr, $args:expr, $accounts:expr, $proof:expr) => {
        $crate::instructions::LeafProof {
            tree: $a.tree,
            delegate: $a.leaf_delegate,
            compression_program: $a.compression_program,
            path: $crate::instructions::path($accounts, $proof),
            root: &$args.root,
            data_hash: &$args.data_hash,
            creator_hash: &$args.creator_hash,
            flags: $args.flags,
        }
    };
}
use leaf_proof;

/// The last of an instruction's own accounts, which is the Merkle tree, and the proof behind it.
#[inline(always)]
fn path<'a>(accounts: &'a [AccountView], proof: &[AccountView]) -> &'a [AccountView] {
    &accounts[accounts.len() - proof.len() - 1..]
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
fn is_bonded(provider: &Provider, policy: &Policy, now: Timestamp) -> bool {
    guard::eq(&provider.pool, &policy.pool)
        && provider.status == provider_status::ACTIVE
        && provider.has_own(policy.attestor_bond, now)
}

/// Tells of a node's new status.
fn status_changed(view: &AccountView, node: &mut Node) -> Result<()> {
    event::emit(&StatusChanged {
        header: StatusChanged::header(*view.address(), event::next(&mut node.sequence)?),
        status: node.status as u64,
    });
    Ok(())
}

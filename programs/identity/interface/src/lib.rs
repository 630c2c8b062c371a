//! `identity`: every machine is a compressed NFT. Modules as in `bme`'s interface.
//!
#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

mod error;
pub mod event;
mod hash;
pub mod instruction;
pub mod pda;
pub mod state;

pub use {
    error::IdentityError,
    hash::{Sha256, class_hash, commitment_hash, specification_hash},
};

use joule_interface::Address;

/// The program, where [the ids](joule_interface::ids) put it.
pub const ID: Address = joule_interface::ids::IDENTITY;

/// Bubblegum.
pub const BUBBLEGUM_PROGRAM: Address = Address::from_str_const("BGUMAp9Gq7iTEuizy4pqaxsTyUCBK68MDfK752saRPUY");
/// Bubblegum's own signer for calls to Core.
pub const BUBBLEGUM_CORE_SIGNER: Address = Address::from_str_const("CbNY3JiXdXNE9tPNEk1aRZVEkWdj2v7kfJLNQwZZgpXk");
/// Core, which keeps the collections of schema 2.
pub const CORE_PROGRAM: Address = Address::from_str_const("CoREENxT6tW1HoK8ypY1SxRMZTcVPm7R94rH4PZNhX7d");

/// Account compression, as Bubblegum calls it for schema 1.
pub const COMPRESSION_PROGRAM: Address = Address::from_str_const("cmtDvXumGCrqC1Age74AVPhSRVXJMd8PJS91L8KbNCK");
/// Its log wrapper.
pub const LOG_WRAPPER: Address = Address::from_str_const("noopb9bkMVfRPU8AsbpTUg8AQkHtKwMYZiFUjNRtMmV");
/// Account compression, as Bubblegum calls it for schema 2.
pub const COMPRESSION_PROGRAM_2: Address = Address::from_str_const("mcmt6YrQEMKw8Mw43FmpRLmf7BqRnFMKmAcbxE3xkAW");
/// Its log wrapper.
pub const LOG_WRAPPER_2: Address = Address::from_str_const("mnoopTCrg4p8ry25e4bcWA9XZjbNjMTfgYVGGEdRsf3");

joule_interface::program! {
    /// Every machine is a compressed NFT.
    "identity", errors IdentityError,
    types [Policy, Attestor, Description, Attestation],
    accounts [Registry, Tree, Node, SpecificationClaim, Class, Statement, Commitment],
    pdas [registry, class, tree, node, statement, commitment, specification_claim],
    instructions {
        hot [
            MintNode => mint_node,
            ActivateNode => activate_node,
            SyncNode => sync_node,
            ChallengeNode => challenge_node,
            DeactivateNode => deactivate_node,
            SetOperator => set_operator,
            ChangeSpecification => change_specification,
            Attest => attest,
            WithdrawAttestation => withdraw_attestation,
            RefreshNode => refresh_node,
            RefreshAttestor => refresh_attestor,
            CollectFees => collect_fees,
            CommitSpecification => commit_specification,
            ReserveSpecification => reserve_specification,
            CloseCommitment => close_commitment,
            ReleaseSpecification => release_specification,
            CloseStatement => close_statement,
            CreateRegistry => create_registry,
            CreateTree => create_tree,
            ProposePolicy => propose_policy,
            ExecutePolicy => execute_policy,
            CancelPolicy => cancel_policy,
            AddClass => add_class,
            RetireClass => retire_class,
            AddAttestor => add_attestor,
            RemoveAttestor => remove_attestor,
            CloseTree => close_tree,
            CloseClass => close_class,
            CloseRegistry => close_registry,
            SuspendNode => suspend_node,
            ReinstateNode => reinstate_node,
            RevokeNode => revoke_node,
            StrikeAttestation => strike_attestation,
            PunishAttestor => punish_attestor,
            ControlLeaf => control_leaf,
        ],
        cold [],
    },
    events [
        TreeRegistered, NodeMinted, NodeActivated, NodeSynced, NodeChallenged, NodeDeactivated, OperatorChanged,
        SpecificationChanged, Attested, AttestationEnded, NodeRefreshed, StatusChanged, PolicyChanged, ClassAdded,
        ClassRetired, AttestorChanged, FeesCollected,
        PolicyProposed, LeafControlled, AttestorPunished, SpecificationReserved, TreeClosed,
    ],
    constants state,
    values [status, control],
}

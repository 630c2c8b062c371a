//! `identity`, the program. What it does is documented in its interface; how, in one file for each instruction.
#![forbid(unsafe_code)]

pub mod attestors;
pub mod bubblegum;
pub mod compression;
pub mod instructions;
pub mod leaf;
pub mod metadata;
pub mod policy;
pub mod standing;

use {
    joule_common::{AccountView, entrypoint},
    joule_identity_interface::{IdentityError, instruction::*},
    joule_interface::{Fault, parse},
};

entrypoint!(crate::process);

/// Result of a step of the program.
pub type Result<T> = core::result::Result<T, IdentityError>;

/// From an instruction's bytes to its file. Users' instructions come first: the fewest comparisons. None is inlined:
/// together their frames would exceed the stack's.
pub fn process(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (&discriminant, data) = data.split_first().ok_or(Fault::UnknownInstruction)?;
    match discriminant {
        MintNode::<()>::DISCRIMINANT => instructions::mint_node(accounts, data),
        ActivateNode::<()>::DISCRIMINANT => instructions::activate_node(accounts, parse(data)?),
        SyncNode::<()>::DISCRIMINANT => instructions::sync_node(accounts, parse(data)?),
        ChallengeNode::<()>::DISCRIMINANT => instructions::challenge_node(accounts, parse(data)?),
        DeactivateNode::<()>::DISCRIMINANT => instructions::deactivate_node(accounts, parse(data)?),
        SetOperator::<()>::DISCRIMINANT => instructions::set_operator(accounts, parse(data)?),
        ChangeSpecification::<()>::DISCRIMINANT => instructions::change_specification(accounts, parse(data)?),
        Attest::<()>::DISCRIMINANT => instructions::attest(accounts, parse(data)?),
        WithdrawAttestation::<()>::DISCRIMINANT => instructions::withdraw_attestation(accounts, parse(data)?),
        RefreshNode::<()>::DISCRIMINANT => instructions::refresh_node(accounts, parse(data)?),
        RefreshAttestor::<()>::DISCRIMINANT => instructions::refresh_attestor(accounts, parse(data)?),
        CollectFees::<()>::DISCRIMINANT => instructions::collect_fees(accounts, parse(data)?),
        CreateRegistry::<()>::DISCRIMINANT => instructions::create_registry(accounts, parse(data)?),
        CreateTree::<()>::DISCRIMINANT => instructions::create_tree(accounts, parse(data)?),
        ProposePolicy::<()>::DISCRIMINANT => instructions::propose_policy(accounts, parse(data)?),
        ExecutePolicy::<()>::DISCRIMINANT => instructions::execute_policy(accounts, parse(data)?),
        CancelPolicy::<()>::DISCRIMINANT => instructions::cancel_policy(accounts, parse(data)?),
        AddClass::<()>::DISCRIMINANT => instructions::add_class(accounts, parse(data)?),
        RetireClass::<()>::DISCRIMINANT => instructions::retire_class(accounts, parse(data)?),
        AddAttestor::<()>::DISCRIMINANT => instructions::add_attestor(accounts, parse(data)?),
        RemoveAttestor::<()>::DISCRIMINANT => instructions::remove_attestor(accounts, parse(data)?),
        SuspendNode::<()>::DISCRIMINANT => instructions::suspend_node(accounts, parse(data)?),
        ReinstateNode::<()>::DISCRIMINANT => instructions::reinstate_node(accounts, parse(data)?),
        RevokeNode::<()>::DISCRIMINANT => instructions::revoke_node(accounts, parse(data)?),
        PunishAttestor::<()>::DISCRIMINANT => instructions::punish_attestor(accounts, parse(data)?),
        ControlLeaf::<()>::DISCRIMINANT => instructions::control_leaf(accounts, parse(data)?),
        _ => Err(Fault::UnknownInstruction.into()),
    }
}

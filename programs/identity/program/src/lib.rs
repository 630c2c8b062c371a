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
    let (&discriminator, data) = data.split_first().ok_or(Fault::UnknownInstruction)?;
    match discriminator {
        MintNode::<()>::DISCRIMINATOR => instructions::mint_node(accounts, data),
        ActivateNode::<()>::DISCRIMINATOR => instructions::activate_node(accounts, parse(data)?),
        SyncNode::<()>::DISCRIMINATOR => instructions::sync_node(accounts, parse(data)?),
        ChallengeNode::<()>::DISCRIMINATOR => instructions::challenge_node(accounts, parse(data)?),
        DeactivateNode::<()>::DISCRIMINATOR => instructions::deactivate_node(accounts, parse(data)?),
        SetOperator::<()>::DISCRIMINATOR => instructions::set_operator(accounts, parse(data)?),
        ChangeSpecification::<()>::DISCRIMINATOR => instructions::change_specification(accounts, parse(data)?),
        Attest::<()>::DISCRIMINATOR => instructions::attest(accounts, parse(data)?),
        WithdrawAttestation::<()>::DISCRIMINATOR => instructions::withdraw_attestation(accounts, parse(data)?),
        RefreshNode::<()>::DISCRIMINATOR => instructions::refresh_node(accounts, parse(data)?),
        RefreshAttestor::<()>::DISCRIMINATOR => instructions::refresh_attestor(accounts, parse(data)?),
        CollectFees::<()>::DISCRIMINATOR => instructions::collect_fees(accounts, parse(data)?),
        CreateRegistry::<()>::DISCRIMINATOR => instructions::create_registry(accounts, parse(data)?),
        CreateTree::<()>::DISCRIMINATOR => instructions::create_tree(accounts, parse(data)?),
        ProposePolicy::<()>::DISCRIMINATOR => instructions::propose_policy(accounts, parse(data)?),
        ExecutePolicy::<()>::DISCRIMINATOR => instructions::execute_policy(accounts, parse(data)?),
        CancelPolicy::<()>::DISCRIMINATOR => instructions::cancel_policy(accounts, parse(data)?),
        AddClass::<()>::DISCRIMINATOR => instructions::add_class(accounts, parse(data)?),
        RetireClass::<()>::DISCRIMINATOR => instructions::retire_class(accounts, parse(data)?),
        AddAttestor::<()>::DISCRIMINATOR => instructions::add_attestor(accounts, parse(data)?),
        RemoveAttestor::<()>::DISCRIMINATOR => instructions::remove_attestor(accounts, parse(data)?),
        SuspendNode::<()>::DISCRIMINATOR => instructions::suspend_node(accounts, parse(data)?),
        ReinstateNode::<()>::DISCRIMINATOR => instructions::reinstate_node(accounts, parse(data)?),
        RevokeNode::<()>::DISCRIMINATOR => instructions::revoke_node(accounts, parse(data)?),
        PunishAttestor::<()>::DISCRIMINATOR => instructions::punish_attestor(accounts, parse(data)?),
        ControlLeaf::<()>::DISCRIMINATOR => instructions::control_leaf(accounts, parse(data)?),
        _ => Err(Fault::UnknownInstruction.into()),
    }
}

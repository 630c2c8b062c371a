//! A program whose address owns machines: it puts them into service, follows them and takes them out of it, by calls of
//! `identity`'s interface. An account that must sign and one that may sign are both the program's address, of which the
//! transaction has no signature.
//!
//! Its instructions are those of `identity`, with the same accounts and data; `identity` itself is the last account.
#![forbid(unsafe_code)]

use {
    joule_identity_interface::instruction::{
        ActivateNode, ActivateNodeArgs, DeactivateNode, ReleaseSpecification, SyncNode,
    },
    joule_interface::{Address, Fault, Layout, ProgramError, bytemuck, pinocchio::AccountView},
    pinocchio::cpi::Seed,
};

/// The program.
pub const ID: Address = Address::from_str_const("JouLeMachineowner11111111111111111111111111");
/// Seed of the address that owns machines.
pub const OWNER: &[u8] = b"owner";

#[cfg(target_os = "solana")]
mod entry {
    use joule_interface::{Address, ProgramResult, pinocchio::AccountView};

    fn process(_program: &Address, accounts: &mut [AccountView], data: &[u8]) -> ProgramResult {
        crate::process(accounts, data)
    }
    pinocchio::program_entrypoint!(process, 64);
    pinocchio::default_allocator!();
    pinocchio::default_panic_handler!();
}

/// Passes an instruction on, signed by the address that owns machines.
pub fn process(accounts: &[AccountView], data: &[u8]) -> Result<(), ProgramError> {
    let (&discriminator, data) = data.split_first().ok_or(ProgramError::InvalidInstructionData)?;
    let (_, accounts) = accounts.split_last().ok_or(ProgramError::NotEnoughAccountKeys)?;
    let bump = [Address::find_program_address(&[OWNER], &ID).1];
    let seeds: [Seed; 2] = [OWNER.into(), (&bump).into()];
    let signers = [(&seeds).into()];
    match discriminator {
        ActivateNode::DISCRIMINATOR => {
            let args: &ActivateNodeArgs = split(data)?;
            let [payer, owner, leaf_delegate, network, class, tree, node, rest @ ..] = accounts else {
                return Err(ProgramError::NotEnoughAccountKeys);
            };
            let [specification_claim, compression_program, system_program, merkle_tree, proof @ ..] = rest else {
                return Err(ProgramError::NotEnoughAccountKeys);
            };
            ActivateNode {
                payer,
                owner,
                leaf_delegate,
                network,
                class,
                tree,
                node,
                specification_claim,
                compression_program,
                system_program,
                merkle_tree,
            }
            .invoke_signed_with(args, &[], &proof.iter().collect::<Vec<_>>(), &signers)
        }
        SyncNode::DISCRIMINATOR => {
            let (sync, args, proof, _) = SyncNode::parse(accounts, data)?;
            sync.invoke_signed_by(args, &[], &proof.iter().collect::<Vec<_>>(), &[sync.owner], &signers)
        }
        DeactivateNode::DISCRIMINATOR => {
            let (leave, args, proof, _) = DeactivateNode::parse(accounts, data)?;
            leave.invoke_signed_by(args, &[], &proof.iter().collect::<Vec<_>>(), &[leave.owner], &signers)
        }
        ReleaseSpecification::DISCRIMINATOR => {
            let (release, args, ..) = ReleaseSpecification::parse(accounts, data)?;
            release.invoke_signed_by(args, &[], &[], &[release.authority], &signers)
        }
        _ => Err(Fault::UnknownInstruction.into()),
    }
}

fn split<A: Layout>(data: &[u8]) -> Result<&A, ProgramError> {
    bytemuck::try_from_bytes(data).map_err(|_| ProgramError::InvalidInstructionData)
}

//! A verifier that breaks every rule of a verifier, one at a time: the first byte of the witness says which.
#![forbid(unsafe_code)]

use {
    joule_common::{AccountView, entrypoint},
    joule_escrow_interface::{
        trace::Hash,
        verifier::{self, Statement},
    },
    joule_interface::ProgramError,
    pinocchio::{
        cpi::invoke_with_slice,
        instruction::{InstructionAccount, InstructionView},
    },
    solana_program::{hash::hashv, program::set_return_data},
};

entrypoint!(crate::process);

/// Says that the claim is valid, whatever it is: no rule of the protocol keeps a verifier from that.
pub const AGREE: u8 = 0;
/// Says nothing.
pub const SILENT: u8 = 1;
/// Answers another claim.
pub const ANOTHER: u8 = 2;
/// Has the program in its first account answer, with what follows as its witness.
pub const ASK: u8 = 3;
/// Answers too much.
pub const LONG: u8 = 4;
/// Answers too little.
pub const SHORT: u8 = 5;
/// Fails.
pub const FAIL: u8 = 6;
/// Fails if an account signs or can be written; else agrees.
pub const LOOK: u8 = 7;

/// Does as it is told.
pub fn process(accounts: &[AccountView], data: &[u8]) -> Result<(), ProgramError> {
    let (claim, witness) = verifier::read(data).ok_or(ProgramError::InvalidInstructionData)?;
    let answer = verifier::valid(sha256, claim);
    match *witness.first().ok_or(ProgramError::InvalidInstructionData)? {
        AGREE => set_return_data(&answer),
        SILENT => {}
        ANOTHER => {
            let index = claim.index.wrapping_add(1);
            set_return_data(&verifier::valid(sha256, &Statement { index, ..*claim }));
        }
        ASK => {
            let [program, rest @ ..] = accounts else { return Err(ProgramError::NotEnoughAccountKeys) };
            let question = [&[verifier::DISCRIMINATOR], bytemuck::bytes_of(claim), &witness[1..]].concat();
            let metas: Vec<_> = rest.iter().map(|account| InstructionAccount::readonly(account.address())).collect();
            let call = InstructionView { program_id: program.address(), accounts: &metas, data: &question };
            invoke_with_slice(&call, rest)?;
        }
        LONG => set_return_data(&[&answer[..], &[0]].concat()),
        SHORT => set_return_data(&answer[..31]),
        LOOK => {
            if accounts.is_empty() || accounts.iter().any(|account| account.is_signer() || account.is_writable()) {
                return Err(ProgramError::InvalidAccountData);
            }
            set_return_data(&answer);
        }
        _ => return Err(ProgramError::InvalidArgument),
    }
    Ok(())
}

fn sha256(parts: &[&[u8]]) -> Hash {
    hashv(parts).to_bytes()
}

use {
    crate::Result,
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, guard, guard::require, loader},
    joule_escrow_interface::{
        EscrowError,
        instruction::CreateProofVerification,
        pda,
        state::{Verification, verification_kind},
    },
};

/// See [`CreateProofVerification`].
#[inline(never)]
pub fn create_proof_verification(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = CreateProofVerification::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    guard::authority(a.authority, &account::load::<Network>(a.network)?.authority)?;
    require(a.verifier.executable(), EscrowError::WrongVerifier)?;
    let deployed_at = loader::deployed_at(a.verifier, a.verifier_data)?;
    let verifier_slot = deployed_at.ok_or(EscrowError::WrongVerifier)?;

    let id = args.id.to_le_bytes();
    let seeds = pda::verification::seeds(a.network.address(), &id);
    let mut verification = account::create::<Verification>(a.payer, a.verification, &seeds)?;
    verification.network = *a.network.address();
    verification.id = args.id;
    verification.verifier = *a.verifier.address();
    verification.verifier_slot = verifier_slot;
    verification.kind = verification_kind::PROOF;
    Ok(())
}

//! Validity proofs. A verifier's code is final, and counts as it was when the verification was created: whoever could change it could
//! have anything proved.

pub(crate) mod create_proof_verification;
pub(crate) mod deliver_proof;

use {
    crate::{Result, verification::load_verification},
    joule_common::{AccountView, guard, guard::require, loader},
    joule_escrow_interface::{
        EscrowError,
        state::{Job, Verification, verification_kind},
    },
};

/// The verifier's code is what the verification recorded.
#[inline(always)]
fn is_unchanged(terms: &Verification, verifier: &AccountView, data: &AccountView) -> Result<bool> {
    require(guard::eq(verifier.address(), &terms.verifier), EscrowError::WrongVerifier)?;
    Ok(loader::deployed_at(verifier, data)? == Some(terms.verifier_slot))
}

/// Whether a job's result can no longer be proved, because the verifier's code was changed. `accounts`: the job's verification, its
/// verifier, and the verifier's ProgramData account.
#[inline(always)]
pub fn is_unprovable(job: &Job, accounts: &[AccountView]) -> Result<bool> {
    if job.verification_kind == verification_kind::PROOF { is_changed(job, accounts) } else { Ok(false) }
}

#[cold]
#[inline(never)]
fn is_changed(job: &Job, accounts: &[AccountView]) -> Result<bool> {
    let [verification, verifier, data, ..] = accounts else { return Err(EscrowError::ProofRequired) };
    let terms = load_verification(verification, &job.verification)?;
    Ok(!is_unchanged(&terms, verifier, data)?)
}

/// What stands behind the accounts of [`is_unprovable`], if the job's result is proved.
#[inline(always)]
pub fn behind_proof<'a>(job: &Job, accounts: &'a [AccountView]) -> &'a [AccountView] {
    if job.verification_kind == verification_kind::PROOF { accounts.get(3..).unwrap_or_default() } else { accounts }
}

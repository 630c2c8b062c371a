//! Validity proofs: a result that a verifier program finds right is paid at once.

pub mod instruction;
pub mod proof;
pub mod state;

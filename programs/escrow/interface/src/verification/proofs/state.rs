//! What a verifier of proofs is asked.

use joule_interface::{constants, layout};

layout! {
    /// What a verifier of proofs is asked to confirm; see [`proof`](crate::proof).
    #[repr(C, packed)]
    pub struct ProofStatement {
        /// Binds program, job, posting, provider, definition and result ([`proof::binding`](crate::proof::binding)). The proof has its
        /// two halves as public inputs.
        pub binding: [u8; 32],
        /// The job's definition.
        pub definition: [u8; 32],
        /// The result that is delivered.
        pub result: [u8; 32],
    }
}

constants! {
    /// Values of [`Verification::kind`](crate::state::Verification::kind).
    pub mod verification_kind {
        /// By games over a delivered result, and by panels.
        pub const DISPUTES: u8 = 0;
        /// By a validity proof with the result.
        pub const PROOF: u8 = 1;
    }
}

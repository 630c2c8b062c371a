//! Verifications by proof, and results that come with one.

use {crate::money::instruction::PaymentAccounts, joule_interface::instruction, joule_math::Amount};

instruction! {
    /// Creates a verification by validity proofs. The network's authority signs. It never changes and is never closed. Refused as long
    /// as the verifier has an upgrade authority.
    pub CreateProofVerification(CreateProofVerificationArgs) = 84 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The verification to create.
            verification: [writable],
            /// The program that confirms proofs ([`proof`](crate::proof)).
            verifier: [],
            /// Its ProgramData account, if it belongs to the upgradeable loader.
            verifier_data: [optional],
            /// System program.
            system_program: [],
        }
        args {
            /// Seed of the verification's address: a number that the network chooses.
            id: u64,
        }
    }
}

instruction! {
    /// Delivers the result of a job with a proof that it is right. If the verifier finds the proof valid, the job is accepted and paid at
    /// once, at any time until the end of its late window; if not, nothing happens. The provider signs.
    pub DeliverProof(DeliverProofArgs) = 85 {
        accounts {
            /// The provider.
            provider_authority: [signer],
            /// The job.
            job: [writable],
            /// The job's verification.
            verification: [],
            /// The verifier.
            verifier: [],
            /// Its ProgramData account, if it belongs to the upgradeable loader.
            verifier_data: [optional],
            ..payment: PaymentAccounts,
            /// The halt clock: needed if somebody is late, or heartbeats were missed.
            halt_clock: [optional],
        }
        remaining {
            /// An account that the verifier needs. The verifier gets it read-only and unsigned.
            verifier_accounts: [],
        }
        args {
            /// Content hash of the result.
            result: [u8; 32],
            /// Most to pay to the provider, and most to pay as the fee, now. The rest stays owed. Usually `u64::MAX`; less if the
            /// network limits how many credits can be consumed at once.
            max_amount: Amount,
        }
        tail {
            /// The proof, as the verifier reads it.
            proof: [u8],
        }
    }
}

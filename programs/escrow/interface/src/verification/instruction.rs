//! Ways to verify results: created, and set for a market.

use {
    joule_interface::instruction,
    joule_math::{Amount, Bps, Seconds, Tokens},
};

instruction! {
    /// Creates a way to verify results. The network's authority signs. It never changes and is never closed.
    pub CreateVerification(CreateVerificationArgs) = 48 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The verification to create.
            verification: [writable],
            /// The mint of dispute bonds: one of which a deposit can be opened.
            dispute_bond_mint: [],
            /// The mint's token program.
            token_program: [],
            /// The program that decides on steps; left out if arbiters decide.
            verifier: [optional],
            /// System program.
            system_program: [],
        }
        args {
            /// Seed of the verification's address: a number that the network chooses.
            id: u64,
            /// [`Verification::dispute_bond`](crate::state::Verification::dispute_bond). The other arguments are the fields of the
            /// same names.
            dispute_bond: Amount,
            /// See there.
            slash_amount: Tokens,
            /// See there.
            move_window: Seconds,
            /// See there.
            decision_window: Seconds,
            /// See there.
            reveal_window: Seconds,
            /// See there.
            bond_penalty: Bps,
            /// See there.
            minority_penalty: Bps,
            /// See there.
            no_reveal_penalty: Bps,
            /// See there.
            no_quorum_pay: Bps,
            /// See there.
            min_replicas: u8,
            /// See there.
            max_replicas: u8,
            /// See there.
            games_per_slash: u8,
        }
    }
}

instruction! {
    /// Sets how results of a market's new jobs are verified, or that they are not. The network's authority signs. The market's jobs
    /// must have a fixed price and an acceptance window; without a verifier, they must have an arbiter.
    pub SetMarketVerification(SetMarketVerificationArgs) = 49 {
        accounts {
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The market.
            market: [writable],
            /// The verification; left out if results are not to be verified.
            verification: [optional],
        }
        args {}
    }
}

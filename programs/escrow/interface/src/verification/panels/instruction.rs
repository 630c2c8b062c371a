//! Panels of several providers.

use {
    crate::{
        collateral::instruction::SettlementAccounts,
        money::instruction::{CreditAccounts, PaymentAccounts},
    },
    joule_interface::instruction,
    joule_math::{Amount, Seconds},
};

instruction! {
    /// Posts a job for several providers, and holds what all of them cost. Refused while the network is paused.
    pub PostPanel(PostPanelArgs) = 64 {
        accounts {
            /// Pays the panel's rent.
            payer: [signer, writable],
            /// Owner of the credits or of the deposit.
            client: [signer],
            /// The market.
            market: [],
            /// The market's verification.
            verification: [],
            /// The panel to create.
            panel: [writable],
            /// The network.
            network: [],
            /// What pays for the panel: the client's credits, or its deposit.
            funding_account: [writable],
            ..credits: CreditAccounts,
            /// System program.
            system_program: [],
        }
        args {
            /// Seed of the panel's address: a number at which this funding account has no other panel.
            nonce: u64,
            /// [`Market::terms_version`](crate::state::Market::terms_version) that the client saw.
            terms_version: u64,
            /// Price of each replica: at most the market's.
            price: Amount,
            /// Content hash of the work.
            definition: [u8; 32],
            /// Time for the work.
            duration: Seconds,
            /// Number of replicas, in the verification's range.
            replicas: u8,
            /// Number of equal results that are believed: at least the verification's `min_quorum`.
            quorum: u8,
        }
    }
}

instruction! {
    /// Joins a panel, and locks the bond that the terms ask for. The work begins when the last replica joins. Refused for the
    /// client, for an operator, a node or a node's owner that is in the panel already, and while the network is paused.
    pub JoinPanel(JoinPanelArgs) = 65 {
        accounts {
            /// Pays the rent of a bond that is created.
            payer: [signer, writable],
            /// The provider.
            provider_authority: [signer],
            /// The panel.
            panel: [writable],
            /// The network.
            network: [],
            /// The pool, if the market has one.
            pool: [optional],
            /// The provider in the pool.
            provider: [writable, optional],
            /// The node that the replica runs on, if the terms ask for a class.
            node: [optional],
            /// The bond to fill or to create, if the terms ask for one.
            bond: [writable, optional],
            /// This program's slasher in the pool, if the terms ask for a bond.
            slasher: [optional],
            /// This program's authority in the network, if the terms ask for a bond.
            escrow_authority: [optional],
            /// `stake`, if the terms ask for a bond.
            stake_program: [optional],
            /// System program, if a bond is created.
            system_program: [optional],
        }
        args {
            /// [`Panel::posting_id`](crate::state::Panel::posting_id) that the provider saw.
            posting_id: u64,
            /// The provider's index among those that the market allows; 0 if it allows all.
            allowed_index: u32,
        }
        tail {
            /// Hashes of the Merkle proof, if the market allows some providers only, from the leaf up.
            proof: [[u8; 32]],
        }
    }
}

instruction! {
    /// Commits to a result. Replicas reveal once all have committed.
    pub CommitResult(CommitResultArgs) = 66 {
        accounts {
            /// The provider.
            provider_authority: [signer],
            /// The panel.
            panel: [writable],
        }
        args {
            /// [`panel::commitment`](crate::panel::commitment).
            commitment: [u8; 32],
            /// Index of the replica.
            replica: u8,
        }
    }
}

instruction! {
    /// Reveals the result that a replica committed to: once all committed, or once the time to commit is over.
    pub RevealResult(RevealResultArgs) = 67 {
        accounts {
            /// The provider.
            provider_authority: [signer],
            /// The panel.
            panel: [writable],
        }
        args {
            /// Content hash of the result; not zero.
            result: [u8; 32],
            /// The salt of the commitment.
            salt: [u8; 32],
            /// Index of the replica.
            replica: u8,
        }
    }
}

instruction! {
    /// Decides a panel, once all replicas that committed have revealed, or once their time is over. The result is that of the
    /// largest group of equal results, if the group has at least a quorum and no other group is as large. What is not to be paid is
    /// refunded. Anyone may call.
    pub TallyPanel(TallyPanelArgs) = 68 {
        accounts {
            /// The panel.
            panel: [writable],
            /// What pays for the panel: the client's credits, or its deposit.
            funding_account: [writable],
            ..credits: CreditAccounts,
        }
        args {}
    }
}

instruction! {
    /// Pays a replica with the right result. Anyone may call.
    pub PayReplica(PayReplicaArgs) = 69 {
        accounts {
            /// The panel.
            panel: [writable],
            ..payment: PaymentAccounts,
        }
        args {
            /// Index of the replica.
            replica: u8,
        }
    }
}

instruction! {
    /// Settles with `stake` what a replica left there: seizes a part of its bond if the verdict asks for it, releases the rest, and
    /// reports how the replica did. Anyone may call.
    pub SettleReplica(SettleReplicaArgs) = 70 {
        accounts {
            /// The panel.
            panel: [writable],
            ..settlement: SettlementAccounts,
        }
        args {
            /// Index of the replica.
            replica: u8,
        }
    }
}

instruction! {
    /// Cancels a panel that still lacks replicas. The client may call at any time, anyone else once the time to join is over.
    pub CancelPanel(CancelPanelArgs) = 71 {
        accounts {
            /// The client, or anyone once the time to join is over.
            caller: [signer],
            /// The panel.
            panel: [writable],
            /// What pays for the panel: the client's credits, or its deposit.
            funding_account: [writable],
            ..credits: CreditAccounts,
        }
        args {}
    }
}

instruction! {
    /// Closes a decided panel, once all of its replicas are paid and settled. Anyone may call.
    pub ClosePanel(ClosePanelArgs) = 72 {
        accounts {
            /// The panel.
            panel: [writable],
            /// Whoever paid the rent, and gets it back.
            rent_receiver: [writable],
        }
        args {}
    }
}

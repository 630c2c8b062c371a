//! Panels of several providers.

use {
    crate::{
        collateral::instruction::SettlementAccounts,
        money::instruction::{BurnAccounts, CreditAccounts, PaymentAccounts},
    },
    joule_interface::instruction,
    joule_math::{Amount, Seconds},
};

instruction! {
    /// Posts a job for several providers. Holds what all of them cost, and what is burned of the client's if none of them
    /// acknowledges the input. More than half of the replicas are a quorum. Refused while the network is paused. Terms with a bond and
    /// a `no_start_penalty` are refused in wrapped SOL, which nobody can burn; in credits they need a receiver of the fee, to which
    /// burned credits go.
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
        }
    }
}

instruction! {
    /// Joins a panel, and locks the bond that the terms ask for. When the last replica has joined, all of them have the terms'
    /// `start_window` to acknowledge the input. Refused for the client, for an operator, a node or a node's owner that is in the
    /// panel already, and while the network is paused.
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
    /// Leaves a panel that still lacks replicas, with all of the bond. The provider signs.
    pub LeavePanel(LeavePanelArgs) = 80 {
        accounts {
            /// The provider.
            provider_authority: [signer],
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
    /// States that the provider holds the input. The time to commit begins when all replicas have.
    pub AcknowledgeInput(AcknowledgeInputArgs) = 81 {
        accounts {
            /// The provider.
            provider_authority: [signer],
            /// The panel.
            panel: [writable],
            /// The halt clock: needed if a deadline has passed.
            halt_clock: [optional],
        }
        args {
            /// Index of the replica.
            replica: u8,
        }
    }
}

instruction! {
    /// Removes a replica that did not acknowledge the input in time. The terms' `no_start_penalty` is burned of its bond, and the same
    /// part of one price of what the client holds for it: nobody can know which of the two was at fault. Where the terms ask for no
    /// bond, nothing is burned. When the last such replica is removed, other providers may join, once in the life of a panel. Anyone
    /// may call.
    pub RemoveReplica(RemoveReplicaArgs) = 82 {
        accounts {
            /// The panel.
            panel: [writable],
            ..settlement: SettlementAccounts,
            /// The halt clock: needed if a deadline has passed.
            halt_clock: [optional],
        }
        args {
            /// Index of the replica.
            replica: u8,
        }
    }
}

instruction! {
    /// Burns the client's part of the penalties for replicas that did not acknowledge the input. Credits become work of the fee's
    /// receiver instead. Anyone may call; if nothing is owed, the instruction succeeds without an effect.
    pub BurnPanelPenalty(BurnPanelPenaltyArgs) = 83 {
        accounts {
            /// The panel.
            panel: [writable],
            ..burning: BurnAccounts,
        }
        args {
            /// Most to burn now, usually `u64::MAX`. The rest stays owed.
            max_amount: Amount,
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
            /// The halt clock: needed if a deadline has passed.
            halt_clock: [optional],
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
            /// The halt clock: needed if a deadline has passed.
            halt_clock: [optional],
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
    /// Decides a panel, once all replicas that committed have revealed, or once their time is over. A result that more than half of
    /// the replicas have is the panel's. Without one, each replica of a largest group is paid the verification's `no_quorum_pay` of
    /// its price. What is not to be paid is refunded. Anyone may call. Once the network revoked the right to its credits, it is cancelled
    /// instead ([`CancelPanel`]).
    pub TallyPanel(TallyPanelArgs) = 68 {
        accounts {
            /// The panel.
            panel: [writable],
            /// What pays for the panel: the client's credits, or its deposit.
            funding_account: [writable],
            ..credits: CreditAccounts,
            /// The halt clock: needed if a deadline has passed.
            halt_clock: [optional],
        }
        args {}
    }
}

instruction! {
    /// Pays what a decided panel owes a replica, the fee last. Anyone may call. If neither can be paid, it fails with `NothingPaid`, unless
    /// `max_amount` is below `u64::MAX`.
    pub PayReplica(PayReplicaArgs) = 69 {
        accounts {
            /// The panel.
            panel: [writable],
            ..payment: PaymentAccounts,
        }
        args {
            /// Most to pay to the provider, and most to pay as the fee, now. The rest stays owed. Usually `u64::MAX`; less if the
            /// network limits how many credits can be consumed at once.
            max_amount: Amount,
            /// Index of the replica.
            replica: u8,
        }
    }
}

instruction! {
    /// Settles with `stake` what a replica left there: burns a part of its bond if the verdict asks for it, releases the rest, and
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
    /// Cancels a panel that still lacks replicas: the client at any time, anyone else once the time to join is over. Dissolves a panel
    /// in which replicas did not acknowledge the input in time: the client at once, anyone else if replicas were removed before or
    /// once the time to join, counted from then, is over; the penalties are those of [`RemoveReplica`]. Once the network revoked the right to
    /// its credits, anyone cancels a panel that is not decided, and nobody is at fault.
    pub CancelPanel(CancelPanelArgs) = 71 {
        accounts {
            /// The client, or anyone once the time is over.
            caller: [signer],
            /// The panel.
            panel: [writable],
            /// What pays for the panel: the client's credits, or its deposit.
            funding_account: [writable],
            ..credits: CreditAccounts,
            /// The halt clock: needed if a deadline has passed.
            halt_clock: [optional],
        }
        args {}
    }
}

instruction! {
    /// Closes a decided panel, once all of its replicas are paid and settled, and all penalties are burned. Anyone may call.
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

//! Instructions on mandates. What a delegate does with one are the instructions on jobs.

use {
    crate::{pda, state::MAX_MANDATE_MARKETS},
    joule_interface::{Address, instruction},
    joule_math::{Amount, Seconds, Timestamp},
};

instruction! {
    /// Opens a mandate: `delegate` may spend out of `funding_account` from now on. The owner signs. The delegate then signs in place of the
    /// client, and the mandate is passed behind all other accounts.
    ///
    /// To spend credits, escrow needs the owner's approval in `bme` as well (`ApproveSpender`, for its spender in the markets' lane).
    /// Limits hold whatever the markets' terms become: the network's authority can change those at any time.
    pub OpenMandate(OpenMandateArgs) = 86 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// Owner of the credits or of the deposit.
            owner: [signer],
            /// The mandate to create.
            mandate: [writable] = pda::mandate(owner: owner, index: index),
            /// System program.
            system_program: [],
        }
        args {
            /// Seed of its address: a number at which the owner has no other mandate.
            index: u16,
            /// Who may spend.
            delegate: Address,
            /// What may be spent: the owner's credits, or its deposit. It may be opened later.
            funding_account: Address,
            /// The markets in which it may, then zeros: one at least.
            markets: [Address; MAX_MANDATE_MARKETS],
            /// Most to spend at once, and in each `window`.
            limit: Amount,
            /// Most to spend in all.
            total: Amount,
            /// In so many seconds `limit` is there again: 1 second to a year.
            window: Seconds,
            /// Last second in which the delegate may do anything: now or later.
            expires_at: Timestamp,
        }
    }
}

instruction! {
    /// Closes a mandate: from now on the delegate can do nothing with it, and nothing with the jobs that were posted under it, which go on.
    /// The owner calls at any time but the second in which it was opened, anyone once it has expired. The rent goes back to whoever paid
    /// it. Works while networks are paused.
    pub CloseMandate(CloseMandateArgs) = 87 {
        accounts {
            /// The owner, or anyone once it has expired.
            caller: [signer],
            /// The mandate.
            mandate: [writable],
            /// Whoever paid the rent, and gets it back.
            rent_receiver: [writable],
        }
        args {}
    }
}

instruction! {
    /// Gives a mandate back what a job did not need that was posted under it and has ended, though it may still owe. Anyone may call. A job can be closed or be
    /// replaced by another only afterwards; `PostJob` under the same mandate does it itself. If the mandate was closed, the job is only
    /// released. Jobs that have not ended or were settled before are passed over: others may have been faster.
    pub SettleMandate(SettleMandateArgs) = 88 {
        accounts {
            /// The job.
            job: [writable],
            /// Its mandate, or where that was.
            mandate: [writable],
        }
        remaining {
            /// Another job under the same mandate.
            jobs: [writable],
        }
        args {}
    }
}

//! Tips for keepers.

use joule_interface::instruction;

instruction! {
    /// Sets what keepers get for each thing that they end in a market's jobs, for jobs that are posted from now on. The network's
    /// authority signs. `terms_version` rises: who posts saw the tip that it advances.
    pub SetTip(SetTipArgs) = 95 {
        accounts {
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The market.
            market: [writable],
        }
        args {
            /// The tip, lamports: up to [`MAX_TIP`](crate::state::MAX_TIP); zero: none, and nobody advances any.
            tip: u32,
        }
    }
}

instruction! {
    /// Pays a keeper the job's tip, out of what was advanced in the job's account, for what the next instruction of the transaction
    /// does: it ends a state that a party left more than [`TIP_DELAY`](crate::state::TIP_DELAY) after its deadline. If that instruction
    /// fails, so does the transaction, and nothing is paid. Send it directly before one of these, on the same job:
    ///
    /// - `AwardJob`;
    /// - `CancelJob`, `FinishJob`, `AcceptJob`, `ResolveJob`, not called by a party; or `SettleJob` of a job that owes. With a
    ///   `max_amount` of `u64::MAX`, but for `CancelJob`, which has none;
    /// - `SettleBond`;
    /// - `CloseJob`, [`CLOSING_TIP_DELAY`](crate::state::CLOSING_TIP_DELAY) after the job's last deadline.
    ///
    /// For each of the four kinds there is one tip a posting ([`tip`](crate::state::tip)): who does it in two steps is not paid twice. It
    /// is the same at any time, so it pays nobody to wait. What nobody took goes back to the job's payer with the rent.
    pub TakeTip(TakeTipArgs) = 96 {
        accounts {
            /// The job.
            job: [writable],
            /// Who gets the tip: any account but those of the job's parties.
            keeper: [writable],
            /// The instructions sysvar.
            instructions_sysvar: [],
        }
        args {}
    }
}

instruction! {
    /// Pays a keeper a panel's tip, as [`TakeTip`] does of a job: for `TallyPanel`, or `CancelPanel` that the client did not call, more than
    /// [`TIP_DELAY`](crate::state::TIP_DELAY) after the panel's deadline; for `PayReplica` (with a `max_amount` of `u64::MAX`) and
    /// `SettleReplica` of each replica, likewise; for `ClosePanel`, [`CLOSING_TIP_DELAY`](crate::state::CLOSING_TIP_DELAY) after it.
    pub TakePanelTip(TakePanelTipArgs) = 97 {
        accounts {
            /// The panel.
            panel: [writable],
            /// Who gets the tip: any account but those of client, payer and providers.
            keeper: [writable],
            /// The instructions sysvar.
            instructions_sysvar: [],
        }
        args {}
    }
}

instruction! {
    /// Pays a keeper a game's tip, as [`TakeTip`] does of a job: for `TimeOutGame` or `SettleGame`, more than
    /// [`TIP_DELAY`](crate::state::TIP_DELAY) after the deadline of the last move; for `PayChallenger`, likewise after the game was settled;
    /// for `CloseGame`, [`CLOSING_TIP_DELAY`](crate::state::CLOSING_TIP_DELAY) after that, or after the time for which evidence is kept.
    /// Or it pays a trace's one tip, for `CloseTrace`, as long after [`Trace::left_at`](crate::state::Trace::left_at).
    pub TakeGameTip(TakeGameTipArgs) = 98 {
        accounts {
            /// The game, or the trace.
            game_or_trace: [writable],
            /// Who gets the tip: any account but those of provider, challenger and payer.
            keeper: [writable],
            /// The instructions sysvar.
            instructions_sysvar: [],
        }
        args {}
    }
}

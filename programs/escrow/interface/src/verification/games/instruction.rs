//! Games over one result.

use joule_interface::instruction;

instruction! {
    /// Delivers the result of a job that is verified, with its trace. Replaces `DeliverJob`, which is refused for such jobs. Holds
    /// the dispute bond in the provider's deposit until the trace is closed.
    pub DeliverTrace(DeliverTraceArgs) = 50 {
        accounts {
            /// Pays the trace's rent.
            payer: [signer, writable],
            /// The provider.
            provider_authority: [signer],
            /// The job.
            job: [writable],
            /// The job's verification.
            verification: [],
            /// The provider's deposit in the mint of dispute bonds.
            deposit: [writable],
            /// The trace to create.
            trace: [writable],
            /// System program.
            system_program: [],
            /// The halt clock: needed if somebody is late, or heartbeats were missed.
            halt_clock: [optional],
        }
        args {
            /// The last state: the content hash of the result.
            result: [u8; 32],
            /// Root of the Merkle tree over the states ([`trace`](crate::trace)). The first state is the job's definition.
            root: [u8; 32],
            /// Number of steps, one less than the number of states. 1 to [`MAX_STEPS`](crate::trace::MAX_STEPS).
            steps: u32,
        }
    }
}

instruction! {
    /// Challenges a delivered result before the time to reject is over. Anyone but its provider may call. Holds the challenger's
    /// dispute bond. Games over one trace run side by side, each from now on. Once one of them is lost by the provider, no other is
    /// opened.
    pub ChallengeResult(ChallengeResultArgs) = 51 {
        accounts {
            /// Pays the game's rent.
            payer: [signer, writable],
            /// The challenger.
            challenger: [signer],
            /// The job.
            job: [writable],
            /// Its trace.
            trace: [writable],
            /// The job's verification.
            verification: [],
            /// The challenger's deposit in the mint of dispute bonds.
            deposit: [writable],
            /// The game to create.
            game: [writable],
            /// System program.
            system_program: [],
            /// The halt clock: needed if somebody is late, or heartbeats were missed.
            halt_clock: [optional],
        }
        args {
            /// What is wrong: one of [`statement`](crate::verifier::statement).
            statement_kind: u8,
        }
    }
}

instruction! {
    /// The provider's move: shows the subtrees [`Game::levels`](crate::state::Game::levels) below the disputed one, from the left.
    pub OpenSubtree(OpenSubtreeArgs) = 53 {
        accounts {
            /// The provider.
            provider_authority: [signer],
            /// The game.
            game: [writable],
            /// The halt clock: needed if a deadline has passed.
            halt_clock: [optional],
        }
        args {}
        tail {
            /// The subtrees' roots.
            subtrees: [[u8; 32]],
        }
    }
}

instruction! {
    /// The challenger's move: chooses the first subtree that differs from its own. A choice of the first or of the last state can
    /// end the game, because the job says what they are.
    pub ChooseSubtree(ChooseSubtreeArgs) = 54 {
        accounts {
            /// The challenger.
            challenger: [signer],
            /// The game.
            game: [writable],
            /// The halt clock: needed if a deadline has passed.
            halt_clock: [optional],
        }
        args {
            /// Index of the subtree, from 0 on.
            choice: u8,
        }
    }
}

instruction! {
    /// The provider's move: shows the states before and after the disputed step, and proves that the state before is in the trace.
    pub ShowStates(ShowStatesArgs) = 55 {
        accounts {
            /// The provider.
            provider_authority: [signer],
            /// The game.
            game: [writable],
            /// The halt clock: needed if a deadline has passed.
            halt_clock: [optional],
        }
        args {
            /// Hash of the state before.
            before: [u8; 32],
            /// Hash of the state after.
            after: [u8; 32],
        }
        tail {
            /// The nodes to the left of the path from the state before, from the leaf up, to
            /// [`Game::left_subtree`](crate::state::Game::left_subtree).
            proof: [[u8; 32]],
        }
    }
}

instruction! {
    /// The provider's last move, which anyone may make: the verifier program confirms the statement. Any other answer counts for
    /// nothing. A provider that cannot prove its step loses when its time is over.
    pub ProveStep(ProveStepArgs) = 56 {
        accounts {
            /// The game.
            game: [writable],
            /// The verifier.
            verifier: [],
            /// The halt clock: needed if a deadline has passed.
            halt_clock: [optional],
        }
        remaining {
            /// An account that the verifier needs. The verifier gets it read-only and unsigned.
            verifier_accounts: [],
        }
        args {}
        tail {
            /// What the verifier needs.
            witness: [u8],
        }
    }
}

instruction! {
    /// The arbiter's decision on the step, if there is no verifier.
    pub DecideStep(DecideStepArgs) = 57 {
        accounts {
            /// The arbiter.
            arbiter: [signer],
            /// The game.
            game: [writable],
            /// The halt clock: needed if a deadline has passed.
            halt_clock: [optional],
        }
        args {
            /// 1: the step is as the provider says; 0: it is not.
            valid: u8,
        }
    }
}

instruction! {
    /// Ends a game in which a move was not made in time: the side that had to move loses. Anyone may call.
    pub TimeOutGame(TimeOutGameArgs) = 58 {
        accounts {
            /// The game.
            game: [writable],
            /// The halt clock: needed if a deadline has passed.
            halt_clock: [optional],
        }
        args {}
    }
}

instruction! {
    /// Settles a game that ended, and applies its verdict to the job. Anyone may call.
    ///
    /// - The challenger lost: its dispute bond is burned, by silence all of it, by play half; the other half is for those who win by
    ///   play. If it was the last game, the job can be accepted or challenged again.
    /// - The provider lost: the job waits to be [resolved](crate::instruction::ResolveJob) without pay. Other games go on. A challenger
    ///   that won by play is paid by [`PayChallenger`], one that won by silence has its dispute bond back.
    /// - The arbiter did not decide: the dispute bond goes back. If no game is lost by the provider, the default verdict of the job's
    ///   terms counts once all games are over.
    ///
    /// The last game that is settled settles the dispute bond of a provider that lost: if it lost a game by silence, all of it is
    /// burned; otherwise half, and the other half is for the challengers that won.
    pub SettleGame(SettleGameArgs) = 59 {
        accounts {
            /// The game.
            game: [writable],
            /// The trace.
            trace: [writable],
            /// The job.
            job: [writable],
            /// The provider's deposit.
            provider_deposit: [writable],
            /// The challenger's deposit.
            challenger_deposit: [writable],
            /// Vault of the provider's deposit.
            provider_vault: [writable],
            /// Vault of the challenger's deposit.
            challenger_vault: [writable],
            /// Their mint.
            mint: [writable],
            /// Its token program.
            token_program: [],
        }
        args {}
    }
}

instruction! {
    /// Pays a challenger that won by play its part of lost dispute bonds, and gives its own back, once all games over the trace are
    /// settled. Anyone may call.
    pub PayChallenger(PayChallengerArgs) = 63 {
        accounts {
            /// The game.
            game: [writable],
            /// The trace.
            trace: [writable],
            /// The provider's deposit.
            provider_deposit: [writable],
            /// The challenger's deposit.
            challenger_deposit: [writable],
            /// Vault of the provider's deposit.
            provider_vault: [writable],
            /// Vault of the challenger's deposit.
            challenger_vault: [writable],
            /// Their mint.
            mint: [],
            /// Its token program.
            token_program: [],
        }
        args {}
    }
}

instruction! {
    /// Closes a settled game whose challenger is paid. A game that is evidence for a slash is kept until a slash was proposed for it,
    /// or until [`EVIDENCE`](crate::state::EVIDENCE) after it was settled. Anyone may call.
    pub CloseGame(CloseGameArgs) = 60 {
        accounts {
            /// The game.
            game: [writable],
            /// Whoever paid the rent, and gets it back.
            rent_receiver: [writable],
        }
        args {}
    }
}

instruction! {
    /// Closes the trace of a decided job whose games are settled and whose winners are paid. A provider that lost no game has its
    /// dispute bond back, and what challengers lost to it. Anyone may call.
    pub CloseTrace(CloseTraceArgs) = 61 {
        accounts {
            /// The trace.
            trace: [writable],
            /// The job, or its address, whatever is there, if the job is closed.
            job: [],
            /// The provider's deposit.
            deposit: [writable],
            /// Whoever paid the rent, and gets it back.
            rent_receiver: [writable],
        }
        args {}
    }
}

instruction! {
    /// Proposes to `stake` to slash a provider that lost games over as many traces as the verification says. The evidence is the
    /// chained hash of the games' addresses. The first game that the provider lost over a trace counts, once. Anyone may call.
    pub ProposeGameSlash(ProposeGameSlashArgs) = 62 {
        accounts {
            /// Pays the proposal's rent.
            payer: [signer, writable],
            /// The verification.
            verification: [],
            /// The pool of the games' jobs.
            pool: [],
            /// The provider in the pool.
            provider: [writable],
            /// This program's slasher in the pool.
            slasher: [writable],
            /// This program's authority in the network.
            escrow_authority: [],
            /// The proposal to create.
            slash: [writable],
            /// `stake`.
            stake_program: [],
            /// System program.
            system_program: [],
        }
        remaining {
            /// A game that the provider lost.
            games: [writable],
        }
        args {}
    }
}

//! Instructions.

use {
    crate::state::Parameters,
    joule_interface::{Address, instruction},
};

instruction! {
    /// Makes an account of zeros, which the System program created for this program in the same transaction, a board.
    pub OpenBoard(OpenBoardArgs) = 0 {
        accounts {
            /// The board: signs, so that nobody else opens it first.
            board: [signer, writable],
            /// The network whose roots it will publish.
            network: [],
            /// The network's pool whose providers are validators.
            pool: [],
        }
        args {
            /// Names miners.
            registrar: Address,
            /// Its rules.
            parameters: Parameters,
        }
    }
}
instruction! {
    /// Closes a board between epochs. Roots that it published pay as before; who needs a proof must have read the board.
    pub CloseBoard(CloseBoardArgs) = 1 {
        accounts {
            /// Names miners.
            registrar: [signer],
            /// The board.
            board: [writable],
            /// Gets the rent.
            rent_receiver: [writable],
        }
        args {}
    }
}
instruction! {
    /// Gives a miner's place to a key that has none, between epochs.
    pub SetMiner(SetMinerArgs) = 2 {
        accounts {
            /// Names miners.
            registrar: [signer],
            /// The board.
            board: [writable],
        }
        args {
            /// Which place, from 0.
            place: u16,
            /// Who claims; zero: the place is empty.
            claimant: Address,
        }
    }
}
instruction! {
    /// Gives a validator's place to a provider, between epochs: a free one; on a full board, one with the least stake, if that is
    /// less than the newcomer's.
    pub Enroll(EnrollArgs) = 3 {
        accounts {
            /// The provider's authority: commits, and claims.
            authority: [signer],
            /// The provider.
            provider: [],
            /// Its pool.
            pool: [],
            /// The board.
            board: [writable],
        }
        args {
            /// Which place, from 0.
            place: u16,
        }
    }
}
instruction! {
    /// Begins the next epoch, once the rest period has ended. Anyone may call.
    pub BeginEpoch(BeginEpochArgs) = 4 {
        accounts {
            /// The board.
            board: [writable],
        }
        args {}
    }
}
instruction! {
    /// Commits to weights, or to others instead, in the commit period.
    pub Commit(CommitArgs) = 5 {
        accounts {
            /// The provider's authority.
            authority: [signer],
            /// The provider.
            provider: [],
            /// Its pool.
            pool: [],
            /// The board.
            board: [writable],
        }
        args {
            /// See [`commitment`](crate::instruction::commitment).
            commitment: [u8; 32],
        }
    }
}
instruction! {
    /// Reveals a validator's weights, once, in the reveal period. Whoever knows them may call.
    pub Reveal(RevealArgs) = 6 {
        accounts {
            /// The provider.
            provider: [],
            /// Its pool.
            pool: [],
            /// The board.
            board: [writable],
        }
        args {
            /// What was hashed with the weights.
            salt: [u8; 32],
        }
        tail {
            /// A weight for each miner's place; zeros at the end may be left out.
            weights: [u16],
        }
    }
}
instruction! {
    /// Scores the next columns, once the reveal period has ended. Anyone may call, until none is left.
    pub Score(ScoreArgs) = 7 {
        accounts {
            /// The board.
            board: [writable],
        }
        args {
            /// How many at most. 32 fit a transaction with 64 validators.
            columns: u16,
        }
    }
}
instruction! {
    /// Ends a scored epoch, and publishes what it pays as a reward root of the network. Where it pays nothing there is no root.
    /// Anyone may call.
    pub Publish(PublishArgs) = 8 {
        accounts {
            /// Pays the rent of the root.
            payer: [signer, writable],
            /// The board.
            board: [writable],
            /// The board's oracle.
            oracle: [],
            /// The network.
            network: [],
            /// The network's oracles.
            oracle_set: [writable],
            /// The root that the board published last; any account if there is none.
            last_root: [],
            /// The root to create.
            reward_root: [writable],
            /// `bme`.
            bme_program: [],
            /// System program.
            system_program: [],
        }
        args {}
    }
}
instruction! {
    /// Ends an epoch without a root that nobody could publish for [`ABANDON_AFTER`](crate::state::ABANDON_AFTER). Anyone may call.
    pub Abandon(AbandonArgs) = 9 {
        accounts {
            /// The board.
            board: [writable],
        }
        args {}
    }
}

/// What a validator commits to: `sha256(board ‖ epoch as u64 LE ‖ provider ‖ salt ‖ weights as u16 LE each)`. Board, epoch and
/// provider keep others, and later epochs, from using it. The salt keeps others from guessing: 32 random bytes, each time new.
pub fn commitment(
    sha256: joule_bme_interface::merkle::Sha256,
    board: &Address,
    epoch: u64,
    provider: &Address,
    salt: &[u8; 32],
    weights: &[u8],
) -> [u8; 32] {
    sha256(&[board.as_ref(), &epoch.to_le_bytes(), provider.as_ref(), salt, weights])
}

//! Events of traces and games.

use {
    joule_interface::{Address, event},
    joule_math::{Amount, Timestamp},
};

event! {
    /// A result was delivered with its trace. Its source is the trace.
    pub struct TraceDelivered = 32 {
        /// The job.
        pub job: Address,
        /// Merkle root over the states.
        pub root: [u8; 32],
        /// The last state.
        pub result: [u8; 32],
        /// Number of steps.
        pub steps: u64,
        /// When the time to challenge is over.
        pub deadline_at: Timestamp,
    }
}
event! {
    /// A result was challenged. Its source is the trace.
    pub struct ResultChallenged = 33 {
        /// The game.
        pub game: Address,
        /// The challenger.
        pub challenger: Address,
        /// Number of the game.
        pub number: u64,
    }
}
event! {
    /// A game started, a move was made, or a move's time ran out. Its source is the game.
    pub struct GameMoved = 34 {
        /// One of [`game_phase`](crate::state::game_phase).
        pub phase: u64,
        /// [`Game::subtree_index`](crate::state::Game::subtree_index).
        pub subtree_index: u32,
        /// [`Game::subtree_level`](crate::state::Game::subtree_level).
        pub subtree_level: u32,
        /// When the time for the next move is over.
        pub deadline_at: Timestamp,
    }
}
event! {
    /// A game was settled. Its source is the game.
    pub struct GameSettled = 35 {
        /// One of [`game_phase`](crate::state::game_phase): how the game ended.
        pub phase: u64,
        /// Added to what those who win by play are paid.
        pub shared: Amount,
        /// Burned of dispute bonds.
        pub burned: Amount,
    }
}
event! {
    /// A challenger that won by play was paid. Its source is the game.
    pub struct ChallengerPaid = 42 {
        /// Its part of lost dispute bonds.
        pub share: Amount,
    }
}

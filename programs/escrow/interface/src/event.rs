//! Events. `header.source` is the job, the deposit or the market whose sequence they count.

use {
    crate::state::Terms,
    joule_interface::{Address, event},
    joule_math::{Amount, Seconds, Timestamp, Tokens},
};

event! {
    /// A job was posted. Its market and what pays for it are accounts of the instruction.
    pub struct JobPosted = 1 {
        /// For whom; zero while nobody is known.
        pub provider: Address,
        /// What the client put in.
        pub deposited: Amount,
        /// Until when the state waits.
        pub deadline_at: Timestamp,
        /// [`Job::posting`](crate::state::Job::posting): what the provider starts.
        pub posting_id: u64,
        /// One of [`job_state`](crate::state::job_state).
        pub state: u64,
    }
}
event! {
    /// The provider started.
    pub struct JobStarted = 2 {
        /// Who.
        pub provider: Address,
        /// When its time is up.
        pub ends_at: Timestamp,
    }
}
event! {
    /// What was earned was paid.
    pub struct JobSettled = 3 {
        /// How much.
        pub paid: Amount,
        /// What is still held.
        pub held: Amount,
    }
}
event! {
    /// The job ended.
    pub struct JobEnded = 4 {
        /// One of [`job_state`](crate::state::job_state): finished, owing or cancelled.
        pub state: u8,
        /// One of [`outcome`](crate::state::outcome).
        pub outcome: u8,
        /// Zero.
        pub reserved: [u8; 6],
        /// Paid to the provider in all.
        pub paid: Amount,
        /// Paid as the fee.
        pub fee_paid: Amount,
        /// Taken from the pay for the client.
        pub penalty: Amount,
        /// Given back.
        pub refunded: Amount,
        /// Owed: to be paid by settling.
        pub held: Amount,
        /// To be taken of the bond for the client.
        pub bond_to_seize: Tokens,
    }
}
event! {
    /// A result was given that the client may reject.
    pub struct JobDelivered = 5 {
        /// Its content hash.
        pub result: [u8; 32],
        /// Until when.
        pub deadline_at: Timestamp,
    }
}
event! {
    /// The client rejected the result.
    pub struct JobRejected = 6 {
        /// Hash of the reasons.
        pub reasons_hash: [u8; 32],
        /// Until when the arbiter decides.
        pub deadline_at: Timestamp,
    }
}
event! {
    /// The best bidder has the job.
    pub struct JobAwarded = 8 {
        /// Who.
        pub provider: Address,
        /// Given back, as its price is lower than the highest.
        pub refunded: Amount,
        /// Until when it must start.
        pub deadline_at: Timestamp,
    }
}
event! {
    /// The job has more time.
    pub struct JobExtended = 9 {
        /// How much.
        pub additional_duration: Seconds,
        /// Zero.
        pub reserved: [u8; 4],
        /// What it costs.
        pub added: Amount,
    }
}
event! {
    /// Tokens came into a deposit.
    pub struct TokensDeposited = 11 {
        /// How many.
        pub amount: Amount,
        /// What is free.
        pub free: Amount,
    }
}
event! {
    /// Tokens left a deposit.
    pub struct TokensWithdrawn = 12 {
        /// How many.
        pub amount: Amount,
        /// What is free.
        pub free: Amount,
    }
}
event! {
    /// A market was created, or its terms changed. Its source is the market, its sequence the terms' version.
    pub struct MarketChanged = 13 {
        /// The terms, as they are now.
        pub terms: Terms,
        /// How results are verified; zero: not at all.
        pub verification: Address,
        /// 1 while no jobs are taken on.
        pub closed: u64,
    }
}
event! {
    /// A result was delivered with its trace; of the trace.
    pub struct TraceDelivered = 32 {
        /// The job.
        pub job: Address,
        /// Root over the states.
        pub root: [u8; 32],
        /// The last state.
        pub result: [u8; 32],
        /// Steps.
        pub steps: u64,
        /// Until when it can be challenged.
        pub deadline_at: Timestamp,
    }
}
event! {
    /// A result was challenged; of the trace.
    pub struct ResultChallenged = 33 {
        /// The game.
        pub game: Address,
        /// Who challenges.
        pub challenger: Address,
        /// Its number.
        pub number: u64,
    }
}
event! {
    /// A game started, or a move was made in it, or was not; of the game.
    pub struct GameMoved = 34 {
        /// One of [`game_phase`](crate::state::game_phase): what is due.
        pub phase: u64,
        /// [`Game::index`](crate::state::Game::index).
        pub subtree_index: u32,
        /// [`Game::level`](crate::state::Game::level).
        pub subtree_level: u32,
        /// Until when.
        pub deadline_at: Timestamp,
    }
}
event! {
    /// A game is settled; of the game.
    pub struct GameSettled = 35 {
        /// One of [`game_phase`](crate::state::game_phase): how it ended.
        pub phase: u64,
        /// What the winner was paid.
        pub won: Amount,
        /// What was burned.
        pub burned: Amount,
    }
}
event! {
    /// A panel was posted, or went on; of the panel.
    pub struct PanelMoved = 36 {
        /// One of [`panel_state`](crate::state::panel_state).
        pub state: u64,
        /// Who moved it, if a replica did.
        pub provider: Address,
        /// Until when the state waits.
        pub deadline_at: Timestamp,
    }
}
event! {
    /// A replica showed its result; of the panel.
    pub struct ReplicaRevealed = 37 {
        /// Whose.
        pub provider: Address,
        /// What.
        pub result: [u8; 32],
    }
}
event! {
    /// A panel is decided; of the panel.
    pub struct PanelDecided = 38 {
        /// One of [`panel_state`](crate::state::panel_state).
        pub state: u64,
        /// The result, where they agreed.
        pub result: [u8; 32],
        /// Given back.
        pub refunded: Amount,
        /// To be paid to those that are right.
        pub held: Amount,
    }
}
event! {
    /// A replica was paid; of the panel.
    pub struct ReplicaPaid = 39 {
        /// Who.
        pub provider: Address,
        /// How much.
        pub paid: Amount,
    }
}
event! {
    /// What a replica left in `stake` is settled; of the panel.
    pub struct ReplicaSettled = 40 {
        /// Who.
        pub provider: Address,
        /// Taken of its bond for the client.
        pub seized_amount: Tokens,
        /// One of [`outcome`](crate::state::outcome): what was reported.
        pub outcome: u64,
    }
}

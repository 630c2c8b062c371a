//! Events of panels. Their source is the panel.

use {
    joule_interface::{Address, event},
    joule_math::{Amount, Timestamp, Tokens},
};

event! {
    /// A panel was posted, a replica joined, or a replica committed.
    pub struct PanelMoved = 36 {
        /// One of [`panel_state`](crate::state::panel_state).
        pub state: u64,
        /// The replica's provider; zero if the panel was posted.
        pub provider: Address,
        /// When the state's time is over.
        pub deadline_at: Timestamp,
    }
}
event! {
    /// A replica revealed its result.
    pub struct ReplicaRevealed = 37 {
        /// The replica's provider.
        pub provider: Address,
        /// Its result.
        pub result: [u8; 32],
    }
}
event! {
    /// A panel was decided or cancelled.
    pub struct PanelDecided = 38 {
        /// One of [`panel_state`](crate::state::panel_state).
        pub state: u64,
        /// The result, if the panel agreed.
        pub result: [u8; 32],
        /// Given back to the client.
        pub refunded: Amount,
        /// Held for the replicas with the right result.
        pub held: Amount,
    }
}
event! {
    /// A replica was paid.
    pub struct ReplicaPaid = 39 {
        /// The replica's provider.
        pub provider: Address,
        /// What it was paid.
        pub paid: Amount,
    }
}
event! {
    /// What a replica left in `stake` was settled.
    pub struct ReplicaSettled = 40 {
        /// The replica's provider.
        pub provider: Address,
        /// Seized of its bond.
        pub seized_amount: Tokens,
        /// What was reported: one of [`outcome`](crate::state::outcome).
        pub outcome: u64,
    }
}

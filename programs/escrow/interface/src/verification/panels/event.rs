//! Events of panels. Their source is the panel.

use {
    joule_interface::{Address, event},
    joule_math::{Amount, Timestamp, Tokens},
};

event! {
    /// A panel was posted; or a replica joined, left, lost its place, acknowledged the input, or committed.
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
        /// Held for the replicas that are paid, and to be burned.
        pub held: Amount,
    }
}
event! {
    /// A replica was paid.
    pub struct ReplicaPaid = 39 {
        /// The replica's provider.
        pub provider: Address,
        /// What it was paid now.
        pub paid: Amount,
    }
}
event! {
    /// What a replica left in `stake` was settled.
    pub struct ReplicaSettled = 40 {
        /// The replica's provider.
        pub provider: Address,
        /// Seized of its bond, and burned.
        pub seized_amount: Tokens,
        /// What was reported: one of [`outcome`](crate::state::outcome).
        pub outcome: u64,
    }
}
event! {
    /// What was burned of a client's money, because replicas did not acknowledge the input. Its source is the panel.
    pub struct PanelPenaltyBurned = 41 {
        /// Burned, or made work of the fee's receiver if the panel is paid in credits.
        pub burned: Amount,
        /// Still to be burned.
        pub owed: Amount,
    }
}

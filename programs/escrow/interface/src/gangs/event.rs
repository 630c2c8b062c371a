//! Events of gangs. Their source is the gang.

use {
    joule_interface::{Address, event},
    joule_math::Timestamp,
};

event! {
    /// A gang was posted, got a place, or changed: a member joined, left, failed or was settled, or the gang began to work or stopped.
    pub struct GangMoved = 120 {
        /// The place's job; zero if it is about the whole gang.
        pub job: Address,
        /// The member's provider; zero if there is none.
        pub provider: Address,
        /// One of [`gang_state`](crate::state::gang_state).
        pub state: u8,
        /// Places that have a job.
        pub posted: u8,
        /// Places that have a member.
        pub joined: u8,
        /// Zero.
        pub reserved: [u8; 5],
        /// Until when places can be taken.
        pub deadline_at: Timestamp,
        /// When it was full for the first time; zero: never.
        pub started_at: Timestamp,
        /// When its clock stopped; zero while it runs.
        pub stopped_at: Timestamp,
        /// Seconds for which its clock stood before.
        pub stood: u64,
    }
}

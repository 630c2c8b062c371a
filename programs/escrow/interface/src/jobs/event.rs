//! Events of jobs.

use {
    joule_interface::{Address, event},
    joule_math::{Amount, Seconds, Timestamp, Tokens},
};

event! {
    /// A job was posted. Its market and its funding account are accounts of the instruction.
    pub struct JobPosted = 1 {
        /// The provider; zero while nobody is known.
        pub provider: Address,
        /// What the client put in.
        pub deposited: Amount,
        /// When the state's time is over.
        pub deadline_at: Timestamp,
        /// [`Job::posting_id`](crate::state::Job::posting_id), which the provider passes to start the job.
        pub posting_id: u64,
        /// One of [`job_state`](crate::state::job_state).
        pub state: u64,
    }
}
event! {
    /// The provider started the job.
    pub struct JobStarted = 2 {
        /// The provider.
        pub provider: Address,
        /// When its time is over.
        pub ends_at: Timestamp,
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
        /// Total paid to the provider.
        pub paid: Amount,
        /// Total paid as the fee.
        pub fee_paid: Amount,
        /// Deducted from the pay as penalties, and given back to the client.
        pub penalty: Amount,
        /// Given back to the client because it was not needed.
        pub refunded: Amount,
        /// Still owed: `SettleJob` pays it.
        pub held: Amount,
        /// Part of the bond to seize.
        pub bond_to_seize: Tokens,
    }
}
event! {
    /// A result was delivered that the client may reject.
    pub struct JobDelivered = 5 {
        /// Content hash of the result.
        pub result: [u8; 32],
        /// When the time to reject is over.
        pub deadline_at: Timestamp,
    }
}
event! {
    /// The client rejected the result.
    pub struct JobRejected = 6 {
        /// Hash of the reasons.
        pub reasons_hash: [u8; 32],
        /// When the arbiter's time is over.
        pub deadline_at: Timestamp,
    }
}
event! {
    /// The provider of a service gave notice.
    pub struct NoticeGiven = 14 {
        /// When its time is over now.
        pub ends_at: Timestamp,
    }
}
event! {
    /// A provider handed the job back. What its side lost is an event of `stake`.
    pub struct JobHandedBack = 15 {
        /// The provider.
        pub provider: Address,
        /// The job's posting id now.
        pub posting_id: u64,
        /// How often it was handed back.
        pub hand_backs: u8,
        /// One of [`job_state`](crate::state::job_state): posted; or owing, and then [`JobEnded`] follows.
        pub state: u8,
        /// Zero.
        pub reserved: [u8; 6],
    }
}
event! {
    /// The job was extended.
    pub struct JobExtended = 9 {
        /// Added time; zero if units were added.
        pub additional_duration: Seconds,
        /// Zero.
        pub reserved: [u8; 4],
        /// Price of the added time, or of the added units.
        pub added: Amount,
    }
}
event! {
    /// Of several jobs in one instruction, this one was passed over: alone it would have failed, and it is as it was. `source` is the
    /// account that was given for it, whatever it is; `sequence` is zero, as this counts in no account. It is for whoever sent the
    /// transaction: anyone can name any account in a call of its own.
    pub struct JobPassedOver = 17 {
        /// Code of the [`EscrowError`](crate::EscrowError) with which the instruction would have failed.
        pub error: u32,
        /// Discriminator of the instruction.
        pub instruction: u8,
        /// Index among the instruction's jobs: 0 is the one among its accounts.
        pub index: u8,
        /// Zero.
        pub reserved: [u8; 2],
    }
}

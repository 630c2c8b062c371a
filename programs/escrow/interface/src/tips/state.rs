//! What keepers are paid for.

use joule_interface::constants;

constants! {
    /// Values of which [`Job::tips_taken`](crate::state::Job::tips_taken) is the sum: what a keeper can be paid for, each once a posting.
    pub mod tip {
        /// To award an auction: `AwardJob`.
        pub const AWARD: u8 = 1;
        /// To end the job and pay for it: `CancelJob`, `FinishJob`, `AcceptJob`, `ResolveJob`; or `SettleJob` of a job that owes.
        pub const END: u8 = 2;
        /// To settle its bond and its report: `SettleBond`.
        pub const BOND: u8 = 4;
        /// To close it: `CloseJob`.
        pub const CLOSE: u8 = 8;
    }
}

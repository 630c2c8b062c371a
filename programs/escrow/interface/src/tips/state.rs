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

constants! {
    /// Values of which [`Game::tips_taken`](crate::state::Game::tips_taken) is the sum: what a keeper can be paid for, each once. Of a
    /// trace there is one tip, `CLOSE`.
    pub mod game_tip {
        /// To end a game in which a move was not made in time: `TimeOutGame`.
        pub const END: u8 = 1;
        /// To settle it: `SettleGame`.
        pub const SETTLE: u8 = 2;
        /// To pay a challenger that won by play: `PayChallenger`.
        pub const PAY: u8 = 4;
        /// To close it: `CloseGame`, or `CloseTrace`.
        pub const CLOSE: u8 = 8;
    }
}

constants! {
    /// Bits of [`Panel::tips_taken`](crate::state::Panel::tips_taken): what a keeper can be paid for, each once.
    pub mod panel_tip {
        /// Bit 0: to decide or to end the panel, `TallyPanel` or `CancelPanel`.
        pub const END: u8 = 0;
        /// Bit 1: to close it, `ClosePanel`.
        pub const CLOSE: u8 = 1;
        /// From bit 2 on, by the replica's index: to pay it, `PayReplica`.
        pub const PAY: u8 = 2;
        /// From bit 17 on, likewise: to settle its bond and its report, `SettleReplica`.
        pub const SETTLE: u8 = 17;
    }
}

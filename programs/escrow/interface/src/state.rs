//! Account layouts. Little-endian, read in place, without implicit padding; `reserved` bytes are zero.

#![allow(long_running_const_eval, reason = "of an id in thousands, the halt clock is found after many tries")]

use {
    joule_interface::{Address, constants, derive},
    joule_math::Seconds,
};

pub use crate::{
    beacons::state::*, gangs::state::*, halts::state::*, jobs::state::*, keys::state::*, mandates::state::*,
    markets::state::*, matching::state::*, money::state::*, tips::state::*, usage::state::*,
    verification::games::state::*, verification::panels::state::*, verification::proofs::state::*,
    verification::state::*,
};

constants! {
    /// Stands for an address that is absent.
    pub const NONE: Address = Address::new_from_array([0; 32]);
    /// Most slots that `GrowQueue` adds at once: the runtime lets an account grow by 10,240 bytes in an instruction.
    pub const MAX_GROWTH: u16 = (10_240 / size_of::<QueueEntry>()) as u16;
    /// Most slots of a queue.
    pub const MAX_SLOTS: u32 = 65_536;
    /// Levels of a trace's tree that the provider opens in one move.
    pub const LEVELS_A_MOVE: u32 = 4;
    /// Most subtrees that the provider shows in one move.
    pub const NODES_A_MOVE: usize = 1 << LEVELS_A_MOVE;
    /// A game that is evidence for a slash is kept this long, unless a slash used it before.
    pub const EVIDENCE: Seconds = Seconds(30 * 86_400);
    /// Most lost games that a verification may ask for, for a slash: so many fit a transaction without lookup tables, besides its
    /// other accounts, another payer of its fee, and instructions of the compute budget.
    pub const MAX_GAMES_PER_SLASH: u8 = 20;
    /// A client that cancels an assigned job, or stops a running one, pays for this long at least, or for the market's shortest job
    /// if that is shorter: a provider that was taken out of the queue is not sent away for nothing.
    pub const MIN_PAID_DURATION: Seconds = Seconds(10);
    /// A client that cancels an assigned job pays the provider for the time since the assignment, up to this long.
    pub const REACTION_WINDOW: Seconds = Seconds(60);
    /// A provider may start any of so many jobs at the front of a queue.
    pub const STARTABLE_JOBS: u32 = 16;
    /// A job that has waited so long in a queue may be started wherever it is.
    pub const STARTABLE_AFTER: Seconds = Seconds(960);
    /// The first job of a queue is removed when it was passed over so often.
    pub const MAX_PASSES: u8 = 16;
    /// To be passed over several times in so long counts once.
    pub const PASS_INTERVAL: Seconds = Seconds(60);
    /// So long after the start a provider may hand a queued job back.
    pub const HAND_BACK_WINDOW: Seconds = Seconds(60);
    /// The last hand-back of a job ends it.
    pub const MAX_HAND_BACKS: u8 = 3;
    /// Address of the halt clock, which `pda::halt_clock` derives.
    pub const HALT_CLOCK: Address = derive::find(&[b"halt_clock"], &crate::ID);
    /// Least time from one tick of the halt clock to the next.
    pub const TICK_INTERVAL: Seconds = Seconds(60);
    /// A slot takes so many milliseconds at most, by a generous measure: what the chain needs beyond is a halt.
    pub const SLOT_MILLISECONDS: u32 = 600;
    /// By so much the chain's clock may be wrong from one tick to the next: less is no halt.
    pub const CLOCK_ERROR: Seconds = Seconds(30);
    /// Halts that the halt clock remembers.
    pub const MAX_HALTS: usize = 32;
    /// Accounts of which a hot key may bond a part.
    pub const MAX_LIMITS: usize = 4;
    /// Shortest time to redeem vouchers after a job's end.
    pub const MIN_REDEMPTION_WINDOW: Seconds = Seconds(60);
    /// Most replicas of a panel.
    pub const MAX_REPLICAS: usize = 15;
    /// Highest tip that a market may set, lamports.
    pub const MAX_TIP: u32 = 1_000_000;
    /// So many tips who posts a job puts into its account: one of each kind.
    pub const TIPS_A_JOB: u8 = 4;
    /// A job starts at most this long after it is offered ahead.
    pub const MAX_LEAD: Seconds = Seconds(365 * 86_400);
    /// So many tips who challenges a result puts into the game's account: one of each kind.
    pub const TIPS_A_GAME: u8 = 4;
    /// A tip is due when this much more than the deadline has passed, so that the parties come first.
    pub const TIP_DELAY: Seconds = Seconds(60);
    /// A tip for closing is due when this much has passed since the job's last deadline, so that its client can post again in its
    /// account.
    pub const CLOSING_TIP_DELAY: Seconds = Seconds(86_400);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_halt_clock_is_where_it_is_derived() {
        assert_eq!(HALT_CLOCK, crate::pda::halt_clock::find().0);
    }
}

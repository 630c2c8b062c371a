//! Events of the halt clock.

use {joule_interface::event, joule_math::Timestamp};

event! {
    /// The halt clock noted a halt of the chain, or a part of a slow one.
    pub struct HaltNoted = 16 {
        /// The tick before.
        pub began_at: Timestamp,
        /// This tick.
        pub ended_at: Timestamp,
        /// Seconds between them in which the chain made no slots.
        pub length: u64,
    }
}

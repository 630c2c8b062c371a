//! The halt clock.

use {crate::pda, joule_interface::instruction};

instruction! {
    /// Ticks the halt clock: notes the halt of the chain since the last tick, if there was one. Anyone may call, not sooner than
    /// [`TICK_INTERVAL`](crate::state::TICK_INTERVAL) after the last tick. The first tick creates the clock.
    pub TickClock(TickClockArgs) = 24 {
        accounts {
            /// Pays the clock's rent, if it is created.
            payer: [signer, writable],
            /// The halt clock.
            halt_clock: [writable] = pda::halt_clock(),
            /// System program, if the clock is created.
            system_program: [optional],
        }
        args {}
    }
}

//! What the runtime tells a program, where there is none: a caller that runs a program's Rust on its own machine, to compare it
//! with the ELF, says it first.

use {
    joule_interface::{Address, ProgramError},
    std::cell::Cell,
};

/// Stands for the clock.
pub const CLOCK_ID: Address = Address::new_from_array([0; 32]);

thread_local! {
    static CLOCK: Cell<(u64, i64)> = const { Cell::new((0, 0)) };
}

/// Sets the slot and the time.
pub fn set_clock(slot: u64, time: i64) {
    CLOCK.set((slot, time));
}

/// The slot, and at 32 the time: what programs read of the `Clock` sysvar.
pub(crate) fn get_sysvar(to: &mut [u8; 8], _: &Address, offset: usize) -> Result<(), ProgramError> {
    let (slot, time) = CLOCK.get();
    *to = if offset == 0 { slot.to_le_bytes() } else { time.to_le_bytes() };
    Ok(())
}

/// The rent of mainnet.
pub(crate) struct Rent;

impl Rent {
    pub(crate) fn get() -> Result<Self, ProgramError> {
        Ok(Self)
    }

    pub(crate) fn try_minimum_balance(&self, size: usize) -> Result<u64, ProgramError> {
        const LAMPORTS_PER_BYTE: u64 = 6_960;
        Ok((128 + size as u64) * LAMPORTS_PER_BYTE)
    }
}

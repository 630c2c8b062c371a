//! Events.

use {bytemuck::bytes_of, joule_interface::Event, joule_math::Overflow};

/// Logs an event: 200 compute units and one a byte.
#[inline(always)]
pub fn emit<E: Event>(event: &E) {
    solana_program::log::sol_log_data(&[bytes_of(event)]);
}

/// Counts an event of an account: the next sequence number.
#[inline(always)]
pub fn next(sequence: &mut u64) -> Result<u64, Overflow> {
    *sequence = sequence.checked_add(1).ok_or(Overflow)?;
    Ok(*sequence)
}

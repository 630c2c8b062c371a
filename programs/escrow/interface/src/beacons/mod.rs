//! Beacons: one heartbeat for all jobs of a machine.

pub mod instruction;
pub mod state;

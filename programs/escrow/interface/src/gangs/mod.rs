//! Gangs: one job on several machines, all or none.

pub mod event;
pub mod instruction;
pub mod state;

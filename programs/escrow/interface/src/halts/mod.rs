//! Time in which the chain made no slots.

pub mod event;
pub mod instruction;
pub mod state;

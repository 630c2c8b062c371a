//! Markets: what a job costs, who may take it, and what follows from how it goes.

pub mod event;
pub mod instruction;
pub mod merkle;
pub mod state;

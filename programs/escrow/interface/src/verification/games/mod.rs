//! Games: a challenger and a provider narrow a dispute down to one step of a computation.

pub mod event;
pub mod instruction;
pub mod state;
pub mod trace;
pub mod verifier;

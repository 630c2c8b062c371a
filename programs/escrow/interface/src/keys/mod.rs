//! Keys: who acts for an identity, and where what it earns goes.

pub mod event;
pub mod instruction;
pub mod state;

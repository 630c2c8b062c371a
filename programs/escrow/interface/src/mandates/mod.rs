//! Mandates: a delegate spends for an owner, within limits.

pub mod instruction;
pub mod state;

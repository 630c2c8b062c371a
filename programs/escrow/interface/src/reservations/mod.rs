//! Jobs that are reserved ahead.

pub mod event;
pub mod instruction;

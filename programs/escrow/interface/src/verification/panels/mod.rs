//! Panels: several providers do the same job, and the most frequent result counts.

pub mod commitment;
pub mod event;
pub mod instruction;
pub mod state;

//! How jobs find providers: by queue, by auction, or by name.

pub mod event;
pub mod instruction;
pub mod state;

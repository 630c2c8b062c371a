//! Tips for keepers.

pub mod instruction;
pub mod state;

//! Jobs: posted, started, metered, delivered, ended.

pub mod event;
pub mod instruction;
pub mod posting_id;
pub mod state;

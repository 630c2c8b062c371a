//! What pays for jobs: deposits of tokens, or credits of `bme`.

pub mod event;
pub mod instruction;
pub mod state;

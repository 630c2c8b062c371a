//! Sends what anyone may send and everyone waits for: what a network needs so that nothing stays undone.
//!
//! - [`due`] says what is due, from accounts and the time alone.
//! - [`chain`] is what a keeper asks of a chain; [`rpc`] asks it over JSON-RPC.
//! - [`keeper`] reads, finds what is due, and sends it. It keeps nothing that it could not find again.
//! - [`metrics`] is what it tells of itself.

pub mod batch;
pub mod chain;
pub mod due;
pub mod keeper;
pub mod metrics;
pub mod rpc;
pub mod scan;
pub mod view;

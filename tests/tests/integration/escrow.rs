//! `escrow`.

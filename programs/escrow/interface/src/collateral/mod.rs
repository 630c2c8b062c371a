//! Bonds of providers, which `stake` holds.

pub mod instruction;

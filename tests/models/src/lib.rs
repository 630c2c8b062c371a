//! What Joule's arithmetic and state machines must do, in exact numbers. Each module takes its choices from a [`Random`]:
//! tests give it a seed, fuzzers their bytes.

pub mod auction;
pub mod bme;
pub mod coalition;
pub mod job;
pub mod math;
pub mod panel;
pub mod price;
mod random;
pub mod stake;

pub use random::Random;

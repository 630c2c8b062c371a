//! Computes how many jobs a second a chain can settle and what a job costs, from measured compute units and from the
//! accounts that each transaction writes.

pub mod life;
pub mod pack;
pub mod study;
pub mod table;

//! How many jobs a second a chain can settle, and what a job costs: from measured compute units and the accounts that
//! each transaction locks.

pub mod chart;
pub mod life;
pub mod pack;
pub mod study;
pub mod table;

//! Every instruction and every check of the four programs, on their ELFs.

mod adversary;
mod bme;
mod callers;
mod contract;
mod cookbook;
mod escrow;
mod identity;
mod idl;
mod on_litesvm;
mod packages;
mod promises;
mod protocol;
mod python;
mod random;
mod repository;
mod stake;
mod vault;

//! Bonds of providers in `stake`, where this program is a slasher.

pub mod bonds;
pub(crate) mod settle_bond;
pub mod settlement;

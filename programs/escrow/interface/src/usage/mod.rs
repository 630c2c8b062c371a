//! Jobs that are paid by the unit: vouchers, which the client signs off chain, and what redeems them.

pub mod event;
pub mod instruction;
pub mod state;
pub mod voucher;

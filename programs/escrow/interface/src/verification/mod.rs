//! How results are verified: by games over one result, or by panels that compare several.

pub mod games;
pub mod instruction;
pub mod panels;
pub mod proofs;
pub mod state;

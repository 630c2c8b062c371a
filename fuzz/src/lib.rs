//! What the fuzz targets share: see `README.md`.
#![cfg(feature = "svm")]

pub mod calls;
pub mod coverage;
pub mod fixtures;
pub mod moments;
pub mod native;
pub mod raw;
pub mod tries;

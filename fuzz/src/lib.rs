//! What the fuzz targets share: see `README.md`.
#![cfg(feature = "svm")]

pub mod calls;
pub mod coverage;
pub mod raw;

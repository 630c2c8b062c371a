//! What the fuzz targets share: see `README.md`.

#[cfg(feature = "svm")]
pub mod calls;
pub mod checks;
pub mod copy;
#[cfg(feature = "svm")]
pub mod coverage;
#[cfg(feature = "svm")]
pub mod fixtures;
#[cfg(feature = "svm")]
pub mod moments;
#[cfg(feature = "svm")]
pub mod native;
#[cfg(feature = "svm")]
pub mod raw;
#[cfg(feature = "svm")]
pub mod rules;
#[cfg(feature = "svm")]
pub mod tries;

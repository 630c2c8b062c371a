//! `stake`.

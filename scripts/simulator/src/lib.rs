//! Simulates a policy of `bme` over years.
//!
//! The program's own crate, [`joule_math`], computes what the program decides, in integers: credits for tokens,
//! emission, remint, demand, the breaker. A floating-point model describes what people do: see [`market`].
//!
//! [`preset`] has policies in the manner of Render, Helium and io.net. [`path`] has the conditions outside of a
//! network. [`study`] runs all policies along all paths.

pub mod market;
pub mod path;
pub mod preset;
pub mod study;

//! What a policy of `bme` does over years.
//!
//! What the program decides is computed by the program's own crate, [`joule_math`], in its integers: credits for tokens,
//! emission, remint, demand, the breaker. What people do is a model, in floating point: see [`market`].
//!
//! [`preset`] has the policies of Render, Helium and io.net, [`path`] what happens to a network from outside, [`chart`]
//! draws, and [`study`] runs them all.

pub mod chart;
pub mod market;
pub mod path;
pub mod preset;
pub mod study;

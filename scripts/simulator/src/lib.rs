//! Simulates a policy of `bme` over years.
//!
//! A policy is the program's own, and the program's own code decides, in integers: which policies are refused, what credits
//! cost, which of the work each lane pays for, what an epoch gives each lane and to whom, what the breaker lets pass. A
//! floating-point model describes what people do: see [`market`].
//!
//! [`preset`] has policies in the manner of Render, Helium and io.net. [`path`] has the conditions outside of a
//! network. [`auction`] is an auction of dollars for tokens, by itself. [`study`] runs all policies along all paths.

pub mod auction;
pub mod market;
pub mod path;
pub mod preset;
pub mod study;

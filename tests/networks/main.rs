//! Programs on top of Joule, and networks that run on it.

mod scores;

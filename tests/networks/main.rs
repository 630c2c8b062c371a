//! Programs on top of Joule, on their ELFs and Joule's.

mod fanout;
mod median_feed;
mod scores;
mod voter;

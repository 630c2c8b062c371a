//! Programs on top of Joule's, on their ELFs and Joule's.

mod fanout;
mod median_feed;
mod voter;

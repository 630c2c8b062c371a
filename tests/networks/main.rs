//! Programs on top of Joule, on their ELFs and Joule's.

mod fanout;
mod governance;
mod median_feed;
mod scores;
mod voter;

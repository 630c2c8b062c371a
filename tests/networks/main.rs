//! Programs on top of Joule's, on their ELFs and Joule's.

mod fanout;
mod governance;
mod median_feed;
mod voter;
